"""Many live streams on one device: one model thread, the most urgent first, newest frames win.

Knows the editor's contract; never knows sockets, codecs or what a tensor means. A stream has at
most two chunks in flight: one being gathered (older frames are pushed out and counted) and one
being edited. Where streams share a batch (`contract.Batching`), all that are ready are edited
together, and nobody is waited for: under load they get ready while others are being edited.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from egostream.contract import (
    Batching,
    Done,
    EditedChunk,
    EditorLike,
    Revivable,
    Stream,
)
from egostream.errors import EgostreamError, StreamFailed, WorkerLost
from egostream.frames import Frame
from egostream.scheduling import Edit, InputFrame, Lane, Listener, Observer, Wanted
from egostream.slots import DropOldest

log = logging.getLogger(__name__)

MAX_LOSSES = 2
MAX_REVIVALS = 3


@dataclass(frozen=True, slots=True)
class _Job:
    lane: Lane
    frames: list[InputFrame]
    wanted: Wanted
    must_reset: bool
    deadline_ns: int


class Scheduler:
    """Owns the editor and the thread that runs it. Every public method may be called in any
    thread."""

    def __init__(
        self,
        build: Callable[[], EditorLike],
        on_load_failure: Callable[[], None] | None = None,
        observer: Observer | None = None,
    ) -> None:
        self._build = build
        self._on_load_failure = on_load_failure
        self._observer = observer
        self._changed = threading.Condition()
        self._lanes: dict[str, Lane] = {}
        self._leaving: deque[Stream] = (
            deque()
        )  # to be closed in the model thread; at most a lane's each
        self._stopping = False
        self._num_late = 0
        self._num_losses = 0
        self._lost: EgostreamError | None = None
        self._editor: EditorLike | None = None
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)

    @property
    def editor(self) -> EditorLike | None:
        """None until it is loaded and warm."""
        return self._editor

    @property
    def is_interrupted(self) -> bool:
        """Whether the editor was lost and is being started again."""
        return self._lost is not None

    @property
    def num_losses(self) -> int:
        """How often the editor was lost."""
        return self._num_losses

    @property
    def failure(self) -> Exception | None:
        """Why the editor could not be loaded."""
        return self._failure

    @property
    def num_late(self) -> int:
        """Chunks that were out after their deadline."""
        return self._num_late

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout_s: float = 10.0) -> None:
        """Finish the chunk in hand, then end the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def open(self, owner: str, listener: Listener, seed: int = 0) -> Lane:
        """A lane of an owner that has none. It idles until it has an instruction and frames."""
        editor = self._editor
        if editor is None:
            raise RuntimeError("the editor is not ready")
        lane = Lane(owner, listener, seed, DropOldest(max(1, editor.chunk_frames)))
        with self._changed:
            assert owner not in self._lanes, owner
            self._lanes[owner] = lane
        return lane

    def close(self, lane: Lane) -> None:
        """Forget the lane; a chunk of it that is still being edited goes nowhere. Idempotent."""
        with self._changed:
            self._drop(lane)

    def push(self, lane: Lane, frame: InputFrame) -> None:
        with self._changed:
            if lane._gathered.put(frame) is not None:
                self._count_dropped(lane, 1)
            lane._count()
            self._changed.notify()

    def instruct(self, lane: Lane, wanted: Wanted) -> int | None:
        """Takes effect at the lane's next chunk. The `seq` it replaces, if that never showed."""
        with self._changed:
            unseen = lane._wanted.seq if lane._wanted and not lane._is_shown else None
            lane._wanted, lane._is_shown = wanted, False
            self._changed.notify()
            return unseen

    def reset(self, lane: Lane) -> None:
        """After an outage: forget what was gathered; the next chunk starts the stream anew."""
        with self._changed:
            self._count_dropped(lane, lane._gathered.clear(), is_stale=True)
            lane._must_reset, lane._num_wanted, lane._next_chunk = True, 1, 0
            lane._count()

    # the model thread

    def _run(self) -> None:
        start_ns = time.monotonic_ns()
        try:
            editor = self._build()
            editor.warm_up()
        except Exception as error:
            self._failure = error
            log.error("the editor could not be loaded: %s", error)
            if self._on_load_failure is not None:
                self._on_load_failure()
            return
        log.info("editor %s ready in %.1f s", editor.name, (time.monotonic_ns() - start_ns) / 1e9)
        if isinstance(editor, Revivable):
            editor.watch(self._on_lost)
        self._editor = editor
        most = editor.num_rows if isinstance(editor, Batching) else 1
        while not self._stopping:
            jobs = self._next_jobs(most)
            try:
                self._edit(editor, jobs)
            except WorkerLost as error:
                self._lost = error
                self._blame(jobs, error)
            del jobs  # their pictures, while this thread sleeps
            if self._lost is not None:
                self._revive(editor, self._lost)
        if isinstance(editor, Revivable):
            editor.close()

    def _on_lost(self) -> None:
        with self._changed:
            self._lost = WorkerLost("the model's process ended unexpectedly")
            self._changed.notify()

    def _blame(self, jobs: list[_Job], error: WorkerLost) -> None:
        """A stream that was being edited whenever the editor was lost is not given another chance."""
        for job in jobs:
            job.lane._num_losses += 1
            if job.lane._num_losses >= MAX_LOSSES:
                self._fail(job.lane, error)

    def _revive(self, editor: EditorLike, error: EgostreamError) -> None:
        """All lanes go on with a new editor, or end where there is none to be had."""
        self._lost, self._num_losses = error, self._num_losses + 1
        start_ns = time.monotonic_ns()
        with self._changed:
            lanes = list(self._lanes.values())
            for lane in lanes:
                lane._stream = None
            self._leaving.clear()
        for lane in lanes:
            lane.listener.on_interruption(lane, error)
        failure: Exception = error
        for _ in range(MAX_REVIVALS):
            if self._stopping:
                return
            try:
                assert isinstance(editor, Revivable)
                editor.revive()
                break
            except Exception as again:
                log.error("the editor could not be started again: %s", again)
                failure = again
        else:
            self._give_up(failure)
            return
        log.warning("editor started again in %.1f s", (time.monotonic_ns() - start_ns) / 1e9)
        for lane in lanes:
            self.reset(lane)
        with self._changed:
            self._lost = None

    def _give_up(self, failure: Exception) -> None:
        self._failure = failure
        with self._changed:
            lanes = list(self._lanes.values())
            self._stopping = True
        for lane in lanes:
            self._fail(lane, failure)
        if self._on_load_failure is not None:
            self._on_load_failure()

    def _next_jobs(self, most: int) -> list[_Job]:
        """None when stopping, or when the editor was lost."""
        with self._changed:
            while not self._stopping:
                if self._lost is not None:
                    return []
                while self._leaving:
                    self._leaving.popleft().close()
                due = [
                    (deadline_ns, lane)
                    for lane in self._lanes.values()
                    if (deadline_ns := lane._deadline_ns()) is not None
                ]
                if due:
                    due.sort(key=lambda pair: pair[0])
                    return [self._take(lane, deadline_ns) for deadline_ns, lane in due[:most]]
                self._changed.wait()
        return []

    def _count_dropped(self, lane: Lane, num: int, is_stale: bool = False) -> None:
        lane._num_dropped += num
        if self._observer is not None:
            self._observer.dropped(num, is_stale)

    def _take(self, lane: Lane, deadline_ns: int) -> _Job:
        assert lane._wanted is not None
        self._count_dropped(lane, len(lane._gathered) - lane._num_wanted)
        frames = lane._gathered.take(lane._num_wanted)
        job = _Job(lane, frames, lane._wanted, lane._must_reset, deadline_ns)
        lane._must_reset = False
        lane._next_chunk += 1
        lane._count()
        return job

    def _edit(self, editor: EditorLike, jobs: list[_Job]) -> None:
        started_ns = time.monotonic_ns()
        if not jobs:
            return
        work: list[tuple[_Job, Stream, list[Frame]]] = []
        for job in jobs:
            try:
                stream = self._ready_stream(editor, job)
                work.append((job, stream, [Frame(f.load(), f.pts_90k) for f in job.frames]))
            except Exception as error:
                self._fail(job.lane, error)
        shown, num_frames = [], 0
        for (job, stream, _), done in zip(work, self._generate(editor, work), strict=True):
            if isinstance(done, EditedChunk):
                self._deliver(job, done, started_ns)
                shown.append((job.lane, stream))
                num_frames += len(done.frames)
            else:
                self._fail(job.lane, done)
        if self._observer is not None and shown:
            self._observer.edited(len(work), num_frames)
        # The frames are out; remembering them may take its time.
        for lane, stream in shown:
            try:
                stream.finalize()
            except Exception as error:
                self._fail(lane, error)
        with self._changed:
            for lane, stream in shown:
                lane._num_losses = 0
                if self._lanes.get(lane.owner) is not lane:
                    self._leaving.append(stream)
                elif not lane._must_reset:
                    lane._num_wanted = stream.num_frames_wanted
                    lane._next_chunk = stream.chunk_index
                    lane._count()

    @staticmethod
    def _ready_stream(editor: EditorLike, job: _Job) -> Stream:
        lane = job.lane
        if lane._stream is None:
            lane._stream = editor.open(job.wanted.instruction, lane.seed)
        elif job.must_reset:
            lane._stream.reset()
        if lane._in_force is not job.wanted:
            lane._stream.set_instruction(job.wanted.instruction)
        return lane._stream

    @staticmethod
    def _generate(
        editor: EditorLike, work: list[tuple[_Job, Stream, list[Frame]]]
    ) -> Sequence[Done | Exception]:
        """What each made, or what was wrong with it."""
        try:
            if len(work) > 1 and isinstance(editor, Batching):
                return editor.generate_all([(stream, frames) for _, stream, frames in work])
            return [stream.generate(frames) for _, stream, frames in work]
        except WorkerLost:
            raise
        except Exception as error:
            return [error] * len(work)

    def _deliver(self, job: _Job, chunk: EditedChunk, started_ns: int) -> None:
        lane, wanted = job.lane, job.wanted
        # an editor may hold a new instruction back; only frames that carry it count as showing it
        shows_it = chunk.instruction.text == wanted.instruction.text
        is_news = shows_it and lane._in_force is not wanted
        if shows_it:
            lane._in_force = wanted
        with self._changed:
            if self._lanes.get(lane.owner) is not lane:
                return
            if lane._wanted is not wanted:
                is_news = False  # it was called superseded while this chunk was being edited
            elif shows_it:
                lane._is_shown = True
        arrived_ns = tuple(f.arrived_ns for f in job.frames)
        done_ns = time.monotonic_ns()
        self._num_late += done_ns > job.deadline_ns and len(job.frames) > 1
        lane.listener.on_edit(
            lane,
            Edit(
                frames=chunk.frames,
                index=chunk.index,
                applied=wanted if is_news else None,
                arrived_ns=arrived_ns,
                started_ns=started_ns,
                done_ns=done_ns,
                stage_ms=chunk.stage_ms,
            ),
        )

    def _fail(self, lane: Lane, error: Exception) -> None:
        with self._changed:
            if not self._drop(lane):
                return
        if not isinstance(error, EgostreamError):
            log.error("a stream failed", exc_info=error, extra={"session": lane.owner})
            error = StreamFailed(
                "the edit of this stream failed inside the model; start a new session"
            )
        lane.listener.on_failure(lane, error)

    def _drop(self, lane: Lane) -> bool:
        if self._lanes.get(lane.owner) is not lane:
            return False
        del self._lanes[lane.owner]
        if lane._stream is not None:
            self._leaving.append(lane._stream)
        lane._num_dropped += lane._gathered.clear()
        self._changed.notify()
        return True
