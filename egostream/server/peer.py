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
from egostream.server.output import OutputTrack
from egostream.server.sdp import check_offer, with_bitrate_hints

log = logging.getLogger(__name__)

OnFrame = Callable[[VideoFrame, int, int], None]
"""(picture, when its packets were complete, now), both in monotonic ns."""
OnEnd = Callable[[str, bool], None]
"""(reason, whether the network is to blame: a client that hung up said so)."""


class Peer:
    """Use: construct, `answer` once, `close` once."""

    def __init__(
        self,
        output: OutputTrack,
        *,
        ice_servers: Sequence[str],
        add_loopback: bool,
        encoding: Executor,
        on_frame: OnFrame,
        on_end: OnEnd,
    ) -> None:
        # an empty list, not None: aiortc's default is a public STUN server
        servers = [RTCIceServer(url) for url in ice_servers]
        self._pc = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._output = output
        self._add_loopback = add_loopback
        self._encoding = encoding
        self._on_frame = on_frame
        self._on_end = on_end
        self._drain: asyncio.Task[None] | None = None
        self._video = self._pc.addTransceiver(output, direction="sendrecv")
        self._input = improve_receiver(self._video.receiver)
        self._pc.on("connectionstatechange", self._state_changed)

    @property
    def state(self) -> str:
        return self._pc.connectionState

    async def answer(self, offer: str) -> str:
        """The SDP answer, with all candidates gathered. Raises BadOffer."""
        offer = check_offer(offer)
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            for transceiver in self._pc.getTransceivers():
                if transceiver is not self._video:
                    transceiver.direction = "inactive"
                guard(transceiver.receiver.transport.transport._connection, self._add_loopback)
            answer = await self._pc.createAnswer()
            await self._pc.setLocalDescription(answer)
        except Exception as error:  # aiortc raises whatever its assumptions meet
            log.debug("offer refused", exc_info=True)
            raise BadOffer(
                "the offer cannot be answered: it needs a sendrecv video section "
                "with VP8 or H.264, ICE and DTLS"
            ) from error
        encoder = make_encoder(self._video._codecs[0], self._output.encoded)
        improve_sender(self._video.sender, encoder, self._encoding)
        self._drain = asyncio.create_task(self._drain_track(self._video.receiver.track))
        return with_bitrate_hints(self._pc.localDescription.sdp)

    async def close(self) -> None:
        if self._drain is not None:
            self._drain.cancel()
        self._output.stop()
        await self._pc.close()

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
