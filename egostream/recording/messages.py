"""What the server and the recording process say to each other. Pixels go through shared memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Open:
    """A session begins to be recorded; its first frame begins the file."""

    number: int
    name: str
    spent_s: float = 0.0
    """How long its session was recorded before, over other connections."""


@dataclass(frozen=True, slots=True)
class Add:
    """One frame: pictures (see `planes`) of one size, one behind the other in this block of shared memory. The block is
    the server's again once its slot is named in a `Free`.
    """

    number: int
    slot: int
    block: str
    hw: tuple[int, int]
    num_pictures: int
    pts_90k: int


@dataclass(frozen=True, slots=True)
class Close:
    """No more frames: the file is finished."""

    number: int


@dataclass(frozen=True, slots=True)
class Free:
    """The slot may be written again."""

    slot: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The recording stopped before it was closed, and why; what is there so far is a whole film."""

    number: int
    reason: str
