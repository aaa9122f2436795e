"""One WebRTC connection: camera in, edited track out. The only module that drives aiortc.

Knows nothing of sessions, instructions or models. Everything runs on one event loop; `on_frame` and
`on_end` are called on it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Literal

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from egostream.errors import BadOffer
from egostream.rtc.encoders import make_encoder
from egostream.rtc.guard import guard
from egostream.rtc.improve import improve_receiver, improve_sender
from egostream.rtc.media_guard import guard_media
from egostream.rtc.ports import NoFreePort, PortRange
from egostream.server.fragment import BadFragment, Fragment, NoRestart
from egostream.server.output import OutputTrack
from egostream.server.sdp import MAX_CANDIDATES, check_offer, with_bitrate_hints

log = logging.getLogger(__name__)

WANTED = {"sendrecv": "sendrecv", "recvonly": "sendonly", "sendonly": "recvonly"}
"""Of the offer, by what the server does."""

CLOSE_S = 5.0

OnFrame = Callable[[VideoFrame, int, int], None]
"""(picture, when its packets were complete, now), both in monotonic ns."""
OnEnd = Callable[[str, bool], None]
"""(reason, whether the network is to blame: a client that hung up said so)."""


Direction = Literal["sendrecv", "recvonly", "sendonly"]
"""Of the server: a camera that wants its edit back, one that does not (WHIP), a viewer (WHEP)."""


class Peer:
    """Use: construct, `answer` once, `close` once."""

    def __init__(
        self,
        output: OutputTrack | None,
        *,
        direction: Direction = "sendrecv",
        ice_servers: Sequence[str],
        add_loopback: bool,
        udp_ports: PortRange | None = None,
        encoding: Executor,
        on_frame: OnFrame,
        on_end: OnEnd,
    ) -> None:
        # an empty list, not None: aiortc's default is a public STUN server
        servers = [RTCIceServer(url) for url in ice_servers]
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._output = output
        self._direction: Direction = direction
        self._add_loopback, self._udp_ports = add_loopback, udp_ports
        self._num_trickled = 0
        self._encoding = encoding
        self._on_frame = on_frame
        self._on_end = on_end
        self._drain: asyncio.Task[None] | None = None
        self._video = self._pc.addTransceiver(output or "video", direction=direction)
        self._input = improve_receiver(self._video.receiver)
        self._pc.on("connectionstatechange", self._state_changed)

    @property
    def state(self) -> str:
        return self._pc.connectionState

    async def answer(self, offer: str) -> str:
        """The SDP answer, with all candidates gathered. Raises BadOffer, NoFreePort."""
        offer = check_offer(offer, WANTED[self._direction])
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            for transceiver in self._pc.getTransceivers():
                if transceiver is not self._video:
                    transceiver.direction = "inactive"
                connection = transceiver.receiver.transport.transport._connection
                guard(connection, self._add_loopback, self._udp_ports)
                guard_media(transceiver.receiver.transport)
            answer = await self._pc.createAnswer()
            await self._pc.setLocalDescription(answer)
        except NoFreePort:
            raise
        except Exception as error:  # aiortc raises whatever its assumptions meet
            log.debug("offer refused", exc_info=True)
            raise BadOffer(
                f"the offer cannot be answered: it needs a {WANTED[self._direction]} video section "
                "with VP8 or H.264, ICE and DTLS"
            ) from error
        if self._output is not None:
            encoder = make_encoder(self._video._codecs[0], self._output.encoded)
            improve_sender(self._video.sender, encoder, self._encoding)
        if self._direction != "sendonly":
            self._drain = asyncio.create_task(self._drain_track(self._video.receiver.track))
        return with_bitrate_hints(self._pc.localDescription.sdp)

    async def trickle(self, fragment: Fragment) -> None:
        """Further candidates of the client. Raises NoRestart, BadFragment."""
        remote = self._video.receiver.transport.transport._connection.remote_username
        if fragment.ufrag is not None and fragment.ufrag != remote:
            raise NoRestart("ICE restarts are not supported: resume the session by a new offer")
        self._num_trickled += len(fragment.candidates)
        if self._num_trickled > MAX_CANDIDATES:
            raise BadFragment(f"at most {MAX_CANDIDATES} candidates are taken")
        for candidate in fragment.candidates:
            await self._pc.addIceCandidate(candidate)

    async def close(self) -> None:
        if self._drain is not None:
            self._drain.cancel()
        if self._output is not None:
            self._output.stop()
        try:
            async with asyncio.timeout(CLOSE_S):
                await self._pc.close()
        except (
            TimeoutError
        ):  # one of aiortc's tasks broke, and its end is waited for: the place must not be lost
            log.warning("a connection did not close by itself and is cut")
            for transceiver in self._pc.getTransceivers():
                await transceiver.receiver.transport.stop()
                await transceiver.receiver.transport.transport.stop()

    async def _drain_track(self, track: MediaStreamTrack) -> None:
        """aiortc's queue behind a track has no bound, so it is kept empty."""
        try:
            while True:
                picture = await track.recv()
                now_ns = time.monotonic_ns()
                if not isinstance(picture, VideoFrame) or picture.pts is None:
                    continue
                assembled_ns = self._input.assembled_ns(picture.pts)
                self._on_frame(picture, assembled_ns or now_ns, now_ns)
        except MediaStreamError:
            is_broken = self._pc.iceConnectionState not in ("connected", "completed")
            self._on_end("the camera's track ended", is_broken)

    def _state_changed(self) -> None:
        log.debug("connection %s", self._pc.connectionState)
        if self._pc.connectionState in ("failed", "closed"):
            is_broken = "failed" in (self._pc.connectionState, self._pc.iceConnectionState)
            self._on_end(f"the connection {self._pc.connectionState}", is_broken)
