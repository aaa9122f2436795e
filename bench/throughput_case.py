"""What is measured: a preset run in one way, its model, what compiles it, and the pictures that it is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from egostream.compiler import Compiler
from egostream.editor import Editor
from egostream.fixed_stream import Recorder
from egostream.frames import Frame
from egostream.gate import CALIBRATED
from egostream.loading import WEIGHTS, load_model, random_model
from egostream.models.checkpoint import EditModel
from egostream.models.presets import PRESETS, Preset, get_preset
from egostream.models.text_encoders import NoiseText
from egostream.models.wan_config import wan_2_1
from engines import BackendChoice, Precision

SMALL = "wan-small"
NAMES = (*PRESETS, SMALL)
NUM_PICTURES = 16
CALIBRATED_ON = 6  # chunks


@dataclass(frozen=True, slots=True)
class Case:
    """A preset through one backend in one precision, in chunks of so many latent frames."""

    preset: str
    backend: BackendChoice
    precision: Precision
    latents: int

    def __str__(self) -> str:
        return f"{self.preset} {self.backend} {self.precision}, {self.latents} a chunk"


@dataclass(frozen=True, slots=True)
class Load:
    """Denoising passes a chunk, and streams that take turns on one editor, as the server's do."""

    steps: int
    streams: int


def wan_small() -> Preset:
    """Wan 2.1's shape in small, for two CPU cores: 4 blocks of width 384, a third of the codec's channels, 128 x 96."""
    wan = get_preset("wan2.1-1.3b")
    transformer = replace(wan.transformer, width=384, depth=4, num_heads=6, mlp_width=2240)
    codec = replace(wan_2_1(), base_width=32, decoder_base_width=32)
    return replace(wan, name=SMALL, frame_hw=(96, 128), transformer=transformer, codec=codec)


def preset_of(name: str, latents: int) -> Preset:
    """With chunks of so many latent frames, and a window that holds at least two of them. Raises UnknownPreset."""
    preset = wan_small() if name == SMALL else get_preset(name)
    return replace(
        preset, latents_per_chunk=latents, num_window=max(preset.num_window, 2 * latents)
    )


def make_model(preset: Preset, device: torch.device) -> EditModel:
    """The shipped weights, or random ones where a preset comes without."""
    if not (WEIGHTS / f"{preset.name}.safetensors").is_file():
        return random_model(preset, device)
    model = load_model(preset, None)
    # Of the stored preset: chunks and window are ours.
    model.preset = replace(
        model.preset, latents_per_chunk=preset.latents_per_chunk, num_window=preset.num_window
    )
    return model


def compiler_for(case: Case, model: EditModel, device: torch.device) -> Compiler:
    """What builds a case's engines, without a cache. Raises EngineError.

    int8 and fp8 are calibrated on a stream of the same pictures; how the edit looks is not judged here.
    """
    if case.precision not in CALIBRATED:
        return Compiler(case.backend, case.precision)
    seen = _record(model, device)
    return Compiler(case.backend, case.precision, calibration=seen, force=True)


def _record(model: EditModel, device: torch.device) -> dict[str, list[tuple[Tensor, ...]]]:
    """Inputs that a plain stream gives each network."""
    recorder = Recorder(Compiler("eager", "bf16" if device.type == "cuda" else "fp32"))
    plain = Editor(model, text_encoder=NoiseText(model.preset), device=device, compiled=recorder)
    stream = plain.open(plain.encode_instruction("make it night"))
    pictures = make_pictures(plain.frame_hw)
    for _ in range(CALIBRATED_ON):
        stream.push(next_frames(pictures, stream.chunk_index, stream.num_frames_wanted))
    return recorder.seen


def make_pictures(frame_hw: tuple[int, int]) -> list[np.ndarray]:
    """Soft noise that drifts: pixels as a camera's, (h, w, 3) uint8."""
    h, w = frame_hw
    coarse = np.random.default_rng(0).random((h // 16 + 2, w // 16 + NUM_PICTURES, 3))
    fine = np.repeat(np.repeat(coarse, 16, axis=0), 16, axis=1)
    return [
        np.ascontiguousarray((255 * fine[:h, i : i + w]).astype(np.uint8))
        for i in range(NUM_PICTURES)
    ]


def next_frames(pictures: Sequence[np.ndarray], chunk: int, count: int) -> list[Frame]:
    """A chunk's frames."""
    return [Frame(pictures[(chunk + i) % len(pictures)], chunk * count + i) for i in range(count)]
