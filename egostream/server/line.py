"""One connection's media: camera frames in with their age, edited frames out at their time.

A session has one at a time, and gets another when its client comes back after a change of network.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from av import VideoFrame

from egostream.errors import BadFrames, EgostreamError
from egostream.frames import Frame, Rgb
from egostream.server.clock import MAX_AGE_NS, FrameClock
from egostream.server.fragment import Fragment
from egostream.server.output import Outgoing, OutputTrack
from egostream.server.pacing import Pacer
from egostream.server.peer import Peer
from egostream.server.settings import ServerSettings
from egostream.server.telemetry import Telemetry
from egostream.server.viewers import Viewer, Viewers
from egostream.server.workers import Workers

GAP_90K = 45_000
"""Half a second without a frame, or a clock set back by as much: what the stream remembers is no longer what the camera
sees."""
MAX_PIXELS = 1920 * 1200

OnFrame = Callable[["Line", VideoFrame, int, int, bool], None]
"""(this line, picture, pts in 90 kHz, now in monotonic ns, whether there was a gap before it)."""


class Line:
    """Use: construct, `answer` once, `close` once. On the event loop, as are its callbacks."""

    def __init__(
        self,
        settings: ServerSettings,
        chunk_frames: int,
        workers: Workers,
        telemetry: Telemetry,
        on_frame: OnFrame,
        on_bad: Callable[[EgostreamError], None],
        on_end: Callable[[Line, str, bool], None],
        on_shown: Callable[[Line, VideoFrame, int], None],
        echoes: bool = True,
    ) -> None:
        """`on_bad`: the camera sends what cannot be edited; `on_end`: it sends nothing more (see `peer.OnEnd`);
        `on_shown`: this picture goes out for the frame of that pts. Without `echoes` nothing goes back over this
        connection (WHIP): only viewers see it.
        """
        self.opened_ns = time.monotonic_ns()
        self._telemetry = telemetry
        self._is_filmed = workers.recordings is not None
        self._on_frame, self._on_bad, self._on_shown = on_frame, on_bad, on_shown
        self._clock = FrameClock()
        self._pacer = Pacer()
        self._num_stale = 0
        self._last_pts: int | None = None
        self.viewers = Viewers(settings, workers, chunk_frames)
        self._output: OutputTrack | None = None
        if echoes:
            self._output = OutputTrack(
                max(4, 2 * chunk_frames),
                workers.encoding,
                telemetry,
                self._clock.age_ns,
                partial(on_shown, self),
            )
        self._peer = Peer(
            self._output,
            direction="sendrecv" if echoes else "recvonly",
            ice_servers=settings.ice_servers,
            add_loopback=settings.is_loopback,
            udp_ports=settings.udp_ports,
            encoding=workers.encoding,
            on_frame=self._arrived,
            on_end=lambda reason, is_broken: on_end(self, reason, is_broken),
        )

    @property
    def num_dropped(self) -> int:
        """Frames that came too old, or left too slowly."""
        return self._num_stale + (0 if self._output is None else self._output.num_dropped)

    @property
    def is_connected(self) -> bool:
        return self._peer.state == "connected"

    @property
    def num_late(self) -> int:
        return self._pacer.num_late

    async def answer(self, offer: str) -> str:
        """The SDP answer. Raises BadOffer."""
        return await self._peer.answer(offer)

    async def trickle(self, fragment: Fragment) -> None:
        """Further candidates of the client. Raises NoRestart, BadFragment."""
        await self._peer.trickle(fragment)

    async def watch(self, offer: str) -> tuple[Viewer, str]:
        """A viewer of what goes out here. Raises Busy, BadOffer."""
        return await self.viewers.add(offer, self._clock.age_ns)

    async def close(self) -> None:
        await self.viewers.close()
        await self._peer.close()

    def echo(self, picture: VideoFrame, pts_90k: int, now_ns: int) -> None:
        """The camera's own frame goes back: nothing is edited yet."""
        self._send([Outgoing(picture, pts_90k, due_ns=now_ns, ready_ns=now_ns)])

    def show(self, frames: list[Frame], done_ns: int) -> None:
        """Edited frames of one chunk, each at its time."""
        due_ns = self._pacer.due_ns([frame.pts for frame in frames], done_ns)
        self._send(
            [
                Outgoing(frame.rgb, frame.pts, due, done_ns)
                for frame, due in zip(frames, due_ns, strict=True)
            ]
        )

    def _send(self, frames: list[Outgoing]) -> None:
        self.viewers.show(frames)
        for frame in frames:
            if self._output is not None:
                self._output.put(frame)
            elif self._is_filmed:
                self._on_shown(self, _as_picture(frame.picture), frame.pts_90k)

    def _arrived(self, picture: VideoFrame, assembled_ns: int, now_ns: int) -> None:
        pts = picture.pts
        assert pts is not None
        self._telemetry.frame_in()
        self._telemetry.add("decode", (now_ns - assembled_ns) / 1e6)
        if picture.width * picture.height > MAX_PIXELS:
            size = f"{picture.width}x{picture.height}"
            self._on_bad(BadFrames(f"the camera sends {size}; send at most 1920x1200"))
            return
        if self._clock.arrive(pts, now_ns) > MAX_AGE_NS:
            self._num_stale += 1
            self._telemetry.frame("camera", "dropped_stale")
            return
        self._telemetry.frame("camera", "ok")
        has_gap = self._last_pts is not None and abs(pts - self._last_pts) > GAP_90K
        self._last_pts = pts
        self._on_frame(self, picture, pts, now_ns, has_gap)


def _as_picture(picture: Rgb | VideoFrame) -> VideoFrame:
    if isinstance(picture, VideoFrame):
        return picture
    return VideoFrame.from_ndarray(picture, format="rgb24")
