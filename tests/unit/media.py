"""Makes small video files for the tests, and takes them apart again."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
from av.audio.stream import AudioStream
from av.codec.context import Flags
from av.container import OutputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

SAMPLE_RATE = 48000
TIME_BASE = Fraction(1, 90000)


def picture(index: int, width: int, height: int) -> NDArray[np.uint8]:
    """A grey ramp with a square that moves: every frame differs, and no two corners are alike."""
    ramp = np.linspace(40, 200, width, dtype=np.uint8)
    rgb = np.repeat(np.repeat(ramp[None, :, None], height, axis=0), 3, axis=2)
    rgb[: height // 4, : width // 4] = (220, 30, 30)
    left = 4 * index % max(1, width - 12)
    rgb[height // 2 : height // 2 + 10, left : left + 10] = (30, 60, 230)
    return np.ascontiguousarray(rgb)


def regular(num_frames: int, rate: int = 24) -> list[int]:
    return [round(index * 90000 / rate) for index in range(num_frames)]


def uneven(num_frames: int) -> list[int]:
    """Timestamps of a camera that slows down and hurries, none twice the same apart."""
    steps = [3003 + 331 * (index * index % 11) for index in range(num_frames)]
    return [sum(steps[:index]) for index in range(num_frames)]


def make_clip(
    path: Path,
    pts: list[int],
    size: tuple[int, int] = (96, 64),
    audio: str | None = None,
    codec: str = "libx264",
    rotation: int = 0,
    pix_fmt: str = "yuv420p",
) -> Path:
    """A clip with one frame per entry of `pts` (1/90000 s) and, if asked, a tone."""
    width, height = size
    with av.open(str(path), "w") as container:
        video = cast(VideoStream, container.add_stream(codec, rate=24, options={"g": "12"}))
        video.width, video.height, video.pix_fmt = width, height, pix_fmt
        video.codec_context.time_base = video.time_base = TIME_BASE
        video.codec_context.flags |= Flags.frame_duration
        if rotation:
            video.set_display_rotation(rotation)
        sound = None
        if audio is not None:
            sound = cast(AudioStream, container.add_stream(audio, rate=SAMPLE_RATE))
            sound.layout = "mono"
        for index, at in enumerate(pts):
            frame = av.VideoFrame.from_ndarray(picture(index, width, height))
            later = pts[index + 1] if index + 1 < len(pts) else at + 3750
            frame.pts, frame.time_base, frame.duration = at, TIME_BASE, later - at
            container.mux(video.encode(frame))
        container.mux(video.encode())
        if sound is not None:
            _mux_tone(container, sound, (pts[-1] + 3750) / 90000)
    return path


def _mux_tone(container: OutputContainer, stream: AudioStream, seconds: float) -> None:
    samples = np.sin(np.arange(int(seconds * SAMPLE_RATE)) * 0.05).astype(np.float32)
    pcm = (samples * 12000).astype(np.int16)
    for start in range(0, len(pcm), 1024):
        frame = av.AudioFrame.from_ndarray(pcm[None, start : start + 1024], "s16", "mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE, start
        container.mux(stream.encode(frame))
    container.mux(stream.encode())


def make_audio(path: Path, codec: str = "aac", seconds: float = 0.5) -> Path:
    with av.open(str(path), "w") as container:
        stream = cast(AudioStream, container.add_stream(codec, rate=SAMPLE_RATE))
        stream.layout = "mono"
        _mux_tone(container, stream, seconds)
    return path


@dataclass(frozen=True)
class Clip:
    """What is in a file, as a player would see it."""

    pts_s: list[Fraction]
    size: tuple[int, int]
    rate: Fraction | None
    codec: str
    first: NDArray[np.uint8]
    last: NDArray[np.uint8]
    audio_codec: str | None
    audio_s: list[Fraction]
    audio_bytes: bytes
    metadata: dict[str, str]


def read_clip(path: Path) -> Clip:
    """Decodes all of it."""
    with av.open(str(path)) as container:
        video = container.streams.video[0]
        sound = container.streams.audio[0] if container.streams.audio else None
        frames: list[av.VideoFrame] = []
        audio_s: list[Fraction] = []
        audio_bytes = b""
        for packet in container.demux():
            if packet.stream.type == "video":
                frames += cast(Any, packet).decode()
            elif packet.pts is not None:
                audio_s.append(packet.pts * packet.time_base)
                audio_bytes += bytes(packet)
        assert video.time_base is not None
        return Clip(
            pts_s=[cast(int, frame.pts) * video.time_base for frame in frames],
            size=(frames[0].width, frames[0].height),
            rate=video.average_rate,
            codec=video.codec_context.name,
            first=cast(Any, frames[0].to_ndarray(format="rgb24")),
            last=cast(Any, frames[-1].to_ndarray(format="rgb24")),
            audio_codec=None if sound is None else sound.codec_context.name,
            audio_s=audio_s,
            audio_bytes=audio_bytes,
            metadata=dict(container.metadata),
        )


def distance(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> float:
    """Mean absolute difference in grey levels."""
    return float(np.abs(a.astype(int) - b.astype(int)).mean())
