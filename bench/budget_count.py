"""The work of a chunk, stage by stage, for a preset's shape: from the networks that streams run, at real size.

Large presets are counted with fake tensors, which have shapes and no memory. The transformer's pass is also broken
down by arithmetic, which a test holds against what is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode

from bench.work import Work, count
from egostream.compiler import Run
from egostream.live_codecs import live_codec
from egostream.models.checkpoint import EditModel
from egostream.models.presets import Preset
from egostream.models.text import MAX_TOKENS
from egostream.models.tiny_codec import TinyDecoder, tiny_2_1, tiny_2_2
from egostream.models.transformer import TransformerConfig
from egostream.models.umt5 import NUM_TOKENS, UMT5_WIDTH
from egostream.models.wan_codec import WanCodec
from egostream.models.wan_config import WanCodecConfig
from egostream.networks import Denoise
from egostream.rollout import new_cache


@dataclass(frozen=True, slots=True)
class Stages:
    """The work of one latent frame in the codec, of one transformer pass, and what a stream keeps.

    `tiny_decode`: with a tiny decoder, where there is one. `first`: a pass over a stream's first chunk.
    """

    encode: Work
    denoise: Work
    first: Work
    decode: Work
    tiny_decode: Work | None
    cache_bytes: int
    weight_bytes: int


def num_text(config: TransformerConfig) -> int:
    """Tokens of an instruction, without a learned one."""
    return NUM_TOKENS if config.text_width == UMT5_WIDTH else MAX_TOKENS


def count_stages(preset: Preset, latents: int) -> Stages:
    """Of chunks of so many latent frames over a full window: Wan's in bf16, nano's in float32, as they are served."""
    if isinstance(preset.codec, WanCodecConfig):
        with torch.no_grad(), FakeTensorMode(), _made_as(torch.bfloat16):
            return _count(EditModel(preset).eval(), latents, torch.bfloat16)
    # It keeps constants, which must not be fake ones; and it is small.
    return _count(EditModel(preset).eval(), latents, torch.float32)


@contextmanager
def _made_as(dtype: torch.dtype) -> Iterator[None]:
    """What is made inside is of this type: fake weights cannot be converted afterwards."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _count(model: EditModel, latents: int, dtype: torch.dtype) -> Stages:
    preset = model.preset
    grid = tuple(side // preset.codec.stride_hw for side in preset.frame_hw)
    grid_hw = (grid[0], grid[1])
    codec = _codec_work(model, None, dtype)
    tiny = None
    if isinstance(model.codec, WanCodec):
        config = tiny_2_2() if preset.codec.stride_hw == tiny_2_2().stride_hw else tiny_2_1()
        fits = (config.latent_channels, config.stride_hw)
        if fits == (model.codec.code_channels, model.codec.stride_hw):
            tiny = _codec_work(model, TinyDecoder(config), dtype)["decode"]
    cache = new_cache(preset, grid_hw, dtype=dtype)
    ring = 2 * cache.keys_YBNSPE.numel() * cache.keys_YBNSPE.element_size()
    later, first = (_pass_work(model, n, grid_hw, dtype) for n in (latents, 1))
    weights = sum(p.numel() * p.element_size() for p in model.transformer.parameters())
    return Stages(codec["encode"], later, first, codec["decode"], tiny, ring, weights)


def _codec_work(
    model: EditModel, decoder: TinyDecoder | None, dtype: torch.dtype
) -> dict[str, Work]:
    """Of one latent frame of a stream that runs already, by the engines' names."""
    found: dict[str, Work] = {}

    def counted(name: str, module: nn.Module, examples: tuple[Tensor, ...]) -> Run:
        found[name] = count(module, [x.to(dtype) for x in examples])
        return module

    live_codec(model.codec, decoder, model.preset.frame_hw, counted)
    return found


def _pass_work(
    model: EditModel, latents: int, grid_hw: tuple[int, int], dtype: torch.dtype
) -> Work:
    preset, config = model.preset, model.preset.transformer
    view = new_cache(preset, grid_hw, dtype=dtype).view()
    text = num_text(config)
    shapes = [
        (1, latents, config.code_channels, *grid_hw),
        (1, latents, config.source_channels, *grid_hw),
        (1, latents),
        (1, text, config.text_width),
        (1, text),
    ]
    given = [torch.zeros(shape, dtype=dtype) for shape in shapes]
    ring = [view.keys_YBNSPE, view.values_YBNSPE, view.age_BS]
    return count(Denoise(model.transformer, full=True), [*given, *ring])


def pass_parts(preset: Preset, latents: int) -> dict[str, float]:
    """FLOPs of one pass by part: linear layers of tokens, attention to the window and itself, attention to the text,
    keys and values of the text (with what reads its states), and both ends with the time.
    """
    c = preset.transformer
    h, w = (side // preset.codec.stride_hw // c.patch for side in preset.frame_hw)
    D, T, P = c.width, latents, h * w
    L, S, M = T * P, preset.num_sink + preset.num_window, num_text(c)
    attended = M + c.null_token
    cells = c.patch**2
    return {
        "linear layers": c.depth * 2.0 * L * (6 * D * D + 2 * D * c.mlp_width),
        "self-attention": c.depth * 4.0 * L * (S * P + L) * D,
        "cross-attention": c.depth * 4.0 * L * attended * D,
        "text keys, values": c.depth * 4.0 * attended * D * D + 2.0 * M * (c.text_width + D) * D,
        "ends and time": 2.0 * L * (2 * c.code_channels + c.source_channels) * cells * D
        + 2.0 * T * (c.time_width + 7 * D) * D
        + 2.0 * c.pooled_text * c.text_width * D,
    }
