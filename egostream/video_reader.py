"""Reads a video file frame by frame, decoding ahead in a thread. Knows PyAV, never an editor.

Frames come out upright (the file's rotation is applied to the pixels, so no player and no model has
to know of it) and of one size. Their `pts` are the file's own, in `VideoInfo.time_base`.
"""

from __future__ import annotations

import contextlib
import itertools
import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import cv2
import numpy as np
from av.video.reformatter import ColorRange

from egostream.errors import BadVideo
from egostream.frames import Frame, Rgb
from egostream.prefetch import Prefetch
from egostream.video_open import open_input, pick_video

log = logging.getLogger(__name__)

DECODE_AHEAD = 12
_MICROSECONDS = 1_000_000
# Transport streams count from wherever the broadcaster's clock stood: their zero means nothing.
_FREE_RUNNING = frozenset({"mpegts", "mpeg"})


@dataclass(frozen=True, slots=True)
class VideoInfo:
    """What a writer needs to make a file like this one. Sizes are after rotation.

    `origin_s` is the moment of the file's own clock that becomes zero in a file made from it.
    `num_frames` is the file's own count if `is_exact`, else reckoned from its length.
    """

    width: int
    height: int
    time_base: Fraction
    rate: Fraction | None
    num_frames: int | None
    is_exact: bool
    origin_s: Fraction
    sample_aspect: Fraction | None
    colorspace: int
    color_primaries: int
    color_trc: int
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class FileFrame:
    """A frame and how long it is shown, both in the file's time base (0: unknown)."""

    frame: Frame
    duration: int


