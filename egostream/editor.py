"""The editor: a preset loaded and compiled, which opens streams (see `stream`).

Plain synchronous Python over tensors: no sockets, no asyncio, no global state; the same frames, instruction
and seed give the same pictures. Implements `contract.EditorLike`.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from egostream import flow
from egostream.contract import EditorLike, Instruction
from egostream.errors import BadCheckpoint, EgostreamError, EngineError, UnknownPreset
from egostream.frames import Frame
from egostream.identity import IdentityEditor
from egostream.instruction import check_instruction
from egostream.models.bank import flakes
from egostream.models.cache import KVCache
from egostream.models.change_codec import (
    FILL,
    GATE_UNIT,
    MAP,
    STRIDE_HW,
    STRIDE_T,
    ChangeCodecConfig,
)
from egostream.models.checkpoint import EditModel, change_codec_of, load_checkpoint
from egostream.models.presets import Preset, get_preset
from egostream.models.text import TextEncoder
from egostream.networks import DecodeEdit, Denoise, EncodeSource
from egostream.rollout import new_cache
from egostream.stream import EditStream, OnSwitch
from engines import Engine, Precision, build
from engines import EngineError as BuildError

log = logging.getLogger(__name__)

WEIGHTS = Path(__file__).parent / "weights"
MAX_DELAY_MS = 60_000.0
EngineChoice = Literal["auto", "eager", "openvino"]


def is_runnable(preset: Preset) -> bool:
    """Whether this editor runs a preset's shape."""
    return not _obstacles(preset)


def check_runnable(preset: Preset) -> None:
    """Raises BadCheckpoint for a preset whose shape this editor does not run."""
    problems = _obstacles(preset)
    if problems:
        raise BadCheckpoint(f"preset {preset.name} cannot be streamed: " + "; ".join(problems))


def _obstacles(preset: Preset) -> list[str]:
    h, w = preset.frame_hw
    problems = []
    if not isinstance(preset.codec, ChangeCodecConfig):
        problems.append("only nano's codec is run live so far")
    if h % STRIDE_HW or w % STRIDE_HW:
        problems.append(f"frames of {w} x {h} are not multiples of {STRIDE_HW}")
    if preset.latents_per_chunk != 1:
        problems.append(f"{preset.latents_per_chunk} latent frames a chunk, only 1 is supported")
    if preset.transformer.patch != 1:
        problems.append(f"patches of {preset.transformer.patch}, only 1 is supported")
    return problems


def build_engine(
    module: torch.nn.Module,
    examples: tuple[Tensor, ...],
    engine: EngineChoice,
    precision: Precision,
    cache_dir: Path | None,
) -> Engine:
    """The engine asked for; in fp32 where bf16 is too far from it. Raises BuildError."""
    try:
        return build(module, examples, engine, precision, cache_dir=cache_dir)
    except BuildError as error:
        if precision == "fp32":
            raise
        log.warning("bf16 is not good enough here, taking fp32: %s", error)
        return build(module, examples, engine, "fp32", cache_dir=cache_dir)


