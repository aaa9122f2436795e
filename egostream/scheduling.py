"""What streams hand to the scheduler and get back from it, and a stream's place in it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from egostream.contract import Instruction, Stream
from egostream.errors import EgostreamError
from egostream.frames import Frame, Rgb
from egostream.slots import DropOldest


@dataclass(frozen=True, slots=True)
class InputFrame:
    """A camera frame. `load` makes the pixels, in the model thread and only for frames really
    edited."""

    pts_90k: int
    arrived_ns: int
    load: Callable[[], Rgb]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An instruction under the number its sender gave it."""

    seq: int
    instruction: Instruction


@dataclass(frozen=True, slots=True)
class Edit:
    """One chunk of edited frames. `applied` is set on the first chunk that shows a new
    instruction."""

    frames: list[Frame]
    index: int
    applied: Wanted | None
    arrived_ns: tuple[int, ...]
    started_ns: int
    done_ns: int
    stage_ms: Mapping[str, float]


class Listener(Protocol):
    """Who owns a lane. All are called in the model thread: hand over and return, never block."""

    def on_edit(self, lane: Lane, edit: Edit) -> None: ...

    def on_failure(self, lane: Lane, error: EgostreamError) -> None: ...

    def on_interruption(self, lane: Lane, error: EgostreamError) -> None:
        """The lane goes on, in some seconds, as if its stream had just begun."""
        ...


class Observer(Protocol):
    """Hears what becomes of all lanes' frames, in any thread: count and return."""

    def edited(self, num_streams: int, num_frames: int) -> None:
        """One pass of the model, over so many streams."""
        ...

    def dropped(self, num: int, is_stale: bool) -> None:
        """Stale: of before an outage; else pushed out by newer frames. May be called with 0."""
        ...


@dataclass(eq=False)
class Lane:
    """One stream's place in the scheduler. Only the scheduler touches what starts with `_`."""

    owner: str
    listener: Listener
    seed: int
    _gathered: DropOldest[InputFrame]
    _wanted: Wanted | None = None
    _is_shown: bool = True
    _must_reset: bool = False
    _num_wanted: int = 1
    _ready_ns: int | None = None
    _next_chunk: int = 0
    _num_dropped: int = 0
    # the model thread's own
    _stream: Stream | None = field(default=None, repr=False)
    _in_force: Wanted | None = None
    _num_losses: int = 0

    @property
    def next_chunk(self) -> int:
        """The index of the next chunk to begin: the first one a new instruction can show in."""
        return self._next_chunk

    @property
    def num_dropped(self) -> int:
        """Frames pushed out by newer ones, or flushed."""
        return self._num_dropped

    def _deadline_ns(self) -> int | None:
        """When its next chunk should be out: by the time the one after is gathered, so a first one at once. None where
        there is nothing to edit yet. It counts from when there first was enough: newer frames do not put it off, or a
        busy device would forget slow cameras.
        """
        if self._wanted is None or self._ready_ns is None:
            return None
        frames = self._gathered.newest(self._num_wanted)
        span_90k = frames[-1].pts_90k - frames[0].pts_90k
        return self._ready_ns + span_90k * 100_000 // 9

    def _count(self) -> None:
        """To be called whenever frames or how many are wanted have changed."""
        if len(self._gathered) < self._num_wanted:
            self._ready_ns = None
        elif self._ready_ns is None:
            self._ready_ns = time.monotonic_ns()
