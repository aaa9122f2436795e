"""Streams as rows of one batch: their state, and how the chunks of some of them are edited in one pass.

Shapes never change: rows that have nothing to edit, or belong to nobody, run along on zeros, and what that makes of
their state is thrown away, so that they go on bit for bit as they were. A row knows its owner; what an owner leaves
behind is overwritten with zeros before the next one comes.
Shapes: R rows (the batch), T latent frames a chunk, F = stride_t frames a latent frame.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from egostream.contract import EditedChunk, Instruction
from egostream.errors import EgostreamError, EngineError, StreamClosed, StreamFailed
from egostream.frames import Fit, Frame, Rgb, restore
from egostream.lanes import Lanes, Stages
from egostream.models.cache import CacheView
from egostream.native import Compositor
from egostream.rollout import Rollout, Sampled, Text
from engines import EngineError as BuildError

if TYPE_CHECKING:
    from egostream.editor import Editor

Chosen = tuple[bool, ...]


@contextmanager
def running() -> Iterator[None]:
    """Around what runs engines: no gradients, and users only know egostream's own errors."""
    try:
        with torch.inference_mode():
            yield
    except BuildError as error:
        raise EngineError(str(error)) from error


@dataclass(slots=True)
class Row:
    """What a stream has beside its row of the tensors. `newest`: its last chunk's source, which the next chunk is to
    follow edited anew where `again` says so.
    """

    owner: object
    instruction: Instruction
    noise: torch.Generator
    compositor: Compositor | None = None
    index: int = 0
    newest: Tensor | None = None
    again: bool = False


@dataclass(frozen=True, slots=True)
class Work:
    """A chunk to edit: pictures (T, F, h, w, 3) at the model's size, made of these frames, sitting in these boxes."""

    row: int
    frames: Sequence[Frame]
    boxes: Sequence[Fit]
    pictures: Rgb


