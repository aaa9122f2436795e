"""A published network, loaded here and by diffusers: how far apart the two are on random inputs, in float32."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from egostream.errors import EgostreamError
from egostream.models.codec import CodecState
from egostream.models.component import read_component
from egostream.models.diffusers_load import CODEC, TRANSFORMER, load_diffusers
from egostream.models.tiny_codec import TinyDecoder
from egostream.models.transformer import Transformer
from egostream.models.wan_codec import WanCodec

TOLERANCE = 1e-4
LATENTS = 3  # latent frames of the random clip


class NoJudge(EgostreamError):
    """There is nothing to compare with."""


def check(path: Path) -> dict[str, Any]:
    """Ready for JSON; `path` is a component's folder. Raises BadCheckpoint, or NoJudge without diffusers."""
    try:
        import diffusers
    except ImportError as error:
        raise NoJudge("comparing needs diffusers: pip install 'egostream[dev]'") from error
    ours = load_diffusers(path)
    torch.manual_seed(0)
    if isinstance(ours, Transformer):
        name = TRANSFORMER
        parts = dict(_transformer(ours.float(), _theirs(name, path)))
    elif isinstance(ours, WanCodec):
        name = CODEC
        parts = dict(_codec(ours.float(), _theirs(name, path)))
    elif isinstance(ours, TinyDecoder):
        raise NoJudge(f"{path} holds a tiny decoder, which diffusers knows nothing of")
    else:
        raise NoJudge(f"{path} is a whole pipeline: check its transformer and its vae")
    finite = [value for value in parts.values() if math.isfinite(value)]
    return {
        "component": name,
        # JSON knows no number that is none.
        "max_abs_diff": max(finite) if len(finite) == len(parts) else None,
        "parts": {part: value if value in finite else None for part, value in parts.items()},
        "tolerance": TOLERANCE,
        "equal": all(value <= TOLERANCE for value in parts.values()),
        "diffusers": diffusers.__version__,
        "torch": torch.__version__,
    }


def _theirs(name: str, path: Path) -> Any:
    """Diffusers' own class with the file's weights; its own loader would want one more package for these."""
    import diffusers

    component = read_component(path)
    if component.class_name != name:
        raise NoJudge(f"{path} holds no configuration for diffusers: check a component's folder")
    theirs = getattr(diffusers, name).from_config(component.config)
    theirs.load_state_dict(component.tensors)
    return theirs.float().eval()


@torch.no_grad()
def _transformer(ours: Transformer, theirs: Any) -> Iterator[tuple[str, float]]:
    """At one time for all latent frames, which is all that theirs knows."""
    config = ours.config
    H, W = 4 * config.patch, 6 * config.patch
    noisy = torch.randn(2, LATENTS, config.code_channels, H, W)
    source = torch.randn(2, LATENTS, config.source_channels, H, W)
    text, t = torch.randn(2, 7, config.text_width), torch.tensor([0.25, 0.9])
    alone = theirs.config.in_channels == config.code_channels
    given = noisy if alone else torch.cat([noisy, source], 2)
    wanted = theirs(given.transpose(1, 2), 1000 * t, text, return_dict=False)[0]
    found = ours(noisy, source, t[:, None].expand(2, LATENTS), text, torch.ones(2, 7)).prediction
    yield "prediction", _apart(found, wanted.transpose(1, 2))


@torch.no_grad()
def _codec(ours: WanCodec, theirs: Any) -> Iterator[tuple[str, float]]:
    """The clip at once, and chunk by chunk."""
    h, w = 2 * ours.stride_hw, 3 * ours.stride_hw
    frames = torch.rand(1, 1 + ours.stride_t * (LATENTS - 1), 3, h, w)
    mode = theirs.encode(2 * frames.transpose(1, 2) - 1).latent_dist.mode().transpose(1, 2)
    wanted = (mode - ours.mean) / ours.std
    yield "encode", _apart(ours.encode(frames, CodecState())[0], wanted)
    yield "encode streamed", _apart(_encode_in_chunks(ours, frames), wanted)
    code = torch.randn(1, LATENTS, ours.code_channels, 2, 3)
    drawn = theirs.decode((code * ours.std + ours.mean).transpose(1, 2)).sample.transpose(1, 2)
    pictures = (0.5 * drawn + 0.5).clamp(0, 1)
    yield "decode", _apart(ours.decode(code, CodecState())[0], pictures)
    yield "decode streamed", _apart(_decode_in_chunks(ours, code), pictures)


def _encode_in_chunks(codec: WanCodec, frames: Tensor) -> Tensor:
    parts, state = [], CodecState()
    for chunk in (frames[:, :1], *frames[:, 1:].split(codec.stride_t, 1)):
        latents, state = codec.encode(chunk, state)
        parts.append(latents)
    return torch.cat(parts, 1)


def _decode_in_chunks(codec: WanCodec, code: Tensor) -> Tensor:
    parts, state = [], CodecState()
    for latent in code.split(1, 1):
        pictures, state = codec.decode(latent, state)
        parts.append(pictures)
    return torch.cat(parts, 1)


def _apart(a: Tensor, b: Tensor) -> float:
    return float((a - b).abs().max())
