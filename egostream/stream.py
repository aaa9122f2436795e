"""One live edit: frames in, edited frames out, chunk by chunk.

The path of a chunk: fit -> encode the source -> noise -> few denoise steps with the KV cache -> decode -> onto the
source's own pixels (`native`); then, once the frames are out (on a GPU: while they are decoded), it joins the cache.
What it remembers is a row of a batch, its own or one that it shares (`rows`). Implements `contract.Stream`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np

from egostream.contract import EditedChunk, Instruction
from egostream.errors import BadFrames, EgostreamError
from egostream.frames import Fit, Frame, Rgb, fit
from egostream.rows import Row, Rows, Work

if TYPE_CHECKING:
    from egostream.editor import Editor

# What happens to the past when the instruction changes: the cached latents show the old edit. `rebuild`: the chunk
# before is edited again, so that the new edit begins with a past (one chunk serves as well as a whole window).
OnSwitch = Literal["keep", "drop", "rebuild"]


class EditStream:
    """The state of one live edit: codec state, KV cache, noise generator, instruction."""

    def __init__(
        self,
        editor: Editor,
        rows: Rows,
        instruction: Instruction,
        seed: int,
        on_switch: OnSwitch = "rebuild",
    ) -> None:
        """Raises StreamFailed where all rows are taken."""
        self._editor = editor
        self._rows = rows
        self._seed = seed
        self._on_switch = on_switch
        self._box: tuple[tuple[int, int], Fit] | None = None
        self._index = rows.take(self, instruction, seed)

    @property
    def chunk_index(self) -> int:
        return self._row.index

    @property
    def num_frames_wanted(self) -> int:
        return 1 if self._row.index == 0 else self._editor.chunk_frames

    @property
    def instruction(self) -> Instruction:
        """The one that the next chunk is edited by."""
        return self._row.instruction

    def set_instruction(self, instruction: Instruction) -> None:
        """Takes effect at the next chunk."""
        keep, rebuild = self._on_switch == "keep", self._on_switch == "rebuild"
        self._rows.instruct(self, self._index, instruction, keep, rebuild)

    def reset(self) -> None:
        self._rows.restart(self, self._index, self._seed)

    def close(self) -> None:
        self._rows.give_back(self, self._index)

    def push(self, frames: Sequence[Frame]) -> list[Frame]:
        """`generate` and `finalize` in one: for files and benchmarks."""
        chunk = self.generate(frames)
        self.finalize()
        return chunk.frames

    def generate(self, frames: Sequence[Frame]) -> EditedChunk:
        """See `contract.Stream`. Raises BadFrames for a wrong count, type or shape, StreamClosed, StreamFailed."""
        done = self._rows.generate([self.work(frames)])[0]
        if isinstance(done, EgostreamError):
            raise done
        return done

    def finalize(self) -> None:
        """What was just shown joins the cache (see `Rollout.remember`): of all rows that were edited with this one."""
        self._rows.finalize()

    def work(self, frames: Sequence[Frame]) -> Work:
        """These frames as the rows take them. Raises BadFrames, StreamClosed."""
        if len(frames) != self.num_frames_wanted:
            raise BadFrames(
                f"chunk {self.chunk_index} takes {self.num_frames_wanted} frames, got {len(frames)}"
            )
        return Work(self._index, frames, *self._to_pictures(frames))

    @property
    def _row(self) -> Row:
        return self._rows.row(self, self._index)

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
