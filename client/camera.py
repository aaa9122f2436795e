"""The track a client sends: takes a picture at every tick of its own clock, as a camera does.

Open loop: the ticks never wait for the network or the encoder. A tick that finds the sender busy is
lost and counted, so a slow receiver cannot hide behind a slower sender.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Generator

from aiortc.mediastreams import VIDEO_TIME_BASE, MediaStreamError, MediaStreamTrack
from av import VideoFrame
from av.video.frame import PictureType

from client.sources import Source

CLOCK_HZ = 90_000
REMEMBERED_FRAMES = 8192


class CameraTrack(MediaStreamTrack):
    """`pts` is the time since the first frame in 1/90000 s; `capture_ns` gives the moment back.

    Time stands still until the connection is up and the first frame is asked for.
    """

    kind = "video"

    def __init__(self, source: Source, on_end: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.fps = source.fps
        self.num_sent = 0
        self.num_skipped = 0
        self.first_capture_ns: int | None = None
        self._pictures = source.frames()
        self._reading = threading.Lock()
        self._on_end = on_end
        self._tick = -1
        self._captured_ns: OrderedDict[int, int] = OrderedDict()

    async def recv(self) -> VideoFrame:
        if self.readyState != "live":
            raise MediaStreamError
        # Decoded before the tick: the picture must be there when its time comes.
        picture = await asyncio.to_thread(self._read)
        if self.readyState != "live":
            raise MediaStreamError
        if picture is None:
            self.stop()
            if self._on_end is not None:
                self._on_end()
            raise MediaStreamError
        due_ns = self._next_tick()
        if (wait_ns := due_ns - time.monotonic_ns()) > 0:
            await asyncio.sleep(wait_ns / 1e9)
        assert self.first_capture_ns is not None
        picture.pts = round((due_ns - self.first_capture_ns) * CLOCK_HZ / 1e9)
        picture.time_base = VIDEO_TIME_BASE
        picture.pict_type = PictureType.NONE  # a reused picture may still ask for a key frame
        self._remember(picture.pts, due_ns)
        self.num_sent += 1
        return picture

    def stop(self) -> None:
        """The source is closed too; where a thread is reading it this very moment, by that one. Python 3.11 can crash
        when a generator is closed while another thread runs it.
        """
        super().stop()
        if self._reading.acquire(blocking=False):
            try:
                self._close_source()
            finally:
                self._reading.release()

    def _read(self) -> VideoFrame | None:
        """In a thread."""
        with self._reading:
            picture = next(self._pictures, None)
            if self.readyState != "live":
                self._close_source()
            return picture

    def _close_source(self) -> None:
        if isinstance(self._pictures, Generator):
            self._pictures.close()

    def capture_ns(self, pts_90k: int) -> int | None:
        """When the frame was taken (monotonic clock); None if it never was, or long ago."""
        return self._captured_ns.get(pts_90k)

    def _next_tick(self) -> int:
        now_ns = time.monotonic_ns()
        if self.first_capture_ns is None:
            self.first_capture_ns = now_ns
        elapsed = int((now_ns - self.first_capture_ns) * self.fps / 1e9)
        tick = self._tick + 1
        # Up to one tick late is still that tick's picture; beyond, its time has gone by.
        if elapsed > tick:
            self.num_skipped += elapsed - tick
            tick = elapsed
        self._tick = tick
        return self.first_capture_ns + round(tick * 1e9 / self.fps)

    def _remember(self, pts_90k: int, due_ns: int) -> None:
        self._captured_ns[pts_90k] = due_ns
        if len(self._captured_ns) > REMEMBERED_FRAMES:
            self._captured_ns.popitem(last=False)
