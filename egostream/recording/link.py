"""The recording process and the memory shared with it: started, fed, listened to, ended.

`SLOTS` pieces of shared memory hold a frame each. One is written when the process has given it back, so that there are
never more frames on their way than that.
"""

from __future__ import annotations

import logging
import multiprocessing
import queue
import threading
from collections.abc import Callable

import numpy as np
from av import VideoFrame

from egostream.recording.messages import Add, Close, Ended, Free, Open
from egostream.recording.planes import even, num_bytes, pack
from egostream.recording.process import main
from egostream.recording.settings import RecordSettings
from egostream.worker.pictures import Arena

log = logging.getLogger(__name__)

SLOTS = 8
END_S = 10.0


class Link:
    """One recording process: fed by one thread, listened to by another.

    `on_ended` hears of a film (number, reason) that the process had to end, `on_lost` of the process's own end before
    it was told to; both in the listening thread.
    """

    def __init__(
        self,
        settings: RecordSettings,
        configure: Callable[[], None],
        on_ended: Callable[[int, str], None],
        on_lost: Callable[[], None],
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=main, args=(settings, configure, theirs), name="recorder", daemon=True
        )
        self._on_ended, self._on_lost = on_ended, on_lost
        self._arenas = [Arena() for _ in range(SLOTS)]
        self._free: queue.SimpleQueue[int | None] = queue.SimpleQueue()
        for slot in range(SLOTS):
            self._free.put(slot)
        self._is_ending = False
        self.is_lost = False
        self._process.start()
        theirs.close()
        self._listener = threading.Thread(target=self._listen, name="record-ear", daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int | None:
        return self._process.pid

    def tell(self, message: Open | Add | Close) -> None:
        """Where the process is gone, nothing happens: it is told elsewhere."""
        try:
            self._pipe.send(message)
        except OSError:
            log.debug("the recording process is gone")

    def add(self, number: int, pictures: tuple[VideoFrame, ...], pts_90k: int) -> None:
        """Waits for a free slot. Pictures of one size."""
        slot = self._free.get()
        if slot is None:
            self._free.put(None)
            return
        hw = even((pictures[0].height, pictures[0].width))
        size = num_bytes(hw)
        block = self._arenas[slot].hold(size * len(pictures))
        for at, picture in enumerate(pictures):
            pack(picture, np.ndarray((size,), np.uint8, block.buf, at * size))
        self.tell(Add(number, slot, block.name, hw, len(pictures), pts_90k))

    def end(self) -> None:
        """After the last `tell`: what was told is done, then the process ends; by force where it takes too long."""
        self._is_ending = True
        try:
            self._pipe.send(None)
        except OSError:
            log.debug("the recording process is gone")
        self._process.join(END_S)
        if self._process.is_alive():
            log.error("the recording process does not end and is killed")
            self._process.kill()
            self._process.join()
        self._listener.join(END_S)
        self._pipe.close()
        for arena in self._arenas:
            arena.close()

    def _listen(self) -> None:
        try:
            while True:
                message = self._pipe.recv()
                if isinstance(message, Free):
                    self._free.put(message.slot)
                elif isinstance(message, Ended):
                    self._on_ended(message.number, message.reason)
        except (EOFError, OSError):
            pass
        self.is_lost = True
        self._free.put(None)
        if not self._is_ending:
            log.error("the recording process ended with code %s", self._process.exitcode)
            self._on_lost()
