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

# What the cache keeps of a chunk: keys and values of a pass of their own over its clean code, or of its last pass.
Context = Literal["clean", "last"]


@dataclass(frozen=True, slots=True)
class Preset:
    """Everything that decides what a stream computes, weights apart."""

    name: str
    frame_hw: tuple[int, int]
    transformer: TransformerConfig
    codec: ChangeCodecConfig
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
        codec = dict(v.pop("codec"))
        a, b, c, d = codec.pop("stem")
        return Preset(
            frame_hw=(height, width),
            transformer=transformer,
            codec=ChangeCodecConfig(stem=(a, b, c, d), **codec),
            **v,
        )


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


PRESETS = {"nano": nano}


def get_preset(name: str) -> Preset:
    """The preset of that name. Raises UnknownPreset, listing the known ones."""
    try:
        return PRESETS[name]()
    except KeyError:
        known = ", ".join([*sorted(PRESETS), "identity"])
        raise UnknownPreset(f"there is no preset {name!r}; known: {known}") from None