class Editor:
    """A preset loaded and compiled; opens streams. Shared by all sessions of a process."""

    def __init__(
        self,
        model: EditModel,
        *,
        engine: EngineChoice = "auto",
        precision: Precision = "bf16",
        text_encoder: TextEncoder | None = None,
        cache_dir: Path | None = None,
    ) -> None:
        check_runnable(model.preset)
        self.preset = model.preset
        self.times = flow.few_step_times(model.preset.num_steps, model.preset.shift)
        self.model = model.eval()
        self._text = text_encoder or TextEncoder()
        codec, config = change_codec_of(model), model.transformer.config
        h, w = self.preset.frame_hw
        self.grid_hw = (h // STRIDE_HW, w // STRIDE_HW)
        self._hidden = codec.config.stem[-1]
        grid = self.grid_hw
        # Examples for the check against eager: all state in play, and the same at every start.
        generator = torch.Generator().manual_seed(0)

        def random(*shape: int) -> Tensor:
            return torch.randn(shape, generator=generator)

        groups = torch.rand(1, 1, STRIDE_T, 3, h, w, generator=generator)
        last = random(1, self._hidden, *grid)
        code = 0.3 * random(1, 1, config.code_channels, *grid)
        source = random(1, 1, codec.source_channels, *grid)
        text, text_mask = self._text(["make it night"])
        past = random(*self.new_cache().keys_YBNSPE.shape)
        age = torch.arange(self.preset.num_sink + self.preset.num_window)[None]
        falling = flakes(torch.zeros(1), STRIDE_T, (h, w))[0]
        half = torch.full((1,), 0.5)

        def compiled(module: torch.nn.Module, examples: tuple[Tensor, ...]) -> Engine:
            try:
                return build_engine(module, examples, engine, precision, cache_dir)
            except BuildError as error:
                raise EngineError(f"the {engine} engine cannot be built: {error}") from error

        self.encode = compiled(EncodeSource(codec), (groups, last, half))
        self.denoise = compiled(
            Denoise.to_serve(model.transformer),
            (code, source, half[None], text, text_mask, past, past, age),
        )
        # With the gate open: where it is shut, a decoder that edits nothing would pass.
        opened, last = (c.clone() for c in (code, 0.3 * random(*code.shape)))
        for c in (opened, last):
            c[:, :, MAP + FILL :] += 0.5 / GATE_UNIT
        self.decode = compiled(DecodeEdit(codec), (opened, last, groups, falling))

    @property
    def name(self) -> str:
        return self.preset.name

    @property
    def frame_hw(self) -> tuple[int, int]:
        return self.preset.frame_hw

    @property
    def chunk_frames(self) -> int:
        return STRIDE_T * self.preset.latents_per_chunk

    def set_num_steps(self, num_steps: int) -> None:
        """How many denoising passes later streams take for a chunk, instead of the preset's number."""
        self.times = flow.few_step_times(num_steps, self.preset.shift)

    def new_cache(self) -> KVCache:
        """An empty cache for one stream."""
        return new_cache(self.preset, self.grid_hw)

    def new_features(self) -> Tensor:
        """What a codec's encoder remembers, before anything was seen."""
        return torch.zeros(1, self._hidden, *self.grid_hw)

    def encode_instruction(self, text: str) -> Instruction:
        checked = check_instruction(text)
        return Instruction(checked, self._text([checked]))

    def open(
        self, instruction: Instruction, seed: int = 0, on_switch: OnSwitch = "rebuild"
    ) -> EditStream:
        return EditStream(self, instruction, seed, on_switch)

    def warm_up(self) -> None:
        stream = self.open(self.encode_instruction("make it night"))
        h, w = self.frame_hw
        grey = np.full((h, w, 3), 128, np.uint8)
        for _ in range(3):
            stream.generate([Frame(grey, i) for i in range(stream.num_frames_wanted)])
            stream.finalize()


def load_editor(
    preset: str,
    *,
    engine: str = "auto",
    weights: Path | None = None,
    num_steps: int | None = None,
) -> EditorLike:
    """The editor of a preset, or `identity` / `identity:DELAY_MS` (no model, for transport tests).

    `weights`: another checkpoint than the preset's; `num_steps`: see `Editor.set_num_steps`. Raises UnknownPreset,
    BadCheckpoint or EngineError.
    """
    kind, _, delay = preset.partition(":")
    if kind == "identity":
        if weights is not None or num_steps is not None:
            raise EgostreamError("the identity preset has no model: no weights, no steps")
        try:
            delay_ms = float(delay or 0)
        except ValueError:
            delay_ms = -1.0
        if not 0 <= delay_ms <= MAX_DELAY_MS:
            raise UnknownPreset(f"identity:{delay}: the delay is 0 to {MAX_DELAY_MS:.0f} ms")
        return IdentityEditor(delay_ms)
    if engine not in ("auto", "eager", "openvino"):
        raise EgostreamError(f"there is no engine {engine!r}; known: auto, eager, openvino")
    wanted = get_preset(preset)
    check_runnable(wanted)
    model = load_checkpoint(weights or WEIGHTS / f"{wanted.name}.safetensors")
    editor = Editor(model, engine=engine, cache_dir=cache_folder())  # type: ignore[arg-type]
    if num_steps is not None:
        editor.set_num_steps(num_steps)
    return editor


def cache_folder() -> Path:
    """Where built engines are kept: EGOSTREAM_CACHE, else the user's cache folder."""
    chosen = os.environ.get("EGOSTREAM_CACHE")
    if chosen:
        return Path(chosen)
    return (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "egostream" / "engines"
    )
