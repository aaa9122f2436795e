"""Our networks against diffusers' with the same weights, at the same shapes, both as PyTorch runs them in fp32.

Diffusers codes a clip piece by piece and has no other way; ours takes the clip at once or piece by piece, as a stream
does. A stream's first latent frame stands for one frame, which ours repeats four times so that shapes never change:
short clips cost it more, and of a stream it is the later chunks that count.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from bench.throughput_case import wan_small
from egostream.errors import EgostreamError
from egostream.models.codec import CodecState
from egostream.models.component import Component
from egostream.models.transformer import Output, Transformer
from egostream.models.wan_codec import WanCodec
from egostream.models.wan_codec_load import config_from_diffusers
from egostream.models.wan_codec_names import layer_names, name_in_file
from egostream.models.wan_load import load_transformer
from egostream.networks import Denoise
from egostream.parity import NoJudge
from egostream.rollout import new_cache

CODEC_HW = (64, 96)
CODEC_WIDTH = 96  # Wan 2.1's own
LATENTS = 3
TEXT = 64

Run = Callable[[], Any]
Coding = Callable[[Tensor, CodecState], tuple[Tensor, CodecState]]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Pictures and the codec's width; small ones for a test."""

    codec_hw: tuple[int, int] = CODEC_HW
    codec_width: int = CODEC_WIDTH
    latents: int = LATENTS


def compare(rounds: int, sizes: Sizes | None = None) -> list[dict[str, Any]]:
    """Ready for JSON: milliseconds of both in turn, and ours / theirs in the same round. Raises NoJudge."""
    try:
        import diffusers
    except ImportError as error:
        raise NoJudge("comparing needs diffusers: pip install 'egostream[dev]'") from error
    found = sizes or Sizes()
    torch.manual_seed(0)
    with torch.inference_mode():
        rows = [*_transformers(diffusers, rounds, found), *_codecs(diffusers, rounds, found)]
    return rows


