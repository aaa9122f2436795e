"""The video encoders of a session: aiortc's, with live-edit bitrates, calmer and unable to die.

aiortc rebuilds its encoder, with a key frame, whenever the receiver's estimate moves by a tenth,
starts at half a megabit, and runs x264 at a preset made for files. An exception ends its sender
for good. It also sends timestamps that went through the encoder's own time base, a tick or two off.
"""

from __future__ import annotations

import fractions
import logging
import time
from collections.abc import Callable, Iterator

import av
from aiortc.codecs.base import Encoder
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.mediastreams import VIDEO_TIME_BASE
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av.frame import Frame
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from egostream.rtc.private import set_private

log = logging.getLogger(__name__)

START_BPS = 2_500_000
MIN_BPS = 1_000_000
MAX_BPS = 4_000_000
RAISE_EVERY_NS = 3_000_000_000

OnEncoded = Callable[[int], None]
"""Called in the encoding thread with the frame's pts once its packets are made."""


class Bitrate:
    """Follows the receiver's estimate: down at once, up in few and large steps."""

    def __init__(self, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self.bps = START_BPS
        self._clock = clock
        self._changed_ns = clock()

    def offer(self, estimate_bps: int) -> int:
        bps = max(MIN_BPS, min(estimate_bps, MAX_BPS))
        now_ns = self._clock()
        falls = bps < 0.85 * self.bps
        rises = bps > 1.25 * self.bps and now_ns - self._changed_ns > RAISE_EVERY_NS
        if falls or rises:
            self.bps, self._changed_ns = bps, now_ns
        return self.bps


class CalmVp8(Vp8Encoder):
    def __init__(self, on_encoded: OnEncoded) -> None:
        super().__init__()
        self._on_encoded = on_encoded
        self._bitrate = Bitrate()
        self._last_pts: int | None = None
        self.target_bitrate = START_BPS

    @property
    def target_bitrate(self) -> int:
        return self._bitrate.bps

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        # the base class keeps a copy of its own for the rate control buffer
        set_private(self, Vp8Encoder, "target_bitrate", self._bitrate.offer(bitrate))

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        pts_90k = _pts(frame)
        if self._last_pts is not None and pts_90k <= self._last_pts:
            self.codec = None  # none goes back in time; a new one begins anywhere
        self._last_pts = pts_90k
        try:
            packets, _ = super().encode(frame, force_keyframe)
        except (av.FFmpegError, ValueError) as error:
            self.codec = None  # the next frame starts a new one, with a key frame
            return _skipped(pts_90k, error)
        self._on_encoded(pts_90k)
        return packets, pts_90k


class CalmH264(H264Encoder):
    def __init__(self, on_encoded: OnEncoded) -> None:
        super().__init__()
        self._on_encoded = on_encoded
        self._bitrate = Bitrate()
        self._last_pts: int | None = None

    @property
    def target_bitrate(self) -> int:
        return self._bitrate.bps

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._bitrate.offer(bitrate)

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        pts_90k = _pts(frame)
        if self._last_pts is not None and pts_90k <= self._last_pts:
            self.codec = None  # none goes back in time; a new one begins anywhere
        self._last_pts = pts_90k
        try:
            packets, _ = super().encode(frame, force_keyframe)
        except (av.FFmpegError, ValueError) as error:
            self.codec = None
            return _skipped(pts_90k, error)
        self._on_encoded(pts_90k)
        return packets, pts_90k

    def _encode_frame(self, frame: av.VideoFrame, force_keyframe: bool) -> Iterator[bytes]:
        # 4:2:0 has no odd sizes in x264
        width, height = frame.width & ~1, frame.height & ~1
        if frame.format.name != "yuv420p" or (width, height) != (frame.width, frame.height):
            frame = frame.reformat(width=width, height=height, format="yuv420p")
        codec = self.codec
        if codec is None or not self._fits(codec, width, height):
            codec = self.codec = self._new_codec(width, height)
        frame.pict_type = PictureType.I if force_keyframe else PictureType.NONE
        data = b"".join(bytes(packet) for packet in codec.encode(frame))
        return self._split_bitstream(data)

    def _fits(self, codec: VideoCodecContext, width: int, height: int) -> bool:
        same_size = (codec.width, codec.height) == (width, height)
        return same_size and codec.bit_rate == self.target_bitrate

    def _new_codec(self, width: int, height: int) -> VideoCodecContext:
        codec = av.CodecContext.create("libx264", "w")
        assert isinstance(codec, VideoCodecContext)
        codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
        codec.bit_rate = self.target_bitrate
        codec.framerate = fractions.Fraction(30, 1)
        codec.time_base = fractions.Fraction(1, 90_000)
        # medium, the default preset, costs 11 ms for what superfast does in under 2
        codec.options = {"preset": "superfast", "tune": "zerolatency", "level": "31"}
        codec.profile = "Baseline"
        return codec


def _pts(frame: Frame) -> int:
    assert frame.pts is not None and frame.time_base == VIDEO_TIME_BASE, frame
    return frame.pts


def _skipped(pts_90k: int, error: Exception) -> tuple[list[bytes], int]:
    log.warning("a frame could not be encoded: %s", error)
    return [], pts_90k


def make_encoder(codec: RTCRtpCodecParameters, on_encoded: OnEncoded) -> Encoder:
    """For a negotiated codec (VP8 or H.264; aiortc knows no other)."""
    return CalmVp8(on_encoded) if codec.name == "VP8" else CalmH264(on_encoded)
