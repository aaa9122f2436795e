"""The editor: a preset loaded and compiled, which opens streams (see `stream`).

Plain synchronous Python over tensors: no sockets, no asyncio, no global state; the same frames, instruction
and seed give the same pictures. Implements `contract.EditorLike`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from egostream import flow
from egostream.compiler import Compile, Compiler, Run
from egostream.contract import Done, Instruction
from egostream.errors import BadCheckpoint, EgostreamError
from egostream.frames import Frame
from egostream.instruction import check_instruction
from egostream.live_codecs import live_codec
from egostream.models.cache import KVCache
from egostream.models.checkpoint import EditModel
from egostream.models.presets import Preset
from egostream.models.text import EncodesText
from egostream.models.text_encoders import text_encoder_for
from egostream.models.tiny_codec import TinyDecoder
from egostream.networks import Denoise
from egostream.rollout import new_cache
from egostream.rows import Rows, Work
from egostream.stream import EditStream, OnSwitch
from engines import BackendChoice, Precision

log = logging.getLogger(__name__)


def check_runnable(preset: Preset) -> None:
    """Raises BadCheckpoint for a preset whose shape no stream can have."""
    h, w = preset.frame_hw
    cell = preset.codec.stride_hw * preset.transformer.patch
    problems = []
    if h % cell or w % cell:
        problems.append(f"frames of {w} x {h} are not multiples of {cell}")
    if not 1 <= preset.latents_per_chunk <= max(preset.num_window, 1):
        problems.append(
            f"{preset.latents_per_chunk} latent frames a chunk do not fit a window of {preset.num_window}"
        )
    if problems:
        raise BadCheckpoint(f"preset {preset.name} cannot be streamed: " + "; ".join(problems))


class Editor:
    """A preset loaded and compiled; opens streams. Shared by all sessions of a process."""

    def __init__(
        self,
        model: EditModel,
        *,
        engine: BackendChoice = "auto",
        precision: Precision = "bf16",
        text_encoder: EncodesText | None = None,
        decoder: TinyDecoder | None = None,
        cache_dir: Path | None = None,
        device: torch.device | str = "cpu",
        compiled: Compile | None = None,
        num_rows: int = 1,
        native: bool = True,
    ) -> None:
        """`decoder` draws a codec of pictures' latents instead of its own; `compiled` makes what runs the networks, by
        default a `Compiler`. With several rows, so many streams share a batch and are edited in one pass, and there are
        no more of them at once. `native`: the edit is done to the camera's own pixels (see `native`), or else
        the model's small picture is enlarged. Raises BadCheckpoint or EngineError.
        """
        check_runnable(model.preset)
        self.num_rows = num_rows
        self.native = native
        self._shared: Rows | None = None
        self.preset = model.preset
        self.device = torch.device(device)
        self.times = flow.few_step_times(model.preset.num_steps, model.preset.shift)
        self.model = model.to(self.device).eval()
        self._text = text_encoder or text_encoder_for(model.preset, self.device)
        config = model.transformer.config
        h, w = self.preset.frame_hw
        self.grid_hw = (h // model.codec.stride_hw, w // model.codec.stride_hw)
        on_gpu = self.device.type == "cuda"
        self._cache_dtype = torch.bfloat16 if on_gpu and precision != "fp32" else torch.float32
        compiled = compiled or Compiler(engine, precision, cache_dir)
        self.codec = live_codec(model.codec, decoder, self.preset.frame_hw, compiled, num_rows)
        # Examples for the check against eager: all state in play, and the same at every start.
        generator = torch.Generator().manual_seed(0)

        def random(*shape: int) -> Tensor:
            return torch.randn(shape, generator=generator).to(self.device)

        said = self._text(["make it night"] * num_rows)
        text, text_mask = (x.to(self.device) for x in said)
        past_shape = self.new_cache(num_rows).keys_YBNSPE.shape
        keys, values = (random(*past_shape).to(self._cache_dtype) for _ in range(2))
        age = torch.arange(self.preset.num_sink + self.preset.num_window, device=self.device)
        age = age.repeat(num_rows, 1)
        # By latent frames, a stream's first chunk being one, and by whether the cache is full: on a GPU attention is
        # faster where nothing is masked, and within seconds nothing is.
        self._denoise: dict[tuple[int, bool], Run] = {}
        later = self.preset.latents_per_chunk
        for n, full in {(1, False), (later, False), (later, on_gpu)}:
            code = 0.3 * random(num_rows, n, config.code_channels, *self.grid_hw)
            source = random(num_rows, n, config.source_channels, *self.grid_hw)
            half = torch.full((num_rows, n), 0.5, device=self.device)
            self._denoise[n, full] = compiled(
                ("denoise" if n == later else "denoise the first") + full * ", full",
                Denoise.to_serve(model.transformer, full),
                (code, source, half, text, text_mask, keys, values, age + full),
            )

    @property
    def name(self) -> str:
        return self.preset.name

    @property
    def frame_hw(self) -> tuple[int, int]:
        return self.preset.frame_hw

    @property
    def chunk_frames(self) -> int:
        return self.model.codec.stride_t * self.preset.latents_per_chunk

    def denoise(self, num_latents: int, full: bool) -> Run:
        """The engine of a chunk of so many latent frames over a cache that is known to be full, or may be not."""
        found = self._denoise.get((num_latents, full))
        return self._denoise[num_latents, False] if found is None else found

    def set_num_steps(self, num_steps: int) -> None:
        """How many denoising passes later streams take for a chunk, instead of the preset's number."""
        self.times, self._shared = flow.few_step_times(num_steps, self.preset.shift), None

    def set_strength(self, strength: float) -> None:
        """Later streams restyle: their source, noised to a time of at most `strength` (above 0, below 1), is denoised
        in those passes of the schedule that are left. For weights that know of no source: text-to-video ones.

        Raises EgostreamError for another number.
        """
        if not 0 < strength < 1:
            raise EgostreamError(f"a strength is between 0 and 1, not {strength}")
        left = tuple(t for t in self.times if t <= strength)
        self.times, self._shared = left or (strength,), None

    def new_cache(self, num_rows: int) -> KVCache:
        """An empty cache for so many streams."""
        return new_cache(self.preset, self.grid_hw, num_rows, self.device, self._cache_dtype)

    def encode_instruction(self, text: str) -> Instruction:
        checked = check_instruction(text)
        return Instruction(checked, tuple(x.to(self.device) for x in self._text([checked])))

    def open(
        self, instruction: Instruction, seed: int = 0, on_switch: OnSwitch = "rebuild"
    ) -> EditStream:
        """Raises StreamFailed where all shared rows are taken."""
        return EditStream(self, self._rows(), instruction, seed, on_switch)

    def _rows(self) -> Rows:
        """A stream's own, or those that all share."""
        if self.num_rows == 1:
            return Rows(self, 1)
        if self._shared is None:
            self._shared = Rows(self, self.num_rows)
        return self._shared

    def generate_all(self, work: Sequence[tuple[EditStream, Sequence[Frame]]]) -> list[Done]:
        """See `contract.Batching`."""
        done: dict[int, Done] = {}
        groups: dict[int, list[tuple[int, Work]]] = {}
        for at, (stream, frames) in enumerate(work):
            try:
                one = stream.work(frames)
                # A first chunk is shorter: other shapes, another pass.
                groups.setdefault(len(one.pictures), []).append((at, one))
            except EgostreamError as error:
                done[at] = error
        assert self._shared is not None
        for group in groups.values():
            made = self._shared.generate([one for _, one in group])
            done.update({at: chunk for (at, _), chunk in zip(group, made, strict=True)})
        return [done[at] for at in range(len(work))]

    def warm_up(self) -> None:
        stream = self.open(self.encode_instruction("make it night"))
        h, w = self.frame_hw
        grey = np.full((h, w, 3), 128, np.uint8)
        for _ in range(3):
            stream.generate([Frame(grey, i) for i in range(stream.num_frames_wanted)])
            stream.finalize()
        stream.close()
