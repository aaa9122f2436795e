"""The server's side: an editor that lives in another process. Implements `contract.Batching` and `Revivable`."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from functools import partial

from egostream.contract import Done, EditedChunk, EditorLike, Instruction
from egostream.errors import BadFrames, EgostreamError, WorkerLost
from egostream.frames import Frame
from egostream.instruction import check_instruction
from egostream.worker import pictures
from egostream.worker.link import Link
from egostream.worker.messages import Answer, Close, Edited, Generate, Job, Picture, Ready

WATCHDOG_S = 5.0
"""A chunk takes a tenth of it at most; what takes longer hangs."""


def nothing() -> None:
    """For a worker that needs no logging of its own."""


class RemoteEditor:
    """See the module's docstring. `warm_up` starts the process; chunks are asked for in one thread, instructions in
    another.
    """

    def __init__(
        self,
        build: Callable[[], EditorLike],
        configure: Callable[[], None] = nothing,
        watchdog_s: float = WATCHDOG_S,
    ) -> None:
        """`build` makes the editor there, `configure` its logging; both picklable."""
        self._start: Callable[[], Link] = partial(Link, build, configure)
        self._watchdog_s = watchdog_s
        self._link: Link | None = None
        self._about: Ready | None = None
        self._on_lost: Callable[[], None] = nothing
        self._ids = itertools.count()
        self._source, self._target = pictures.Arena(), pictures.Arena()
        self._texts_lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._ready.name

    @property
    def frame_hw(self) -> tuple[int, int]:
        return self._ready.frame_hw

    @property
    def chunk_frames(self) -> int:
        return self._ready.chunk_frames

    @property
    def num_rows(self) -> int:
        return self._ready.num_rows

    @property
    def pid(self) -> int | None:
        """Of the worker."""
        return None if self._link is None else self._link.pid

    def warm_up(self) -> None:
        """Raises what kept the editor from loading."""
        self._link = link = self._start()
        self._about = link.await_ready()
        link.watch(partial(self._lost, link))

    def watch(self, on_lost: Callable[[], None]) -> None:
        """See `contract.Revivable`."""
        self._on_lost = on_lost

    def revive(self) -> None:
        """See `contract.Revivable`."""
        link, self._link = self._link, None
        if link is not None:
            link.end()
        self.warm_up()

    def encode_instruction(self, text: str) -> Instruction:
        """Its states stay with the worker. Raises BadInstruction, WorkerLost."""
        checked = check_instruction(text)
        with self._texts_lock:
            link = self._alive
            error = link.ask(link.texts, checked, self._watchdog_s)
        if error is not None:
            raise error
        return Instruction(checked)

    def open(self, instruction: Instruction, seed: int = 0) -> RemoteStream:
        """The worker opens it with its first chunk."""
        return RemoteStream(self, next(self._ids), instruction, seed)

    def generate_all(self, work: Sequence[tuple[RemoteStream, Sequence[Frame]]]) -> list[Done]:
        """See `contract.Batching`. Raises WorkerLost."""
        link, size = self._alive, sum(f.rgb.nbytes for _, frames in work for f in frames)
        source, target = self._source.hold(size), self._target.hold(size)
        jobs, offset = [], 0
        for stream, frames in work:
            jobs.append(stream.job(tuple(pictures.write(source, frames, offset))))
            offset += sum(frame.rgb.nbytes for frame in frames)
        request = Generate(tuple(jobs), source.name, target.name)
        answers: list[Answer] = link.ask(link.chunks, request, self._watchdog_s)
        done: list[Done] = []
        for (stream, _), answer in zip(work, answers, strict=True):
            if isinstance(answer, Edited):
                frames = pictures.read(target, answer.pictures)
                done.append(stream.taken(answer, frames))
            else:
                done.append(answer)
        return done

    def forget(self, stream: int) -> None:
        """The worker may close it, if it is still there."""
        if self._link is not None:
            try:
                self._link.tell(self._link.chunks, Close(stream))
            except WorkerLost:
                pass  # and with it the stream

    def close(self) -> None:
        """Ends the worker. Idempotent."""
        if self._link is not None:
            self._link.end()
            self._link = None
        self._source.close()
        self._target.close()

    def _lost(self, link: Link) -> None:
        if self._link is link:  # and not one that was replaced since
            self._on_lost()

    @property
    def _ready(self) -> Ready:
        assert self._about is not None, "warm_up comes first"
        return self._about

    @property
    def _alive(self) -> Link:
        if self._link is None:
            raise WorkerLost("the model's process was ended")
        return self._link


class RemoteStream:
    """One stream of a worker. Implements `contract.Stream`."""

    def __init__(
        self, editor: RemoteEditor, number: int, instruction: Instruction, seed: int
    ) -> None:
        self._editor = editor
        self._number = number
        self._seed = seed
        self._text = instruction.text
        self._is_reset = False
        self._is_closed = False
        self.chunk_index = 0
        self.num_frames_wanted = 1

    def set_instruction(self, instruction: Instruction) -> None:
        self._text = instruction.text

    def reset(self) -> None:
        self._is_reset, self.chunk_index, self.num_frames_wanted = True, 0, 1

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._editor.forget(self._number)

    def generate(self, frames: Sequence[Frame]) -> EditedChunk:
        """See `contract.Stream`. Raises what the editor raised, or WorkerLost."""
        if len(frames) != self.num_frames_wanted:
            raise BadFrames(
                f"chunk {self.chunk_index} takes {self.num_frames_wanted} frames, got {len(frames)}"
            )
        done = self._editor.generate_all([(self, frames)])[0]
        if isinstance(done, EgostreamError):
            raise done
        return done

    def finalize(self) -> None:
        """The worker does it by itself, once it has answered."""

    def job(self, shown: tuple[Picture, ...]) -> Job:
        """What the worker is asked for."""
        return Job(self._number, self._seed, self._text, self._is_reset, shown)

    def taken(self, answer: Edited, frames: list[Frame]) -> EditedChunk:
        """What the worker made of it."""
        self._is_reset = False
        self.chunk_index = answer.index + 1
        self.num_frames_wanted = answer.num_frames_wanted
        return EditedChunk(frames, answer.index, Instruction(answer.text), answer.stage_ms)
