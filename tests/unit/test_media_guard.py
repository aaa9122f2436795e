"""What an admitted peer sends may be anything: large pictures, many sources, what parsers do not expect."""

from __future__ import annotations

import asyncio
import errno
import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pylibsrtp
import pytest
from aiortc import rtcrtpreceiver
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters

from egostream.rtc import decoding
from egostream.rtc.decoding import make_decoder
from egostream.rtc.keyframe import vp8_size
from egostream.rtc.media_guard import MAX_SOURCES, FewSources, guard_media
from egostream.rtc.private import with_names
from egostream.server import peer as peers
from egostream.server.peer import Peer

VP8 = RTCRtpCodecParameters("video/VP8", 90_000, payloadType=97)
H264 = RTCRtpCodecParameters("video/H264", 90_000, payloadType=99)


def key_frame(codec: str) -> bytes:
    encoder = av.CodecContext.create(codec, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.framerate = 64, 48, "yuv420p", 30
    if codec == "libx264":
        encoder.options = {"tune": "zerolatency"}
    picture = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 90, np.uint8), "rgb24")
    return bytes((encoder.encode(picture) + encoder.encode(None))[0])


def test_the_size_of_a_key_frame() -> None:
    data = key_frame("libvpx")
    assert vp8_size(data) == (64, 48)
    assert vp8_size(data[:9]) is None
    assert vp8_size(bytes([data[0] | 1]) + data[1:]) is None, "no key frame"


def test_a_picture_of_the_usual_size_is_decoded() -> None:
    for codec, name in ((VP8, "libvpx"), (H264, "libx264")):
        (picture,) = make_decoder(codec).decode(JitterFrame(key_frame(name), 0))
        assert isinstance(picture, av.VideoFrame) and (picture.width, picture.height) == (64, 48)


def test_a_giant_picture_takes_no_memory() -> None:
    data = bytearray(key_frame("libvpx"))
    data[6:10] = b"\xff\x3f\xff\x3f"
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(av.FFmpegError, match="16383x16383"):
        make_decoder(VP8).decode(JitterFrame(bytes(data), 0))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 50_000


def test_h264_is_told_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "MAX_DECODED_PIXELS", 64 * 47)
    with pytest.raises(av.FFmpegError) as caught:
        make_decoder(H264).decode(JitterFrame(key_frame("libx264"), 0))
    assert caught.value.errno != errno.ENOMEM


def test_a_moved_name_is_noticed() -> None:
    with pytest.raises(AttributeError, match="nowhere"):
        with_names(rtcrtpreceiver.decoder_worker, nowhere=1)
    with pytest.raises(TypeError):
        with_names(len)


class Session:
    """Packets that begin with b"bad" are not authentic."""

    def unprotect(self, packet: bytes) -> bytes:
        if packet.startswith(b"bad"):
            raise pylibsrtp.Error("no")
        return packet

    unprotect_rtcp = unprotect


def test_sources_are_few_and_only_true_ones_count() -> None:
    session = FewSources(Session())  # type: ignore[arg-type]

    def rtp(source: int, head: bytes = b"rtp") -> bytes:
        return head.ljust(8, b"-") + source.to_bytes(4, "big") + b"payload"

    for source in range(1000):
        with pytest.raises(pylibsrtp.Error):
            session.unprotect(rtp(source, b"bad"))
    for source in range(MAX_SOURCES):
        assert session.unprotect(rtp(source))
    with pytest.raises(pylibsrtp.Error, match="sources"):
        session.unprotect(rtp(2000))
    with pytest.raises(pylibsrtp.Error, match="sources"):
        session.unprotect_rtcp(b"rtcp" + (2000).to_bytes(4, "big"))
    assert session.unprotect(rtp(3)) and session.unprotect_rtcp(b"rtcp" + (3).to_bytes(4, "big"))


async def test_only_a_lost_connection_ends_it() -> None:
    async def handle(data: bytes, **named: Any) -> None:
        if data == b"gone":
            raise ConnectionError
        raise IndexError(data)

    transport = SimpleNamespace(
        _handle_rtp_data=handle, _handle_rtcp_data=handle, _setup_srtp=lambda: None, _rx_srtp=None
    )
    guard_media(transport)  # type: ignore[arg-type]
    transport._setup_srtp()
    assert transport._rx_srtp is None, "the handshake failed"
    await transport._handle_rtp_data(b"x", arrival_time_ms=1)
    await transport._handle_rtcp_data(b"x")
    with pytest.raises(ConnectionError):
        await transport._handle_rtcp_data(b"gone")


async def test_a_connection_that_does_not_close_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "CLOSE_S", 0.05)
    with ThreadPoolExecutor(1) as encoding:
        peer = Peer(
            None,
            direction="recvonly",
            ice_servers=[],
            add_loopback=True,
            encoding=encoding,
            on_frame=lambda picture, assembled_ns, now_ns: None,
            on_end=lambda reason, is_broken: None,
        )
        monkeypatch.setattr(peer._pc, "close", asyncio.Event().wait)
        await asyncio.wait_for(peer.close(), 1)


def test_the_corpus_of_the_fuzzer_is_there() -> None:
    corpus = Path(__file__).parents[1] / "fuzz" / "corpus"
    assert {path.stem for path in corpus.glob("*.sdp")} >= {"aiortc", "chromium", "ffmpeg"}
