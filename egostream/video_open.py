"""Opens media files, and says in one line why one cannot be. Knows PyAV."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from egostream.errors import BadVideo

MAX_PIXELS = 8192 * 4320
"""More than any camera's: a damaged header may name sizes that take gigabytes."""


def open_input(path: Path) -> InputContainer:
    """Raises BadVideo for anything that is not a readable media file."""
    if not path.exists():
        raise BadVideo(f"no such file: {path}")
    if not path.is_file():
        raise BadVideo(f"{path} is not a file; name a video file such as clip.mp4")
    if path.stat().st_size == 0:
        raise BadVideo(f"{path} is empty (0 bytes)")
    try:
        # `file:` keeps a colon in a file name from being read as a protocol.
        return av.open(f"file:{path}", metadata_errors="replace")
    except PermissionError as error:
        raise BadVideo(f"no permission to read {path}") from error
    except (av.FFmpegError, OSError) as error:
        raise BadVideo(
            f"{path} is not a video that can be read (not a video, damaged, or cut off)"
        ) from error


def pick_video(container: InputContainer, path: Path) -> VideoStream:
    """The first moving picture; the cover art of a music file is not one."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            context = cast("VideoCodecContext | None", stream.codec_context)
            if context is None:
                raise BadVideo(f"{path} is in a video format that FFmpeg does not know")
            if context.width * context.height > MAX_PIXELS:
                size = f"{context.width}x{context.height}"
                raise BadVideo(f"{path} is {size}: too large to edit; 8192x4320 is the most")
            context.options = {**context.options, "max_pixels": str(MAX_PIXELS)}
            stream.thread_type = "AUTO"
            return stream
    raise BadVideo(f"{path} has no video stream (sound only?)")
