"""Who watches a session's edit over connections of their own (WHEP): a few, each with its own encoder."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence

from egostream.errors import Busy, EgostreamError
from egostream.server.output import Outgoing, OutputTrack
from egostream.server.peer import Peer
from egostream.server.settings import ServerSettings
from egostream.server.telemetry import Telemetry
from egostream.server.workers import Workers

MAX_VIEWERS = 4
"""Of one session: each costs an encoder."""
CONNECT_S = 15.0


def view_id_of(session_id: str) -> str:
    """What a session is watched under. Who knows it cannot find the session's own, which would let them change it. Both
    end alike: see `ServerSettings.id_suffix`.
    """
    digest = hashlib.sha256(f"view {session_id}".encode()).digest()
    return urlsafe_b64encode(digest)[:32].decode() + "".join(session_id.partition(".")[1:])


class UnknownViewer(EgostreamError):
    """No viewer has this id: it has left, or never was."""

    code = "unknown_session"


class Viewer:
    """One of them. On the event loop."""

    def __init__(
        self,
        settings: ServerSettings,
        workers: Workers,
        chunk_frames: int,
        age_ns: Callable[[int, int], int],
        on_end: Callable[[Viewer], None],
    ) -> None:
        self.id = secrets.token_urlsafe(24) + settings.id_suffix
        self.etag = f'"{secrets.token_hex(4)}"'
        # Its figures are of no interest: those of the session are the publisher's.
        self._output = OutputTrack(max(4, 2 * chunk_frames), workers.encoding, Telemetry(), age_ns)
        self.peer = Peer(
            self._output,
            direction="sendonly",
            ice_servers=settings.ice_servers,
            add_loopback=settings.is_loopback,
            udp_ports=settings.udp_ports,
            encoding=workers.encoding,
            on_frame=lambda picture, assembled_ns, now_ns: None,
            on_end=lambda reason, is_broken: on_end(self),
        )

    def put(self, frame: Outgoing) -> None:
        self._output.put(frame)


class Viewers:
    """Of one session."""

    def __init__(self, settings: ServerSettings, workers: Workers, chunk_frames: int) -> None:
        self._settings, self._workers, self._chunk_frames = settings, workers, chunk_frames
        self._by_id: dict[str, Viewer] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, viewer_id: str) -> bool:
        return viewer_id in self._by_id

    async def add(self, offer: str, age_ns: Callable[[int, int], int]) -> tuple[Viewer, str]:
        """A new one and its SDP answer. Raises Busy, BadOffer."""
        if len(self._by_id) >= MAX_VIEWERS:
            raise Busy(f"{MAX_VIEWERS} watch this session already; try again later")
        viewer = Viewer(self._settings, self._workers, self._chunk_frames, age_ns, self._left)
        self._by_id[viewer.id] = viewer
        try:
            answer = await viewer.peer.answer(offer)
            asyncio.get_running_loop().call_later(CONNECT_S, self._give_up, viewer)
            return viewer, answer
        except BaseException:
            await self.remove(viewer.id)
            raise

    def get(self, viewer_id: str) -> Viewer:
        """Raises UnknownViewer."""
        try:
            return self._by_id[viewer_id]
        except KeyError:
            raise UnknownViewer("there is no such viewer; it may have left") from None

    async def remove(self, viewer_id: str) -> None:
        """Raises UnknownViewer."""
        viewer = self.get(viewer_id)
        del self._by_id[viewer_id]
        await viewer.peer.close()

    async def close(self) -> None:
        for viewer_id in list(self._by_id):
            await self.remove(viewer_id)

    def show(self, frames: Sequence[Outgoing]) -> None:
        for viewer in self._by_id.values():
            for frame in frames:
                viewer.put(frame)

    def _left(self, viewer: Viewer) -> None:
        """Closed as well: a connection that failed keeps its sockets otherwise."""
        if self._by_id.pop(viewer.id, None) is not None:
            task = asyncio.create_task(viewer.peer.close())
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    def _give_up(self, viewer: Viewer) -> None:
        if viewer.peer.state != "connected":
            self._left(viewer)
