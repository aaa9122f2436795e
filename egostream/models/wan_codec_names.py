"""The one table of names: what each layer of `WanCodec` is called in published files.

Two ways of naming exist: diffusers' (`vae/` folders) and Wan's own (`Wan2.1_VAE.pth`, `Wan2.2_VAE.pth`).
Wan 2.1 numbers the parts of all levels in one run, diffusers only those of its encoder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Literal, NamedTuple

from egostream.models.wan_config import WanCodecConfig

Naming = Literal["diffusers", "wan"]


class Row(NamedTuple):
    """A layer's name here, in diffusers' files and in Wan's own."""

    ours: str
    diffusers: str
    wan: str


BLOCK = (
    Row("norm1", "norm1", "residual.0"),
    Row("conv1.conv", "conv1", "residual.2"),
    Row("norm2", "norm2", "residual.3"),
    Row("conv2.conv", "conv2", "residual.6"),
    Row("skip", "conv_shortcut", "shortcut"),
)
ATTENTION = (
    Row("norm", "norm", "norm"),
    Row("qkv", "to_qkv", "to_qkv"),
    Row("out", "proj", "proj"),
)
RESAMPLE = (
    Row("space", "resample.1", "resample.1"),
    Row("time.conv", "time_conv", "time_conv"),
)
ENDS = (
    Row("conv_in.conv", "conv_in", "conv1"),
    Row("norm_out", "norm_out", "head.0"),
    Row("conv_out.conv", "conv_out", "head.2"),
)
LATENT = (
    Row("to_moments", "quant_conv", "conv1"),
    Row("from_latents", "post_quant_conv", "conv2"),
)


def layer_names(config: WanCodecConfig, naming: Naming) -> dict[str, str]:
    """The file's name of every layer a codec of this shape may have, by ours."""
    at = Row._fields.index(naming)
    return {row.ours: row[at] for row in _rows(config)}


def name_in_file(name: str, layers: dict[str, str]) -> str:
    """The file's name of one of our tensors, such as `encoder.conv_in.conv.weight`."""
    layer, _, parameter = name.rpartition(".")
    return f"{layers[layer]}.{parameter}"


def _rows(config: WanCodecConfig) -> Iterator[Row]:
    yield from LATENT
    for coder, levels in (("encoder", _down(config)), ("decoder", _up(config))):
        yield from _inside(Row(coder, coder, coder), (*ENDS, *_middle(), *levels))


def _middle() -> Iterator[Row]:
    yield from _inside(Row("middle.0", "mid_block.resnets.0", "middle.0"), BLOCK)
    yield from _inside(Row("middle.1", "mid_block.attentions.0", "middle.1"), ATTENTION)
    yield from _inside(Row("middle.2", "mid_block.resnets.1", "middle.2"), BLOCK)


def _down(config: WanCodecConfig) -> Iterator[Row]:
    run = count()
    for level in range(config.num_levels):
        ours = f"levels.{level}"
        kinds = (BLOCK, ATTENTION) if config.has_attention(level) else (BLOCK,)
        for i, kind in enumerate(kinds * config.blocks_per_level):
            if config.residual:
                diffusers = f"down_blocks.{level}.resnets.{i}"
                wan = f"downsamples.{level}.downsamples.{i}"
            else:
                at = next(run)
                diffusers, wan = f"down_blocks.{at}", f"downsamples.{at}"
            yield from _inside(Row(f"{ours}.blocks.{i}", diffusers, wan), kind)
        if level < config.num_levels - 1:
            if config.residual:
                diffusers = f"down_blocks.{level}.downsampler"
                wan = f"downsamples.{level}.downsamples.{config.blocks_per_level}"
            else:
                at = next(run)
                diffusers, wan = f"down_blocks.{at}", f"downsamples.{at}"
            yield from _inside(Row(f"{ours}.down", diffusers, wan), RESAMPLE)


def _up(config: WanCodecConfig) -> Iterator[Row]:
    run = count()
    num_blocks = config.blocks_per_level + 1
    for level in range(config.num_levels):
        ours, theirs = f"levels.{level}", f"up_blocks.{level}"
        nested = f"upsamples.{level}.upsamples"
        for i in range(num_blocks):
            wan = f"{nested}.{i}" if config.residual else f"upsamples.{next(run)}"
            yield from _inside(Row(f"{ours}.blocks.{i}", f"{theirs}.resnets.{i}", wan), BLOCK)
        if level < config.num_levels - 1:
            diffusers = f"{theirs}.upsampler" if config.residual else f"{theirs}.upsamplers.0"
            wan = f"{nested}.{num_blocks}" if config.residual else f"upsamples.{next(run)}"
            yield from _inside(Row(f"{ours}.up", diffusers, wan), RESAMPLE)


def _inside(place: Row, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows of a part, with the part's own name before each."""
    for row in rows:
        yield Row(*(f"{outer}.{inner}" for outer, inner in zip(place, row, strict=True)))