class VideoReader:
    """An open video file, cut to `[start_s, start_s + seconds)`. Iterate once; close when done.

    The constructor decodes the first frame, so a file that cannot be read fails there and then.
    """

    def __init__(self, path: Path, start_s: float = 0.0, seconds: float | None = None) -> None:
        self.path = path
        self.num_bad_packets = 0
        self._prefetch: Prefetch[FileFrame] | None = None
        self._last_pts: int | None = None
        self._container = open_input(path)
        try:
            self._stream = pick_video(self._container, path)
            self._time_base = self._stream.time_base or Fraction(1, _MICROSECONDS)
            self.first_s = Fraction(self._container.start_time or 0, _MICROSECONDS)
            self._start_s = self.first_s + Fraction(start_s) if start_s else None
            self._end_s = None
            if seconds is not None:
                self._end_s = self.first_s + Fraction(start_s) + Fraction(seconds)
            self._decoded = self._decode()
            first = next(self._decoded, None)
            if first is None:
                raise BadVideo(self._why_empty(start_s))
            self.info = self._describe(first, start_s, seconds)
            self._size = (self.info.width, self.info.height)
            self._first = first
        except BaseException:
            self._container.close()
            raise

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[FileFrame]:
        if self._prefetch is not None:
            raise RuntimeError("a VideoReader is read once")
        self._prefetch = Prefetch(
            map(self._file_frame, itertools.chain([self._first], self._decoded)), DECODE_AHEAD
        )
        return iter(self._prefetch)

    def close(self) -> None:
        """Stop the decoding thread and close the file; harmless when repeated."""
        if self._prefetch is not None:
            self._prefetch.close()
        self._container.close()

    def _decode(self) -> Iterator[av.VideoFrame]:
        if self._start_s is not None:
            # Lands on the key frame before; what lies between is decoded and dropped.
            with contextlib.suppress(av.FFmpegError):
                offset = math.floor(self._start_s / self._time_base)
                self._container.seek(offset, stream=self._stream)
        for decoded in self._survivors():
            pts = self._next_pts(decoded)
            time_s = pts * self._time_base
            if self._start_s is not None and time_s < self._start_s:
                continue
            if self._end_s is not None and time_s >= self._end_s:
                return
            decoded.pts = pts
            yield decoded

    def _survivors(self) -> Iterator[av.VideoFrame]:
        """Every frame that decodes: a damaged packet costs its own frames, never the file."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError as error:
                log.debug("%s cannot be read to its end: %s", self.path, error)
                self.num_bad_packets += 1
                return
            if packet is None:
                return
            try:
                self.num_bad_packets += packet.is_corrupt
                yield from packet.decode()
            except av.FFmpegError as error:
                log.debug("damaged packet in %s: %s", self.path, error)
                self.num_bad_packets += 1

    def _next_pts(self, decoded: av.VideoFrame) -> int:
        """The frame's pts; made up or nudged where the file has none or repeats one."""
        pts = decoded.pts
        if pts is None:
            rate = self._stream.average_rate or self._stream.guessed_rate or Fraction(30)
            step = max(1, round(1 / (rate * self._time_base)))
            pts = 0 if self._last_pts is None else self._last_pts + step
        if self._last_pts is not None:
            pts = max(pts, self._last_pts + 1)
        self._last_pts = pts
        return pts

    def _file_frame(self, decoded: av.VideoFrame) -> FileFrame:
        rgb = _upright(decoded)
        if (rgb.shape[1], rgb.shape[0]) != self._size:
            resized = cv2.resize(rgb, self._size, interpolation=cv2.INTER_AREA)
            rgb = np.asarray(resized, dtype=np.uint8)
        assert decoded.pts is not None
        return FileFrame(Frame(rgb, decoded.pts), decoded.duration or 0)

    def _describe(self, first: av.VideoFrame, start_s: float, seconds: float | None) -> VideoInfo:
        assert first.pts is not None
        time_s = first.pts * self._time_base
        if start_s or time_s < 0:
            origin_s = time_s
        else:
            is_free_running = self._container.format.name in _FREE_RUNNING
            origin_s = self.first_s if is_free_running else Fraction(0)
        height, width = _upright(first).shape[:2]
        aspect = self._stream.sample_aspect_ratio
        if aspect and _quarter_turns(first) % 2:
            aspect = 1 / aspect
        is_exact = not start_s and seconds is None and self._stream.frames > 0
        return VideoInfo(
            width=width,
            height=height,
            time_base=self._time_base,
            rate=self._stream.average_rate or self._stream.guessed_rate,
            num_frames=self._stream.frames if is_exact else self._estimate(start_s, seconds),
            is_exact=is_exact,
            origin_s=origin_s,
            sample_aspect=aspect or None,
            colorspace=first.colorspace,
            color_primaries=first.color_primaries,
            color_trc=first.color_trc,
            metadata=dict(self._container.metadata),
        )

    def _estimate(self, start_s: float, seconds: float | None) -> int | None:
        rate, length_s = self._stream.average_rate, self._length_s()
        if not rate or length_s is None:
            return None
        rest_s = max(0.0, length_s - start_s)
        return max(1, round(rate * (rest_s if seconds is None else min(seconds, rest_s))))

    def _length_s(self) -> float | None:
        if self._stream.duration is not None:
            return float(self._stream.duration * self._time_base)
        if self._container.duration is not None:
            return self._container.duration / _MICROSECONDS
        return None

    def _why_empty(self, start_s: float) -> str:
        if start_s:
            length_s = self._length_s()
            known = "" if length_s is None else f"; it is {length_s:.2f} s long"
            return f"nothing to edit in {self.path} from second {start_s:g} on{known}"
        return f"no frame in {self.path} can be decoded; the file is empty or damaged"


def _quarter_turns(decoded: av.VideoFrame) -> int:
    """Counter-clockwise quarter turns that bring the picture upright."""
    return round(decoded.rotation / 90) % 4


def _upright(decoded: av.VideoFrame) -> Rgb:
    picture = decoded.reformat(
        format="rgb24",
        src_color_range=decoded.color_range,
        dst_color_range=ColorRange.JPEG,
        threads=1,
    )
    rgb = np.rot90(picture.to_ndarray(), _quarter_turns(decoded))
    return np.ascontiguousarray(rgb, dtype=np.uint8)
