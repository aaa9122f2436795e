"""A live session from Python: publishes a source, sends instructions, receives the edited frames.

    source = FileSource(Path("cup.mp4"))
    async with EditClient("http://127.0.0.1:8080", source, instruction="make it night") as client:
        async for frame in client.frames():
            ...

A frame is told by its RTP timestamp alone, never by its pixels. The client sends each frame with
its `pts` as the timestamp on the wire, with no random offset; the server sends the edited frame
with the timestamp it came with; the client reads it as it stands on the wire. So the received `pts`
*is* the sent one, and the only calibration is the check that it was sent: a frame with a timestamp
that was not is counted in `num_unmatched` and has no age.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from aiortc import RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from client.camera import CameraTrack
from client.control import Control, OnMessage
from client.errors import ServerUnreachable, SessionEnded
from client.rtc import MediaLink
from client.signalling import Endpoint, Opened
from client.sources import Source
from egostream.errors import EgostreamError
from egostream.protocol import Accepted, Applied, Message, Stats, Welcome
from egostream.slots import AsyncDropOldest, Closed

log = logging.getLogger(__name__)

UNREAD_FRAMES = 64
REMEMBERED_AGES = 3000


@dataclass(frozen=True, slots=True)
class EditedFrame:
    """An edited picture as the decoder gave it. Times are of this machine's monotonic clock."""

    picture: VideoFrame
    pts_90k: int
    arrival_ns: int
    capture_ns: int | None

    @property
    def age_ms(self) -> float | None:
        """Glass to glass, without camera and display."""
        return None if self.capture_ns is None else (self.arrival_ns - self.capture_ns) / 1e6


