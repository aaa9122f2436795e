"""One session's film: mp4 in fragments of a second, so that its writer may be killed and only the last one is lost."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.container import OutputContainer
from av.video.frame import PictureType
from av.video.stream import VideoStream

from egostream.recording.planes import Planes
from egostream.recording.settings import CannotRecord

log = logging.getLogger(__name__)

CLOCK = 90_000
FRAGMENT_90K = CLOCK
MAX_FRAGMENT = 120
"""Frames: a fragment is held in memory, and a camera's clock may stand still."""
MUXER = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}
# No frame waits inside the encoder for later ones, and it takes little of the cores that the model is to have.
ENCODER = {
    "preset": "ultrafast",
    "tune": "zerolatency",
    "crf": "23",
    "threads": "1",
    "forced-idr": "1",
}
MAX_PARTS = 1000
STEP_BACK_90K = CLOCK
"""A frame so much older than the last is no straggler: the camera's clock was set back."""


class Film:
    """Files of one name, a further one (`NAME-2.mp4`) wherever the size of the pictures changes or the camera's clock
    is set back.

    Frames keep the times between them. One that is not after the last, but nearly, is left out. Every method raises
    CannotRecord.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder = folder
        self._name = name
        self._num_parts = 0
        self._container: OutputContainer | None = None
        self._stream: VideoStream | None = None
        self._hw = (0, 0)
        self._first = self._last = self._last_key = 0
        self._since_key = 0
        self.first_pts_90k: int | None = None
        self.num_frames = 0
        self.paths: list[Path] = []

    def add(self, flat: Planes, hw: tuple[int, int], pts_90k: int) -> None:
        """A picture (see `planes`) of even size."""
        with _named(self._folder):
            steps_back = self._container is not None and self._last - pts_90k > STEP_BACK_90K
            if steps_back and self.first_pts_90k is not None:
                self.first_pts_90k -= self._last - pts_90k  # how long it has been goes on
            if hw != self._hw or steps_back:
                self._finish()
                self._begin(hw, pts_90k)
            elif pts_90k <= self._last:
                return
            assert self._container is not None and self._stream is not None
            picture = av.VideoFrame.from_ndarray(flat.reshape(hw[0] * 3 // 2, hw[1]), "yuv420p")
            picture.pts, picture.time_base = pts_90k - self._first, Fraction(1, CLOCK)
            self._since_key += 1
            is_time = pts_90k == self._first or pts_90k - self._last_key >= FRAGMENT_90K
            if is_time or self._since_key >= MAX_FRAGMENT:
                picture.pict_type = PictureType.I
                self._last_key, self._since_key = pts_90k, 0
            self._container.mux(self._stream.encode(picture))
        self._last = pts_90k
        self.num_frames += 1
        if self.first_pts_90k is None:
            self.first_pts_90k = pts_90k

    def close(self) -> None:
        """The last file is finished. Idempotent."""
        with _named(self._folder):
            self._finish()

    def _begin(self, hw: tuple[int, int], pts_90k: int) -> None:
        path = self._free_path()
        self._container = av.open(f"file:{path}", "w", format="mp4", container_options=dict(MUXER))
        self.paths.append(path)
        stream = self._container.add_stream("libx264", rate=30, options=dict(ENCODER))
        stream.height, stream.width = hw
        stream.pix_fmt = "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, CLOCK)
        stream.codec_context.gop_size = 10 * CLOCK  # key frames are asked for by time, not by count
        self._stream, self._hw = stream, hw
        self._first = self._last = self._last_key = pts_90k

    def _free_path(self) -> Path:
        """Made here, so that no older film is written over."""
        while self._num_parts < MAX_PARTS:
            self._num_parts += 1
            part = f"-{self._num_parts}" if self._num_parts > 1 else ""
            path = self._folder / f"{self._name}{part}.mp4"
            try:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            except FileExistsError:
                continue
            return path
        raise CannotRecord(
            f"{self._name} has {MAX_PARTS} parts; the camera keeps changing its size"
        )

    def _finish(self) -> None:
        container, stream = self._container, self._stream
        self._container = self._stream = None
        self._hw = (0, 0)
        if container is None or stream is None:
            return
        try:
            container.mux(stream.encode(None))
        finally:
            container.close()


@contextlib.contextmanager
def _named(folder: Path) -> Iterator[None]:
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotRecord(f"cannot record to {folder}: {reason}") from error
