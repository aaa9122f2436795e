"""Presets: a named model is transformer + codec + text encoder + sampling schedule + window.

A preset is a frozen value; a checkpoint stores the one it was trained with, and what is stored wins.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from egostream.errors import UnknownPreset
from egostream.flow import Prediction
from egostream.models.change_codec import CODE_CHANNELS, ChangeCodecConfig
from egostream.models.text import TEXT_WIDTH
from egostream.models.transformer import TransformerConfig
from egostream.models.umt5 import UMT5_WIDTH
from egostream.models.wan_config import WanCodecConfig, codec_from_dict, wan_2_1, wan_2_2

# What the cache keeps of a chunk: keys and values of a pass of their own over its clean code, or of its last pass.
Context = Literal["clean", "last"]
CodecConfig = ChangeCodecConfig | WanCodecConfig


@dataclass(frozen=True, slots=True)
class Preset:
    """Everything that decides what a stream computes, weights apart."""

    name: str
    frame_hw: tuple[int, int]
    transformer: TransformerConfig
    codec: CodecConfig
    num_steps: int
    shift: float
    num_sink: int
    num_window: int
    latents_per_chunk: int
    prediction: Prediction
    context: Context = "clean"

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for a checkpoint's header."""
        return asdict(self)

    @staticmethod
    def from_dict(values: dict[str, Any]) -> Preset:
        """The inverse of `to_dict`. Raises TypeError or KeyError on a foreign dictionary."""
        v = dict(values)
        height, width = v.pop("frame_hw")
        transformer = TransformerConfig(**v.pop("transformer"))
        codec = v.pop("codec")
        return Preset(
            frame_hw=(height, width),
            transformer=transformer,
            codec=_change_codec(codec) if "stem" in codec else codec_from_dict(codec),
            **v,
        )


def _change_codec(values: dict[str, Any]) -> ChangeCodecConfig:
    a, b, c, d = values["stem"]
    return ChangeCodecConfig(**values | {"stem": (a, b, c, d)})


def nano() -> Preset:
    """Edits live on two CPU cores at 256 x 192."""
    codec = ChangeCodecConfig(backbone=True)
    return Preset(
        name="nano",
        frame_hw=(192, 256),
        transformer=TransformerConfig(
            code_channels=CODE_CHANNELS,
            source_channels=codec.source_channels,
            width=256,
            depth=8,
            num_heads=8,
            mlp_width=1024,
            text_width=TEXT_WIDTH,
            pooled_text=True,
        ),
        codec=codec,
        num_steps=1,
        shift=1.0,
        num_sink=0,
        num_window=3,
        latents_per_chunk=1,
        prediction="x0",
    )


def _wan(name: str, codec: WanCodecConfig, width: int, num_heads: int, mlp_width: int) -> Preset:
    """At EgoEdit's operating point: 512 x 384, four steps shifted by 5, a past of 15 latent frames (P B.3)."""
    return Preset(
        name=name,
        frame_hw=(384, 512),
        transformer=TransformerConfig(
            code_channels=codec.latent_channels,
            source_channels=codec.latent_channels,
            width=width,
            depth=30,
            num_heads=num_heads,
            mlp_width=mlp_width,
            text_width=UMT5_WIDTH,
            patch=2,
            null_token=False,
            norm_over_heads=True,
        ),
        codec=codec,
        num_steps=4,
        shift=5.0,
        num_sink=0,
        num_window=15,
        latents_per_chunk=1,
        prediction="velocity",
    )


def wan_2_1_1b() -> Preset:
    """The transformer and codec of Wan 2.1 T2V 1.3B: with weights of yours, on an H100-class GPU."""
    return _wan("wan2.1-1.3b", wan_2_1(), width=1536, num_heads=12, mlp_width=8960)


def wan_2_2_5b() -> Preset:
    """The transformer and codec of Wan 2.2 TI2V 5B and of Lucy-Edit: with weights of yours, on a GPU."""
    return _wan("wan2.2-5b", wan_2_2(), width=3072, num_heads=24, mlp_width=14336)


PRESETS = {"nano": nano, "wan2.1-1.3b": wan_2_1_1b, "wan2.2-5b": wan_2_2_5b}


def get_preset(name: str) -> Preset:
    """The preset of that name. Raises UnknownPreset, listing the known ones."""
    try:
        return PRESETS[name]()
    except KeyError:
        known = ", ".join([*sorted(PRESETS), "identity"])
        raise UnknownPreset(f"there is no preset {name!r}; known: {known}") from None
