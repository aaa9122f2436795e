"""What arrives over UDP: datagrams of strangers, packets of an admitted client, and what its pictures are made of."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from random import Random
from typing import Any, ClassVar

import av
from aiortc.codecs import depayload
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket

from client.peer import EditClient
from egostream.errors import EgostreamError
from egostream.rtc.decoding import MAX_DECODED_PIXELS, make_decoder
from egostream.rtc.jitter import DecoderInput, MarkerJitterBuffer, RtpTime
from tests.fuzz.finding import Wrong
from tests.fuzz.live_targets import Live
from tests.fuzz.mutate import mutate_bytes
from tests.fuzz.scene import new_client, wait_until
from tests.fuzz.seeds import CLIENT_SSRC, H264, SERVER_SSRC, VP8, datagrams, rtp_packets
from tests.fuzz.target import Target

PAUSE_S = 0.001
"""Between two datagrams: about a thousand a second."""


class Datagrams(Live):
    """At the UDP port of the witness's session. The first byte says from where: 0 a stranger, 1 the peer's socket."""

    name: ClassVar[str] = "datagrams"

    async def open(self) -> None:
        await super().open()
        link: Any = self.scene.witness._link
        connection = link.pc.getTransceivers()[0].receiver.transport.transport._connection
        pair = connection._nominated[1]
        self._server = pair.remote_addr
        self._stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        # past asyncio, which sends nothing when asked to send nothing
        fileno = pair.protocol.transport.get_extra_info("socket").fileno()
        self._peer = socket.socket(fileno=os.dup(fileno))
        self._kinds = datagrams()

    def make(self, rng: Random) -> bytes:
        data = rng.choice(self._kinds)
        if rng.random() < 0.9:
            data = mutate_bytes(rng, data, self._kinds, limit=1400)
        return bytes([rng.randrange(2)]) + data

    async def try_one(self, data: bytes) -> None:
        with contextlib.suppress(BlockingIOError):
            (self._peer if data[0] else self._stranger).sendto(data[1:], self._server)
        await asyncio.sleep(PAUSE_S)

    async def close(self) -> None:
        self._stranger.close()
        self._peer.close()
        await super().close()


class Rtp(Live):
    """RTP and RTCP of a client that was let in, under its own keys, while it streams."""

    name: ClassVar[str] = "rtp"

    async def open(self) -> None:
        await super().open()
        self._kinds = rtp_packets()
        self._client: EditClient | None = None

    def make(self, rng: Random) -> bytes:
        data = rng.choice(self._kinds)
        head = rng.choice((0, 0, 2, 12))
        return data[:head] + mutate_bytes(rng, data[head:], self._kinds, limit=1200)

    async def try_one(self, data: bytes) -> None:
        client = await self._admitted()
        link: Any = client._link
        transceiver = link.pc.getTransceivers()[0]
        packet = data.replace(CLIENT_SSRC, transceiver.sender._ssrc.to_bytes(4, "big"))
        packet = packet.replace(SERVER_SSRC, self._server_ssrc)
        # libsrtp refuses what has no header; a session may end as a client's BYE asks
        with contextlib.suppress(Exception):
            await transceiver.sender.transport._send_rtp(packet)
        await asyncio.sleep(PAUSE_S)

    async def settle(self) -> None:
        if self._client is not None:
            if self._client.ended is None:
                await asyncio.sleep(0.5)
            await self._client.close()
        await super().settle()

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
        await super().close()

    async def _admitted(self) -> EditClient:
        """The client, or a new one where its session has ended."""
        client = self._client
        if client is not None and client.ended is None:
            return client
        if client is not None:
            await client.close()
        self._client = client = new_client(self.scene.server)
        await client.connect()
        await wait_until(
            lambda: client.num_received > 0, 2.0, "picture for a client that was let in"
        )
        assert client._opened is not None
        ssrcs = [
            int(line.split()[0].partition(":")[2])
            for line in client._opened.answer.splitlines()
            if line.startswith("a=ssrc:")
        ]
        self._server_ssrc = ssrcs[0].to_bytes(4, "big")
        return client


class Decoding(Target):
    """From RTP payloads through assembly to the decoder, as a receiver does it, without a network. An input is a codec
    and payloads, each after its length; a payload's marker bit is the lowest of its first length byte's top bits.
    """

    name: ClassVar[str] = "decoding"
    is_native: ClassVar[bool] = True

    async def open(self) -> None:
        self._codecs = {
            0: RTCRtpCodecParameters("video/VP8", 90_000, payloadType=97),
            1: RTCRtpCodecParameters("video/H264", 90_000, payloadType=99),
        }

    def make(self, rng: Random) -> bytes:
        which = rng.randrange(2)
        pictures = VP8 if which == 0 else H264
        data = bytes([which])
        for picture in pictures[: rng.choice((1, 2, 3))]:
            if rng.random() < 0.5:
                picture = mutate_bytes(rng, picture, (*VP8, *H264), limit=4000)
            payload = b"\x10" + picture if which == 0 else _without_start(picture)
            if rng.random() < 0.4:
                payload = mutate_bytes(rng, payload, limit=4000)
            data += len(payload).to_bytes(2, "big") + payload
        return data

    async def feed(self, data: bytes) -> None:
        codec = self._codecs[data[0]]
        buffer, time = MarkerJitterBuffer(), RtpTime()
        decoder_input = DecoderInput(buffer, time, lambda: None)
        at, number = 1, 0
        while at < len(data):
            size = int.from_bytes(data[at : at + 2], "big")
            payload, at, number = data[at + 2 : at + 2 + size], at + 2 + size, number + 1
            packet = RtpPacket(97, 1, sequence_number=number, timestamp=3000 * number)
            packet.payload = payload
            try:
                packet._data = depayload(codec, payload) if payload else b""
            except ValueError:
                continue
            _, frame = buffer.add(packet)
            if frame is not None:
                decoder_input.put((codec, frame))
        decoder_input._queue.put_nowait(None)
        await asyncio.to_thread(self._decode, decoder_input)

    def _decode(self, decoder_input: DecoderInput) -> None:
        decoder: Any = None
        while (item := decoder_input.get()) is not None:
            codec, frame = item
            decoder = decoder or make_decoder(codec)
            try:
                pictures = decoder.decode(frame)
            except (av.FFmpegError, EgostreamError):
                continue
            for picture in pictures:
                if picture.width * picture.height > MAX_DECODED_PIXELS:
                    raise Wrong(f"a picture of {picture.width}x{picture.height} was decoded")


def _without_start(picture: bytes) -> bytes:
    """One NAL unit, as a packet carries it."""
    return picture.removeprefix(b"\0\0\0\1").removeprefix(b"\0\0\1")
