"""Writes received frames to a file, in a thread, so that the event loop never waits for a disk."""

from __future__ import annotations

import queue
import threading
from fractions import Fraction
from pathlib import Path

import numpy as np
from av import VideoFrame

from egostream.errors import BadVideo, EgostreamError
from egostream.video_reader import VideoInfo
from egostream.video_writer import VideoWriter, check_target

MAX_QUEUED_FRAMES = 256
_TIME_BASE = Fraction(1, 90_000)
_UNSPECIFIED = 2


class Recorder:
    """`add` frames, `finish` once. A frame that finds the queue full is left out and counted."""

    def __init__(self, path: Path, fps: float) -> None:
        """Raises BadVideo if nothing could be written there."""
        self._target = check_target(path)
        self._fps = Fraction(fps).limit_denominator(1001)
        self._queue: queue.Queue[VideoFrame | None] = queue.Queue(MAX_QUEUED_FRAMES)
        self._failure: EgostreamError | None = None
        self.num_written = 0
        self.num_dropped = 0
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def add(self, picture: VideoFrame) -> None:
        try:
            self._queue.put_nowait(picture)
        except queue.Full:
            self.num_dropped += 1

    def finish(self) -> None:
        """Blocks until the file is in place. Raises BadVideo."""
        self._queue.put(None)
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        if not self.num_written:
            raise BadVideo(f"no frame was received; {self._target} is not written")

    def _run(self) -> None:
        try:
            if (first := self._queue.get()) is not None:
                self._write_all(first)
        except EgostreamError as error:
            self._failure = error
            while self._queue.get() is not None:
                self.num_dropped += 1

    def _write_all(self, first: VideoFrame) -> None:
        width, height = first.width, first.height
        assert first.pts is not None
        info = VideoInfo(
            width=width,
            height=height,
            time_base=_TIME_BASE,
            rate=self._fps,
            num_frames=None,
            is_exact=False,
            origin_s=first.pts * _TIME_BASE,
            sample_aspect=None,
            colorspace=_UNSPECIFIED,
            color_primaries=_UNSPECIFIED,
            color_trc=_UNSPECIFIED,
            metadata={},
        )
        duration = round(90_000 / self._fps)
        last_pts = first.pts - 1
        with VideoWriter(self._target, info, width, height, None) as writer:
            picture: VideoFrame | None = first
            while picture is not None:
                if picture.pts is not None and picture.pts > last_pts:
                    last_pts = picture.pts
                    # The stream's size may change in mid-flight; the file's may not.
                    rgb = picture.reformat(width, height, "rgb24").to_ndarray()
                    writer.write(np.asarray(rgb, dtype=np.uint8), last_pts, duration)
                    self.num_written += 1
                picture = self._queue.get()
