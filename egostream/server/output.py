"""The track that goes back to the client: edited frames at their time, with their source's pts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from aiortc.mediastreams import VIDEO_TIME_BASE, MediaStreamError, MediaStreamTrack
from av import VideoFrame
from av.video.frame import PictureType

from egostream.frames import Rgb
from egostream.server.telemetry import Telemetry
from egostream.slots import AsyncDropOldest, Closed

STEP_BACK_90K = 90_000
"""A frame so much older than the last is no straggler: the camera's clock was set back."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An edited picture, or the camera's own frame where nothing is edited yet."""

    picture: Rgb | VideoFrame
    pts_90k: int
    due_ns: int
    ready_ns: int


class OutputTrack(MediaStreamTrack):
    """Bounded: a sender that cannot keep up loses the oldest frames. On the event loop, except
    `encoded`.

    The RTP sender reads one frame, encodes it, sends it, then reads the next.
    """

    kind = "video"

    def __init__(
        self,
        capacity: int,
        executor: Executor,
        telemetry: Telemetry,
        age_ns: Callable[[int, int], int],
        on_picture: Callable[[VideoFrame, int], None] | None = None,
    ) -> None:
        """`on_picture` sees what is sent, with its pts, and returns at once."""
        super().__init__()
        self._queue: AsyncDropOldest[Outgoing] = AsyncDropOldest(capacity)
        self._executor = executor
        self._telemetry = telemetry
        self._age_ns = age_ns
        self._on_picture = on_picture
        self._last_pts: int | None = None
        self._released_ns = 0
        self.num_dropped = 0

    def put(self, frame: Outgoing) -> None:
        if self._queue.put(frame) is not None:
            self.num_dropped += 1
            self._telemetry.frame("send", "dropped_full")

    async def recv(self) -> VideoFrame:
        while True:
            frame = await self._next()
            if self._is_next(frame.pts_90k):
                break
            self.num_dropped += 1
            self._telemetry.frame("send", "dropped_stale")
        if (wait_ns := frame.due_ns - time.monotonic_ns()) > 0:
            await asyncio.sleep(wait_ns / 1e9)
        self._last_pts = frame.pts_90k
        self._released_ns = time.monotonic_ns()
        self._telemetry.add("pace", (self._released_ns - frame.ready_ns) / 1e6)
        if isinstance(frame.picture, VideoFrame):
            picture = frame.picture
            picture.pict_type = PictureType.NONE  # a camera's key frame need not be one here
        else:
            loop = asyncio.get_running_loop()
            picture = await loop.run_in_executor(self._executor, _to_picture, frame.picture)
        picture.pts, picture.time_base = frame.pts_90k, VIDEO_TIME_BASE
        if self._on_picture is not None:
            self._on_picture(picture, frame.pts_90k)
        return picture

    def _is_next(self, pts_90k: int) -> bool:
        last = self._last_pts
        return last is None or pts_90k > last or last - pts_90k > STEP_BACK_90K

    async def _next(self) -> Outgoing:
        if self.readyState != "live":
            raise MediaStreamError
        try:
            return await self._queue.get()
        except Closed:
            raise MediaStreamError from None

    def encoded(self, pts_90k: int) -> None:
        """The frame last read has been encoded. In the encoding thread."""
        now_ns = time.monotonic_ns()
        self._telemetry.add("send", (now_ns - self._released_ns) / 1e6)
        self._telemetry.add("age", max(0, self._age_ns(pts_90k, now_ns)) / 1e6)
        self._telemetry.frame_out(pts_90k, now_ns)

    def stop(self) -> None:
        self._queue.clear()
        self._queue.close()
        super().stop()


def _to_picture(rgb: Rgb) -> VideoFrame:
    return VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
