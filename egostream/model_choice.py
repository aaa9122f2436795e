"""Which model is run, and how: what the commands' flags, the server's settings and `load_editor` share."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from egostream.numbers import positive

ENGINES = "auto, eager, openvino, onnxruntime, inductor, cudagraph, tensorrt"
PRECISIONS = "fp32, bf16, fp16, int8, fp8"


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A preset, and what stands in for its own parts. `weights`: a checkpoint or a pipeline's folder; `decoder`: a tiny
    one's file; `num_steps`: denoising passes a chunk; `strength`: see `Editor.set_strength`. Of the identity preset,
    which has no model, none of these can be given. `batch`: streams that are edited in one pass, if more than one.
    `native`: edit the source's own pixels (see `native`); else the model's picture is enlarged.
    """

    preset: str = "nano"
    engine: str = "auto"
    precision: str = "bf16"
    device: str = "auto"
    weights: Path | None = None
    decoder: Path | None = None
    num_steps: int | None = None
    strength: float | None = None
    batch: int = 1
    native: bool = True

    @property
    def is_plain(self) -> bool:
        """Whether the preset's own parts are run."""
        return (self.weights, self.decoder, self.num_steps, self.strength) == (None,) * 4


def add_weights(parser: argparse.ArgumentParser) -> None:
    """The flags that say what is run, and on which device."""
    parser.add_argument(
        "--preset", default="nano", metavar="NAME", help="the model; see `egostream presets` (nano)"
    )
    parser.add_argument(
        "--weights",
        type=Path,
        metavar="PATH",
        help="a checkpoint of yours, or a Wan pipeline's folder (the preset's own)",
    )
    parser.add_argument(
        "--decoder", type=Path, metavar="FILE", help="a tiny decoder of Wan's latents, for speed"
    )
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="a GPU if there is one"
    )


def add_model(parser: argparse.ArgumentParser) -> None:
    """The flags of a `ModelChoice`."""
    add_weights(parser)
    parser.add_argument(
        "--engine", default="auto", metavar="NAME", help=f"how to run it: {ENGINES} (auto)"
    )
    parser.add_argument("--precision", default="bf16", metavar="NAME", help=f"{PRECISIONS} (bf16)")
    parser.add_argument(
        "--steps",
        dest="num_steps",
        type=positive,
        metavar="N",
        help="denoising passes a chunk (the model's own number)",
    )
    parser.add_argument(
        "--strength",
        type=float,
        metavar="X",
        help="restyle: noise the source to X (0 to 1) and denoise it; for text-to-video weights (0.85)",
    )


def add_native(parser: argparse.ArgumentParser) -> None:
    """The flag of a `ModelChoice`'s `native`."""
    parser.add_argument(
        "--native",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="carry the edit over to the source's own pixels: as sharp as these, and untouched where nothing is "
        "edited; --no-native enlarges the model's small picture instead, which is soft but quicker (--native)",
    )


def chosen(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the flags of `add_model` and `add_native` said, by the names of a `ModelChoice`."""
    names = [field.name for field in fields(ModelChoice)]
    return {name: getattr(arguments, name) for name in names if hasattr(arguments, name)}
