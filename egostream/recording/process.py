"""The recording process: reads frames from shared memory and writes films.

It ends, with every film finished, when it is told to, on SIGTERM, or when the server is gone, however that came about.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import FrameType

import numpy as np

from egostream.recording.film import CLOCK, Film
from egostream.recording.messages import Add, Close, Ended, Free, Open
from egostream.recording.planes import Planes, beside, num_bytes
from egostream.recording.settings import CannotRecord, RecordSettings
from egostream.worker.pictures import Attached

log = logging.getLogger(__name__)

CHECK_S = 1.0
NICE = 10  # the model and the video that is sent go before


def main(settings: RecordSettings, configure: Callable[[], None], pipe: Connection) -> None:
    """Until it is sent None, or the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends this
    signal.signal(signal.SIGTERM, _leave)
    os.nice(NICE)
    configure()
    writer = Writer(settings, pipe)
    try:
        with contextlib.suppress(EOFError, OSError, SystemExit):
            while True:
                message = pipe.recv()
                if message is None:
                    break
                writer.handle(message)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        writer.close_all()


def _leave(signum: int, frame: FrameType | None) -> None:
    raise SystemExit


class Writer:
    """All films there are. `pipe` is told of slots that are free and of films that had to end."""

    def __init__(self, settings: RecordSettings, pipe: Connection) -> None:
        self._settings = settings
        self._pipe = pipe
        self._films: dict[int, Film] = {}
        self._spent_s: dict[int, float] = {}
        self._began_ns: dict[int, int] = {}
        self._blocks: dict[int, Attached] = {}
        self._checked_ns: int | None = None

    def handle(self, message: Open | Add | Close) -> None:
        """Raises OSError where the server is gone."""
        if isinstance(message, Open):
            self._films[message.number] = Film(self._settings.folder, message.name)
            self._spent_s[message.number] = message.spent_s
            self._checked_ns = None
        elif isinstance(message, Close):
            self._close(message.number)
        else:
            try:
                self._add(message)
            except CannotRecord as error:
                self._end(message.number, str(error))
            finally:
                self._pipe.send(Free(message.slot))

    def close_all(self) -> None:
        for number in list(self._films):
            self._close(number)
        for block in self._blocks.values():
            block.close()

    def _add(self, message: Add) -> None:
        film = self._films.get(message.number)
        if film is None:
            return
        self._check(message.number, film, message.pts_90k)
        hw = message.hw
        pictures = self._read(message)
        if len(pictures) == 1:
            film.add(pictures[0], hw, message.pts_90k)
        else:
            film.add(beside(pictures, hw), (hw[0], len(pictures) * hw[1]), message.pts_90k)

    def _read(self, message: Add) -> list[Planes]:
        block = self._blocks.setdefault(message.slot, Attached()).named(message.block)
        size = num_bytes(message.hw)
        return [
            np.ndarray((size,), np.uint8, block.buf, at * size)
            for at in range(message.num_pictures)
        ]

    def _check(self, number: int, film: Film, pts_90k: int) -> None:
        """Raises CannotRecord at a limit. A camera's clock may be slow: time here counts as well."""
        longest_s, first = self._settings.max_seconds, film.first_pts_90k
        now_ns = time.monotonic_ns()
        began_ns = self._began_ns.setdefault(number, now_ns)
        shown_s = 0.0 if first is None else (pts_90k - first) / CLOCK
        lasted_s = self._spent_s[number] + max(shown_s, (now_ns - began_ns) / 1e9)
        if longest_s is not None and lasted_s >= longest_s:
            raise CannotRecord(
                f"the recording has reached its limit of {longest_s / 60:.3g} minutes"
            )
        if self._checked_ns is None or now_ns - self._checked_ns > CHECK_S * 1e9:
            self._settings.check_room()
            self._checked_ns = now_ns

    def _end(self, number: int, reason: str) -> None:
        log.warning("a recording ends: %s", reason)
        self._checked_ns = None  # a limit of all is one of each
        self._close(number)
        self._pipe.send(Ended(number, reason))

    def _close(self, number: int) -> None:
        self._spent_s.pop(number, None)
        self._began_ns.pop(number, None)
        film = self._films.pop(number, None)
        if film is None:
            return
        try:
            film.close()
        except CannotRecord as error:
            log.warning("a recording is cut short: %s", error)
        if film.paths:
            log.info("recorded %d frames: %s", film.num_frames, ", ".join(map(str, film.paths)))
