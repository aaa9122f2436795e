from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc.codecs import depayload, get_decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av import VideoFrame

from egostream.rtc.encoders import MAX_BPS, MIN_BPS, START_BPS, Bitrate, make_encoder
from egostream.rtc.keyframe import is_key_frame

VP8 = RTCRtpCodecParameters("video/VP8", 90_000, payloadType=97)
H264 = RTCRtpCodecParameters("video/H264", 90_000, payloadType=99)
BIG = (1 << 32) - 5_000


def picture(pts: int, width: int = 64, height: int = 48) -> VideoFrame:
    rgb = np.full((height, width, 3), pts % 200, np.uint8)
    frame = VideoFrame.from_ndarray(rgb, format="rgb24")
    frame.pts, frame.time_base = pts, Fraction(1, 90_000)
    return frame


@pytest.mark.parametrize("codec", [VP8, H264], ids=lambda c: c.name)
def test_pts_come_out_as_they_went_in(codec: RTCRtpCodecParameters) -> None:
    sent: list[int] = []
    encoder, decoder = make_encoder(codec, sent.append), get_decoder(codec)
    for i in range(12):
        pts = BIG + i * 1001
        size = (64, 48) if i < 6 else (81, 49)  # a new size, an odd one, in mid-stream
        payloads, timestamp = encoder.encode(picture(pts, *size), i == 4)
        assert timestamp == pts
        data = b"".join(depayload(codec, p) for p in payloads)
        assert is_key_frame(codec.name, data) == (i in (0, 4, 6))
        (decoded,) = decoder.decode(JitterFrame(data, pts))
        assert decoded.pts == pts
        assert abs(decoded.width - size[0]) <= 1 and abs(decoded.height - size[1]) <= 1
        assert abs(int(decoded.to_ndarray(format="rgb24").mean()) - pts % 200) < 6
    assert sent == [BIG + i * 1001 for i in range(12)]


@pytest.mark.parametrize("codec", [VP8, H264], ids=lambda c: c.name)
def test_a_frame_that_cannot_be_encoded_is_skipped(codec: RTCRtpCodecParameters) -> None:
    encoder = make_encoder(codec, lambda pts: None)
    assert encoder.encode(picture(3000))[0]
    inner = encoder.codec  # type: ignore[attr-defined]

    class Broken:
        width, height, bit_rate = inner.width, inner.height, inner.bit_rate

        def encode(self, frame: VideoFrame) -> list[av.Packet]:
            raise av.InvalidDataError(1, "broken")

    encoder.codec = Broken()  # type: ignore[attr-defined]
    assert encoder.encode(picture(6000)) == ([], 6000)
    assert encoder.encode(picture(9000))[0]


@pytest.mark.parametrize("codec", [VP8, H264], ids=lambda c: c.name)
def test_a_clock_that_is_set_back_begins_with_a_key_frame(codec: RTCRtpCodecParameters) -> None:
    encoder = make_encoder(codec, lambda pts: None)
    for pts in (BIG, BIG + 3000, 9000, 12_000):
        payloads, timestamp = encoder.encode(picture(pts))
        assert timestamp == pts and payloads
        data = b"".join(depayload(codec, p) for p in payloads)
        assert is_key_frame(codec.name, data) == (pts in (BIG, 9000))


def test_bitrate_falls_at_once_and_rises_seldom() -> None:
    now = [0]
    rate = Bitrate(lambda: now[0])
    assert rate.offer(START_BPS + 100_000) == START_BPS
    assert rate.offer(100_000) == MIN_BPS
    assert rate.offer(50_000_000) == MIN_BPS
    now[0] = 4_000_000_000
    assert rate.offer(50_000_000) == MAX_BPS
    assert rate.offer(3_900_000) == MAX_BPS


@pytest.mark.parametrize("codec", [VP8, H264], ids=lambda c: c.name)
def test_the_encoder_starts_at_the_live_bitrate(codec: RTCRtpCodecParameters) -> None:
    encoder = make_encoder(codec, lambda pts: None)
    encoder.encode(picture(0))
    inner = encoder.codec  # type: ignore[attr-defined]
    assert inner.bit_rate == START_BPS
    encoder.target_bitrate = 2_400_000  # type: ignore[attr-defined]
    encoder.encode(picture(3000))
    assert encoder.codec is inner, "no new key frame for a small change"  # type: ignore[attr-defined]
    encoder.target_bitrate = 1_200_000  # type: ignore[attr-defined]
    encoder.encode(picture(6000))
    assert encoder.codec.bit_rate == 1_200_000  # type: ignore[attr-defined]
