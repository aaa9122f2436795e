"""One live edit: frames in, edited frames out, chunk by chunk.

The path of a chunk: fit -> encode the source -> noise -> few denoise steps with the KV cache -> decode -> restore
the size; then, once the frames are out (on a GPU: while they are decoded), it joins the cache. Implements
`contract.Stream`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from torch import Tensor

from egostream.contract import EditedChunk, Instruction
from egostream.errors import BadFrames, EngineError
from egostream.frames import Fit, Frame, Rgb, fit, restore
from egostream.lanes import Lanes, Stages
from egostream.models.cache import CacheView
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
        self._lanes = Lanes(editor.device)
        self._box: tuple[tuple[int, int], Fit] | None = None
        self._start()

    def _start(self) -> None:
        self._index = 0
        self._memory = self._editor.codec.begin()
        self._noise = torch.Generator(self._editor.device).manual_seed(self._seed)
        self._pending: Sampled | None = None
        self._newest: Tensor | None = None  # the last chunk's source
        self._again: Tensor | None = (
            None  # that which the next chunk is to follow, edited as it will be
        )
        self._rollout.forget()

    def _denoise(
        self, code: Tensor, source: Tensor, t: Tensor, text: Tensor, mask: Tensor, past: CacheView
    ) -> tuple[Tensor, Tensor, Tensor]:
        """An engine takes tensors."""
        ring = (past.keys_YBNSPE, past.values_YBNSPE, past.age_BS)
        engine = self._editor.denoise(code.shape[1], past.full)
        made: tuple[Tensor, Tensor, Tensor] = engine(code, source, t, text, mask, *ring)
        return made

    def _draw_noise(self, num_latents: int) -> Tensor:
        channels = self._editor.model.transformer.config.code_channels
        shape = (1, num_latents, channels, *self._editor.grid_hw)
        return torch.randn(shape, generator=self._noise, device=self._editor.device)

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
            self._pending = None
            self._memory = self._editor.codec.new_edit(self._memory)
            self._rollout.forget()
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
        editor, lanes, stages = self._editor, self._lanes, Stages(self._editor.device)
        boxes, pictures = self._to_pictures(frames)
        with torch.inference_mode(), typed_engine_errors():
            groups = lanes.upload(pictures).movedim(-1, 2).contiguous()[None].float() / 255.0
            source, memory = editor.codec.encode(groups, self._memory)
            stages.mark("encode")
            if self._again is not None:
                self._rollout.remember(self._sample(self._again))
            chunk = self._sample(source)
            stages.mark("denoise")
            with lanes.aside():
                edited, memory = editor.codec.decode(chunk.code, groups, memory)
                pixels = lanes.download(_pixels(edited, len(frames)))
                stages.mark("latent_decode")
            if lanes.overlap:
                self._rollout.remember(chunk)
            lanes.wait()
        self._memory = memory
        self._pending = None if lanes.overlap else chunk
        self._newest, self._again = source, None
        shown = [
            Frame(restore(rgb, box), frame.pts)
            for rgb, box, frame in zip(pixels.numpy(), boxes, frames, strict=True)
        ]
        edit = EditedChunk(shown, self._index, self._instruction, stages.in_ms())
        self._index += 1
        return edit

    def finalize(self) -> None:
        """What was just shown joins the cache (see `Rollout.remember`)."""
        if self._pending is None:
            return
        chunk, self._pending = self._pending, None
        with torch.inference_mode(), typed_engine_errors():
            self._rollout.remember(chunk)

    def _sample(self, source: Tensor) -> Sampled:
        return self._rollout.sample(source, self._instruction.states, self._times)

    def _to_pictures(self, frames: Sequence[Frame]) -> tuple[list[Fit], Rgb]:
        """The frames (T, F, h, w, 3) at the model's size, and where in it each sits."""
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
        stride_t = self._editor.model.codec.stride_t
        pictures += [pictures[-1]] * (-len(pictures) % stride_t)
        return boxes, np.stack(pictures).reshape(-1, stride_t, *model_hw, 3)

    def _fit(self, source_hw: tuple[int, int]) -> Fit:
        if self._box is None or self._box[0] != source_hw:
            self._box = (source_hw, Fit.of(source_hw, self._editor.frame_hw))
        return self._box[1]


def _pixels(edited: Tensor, num_frames: int) -> Tensor:
    """The last frames of a chunk (1, T, F, 3, h, w) in 0..1 as bytes (num_frames, h, w, 3)."""
    frames = edited[0].flatten(0, 1)[-num_frames:]
    return frames.mul(255.0).round_().clamp_(0, 255).byte().movedim(1, -1).contiguous()
