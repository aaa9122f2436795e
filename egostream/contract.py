"""What the server, the file command and the benchmarks need of an editor, and nothing more.

Implemented by `editor.Editor` (the diffusion student) and `identity.IdentityEditor` (the transport
floor). Plain synchronous Python: one thread at a time may use one stream; `encode_instruction` may run
in another thread. Never raises anything but `EgostreamError` for bad input.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from egostream.errors import EgostreamError
from egostream.frames import Frame


@dataclass(frozen=True, slots=True)
class Instruction:
    """An encoded instruction; `states` is the editor's own (opaque to everyone else)."""

    text: str
    states: Any = None


@dataclass(frozen=True, slots=True)
class EditedChunk:
    """The edited frames of one chunk, in order, with their sources' `pts` and sizes."""

    frames: list[Frame]
    index: int
    instruction: Instruction
    stage_ms: Mapping[str, float]


class Stream(Protocol):
    """The state of one live edit. Call `generate`, send the frames, then `finalize`."""

    @property
    def chunk_index(self) -> int:
        """The index of the next chunk (0 first)."""
        ...

    @property
    def num_frames_wanted(self) -> int:
        """How many frames the next chunk takes: 1 for the first, `chunk_frames` after."""
        ...

    def set_instruction(self, instruction: Instruction) -> None:
        """Takes effect at the next chunk, without a reset."""
        ...

    def generate(self, frames: Sequence[Frame]) -> EditedChunk:
        """Edit exactly `num_frames_wanted` frames. Raises BadFrames."""
        ...

    def finalize(self) -> None:
        """The chunk just generated joins the past that later ones see; call it once the frames are out."""
        ...

    def reset(self) -> None:
        """Start anew (next chunk is one frame) under the same instruction, as after an outage."""
        ...

    def close(self) -> None:
        """Give back what it holds; it is not to be used again. Idempotent."""
        ...


class EditorLike(Protocol):
    """Opens streams. Shared by all sessions."""

    @property
    def name(self) -> str: ...

    @property
    def frame_hw(self) -> tuple[int, int]: ...

    @property
    def chunk_frames(self) -> int: ...

    def encode_instruction(self, text: str) -> Instruction:
        """10–20 ms; safe in a thread of its own. Raises BadInstruction."""
        ...

    def open(self, instruction: Instruction, seed: int = 0) -> Stream: ...

    def warm_up(self) -> None:
        """Run every path once so that the first frame of a session costs what later ones do."""
        ...


Done = EditedChunk | EgostreamError


@runtime_checkable
class Batching(Protocol):
    """An `EditorLike` whose streams share a batch: several are edited in the time of one."""

    @property
    def num_rows(self) -> int:
        """How many streams may be open at once; with one row, each stream stands alone, and any number may."""
        ...

    def generate_all(self, work: Sequence[tuple[Any, Sequence[Frame]]]) -> list[Done]:
        """`generate` for these streams of its own, each once, together. What fails in one is in its place."""
        ...


@runtime_checkable
class Revivable(Protocol):
    """An `EditorLike` that can be lost, and started again. Every call may raise WorkerLost."""

    def watch(self, on_lost: Callable[[], None]) -> None:
        """Calls, in a thread of its own, when the editor was lost while nobody asked it anything."""
        ...

    def revive(self) -> None:
        """Starts it anew; all of its streams are gone. Raises EgostreamError where that fails too."""
        ...

    def close(self) -> None:
        """Ends it. Idempotent."""
        ...
