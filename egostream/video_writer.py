"""Writes a video file that is either complete or not there. Knows PyAV, never an editor.

Frames go to a temporary file beside the target, which replaces the target only when all is written;
any error, and Ctrl-C, leaves what was there before.
"""

from __future__ import annotations

import logging
import os
from fractions import Fraction
from math import lcm
from pathlib import Path
from types import TracebackType
from typing import cast

import av
import cv2
import numpy as np
from av.codec.context import Flags
from av.container import OutputContainer
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from egostream.audio_copy import AudioCopier
from egostream.errors import BadVideo
from egostream.frames import Rgb
from egostream.video_reader import VideoInfo

log = logging.getLogger(__name__)

# Extension → (muxer, encoder, encoder options). WebM holds no H.264.
_H264 = ("libx264", {"crf": "18", "preset": "veryfast"})
_VP9 = ("libvpx-vp9", {"crf": "24", "deadline": "realtime", "cpu-used": "7", "row-mt": "1"})
CONTAINERS: dict[str, tuple[str, str, dict[str, str]]] = {
    ".mp4": ("mp4", *_H264),
    ".m4v": ("mp4", *_H264),
    ".mov": ("mov", *_H264),
    ".mkv": ("matroska", *_H264),
    ".webm": ("webm", *_VP9),
}
_MAX_TIMESCALE = 2**31 - 1
# What a decoded frame calls its matrix → what the converter calls it; the rest is BT.601.
_MATRIX = {1: Colorspace.ITU709, 4: Colorspace.FCC, 7: Colorspace.SMPTE240M, 9: Colorspace.BT2020}


def check_target(target: Path, source: Path | None = None) -> Path:
    """Where to write, with links followed. Raises BadVideo if nothing could be written there."""
    if target.suffix.lower() not in CONTAINERS:
        raise BadVideo(
            f"cannot tell the format of {target.name!r}; end it in one of {' '.join(CONTAINERS)}"
        )
    resolved = Path(os.path.realpath(target))
    if resolved.is_dir():
        raise BadVideo(f"{target} is a folder; name a file in it, e.g. {target / 'edited.mp4'}")
    if not resolved.parent.is_dir():
        raise BadVideo(f"no such folder: {target.parent}; create it first")
    if resolved.exists():
        if not resolved.is_file():
            raise BadVideo(f"{target} is not an ordinary file; name another output")
        if source is not None and source.exists() and resolved.samefile(source):
            raise BadVideo(f"{target} is the input itself; name another output")
    if not os.access(resolved.parent, os.W_OK | os.X_OK):
        raise BadVideo(f"no permission to write in {target.parent}")
    return resolved


class VideoWriter:
    """Use as a context manager: leaving it normally puts the file in place, an error removes it.

    `width`, `height` are those of the frames to come; H.264 needs even numbers, so an odd size gets
    one more column or row, a copy of the last. Timestamps are `info`'s, less its origin.
    """

    def __init__(
        self, target: Path, info: VideoInfo, width: int, height: int, audio: AudioCopier | None
    ) -> None:
        self.target = target
        self._info = info
        self._audio = audio
        self._origin = round(info.origin_s / info.time_base)
        self._matrix = _MATRIX.get(info.colorspace, Colorspace.ITU601)
        muxer, encoder, options = CONTAINERS[target.suffix.lower()]
        self._pad_right, self._pad_bottom = width % 2, height % 2
        self.size = (width + self._pad_right, height + self._pad_bottom)
        self._partial = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            # Made here first: the error then names the folder, not the muxer's inside.
            os.close(os.open(self._partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except OSError as error:
            raise BadVideo(f"cannot write in {target.parent}: {error.strerror}") from error
        try:
            self._open(muxer, encoder, options)
        except BaseException:
            self._partial.unlink(missing_ok=True)
            raise

    def _open(self, muxer: str, encoder: str, options: dict[str, str]) -> None:
        info = self._info
        self._container: OutputContainer = av.open(
            f"file:{self._partial}", "w", format=muxer, container_options=self._muxer_options(muxer)
        )
        self._container.metadata.update(info.metadata)
        self._stream = cast(
            VideoStream,
            self._container.add_stream(encoder, rate=info.rate or Fraction(30), options=options),
        )
        self._stream.width, self._stream.height = self.size
        self._stream.pix_fmt = "yuv420p"
        self._stream.time_base = info.time_base
        context = self._stream.codec_context
        context.time_base = info.time_base
        context.flags |= Flags.frame_duration
        context.colorspace = info.colorspace
        context.color_primaries = info.color_primaries
        context.color_trc = info.color_trc
        if info.sample_aspect:
            context.sample_aspect_ratio = info.sample_aspect
        if self._audio is not None:
            self._audio.attach(self._container)

    def _muxer_options(self, muxer: str) -> dict[str, str]:
        if muxer not in ("mp4", "mov"):
            return {}
        options = {"movflags": "+faststart"}
        # A file whose picture starts late says so on the movie's clock: 1/1000 s unless told finer.
        timescale = lcm(1000, self._info.time_base.denominator)
        if timescale <= _MAX_TIMESCALE:
            options["movie_timescale"] = str(timescale)
        return options

    def write(self, rgb: Rgb, pts: int, duration: int) -> None:
        """`pts` and `duration` in the reader's time base. Raises BadVideo, e.g. on a full disk."""
        if self._pad_right or self._pad_bottom:
            padded = cv2.copyMakeBorder(
                rgb, 0, self._pad_bottom, 0, self._pad_right, cv2.BORDER_REPLICATE
            )
            rgb = np.asarray(padded, dtype=np.uint8)
        picture = av.VideoFrame.from_ndarray(rgb, "rgb24").reformat(
            format="yuv420p",
            src_color_range=ColorRange.JPEG,
            dst_colorspace=self._matrix,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )
        picture.pts = pts - self._origin
        picture.duration = duration
        picture.time_base = self._info.time_base
        try:
            if self._audio is not None:
                self._audio.write_until(picture.pts * self._info.time_base)
            self._container.mux(self._stream.encode(picture))
        except (av.FFmpegError, OSError) as error:
            raise self._cannot_write(error) from error

    def _cannot_write(self, error: Exception) -> BadVideo:
        reason = getattr(error, "strerror", None) or str(error)
        return BadVideo(f"cannot write {self.target}: {reason}")

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if error is None:
                self._finish()
                os.replace(self._partial, self.target)
            else:
                self._abandon()
        except (av.FFmpegError, OSError) as failure:
            raise self._cannot_write(failure) from failure
        finally:
            self._partial.unlink(missing_ok=True)

    def _finish(self) -> None:
        self._container.mux(self._stream.encode(None))
        if self._audio is not None:
            self._audio.finish()
        self._container.close()

    def _abandon(self) -> None:
        try:
            self._container.close()
        except (av.FFmpegError, OSError, ValueError) as error:
            log.debug("closing an abandoned file: %s", error)
