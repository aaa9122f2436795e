"""A worker process and the pipes to it: started, asked, watched, ended."""

from __future__ import annotations

import logging
import multiprocessing
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any

from egostream.contract import EditorLike
from egostream.errors import EgostreamError, WorkerLost
from egostream.worker.messages import Ready
from egostream.worker.process import main

log = logging.getLogger(__name__)

END_S = 5.0


class Link:
    """One worker process. `ask` may be called by one thread for each pipe; `end` by any."""

    def __init__(self, build: Callable[[], EditorLike], configure: Callable[[], None]) -> None:
        """Both must be picklable: the process is spawned, and shares nothing with this one."""
        context = multiprocessing.get_context("spawn")
        self.chunks, theirs = context.Pipe()
        self.texts, their_texts = context.Pipe()
        self._process = context.Process(
            target=main, args=(build, configure, theirs, their_texts), name="editor", daemon=True
        )
        self._is_ending = threading.Event()
        self._process.start()
        theirs.close()
        their_texts.close()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def await_ready(self) -> Ready:
        """However long loading and compiling take. Raises what the worker raised, or WorkerLost."""
        answer = self._receive(self.chunks, None)
        if isinstance(answer, EgostreamError):
            raise answer
        assert isinstance(answer, Ready)
        return answer

    def ask(self, pipe: Connection, question: Any, timeout_s: float) -> Any:
        """Raises WorkerLost where there is no answer in time; the worker is ended then."""
        self.tell(pipe, question)
        return self._receive(pipe, timeout_s)

    def tell(self, pipe: Connection, message: Any) -> None:
        """Raises WorkerLost."""
        try:
            pipe.send(message)
        except OSError as error:
            raise self._lost() from error

    def watch(self, on_lost: Callable[[], None]) -> None:
        """Calls once, in a thread of its own, when the process ends before it is told to."""

        def waiting() -> None:
            self._process.join()
            if not self._is_ending.is_set():
                on_lost()

        threading.Thread(target=waiting, name="worker-watch", daemon=True).start()

    def end(self) -> None:
        """Idempotent. A worker that does not end by itself is killed."""
        self._is_ending.set()
        self.chunks.close()
        self.texts.close()
        self._process.terminate()
        self._process.join(END_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()

    def _receive(self, pipe: Connection, timeout_s: float | None) -> Any:
        give_up = None if timeout_s is None else time.monotonic() + timeout_s
        try:
            while not pipe.poll(0):
                left_s = None if give_up is None else give_up - time.monotonic()
                if left_s is not None and left_s <= 0:
                    raise self._hung(timeout_s)
                # A dead worker's last words may still be in the pipe: it is looked at first.
                ready = wait([pipe, self._process.sentinel], left_s)
                if self._process.sentinel in ready and not pipe.poll(0):
                    raise self._lost()
            return pipe.recv()
        except (EOFError, OSError) as error:
            raise self._lost() from error

    def _hung(self, timeout_s: float | None) -> WorkerLost:
        log.error("the worker gave no answer for %.1f s and is killed", timeout_s or 0)
        self._process.kill()
        return WorkerLost(f"the model's process hung for {timeout_s:.0f} s and was ended")

    def _lost(self) -> WorkerLost:
        self._process.join(END_S)
        log.error("the worker ended with code %s", self._process.exitcode)
        return WorkerLost("the model's process ended unexpectedly")
