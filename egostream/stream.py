"""One live edit: frames in, edited frames out, chunk by chunk.

The path of a chunk: fit -> encode the source -> noise -> few denoise steps with the KV cache -> decode -> restore
the size; then, once the frames are out, `finalize` writes them into the cache. Implements `contract.Stream`.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from torch import Tensor

from egostream.contract import EditedChunk, Instruction
from egostream.errors import BadFrames, EngineError
from egostream.frames import Fit, Frame, fit, restore
from egostream.models.bank import flakes
from egostream.models.cache import CacheView
from egostream.models.change_codec import STRIDE_T, alone
from egostream.rollout import Rollout, Sampled
from engines import EngineError as BuildError

if TYPE_CHECKING:
    from egostream.editor import Editor

# What happens to the past when the instruction changes: the cached latents show the old edit. `rebuild`: the chunk
# before is edited again, so that the new edit begins with a past (one chunk serves as well as a whole window).
OnSwitch = Literal["keep", "drop", "rebuild"]


@contextmanager
def typed_engine_errors() -> Iterator[None]:
    """An engine knows nothing of egostream's errors; users only know those."""
    try:
        yield
    except BuildError as error:
        raise EngineError(str(error)) from error


class EditStream:
    """The state of one live edit: codec state, KV cache, noise generator, instruction."""

    def __init__(
        self,
        editor: Editor,
        instruction: Instruction,
        seed: int,
        on_switch: OnSwitch = "rebuild",
    ) -> None:
        self._editor = editor
        self._instruction = instruction
        self._seed = seed
        self._on_switch = on_switch
        self._times = editor.times
        self._rollout = Rollout(self._denoise, editor.new_cache(), editor.preset, self._draw_noise)
        self._box: tuple[tuple[int, int], Fit] | None = None
        self._start()

    def _start(self) -> None:
        self._index = 0
        self._num_frames = 0
        self._last = self._editor.new_features()
        self._noise = torch.Generator().manual_seed(self._seed)
        self._last_code: Tensor | None = None
        self._pending: Sampled | None = None
        self._newest: Tensor | None = None  # the last chunk's source
        self._again: Tensor | None = (
            None  # that which the next chunk is to follow, edited as it will be
        )
        self._rollout.cache.forget()

    def _denoise(
        self, code: Tensor, source: Tensor, t: Tensor, text: Tensor, mask: Tensor, past: CacheView
    ) -> tuple[Tensor, Tensor, Tensor]:
        """An engine takes tensors."""
        ring = (past.keys_YBNSPE, past.values_YBNSPE, past.age_BS)
        made: tuple[Tensor, Tensor, Tensor] = self._editor.denoise(
            code, source, t, text, mask, *ring
        )
        return made

    def _draw_noise(self) -> Tensor:
        channels = self._editor.model.transformer.config.code_channels
        return torch.randn((1, 1, channels, *self._editor.grid_hw), generator=self._noise)

    @property
    def chunk_index(self) -> int:
        return self._index

    @property
    def num_frames_wanted(self) -> int:
        return 1 if self._index == 0 else self._editor.chunk_frames

    @property
    def instruction(self) -> Instruction:
        """The one that the next chunk is edited by."""
        return self._instruction

    def set_instruction(self, instruction: Instruction) -> None:
        """Takes effect at the next chunk."""
        if instruction.text != self._instruction.text and self._on_switch != "keep":
            self._pending = self._last_code = None
            self._rollout.cache.forget()
            self._again = self._newest if self._on_switch == "rebuild" else None
        self._instruction = instruction

    def reset(self) -> None:
        self._start()

    def push(self, frames: Sequence[Frame]) -> list[Frame]:
        """`generate` and `finalize` in one: for files and benchmarks."""
        chunk = self.generate(frames)
        self.finalize()
        return chunk.frames

    def generate(self, frames: Sequence[Frame]) -> EditedChunk:
        """See `contract.Stream`. Raises BadFrames for a wrong count, type or shape."""
        if len(frames) != self.num_frames_wanted:
            raise BadFrames(
                f"chunk {self._index} takes {self.num_frames_wanted} frames, got {len(frames)}"
            )
        started = time.perf_counter()
        boxes, groups = self._to_tensor(frames)
        with torch.inference_mode(), typed_engine_errors():
            fresh = torch.full((1,), float(self._index == 0))
            source, features = self._editor.encode(groups, self._last, fresh)
            encoded = time.perf_counter()
            if self._again is not None:
                self._rollout.remember(self._sample(self._again))
            chunk = self._sample(source)
            denoised = time.perf_counter()
            clock = torch.tensor([self._num_frames if self._index else 1 - STRIDE_T])
            falling = flakes(clock, STRIDE_T, self._editor.frame_hw)[0]
            code = chunk.code
            # The first chunk of an edit takes over from none.
            last = alone(code) if self._last_code is None else self._last_code
            edited = self._editor.decode(code, last, groups, falling)
        pictures = self._to_pictures(edited, frames, boxes)
        decoded = time.perf_counter()
        self._last, self._last_code = features, code
        self._pending = chunk
        self._newest, self._again = source, None
        shown = EditedChunk(
            pictures,
            self._index,
            self._instruction,
            {
                "encode": 1e3 * (encoded - started),
                "denoise": 1e3 * (denoised - encoded),
                "latent_decode": 1e3 * (decoded - denoised),
            },
        )
        self._index += 1
        self._num_frames += len(frames)
        return shown

    def finalize(self) -> None:
        """What was just shown joins the cache (see `Rollout.remember`)."""
        if self._pending is None:
            return
        chunk, self._pending = self._pending, None
        with torch.inference_mode(), typed_engine_errors():
            self._rollout.remember(chunk)

    def _sample(self, source: Tensor) -> Sampled:
        return self._rollout.sample(source, self._instruction.states, self._times)

    def _to_tensor(self, frames: Sequence[Frame]) -> tuple[list[Fit], Tensor]:
        model_hw = self._editor.frame_hw
        boxes, pictures = [], []
        for frame in frames:
            rgb = frame.rgb
            if rgb.dtype != np.uint8 or rgb.ndim != 3 or rgb.shape[2] != 3 or 0 in rgb.shape:
                raise BadFrames(
                    f"a frame must be uint8 (height, width, 3), got {rgb.dtype} {rgb.shape}"
                )
            box = self._fit((rgb.shape[0], rgb.shape[1]))
            boxes.append(box)
            pictures.append(fit(rgb, box, model_hw))
        # The first chunk is one frame: the codec sees it repeated.
        pictures += [pictures[-1]] * (STRIDE_T - len(pictures))
        stacked = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)
        return boxes, (stacked.float() / 255.0)[None, None].contiguous()

    def _fit(self, source_hw: tuple[int, int]) -> Fit:
        if self._box is None or self._box[0] != source_hw:
            self._box = (source_hw, Fit.of(source_hw, self._editor.frame_hw))
        return self._box[1]

    def _to_pictures(
        self, edited: Tensor, frames: Sequence[Frame], boxes: Sequence[Fit]
    ) -> list[Frame]:
        pixels = edited[0, 0, -len(frames) :].mul(255.0).round_().clamp_(0, 255).byte()
        arrays = pixels.permute(0, 2, 3, 1).contiguous().numpy()
        return [
            Frame(restore(rgb, box), frame.pts)
            for rgb, box, frame in zip(arrays, boxes, frames, strict=True)
        ]
