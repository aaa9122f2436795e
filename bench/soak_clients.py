"""Who uses the server during a soak: clients that stay, visitors of every kind, viewers."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import urllib.request
from collections.abc import Iterator
from typing import Literal

import av
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from client.peer import EditClient
from client.sources import PatternSource, PreparedSource, Source
from egostream.errors import EgostreamError
from egostream.rtc.guard import guard
from egostream.rtc.improve import improve_receiver

SIZES = ((256, 192), (320, 240), (192, 256), (128, 96))
INSTRUCTIONS = (
    *("make it night", "pencil sketch", "make it snow", "make the cup red", "sepia"),
    *("make it foggy", "turn it into watercolour", "under water", "pixel art"),
)
Manner = Literal["leaves", "vanishes", "turns the camera"]
MANNERS: tuple[Manner, ...] = ("leaves", "vanishes", "turns the camera")
GONE_S = 12.0
"""A client that vanished is given up by the server within ten seconds."""


class TurningSource:
    """A camera whose picture changes its size every so many frames."""

    def __init__(self, fps: float, every: int) -> None:
        self.fps = fps
        self._every = every
        self._pictures = [
            list(itertools.islice(PatternSource(size, fps).frames(), 12)) for size in SIZES
        ]

    def frames(self) -> Iterator[av.VideoFrame]:
        for index in itertools.count():
            pictures = self._pictures[index // self._every % len(self._pictures)]
            yield pictures[index % len(pictures)]


def camera(fps: float) -> Source:
    """Costs nothing while it runs."""
    return PreparedSource.of(PatternSource(SIZES[0], fps), 48)


async def keep_instructing(client: EditClient, every_s: float) -> None:
    """Until the session ends."""
    with contextlib.suppress(EgostreamError):
        for instruction in itertools.cycle(INSTRUCTIONS):
            await asyncio.sleep(every_s)
            await client.instruct(instruction)


async def visit(url: str, manner: Manner, seconds: float, fps: float) -> None:
    """One client that comes, stays for so long, and goes. Raises EgostreamError if it is not let in."""
    source = TurningSource(fps, every=round(2 * fps)) if "turns" in manner else camera(fps)
    client = EditClient(url, source, instruction=INSTRUCTIONS[0])
    await client.connect()
    try:
        await asyncio.sleep(seconds)
        if manner == "vanishes":
            vanish(client)
            await asyncio.sleep(GONE_S)
    finally:
        await client.close()


def vanish(client: EditClient) -> None:
    """As when the machine is switched off: nothing is sent any more, and nobody says so."""
    assert client._link is not None and client._control is not None
    for transceiver in client._link.pc.getTransceivers():
        for protocol in transceiver.receiver.transport.transport._connection._protocols:
            protocol.transport.sendto = _to_nobody  # type: ignore[method-assign]
    if (socket := client._control._socket) is not None:
        socket.transport.abort()
    client._opened = None  # its DELETE would be a word


def _to_nobody(data: object, addr: object = None) -> None:
    """Instead of a socket's own."""


class Viewer:
    """Watches somebody's edit (WHEP) and counts its frames."""

    def __init__(self, url: str, view: str) -> None:
        self._url, self._view = url, view
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self._reader: asyncio.Task[None] | None = None
        self._location: str | None = None
        self.num_frames = 0

    async def open(self) -> None:
        """Raises OSError where the server refuses."""
        transceiver = self._pc.addTransceiver("video", direction="recvonly")
        improve_receiver(transceiver.receiver)
        guard(transceiver.receiver.transport.transport._connection, add_loopback=True)
        await self._pc.setLocalDescription(await self._pc.createOffer())
        offer = str(self._pc.localDescription.sdp)
        answer, self._location = await asyncio.to_thread(self._post, offer)
        await self._pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        self._reader = asyncio.create_task(self._read(transceiver.receiver.track))

    async def close(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
        if self._location is not None:
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self._delete, self._location)
        await self._pc.close()

    async def _read(self, track: object) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                await track.recv()  # type: ignore[attr-defined]
                self.num_frames += 1

    def _post(self, offer: str) -> tuple[str, str]:
        headers = {"Content-Type": "application/sdp"}
        url = f"{self._url}/v1/whep/{self._view}"
        request = urllib.request.Request(url, offer.encode(), headers, method="POST")
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.read().decode(), str(response.headers["Location"])

    def _delete(self, location: str) -> None:
        request = urllib.request.Request(f"{self._url}{location}", method="DELETE")
        urllib.request.urlopen(request, timeout=5).close()