class EditClient:
    """Use as an async context manager, or `connect` and `close`. One event loop, one session."""

    def __init__(
        self,
        url: str,
        source: Source,
        *,
        instruction: str | None = None,
        ice_servers: Sequence[str] = (),
        add_loopback: bool | None = None,
        token: str | None = None,
        ca_file: Path | None = None,
        timeout_s: float = 15.0,
        on_frame: Callable[[EditedFrame], None] | None = None,
        on_message: OnMessage | None = None,
    ) -> None:
        """`add_loopback`: media may take this machine's loopback; by default where the server's
        address does. `token` and `ca_file`: see `signalling.Endpoint`. `on_frame` sees every frame,
        `frames()` only what is read in time."""
        self._endpoint = Endpoint(url, timeout_s, token, ca_file)
        self._instruction = instruction
        self._timeout_s = timeout_s
        self._on_frame = on_frame
        self._on_message = on_message
        self.camera = CameraTrack(source, on_end=self._source_ended)
        self._link: MediaLink | None = None
        self._ice_servers = ice_servers
        self._add_loopback = self._endpoint.is_loopback if add_loopback is None else add_loopback
        self._opened: Opened | None = None
        self._control: Control | None = None
        self._reader: asyncio.Task[None] | None = None
        self._unread: AsyncDropOldest[EditedFrame] = AsyncDropOldest(UNREAD_FRAMES)
        self.source_ended = asyncio.Event()
        self.ages_ms: deque[float] = deque(maxlen=REMEMBERED_AGES)
        self.num_received = 0
        self.num_unmatched = 0
        self.num_unread = 0
        self.first_frame_ms: float | None = None
        """From the first camera frame sent to the first *edited* one received: until the first
        instruction shows, the server sends the camera's own frames back."""
        self._first_edited_pts: int | None = None
        self._early: list[tuple[int, int]] = []
        self.welcome: Welcome | None = None
        self.last_stats: Stats | None = None

    async def __aenter__(self) -> EditClient:
        await self.connect()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def connect(self) -> Welcome:
        """Raises what `signalling` and `control` do; ServerUnreachable if media cannot flow."""
        try:
            return await self._connect()
        except BaseException:
            await self.close()
            raise

    async def _connect(self) -> Welcome:
        self._link = MediaLink(self.camera, self._ice_servers, self._add_loopback)
        is_up = asyncio.Event()

        def state_changed() -> None:
            assert self._link is not None
            if self._link.pc.connectionState in ("connected", "failed", "closed"):
                is_up.set()

        self._link.pc.on("connectionstatechange", state_changed)
        offer = await self._link.offer()
        opened = await asyncio.to_thread(self._endpoint.open, offer, self._instruction)
        self._opened = opened
        self._control = Control(opened.control_url, self._message, self._endpoint.ssl)
        self.welcome = await self._control.open(self._timeout_s)
        await self._link.pc.setRemoteDescription(RTCSessionDescription(opened.answer, "answer"))
        self._reader = asyncio.create_task(self._read_frames())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(is_up.wait(), self._timeout_s)
        if self._link.pc.connectionState != "connected":
            raise ServerUnreachable(
                "the server answers, but no media gets through; is UDP blocked on the way?"
            )
        return self.welcome

    async def close(self) -> None:
        """End the session, here and on the server; harmless when repeated."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None
        opened, self._opened = self._opened, None
        if opened is not None and self.ended is None:
            with contextlib.suppress(EgostreamError):
                await asyncio.to_thread(self._endpoint.end, opened.session_url)
        if self._control is not None:
            await self._control.close()
        if self._link is not None:
            await self._link.pc.close()
        self.camera.stop()
        self._unread.close()

    @property
    def ended(self) -> str | None:
        """Why the session is over, once the server said so or fell silent."""
        return None if self._control is None else self._control.ended

    @property
    def control(self) -> Control:
        """The open control socket. Raises SessionEnded before `connect`."""
        if self._control is None:
            raise SessionEnded("not connected; call connect() first")
        return self._control

    async def instruct(self, text: str) -> int:
        """Send an instruction; its number. Raises BadInstruction, SessionEnded."""
        return await self.control.instruct(text)

    async def wait_accepted(self, seq: int, timeout_s: float = 15.0) -> Accepted:
        return await self.control.wait(Accepted, seq, timeout_s)

    async def wait_applied(self, seq: int, timeout_s: float = 15.0) -> Applied:
        """The message that names the first frame to show it. Raises ServerError, NotApplied."""
        return await self.control.wait(Applied, seq, timeout_s)

    async def frames(self) -> AsyncIterator[EditedFrame]:
        """Frames as they come, until the session ends; a slow reader misses the oldest."""
        with contextlib.suppress(Closed):
            while True:
                yield await self._unread.get()

    async def _read_frames(self) -> None:
        assert self._link is not None
        try:
            while True:
                picture = await self._link.edited.recv()
                arrival_ns = time.monotonic_ns()
                if isinstance(picture, VideoFrame) and picture.pts is not None:
                    self._received(picture, picture.pts, arrival_ns)
        except MediaStreamError:
            self._unread.close()

    def _received(self, picture: VideoFrame, pts_90k: int, arrival_ns: int) -> None:
        frame = EditedFrame(picture, pts_90k, arrival_ns, self.camera.capture_ns(pts_90k))
        self.num_received += 1
        age_ms = frame.age_ms
        if age_ms is None:
            self.num_unmatched += 1
        else:
            self.ages_ms.append(age_ms)
        if self.first_frame_ms is None and len(self._early) < REMEMBERED_AGES:
            self._early.append((pts_90k, arrival_ns))
            self._find_first_edited()
        if self._on_frame is not None:
            self._on_frame(frame)
        self.num_unread += self._unread.put(frame) is not None

    def _find_first_edited(self) -> None:
        """The frame and the message that names it come in either order."""
        start_ns, first_pts = self.camera.first_capture_ns, self._first_edited_pts
        if start_ns is None or first_pts is None:
            return
        for pts_90k, arrival_ns in self._early:
            if pts_90k >= first_pts:
                self.first_frame_ms = (arrival_ns - start_ns) / 1e6
                self._early.clear()
                return

    def _message(self, message: Message, arrival_ns: int) -> None:
        if isinstance(message, Stats):
            self.last_stats = message
        if isinstance(message, Applied) and self._first_edited_pts is None:
            self._first_edited_pts = message.pts_90k
            self._find_first_edited()
        if self._on_message is not None:
            self._on_message(message, arrival_ns)

    def _source_ended(self) -> None:
        self.source_ended.set()
