"""What server and worker say to each other over their pipes. Pixels go through shared memory (`pictures`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from egostream.errors import EgostreamError


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker's first word: its editor is loaded and warm."""

    name: str
    frame_hw: tuple[int, int]
    chunk_frames: int
    num_rows: int


@dataclass(frozen=True, slots=True)
class Picture:
    """One frame (h, w, 3) uint8 that lies in the shared memory from `offset` on."""

    offset: int
    hw: tuple[int, int]
    pts: int


@dataclass(frozen=True, slots=True)
class Job:
    """A chunk of one stream, which is opened where the worker does not know it yet."""

    stream: int
    seed: int
    text: str
    is_reset: bool
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True)
class Generate:
    """Edit these together. `source` and `target` name the shared memory that frames are read from and written to."""

    jobs: tuple[Job, ...]
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Close:
    """A stream that is not needed any more; no answer."""

    stream: int


@dataclass(frozen=True, slots=True)
class Edited:
    """A job's chunk; its pictures lie in the target."""

    pictures: tuple[Picture, ...]
    index: int
    text: str
    stage_ms: Mapping[str, float]
    num_frames_wanted: int


Answer = Edited | EgostreamError
"""Of one job."""