class Rows:
    """So many rows of one editor, and their past. One thread at a time."""

    def __init__(self, editor: Editor, num_rows: int) -> None:
        self._editor = editor
        self._rows: list[Row | None] = [None] * num_rows
        self._times = editor.times
        self._memory = editor.codec.begin()
        self._lanes = Lanes(editor.device)
        self._cache = editor.new_cache(num_rows)
        # no cycle: a cache of gigabytes must not wait for the garbage collector
        me = weakref.proxy(self)
        self._rollout = Rollout(
            lambda *inputs: me._denoise(*inputs),
            self._cache,
            editor.preset,
            lambda num_latents: me._draw_noise(num_latents),
        )
        self._drawing: Chosen = (False,) * num_rows
        self._pending: list[tuple[Sampled, Chosen]] = []
        self._text: Text | None = None

    def take(self, owner: object, instruction: Instruction, seed: int) -> int:
        """A free row. Raises StreamFailed where all belong to somebody."""
        for index, row in enumerate(self._rows):
            if row is None:
                noise = torch.Generator(self._editor.device)
                self._rows[index] = Row(
                    owner, instruction, noise, Compositor() if self._editor.native else None
                )
                self._set_text(index, instruction)
                self.restart(owner, index, seed)
                return index
        raise StreamFailed(f"all {len(self._rows)} rows of the batch are taken")

    def give_back(self, owner: object, index: int) -> None:
        """Frees the row and wipes what it remembers. Idempotent."""
        row = self._rows[index]
        if row is None or row.owner is not owner:
            return
        self._wipe(index)
        self._rows[index] = None

    def row(self, owner: object, index: int) -> Row:
        """Raises StreamClosed where the row is no longer this owner's."""
        row = self._rows[index]
        if row is None or row.owner is not owner:
            raise StreamClosed("this stream was closed")
        return row

    def restart(self, owner: object, index: int, seed: int) -> None:
        """As if it had seen nothing yet, under the same instruction."""
        row = self.row(owner, index)
        self._wipe(index)
        row.index, row.newest, row.again = 0, None, False
        row.noise.manual_seed(seed)

    def instruct(
        self, owner: object, index: int, instruction: Instruction, keep: bool, rebuild: bool
    ) -> None:
        """For the next chunk on. `keep` the past, which shows the old edit; or drop it, and `rebuild` one chunk."""
        row = self.row(owner, index)
        if instruction.text != row.instruction.text and not keep:
            only = self._only(index)
            self._leave_out([index])
            self._memory = self._editor.codec.new_edit(self._memory, only)
            self._rollout.forget(only)
            row.again = rebuild and row.newest is not None
        row.instruction = instruction
        self._set_text(index, instruction)

    def generate(self, work: Sequence[Work]) -> list[EditedChunk | EgostreamError]:
        """The chunks edited together: all of as many latent frames, no row twice. What the model made no numbers of
        is an error, and that stream is to be closed or reset.
        """
        self._leave_out([one.row for one in work])
        with running():
            return self._generate(work)

    def _generate(self, work: Sequence[Work]) -> list[EditedChunk | EgostreamError]:
        editor, lanes, stages = self._editor, self._lanes, Stages(self._editor.device)
        by_row = {one.row: one for one in work}
        chosen = tuple(i in by_row for i in range(len(self._rows)))
        like = work[0].pictures
        pictures = (
            like[None]
            if len(self._rows) == 1
            else np.stack([by_row[i].pictures if i in by_row else np.zeros_like(like)
                           for i in range(len(self._rows))])
        )  # fmt: skip
        groups = lanes.upload(pictures).movedim(-1, 3).contiguous().float() / 255.0
        source, memory = editor.codec.encode(groups, self._memory)
        stages.mark("encode")
        self._edit_again(by_row)
        chunk = self._sample(source, chosen)
        stages.mark("denoise")
        with lanes.aside():
            edited, memory = editor.codec.decode(chunk.code, groups, memory)
            pixels = lanes.download(_pixels(edited))
            is_finite = lanes.download(chunk.code.isfinite().flatten(1).all(1))
            stages.mark("latent_decode")
        if lanes.overlap:
            self._rollout.remember(chunk, chosen)
        lanes.wait()
        self._memory = editor.codec.keep(chosen, memory, self._memory)
        if not lanes.overlap:
            self._pending.append((chunk, chosen))
        took_ms, shown = stages.in_ms(), pixels.numpy()
        fine = is_finite.tolist()
        done: list[EditedChunk | EgostreamError] = []
        for one in work:
            row = self._rows[one.row]
            assert row is not None
            row.newest, row.again = source[one.row : one.row + 1], False
            row.index += 1
            if not fine[one.row]:
                done.append(StreamFailed("the model made no numbers of this stream's frames"))
                continue
            frames = _at_source_size(row.compositor, one, shown[one.row])
            done.append(EditedChunk(frames, row.index - 1, row.instruction, took_ms))
        return done

    def finalize(self) -> None:
        """What was just shown joins the cache (see `Rollout.remember`)."""
        pending, self._pending = self._pending, []
        with running():
            for chunk, chosen in pending:
                self._rollout.remember(chunk, chosen)

    def _edit_again(self, work: dict[int, Work]) -> None:
        """The chunk before, under the new instruction, where one came: its keys are the past that the next follows."""
        found = {i: row.newest for i in work if (row := self._rows[i]) is not None and row.again}
        for num_latents in {x.shape[1] for x in found.values() if x is not None}:
            part = {i: x for i, x in found.items() if x is not None and x.shape[1] == num_latents}
            chosen = tuple(i in part for i in range(len(self._rows)))
            nothing = torch.zeros_like(next(iter(part.values())))
            source = torch.cat([part.get(i, nothing) for i in range(len(self._rows))])
            self._rollout.remember(self._sample(source, chosen), chosen)

    def _sample(self, source: Tensor, chosen: Chosen) -> Sampled:
        assert self._text is not None
        self._drawing = chosen
        return self._rollout.sample(source, self._text, self._times, rows=chosen)

    def _denoise(
        self, code: Tensor, source: Tensor, t: Tensor, text: Tensor, mask: Tensor, past: CacheView
    ) -> tuple[Tensor, Tensor, Tensor]:
        """An engine takes tensors."""
        ring = (past.keys_YBNSPE, past.values_YBNSPE, past.age_BS)
        engine = self._editor.denoise(code.shape[1], past.full)
        made: tuple[Tensor, Tensor, Tensor] = engine(code, source, t, text, mask, *ring)
        return made

    def _draw_noise(self, num_latents: int) -> Tensor:
        """Each row's from its own generator, so that it is the same whoever else is there."""
        device = self._editor.device
        channels = self._editor.model.transformer.config.code_channels
        shape = (1, num_latents, channels, *self._editor.grid_hw)
        drawn = [
            torch.randn(shape, generator=row.noise, device=device)
            if row is not None and chosen
            else torch.zeros(shape, device=device)
            for row, chosen in zip(self._rows, self._drawing, strict=True)
        ]
        return drawn[0] if len(drawn) == 1 else torch.cat(drawn)

    def _set_text(self, index: int, instruction: Instruction) -> None:
        states: Text = instruction.states
        if len(self._rows) == 1:
            self._text = states
            return
        if self._text is None:
            text, mask = (x.new_zeros(len(self._rows), *x.shape[1:]) for x in states)
            self._text = (text, mask)
        for all_rows, own in zip(self._text, states, strict=True):
            all_rows[index] = own[0]

    def _wipe(self, index: int) -> None:
        only = self._only(index)
        self._leave_out([index])
        self._memory = self._editor.codec.restart(self._memory, only)
        self._rollout.forget(only)
        self._cache.wipe(index)

    def _leave_out(self, rows: Sequence[int]) -> None:
        """What these rows have shown is not to be remembered any more."""
        left = [
            (chunk, tuple(c and i not in rows for i, c in enumerate(chosen)))
            for chunk, chosen in self._pending
        ]
        self._pending = [(chunk, chosen) for chunk, chosen in left if any(chosen)]

    def _only(self, index: int) -> Chosen:
        return tuple(i == index for i in range(len(self._rows)))


def _at_source_size(compositor: Compositor | None, work: Work, shown: Rgb) -> list[Frame]:
    """What the model made (T F, h, w, 3) of the chunk, on the camera's own pixels or enlarged."""
    num = len(work.frames)  # the first chunk's one frame was repeated
    seen = work.pictures.reshape(-1, *work.pictures.shape[-3:])
    return [
        Frame(
            restore(edited, box)
            if compositor is None
            else compositor.composite(frame.rgb, small, edited, box),
            frame.pts,
        )
        for frame, small, edited, box in zip(
            work.frames, seen[-num:], shown[-num:], work.boxes, strict=True
        )
    ]


def _pixels(edited: Tensor) -> Tensor:
    """Pictures (R, T, F, 3, h, w) in 0..1 as bytes (R, T F, h, w, 3)."""
    frames = edited.flatten(1, 2)
    return frames.mul(255.0).round_().clamp_(0, 255).byte().movedim(2, -1).contiguous()
