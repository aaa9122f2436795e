"""The client's half of the WebRTC connection: aiortc, without what would blur a measurement.

Three things differ from stock aiortc: a frame is released on its marker bit (else every age would
be one frame interval too high), the RTP timestamp on the wire is the frame's `pts` both ways (else
a frame could not be told by its time), and the sender starts at a bitrate fit for editing.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCRtpTransceiver
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcrtpsender import RTCRtpSender

from egostream.rtc.encoders import make_encoder
from egostream.rtc.guard import guard
from egostream.rtc.improve import improve_receiver, improve_rtp
from egostream.rtc.private import rebind


class MediaLink:
    """A peer connection with one video section, sending `camera`."""

    def __init__(
        self, camera: MediaStreamTrack, ice_servers: Sequence[str], add_loopback: bool
    ) -> None:
        # An empty list, not None: aiortc's default is a public STUN server.
        servers = [RTCIceServer(url) for url in ice_servers]
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._video: RTCRtpTransceiver = self.pc.addTransceiver(camera, direction="sendrecv")
        receiver, sender = self._video.receiver, self._video.sender
        improve_receiver(receiver)
        # No random offset and our own encoder, which is looked up when the sender starts.
        improve_rtp(sender)
        rebind(
            sender,
            RTCRtpSender._next_encoded_frame,
            get_encoder=lambda codec: make_encoder(codec, lambda pts_90k: None),
        )
        guard(receiver.transport.transport._connection, add_loopback)

    @property
    def edited(self) -> MediaStreamTrack:
        """The track that comes back; there once the answer is set."""
        return self._video.receiver.track

    async def offer(self) -> str:
        """The SDP offer, with all candidates gathered."""
        await self.pc.setLocalDescription(await self.pc.createOffer())
        return str(self.pc.localDescription.sdp)
