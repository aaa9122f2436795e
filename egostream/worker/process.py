"""The worker's side: an editor and its streams, asked over one pipe for chunks and over another for instructions.

It ends when the server's end of the pipe is closed, however that came about.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection

from egostream.contract import Batching, Done, EditedChunk, EditorLike, Instruction, Stream
from egostream.errors import EgostreamError, StreamFailed
from egostream.frames import Frame
from egostream.heap import spare_what_is_loaded
from egostream.tracebacks import without_message
from egostream.worker import pictures
from egostream.worker.messages import Answer, Close, Edited, Generate, Job, Ready

log = logging.getLogger(__name__)

MAX_INSTRUCTIONS = 256  # the longest unused one is forgotten, and encoded anew where it is needed


def main(
    build: Callable[[], EditorLike],
    configure: Callable[[], None],
    chunks: Connection,
    texts: Connection,
) -> None:
    """Sends `Ready`, or the error that kept the editor from loading, and then answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this
    configure()
    try:
        editor = build()
        editor.warm_up()
        spare_what_is_loaded()
    except Exception as error:
        log.error("the editor could not be loaded", exc_info=error)
        chunks.send(_typed(error, "the editor could not be loaded"))
        return
    worker = Worker(editor)
    threading.Thread(target=worker.encode_all, args=(texts,), name="text", daemon=True).start()
    rows = editor.num_rows if isinstance(editor, Batching) else 1
    try:
        chunks.send(Ready(editor.name, editor.frame_hw, editor.chunk_frames, rows))
        worker.edit_all(chunks)
    except (EOFError, OSError):
        log.debug("the server is gone")


class Worker:
    """Two threads: one edits, one encodes instructions."""

    def __init__(self, editor: EditorLike) -> None:
        self._editor = editor
        self._streams: dict[int, Stream] = {}
        self._texts: dict[int, str] = {}
        self._broken: dict[int, EgostreamError] = {}
        self._instructions: OrderedDict[str, Instruction] = OrderedDict()
        self._lock = threading.Lock()
        self._source, self._target = pictures.Attached(), pictures.Attached()

    def encode_all(self, pipe: Connection) -> None:
        """Answers each text with None, or with what is wrong with it."""
        try:
            while True:
                text = pipe.recv()
                try:
                    self._remember(self._editor.encode_instruction(text))
                    pipe.send(None)
                except Exception as error:
                    if not isinstance(error, EgostreamError):
                        log.error("an instruction could not be encoded: %s", without_message(error))
                    pipe.send(_typed(error, "the instruction could not be understood"))
        except (EOFError, OSError):
            log.debug("no more instructions")

    def edit_all(self, pipe: Connection) -> None:
        """Answers each `Generate` with a list of `Answer`. Raises EOFError when the server is gone."""
        while True:
            request = pipe.recv()
            if isinstance(request, Close):
                self._close(request.stream)
                self._broken.pop(request.stream, None)
                continue
            assert isinstance(request, Generate)
            pipe.send(self._edit(request))
            self._finalize(request)

    def _edit(self, request: Generate) -> list[Answer]:
        source = self._source.named(request.source)
        answers: dict[int, Answer] = {}
        work: list[tuple[int, Stream, list[Frame]]] = []
        for at, job in enumerate(request.jobs):
            try:
                work.append((at, self._ready_stream(job), pictures.read(source, job.pictures)))
            except Exception as error:
                answers[at] = self._failed(job, error)
        target, offset = self._target.named(request.target), 0
        for (at, stream, _), done in zip(work, self._generate(work), strict=True):
            job = request.jobs[at]
            if isinstance(done, Exception):
                answers[at] = self._failed(job, done)
                continue
            written = tuple(pictures.write(target, done.frames, offset))
            offset += sum(frame.rgb.nbytes for frame in done.frames)
            answers[at] = Edited(
                written,
                done.index,
                done.instruction.text,
                dict(done.stage_ms),
                stream.num_frames_wanted,
            )
        return [answers[at] for at in range(len(request.jobs))]

    def _generate(
        self, work: Sequence[tuple[int, Stream, list[Frame]]]
    ) -> Sequence[Done | Exception]:
        if len(work) > 1 and isinstance(self._editor, Batching):
            try:
                return self._editor.generate_all([(stream, frames) for _, stream, frames in work])
            except Exception as error:
                return [error] * len(work)
        return [_tried(stream, frames) for _, stream, frames in work]

    def _ready_stream(self, job: Job) -> Stream:
        if job.stream in self._broken:
            raise self._broken[job.stream]
        stream = self._streams.get(job.stream)
        if stream is None:
            stream = self._editor.open(self._instruction(job.text), job.seed)
            self._streams[job.stream] = stream
        else:
            if job.is_reset:
                stream.reset()
            if self._texts[job.stream] != job.text:
                stream.set_instruction(self._instruction(job.text))
        self._texts[job.stream] = job.text
        return stream

    def _finalize(self, request: Generate) -> None:
        """Once the frames are on their way. Where it fails, the stream's next job is told."""
        for job in request.jobs:
            stream = self._streams.get(job.stream)
            if stream is None:
                continue
            try:
                stream.finalize()
            except Exception as error:
                self._broken[job.stream] = self._failed(job, error)

    def _failed(self, job: Job, error: Exception) -> EgostreamError:
        """A stream that failed is over."""
        self._close(job.stream)
        if isinstance(error, EgostreamError):
            return error
        log.error("a stream failed", exc_info=error)
        return StreamFailed("the edit of this stream failed inside the model; start a new session")

    def _close(self, stream: int) -> None:
        self._texts.pop(stream, None)
        found = self._streams.pop(stream, None)
        if found is not None:
            found.close()

    def _instruction(self, text: str) -> Instruction:
        with self._lock:
            found = self._instructions.get(text)
        return found or self._remember(self._editor.encode_instruction(text))

    def _remember(self, instruction: Instruction) -> Instruction:
        with self._lock:
            self._instructions[instruction.text] = instruction
            self._instructions.move_to_end(instruction.text)
            while len(self._instructions) > MAX_INSTRUCTIONS:
                self._instructions.popitem(last=False)
        return instruction


def _tried(stream: Stream, frames: list[Frame]) -> EditedChunk | Exception:
    try:
        return stream.generate(frames)
    except Exception as error:
        return error


def _typed(error: Exception, otherwise: str) -> EgostreamError:
    """Errors of others need not survive the way through a pipe."""
    return error if isinstance(error, EgostreamError) else EgostreamError(f"{otherwise}: {error}")
