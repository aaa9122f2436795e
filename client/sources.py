"""Where a client's frames come from: a video file, or a pattern that moves."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import av
import cv2
import numpy as np

from egostream.errors import BadVideo
from egostream.frames import Rgb
from egostream.video_reader import VideoReader

DEFAULT_FPS = 24.0
MAX_FPS = 120.0


class Source(Protocol):
    """Pictures without times: the camera track decides when each is taken."""

    @property
    def fps(self) -> float: ...

    def frames(self) -> Iterator[av.VideoFrame]:
        """yuv420p, all of one size. May block on decoding; read by one thread at a time."""
        ...


class FileSource:
    """A video file, once or for ever, at its own rate or another. Raises BadVideo at once."""

    def __init__(
        self,
        path: Path,
        *,
        is_looped: bool = True,
        fps: float | None = None,
        size: tuple[int, int] | None = None,
    ) -> None:
        with VideoReader(path) as reader:
            rate = float(reader.info.rate or DEFAULT_FPS)
            own_size = (reader.info.width, reader.info.height)
        self._path = path
        self._is_looped = is_looped
        self._size = _even(size or own_size)
        self.fps = _check_fps(fps or min(rate, MAX_FPS))

    def frames(self) -> Iterator[av.VideoFrame]:
        while True:
            with VideoReader(self._path) as reader:
                for item in reader:
                    yield to_picture(item.frame.rgb, self._size)
            if not self._is_looped:
                return


class PatternSource:
    """A disc that circles over a slowly turning gradient: motion, edges and every colour."""

    def __init__(self, size: tuple[int, int] = (640, 480), fps: float = DEFAULT_FPS) -> None:
        self._size = _even(size)
        self.fps = _check_fps(fps)

    def frames(self) -> Iterator[av.VideoFrame]:
        width, height = self._size
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        for index in itertools.count():
            turn = 2 * np.pi * index / 96
            ramp = (x * np.cos(turn / 4) + y * np.sin(turn / 4)) / max(width, height)
            hsv = np.stack([(ramp * 90 + index) % 180, 0 * x + 140, 0 * x + 190], axis=-1)
            rgb = cv2.cvtColor(hsv.astype(np.uint8), cv2.COLOR_HSV2RGB)
            centre = (
                round(width * (0.5 + 0.3 * np.cos(turn))),
                round(height * (0.5 + 0.3 * np.sin(turn))),
            )
            cv2.circle(rgb, centre, height // 8, (245, 245, 245), -1, cv2.LINE_AA)
            cv2.circle(rgb, centre, height // 12, (200, 40, 40), -1, cv2.LINE_AA)
            yield to_picture(np.asarray(rgb, dtype=np.uint8), self._size)


class PreparedSource:
    """Frames made beforehand, round and round: costs nothing while a measurement runs."""

    def __init__(self, pictures: Sequence[av.VideoFrame], fps: float) -> None:
        if not pictures:
            raise BadVideo("a source needs at least one frame")
        self._pictures = list(pictures)
        self.fps = _check_fps(fps)

    @staticmethod
    def of(source: Source, num_frames: int, fps: float | None = None) -> PreparedSource:
        """The first `num_frames` of another source, decoded now."""
        frames = source.frames()
        pictures = list(itertools.islice(frames, num_frames))
        if isinstance(frames, Generator):
            frames.close()
        return PreparedSource(pictures, fps or source.fps)

    def frames(self) -> Iterator[av.VideoFrame]:
        return itertools.cycle(self._pictures)


def to_picture(rgb: Rgb, size: tuple[int, int]) -> av.VideoFrame:
    """yuv420p of that (width, height)."""
    if (rgb.shape[1], rgb.shape[0]) != size:
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(format="yuv420p", threads=1)


def _even(size: tuple[int, int]) -> tuple[int, int]:
    width, height = (max(2, side & ~1) for side in size)
    return width, height


def _check_fps(fps: float) -> float:
    if not 0 < fps <= MAX_FPS:
        raise BadVideo(f"a source runs at more than 0 and at most {MAX_FPS:g} fps, not {fps:g}")
    return fps


def parse_size(text: str) -> tuple[int, int]:
    """For argparse: (width, height)."""
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        raise argparse.ArgumentTypeError(f"a size looks like 640x480, not {text!r}")
    return int(width), int(height)