def _transformers(diffusers: Any, rounds: int, sizes: Sizes) -> Iterator[dict[str, Any]]:
    preset = wan_small()
    c = preset.transformer
    theirs = diffusers.WanTransformer3DModel(
        num_attention_heads=c.num_heads, attention_head_dim=c.width // c.num_heads,
        in_channels=c.code_channels, out_channels=c.code_channels, text_dim=c.text_width,
        freq_dim=c.time_width, ffn_dim=c.mlp_width, num_layers=c.depth,
    ).eval()  # fmt: skip
    config = dict(theirs.config) | {"_class_name": "WanTransformer3DModel"}
    ours = load_transformer(Component(Path("made here"), config, theirs.state_dict()))
    T, (h, w) = sizes.latents, preset.frame_hw
    grid_hw = (h // preset.codec.stride_hw, w // preset.codec.stride_hw)
    noisy = torch.randn(1, T, c.code_channels, *grid_hw)
    nothing, text = torch.zeros_like(noisy), torch.randn(1, TEXT, c.text_width)
    t, mask = torch.full((1,), 0.5), torch.ones(1, TEXT)

    def whole() -> Tensor:
        out: Output = ours(noisy, nothing, t[:, None].expand(1, T), text, mask)
        return out.prediction

    def by_them() -> Tensor:
        made: Tensor = theirs(noisy.transpose(1, 2), 1000 * t, text, return_dict=False)[0]
        return made.movedim(1, 2)

    apart = float((whole() - by_them()).abs().max())
    shape = (
        f"{T} x {grid_hw[0]} x {grid_hw[1]}, width {c.width}, {c.depth} blocks, {TEXT} text tokens"
    )
    yield row(
        "transformer, a clip at once", shape, apart, {"ours": whole, "theirs": by_them}, rounds
    )
    yield _cached(ours, by_them, noisy, text, rounds, shape)


def _cached(
    ours: Transformer, by_them: Run, noisy: Tensor, text: Tensor, rounds: int, shape: str
) -> dict[str, Any]:
    """The last latent frame behind a window of those before it: they must compute the clip anew."""
    T = noisy.shape[1]
    preset = replace(wan_small(), num_window=T - 1)
    cache = new_cache(preset, (noisy.shape[3], noisy.shape[4])).view()
    one, nothing = noisy[:, -1:], torch.zeros_like(noisy[:, -1:])
    age = torch.arange(T - 1, 0, -1)[None]
    network = Denoise.to_serve(ours, full=True)
    ring = (cache.keys_YBNSPE, cache.values_YBNSPE, age)
    t, mask = torch.full((1, 1), 0.5), torch.ones(1, TEXT)

    def streamed() -> Any:
        return network(one, nothing, t, text, mask, *ring)

    runs = {"ours": streamed, "theirs": by_them}
    return row("transformer, a further latent frame", shape, None, runs, rounds)


def _codecs(diffusers: Any, rounds: int, sizes: Sizes) -> Iterator[dict[str, Any]]:
    theirs = diffusers.AutoencoderKLWan(base_dim=sizes.codec_width).eval().requires_grad_(False)
    codec = _same_codec(theirs)
    (h, w), T = sizes.codec_hw, sizes.latents
    n = 1 + codec.stride_t * (T - 1)
    frames = torch.rand(1, n, 3, h, w)
    code = torch.randn(1, T, codec.code_channels, h // codec.stride_hw, w // codec.stride_hw)
    pictures = 2 * frames.transpose(1, 2) - 1
    z = (code * codec.std + codec.mean).transpose(1, 2)
    shape = f"{n} frames of {w} x {h}, width {sizes.codec_width}"

    def their_encode(x: Tensor) -> Tensor:
        mode: Tensor = theirs.encode(x).latent_dist.mode()
        return (mode.transpose(1, 2) - codec.mean) / codec.std

    def their_decode(x: Tensor) -> Tensor:
        drawn: Tensor = theirs.decode(x).sample
        return (0.5 * drawn.transpose(1, 2) + 0.5).clamp(0, 1)

    both = (
        (
            "encode",
            codec.encode,
            frames.split([1, *[codec.stride_t] * (T - 1)], 1),
            their_encode,
            pictures,
        ),
        (
            "decode",
            lambda part, state: codec.decode(part, state),
            code.split(1, 1),
            their_decode,
            z,
        ),
    )
    for name, run, parts, their_run, whole in both:
        yield from _coded(name, shape, run, list(parts), their_run, whole, rounds)


def _coded(
    name: str,
    shape: str,
    run: Coding,
    parts: list[Tensor],
    their_run: Callable[[Tensor], Tensor],
    whole: Tensor,
    rounds: int,
) -> Iterator[dict[str, Any]]:
    """One direction: `parts` are a stream's chunks, `whole` (B, C, T, H, W) is the same clip as theirs takes it."""
    given, wanted = torch.cat(parts, 1), their_run(whole)
    before, state = _in_pieces(run, parts[:-1])
    last, _ = run(parts[-1], state)
    at_once, _ = run(given, CodecState())
    apart = max(float((x - wanted).abs().max()) for x in (torch.cat([before, last], 1), at_once))
    runs: dict[str, Run] = {
        "at once": partial(run, given, CodecState()),
        "streamed": partial(_in_pieces, run, parts),
        "theirs": partial(their_run, whole),
        "later": partial(run, parts[-1], state),
        "theirs before": partial(their_run, whole[:, :, : -parts[-1].shape[1]]),
    }
    times = interleave(runs, rounds)
    for way in ("at once", "streamed"):
        yield summary(f"{name}, a clip {way}", shape, apart, times[way], times["theirs"])
    # Theirs cannot be asked for a further chunk alone: what the clip costs more than one without it.
    extra = [a - b for a, b in zip(times["theirs"], times["theirs before"], strict=True)]
    yield summary(f"{name}, a later chunk of a stream", shape, apart, times["later"], extra)


def _in_pieces(run: Coding, parts: list[Tensor]) -> tuple[Tensor, CodecState]:
    made, state = [], CodecState()
    for part in parts:
        out, state = run(part, state)
        made.append(out)
    return torch.cat(made, 1), state


def _same_codec(theirs: Any) -> WanCodec:
    codec = WanCodec(config_from_diffusers(dict(theirs.config))).eval().requires_grad_(False)
    weights = theirs.state_dict()
    layers = layer_names(codec.config, "diffusers")
    codec.load_state_dict({k: weights[name_in_file(k, layers)] for k in codec.state_dict()})
    return codec


def interleave(runs: dict[str, Run], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each, all of them once a round: a machine's speed drifts. One round warms up."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(rounds + 1):
        for name, run in runs.items():
            started = time.perf_counter()
            run()
            if turn:
                times[name].append(1e3 * (time.perf_counter() - started))
    return times


def row(
    name: str, shape: str, apart: float | None, runs: dict[str, Run], rounds: int
) -> dict[str, Any]:
    times = interleave(runs, rounds)
    return summary(name, shape, apart, times["ours"], times["theirs"])


def summary(
    name: str, shape: str, apart: float | None, ours: list[float], theirs: list[float]
) -> dict[str, Any]:
    """`ratio` is of the same rounds: ours / theirs. Raises EgostreamError where the networks do not agree."""
    if apart is not None and apart > 1e-4:
        raise EgostreamError(f"{name}: ours and diffusers' are {apart:.1e} apart: no comparison")
    ratios = [a / b for a, b in zip(ours, theirs, strict=True) if b > 0]
    return {
        "what": name,
        "shape": shape,
        "max_abs_diff": apart,
        "ours_ms": round(statistics.median(ours), 2),
        "theirs_ms": round(statistics.median(theirs), 2),
        "ratio": round(statistics.median(ratios), 3) if ratios else None,
        "ratio_range": [round(min(ratios), 3), round(max(ratios), 3)] if ratios else None,
    }
