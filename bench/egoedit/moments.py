"""Which frames of an output are judged, and the frames of its source at the same times.

The published program reads both files at the same frame *number*, so files of different rates cost marks unseen.
Here the source's frame is found by its time since the first frame; where both files agree that is the same number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from bench.egoedit.errors import ItemFailed
from egostream.errors import BadVideo
from egostream.frames import Rgb
from egostream.video_reader import VideoReader

NUM_JUDGED = 3
LONGEST_GAP = Fraction(
    3, 4
)  # of the source's frame period, between a moment and the source's frame


@dataclass(frozen=True, slots=True)
class Moment:
    """One time in both videos: frame numbers from 0, and pictures (h, w, 3), whose sizes may differ."""

    frame: int
    source_frame: int
    time_s: float
    source: Rgb
    output: Rgb


def judged_frames(num_frames: int) -> list[int]:
    """The published choice, `range(0, n, n // 3)`; all frames where there are fewer than three."""
    return list(range(0, num_frames, max(1, num_frames // NUM_JUDGED)))


def find_moments(source: Path, output: Path, num_frames: int) -> list[Moment]:
    """The judged moments of an output of `num_frames`. Raises ItemFailed."""
    wanted = set(judged_frames(num_frames))
    picked: list[tuple[int, Fraction, Rgb]] = []
    count = 0
    for count, (time, rgb) in enumerate(_timed(output), 1):
        if count - 1 in wanted:
            picked.append((count - 1, time, rgb))
    if not wanted or count != num_frames:
        detail = f"{output} has {count} frames, not the {num_frames} that were written"
        raise ItemFailed("length_mismatch", detail)
    nearest = _nearest(source, [time for _, time, _ in picked])
    return [
        Moment(frame, source_frame, float(time), before, after)
        for (frame, time, after), (source_frame, before) in zip(picked, nearest, strict=True)
    ]


def _nearest(source: Path, times: list[Fraction]) -> list[tuple[int, Rgb]]:
    """For each time the frame of the source closest to it. Raises ItemFailed where none is close."""
    best: list[tuple[Fraction, int, Rgb] | None] = [None] * len(times)
    last = Fraction(0)
    count = 0
    for number, (time, rgb) in enumerate(_timed(source)):
        for i, wanted in enumerate(times):
            found = best[i]
            if found is None or abs(time - wanted) < found[0]:
                best[i] = (abs(time - wanted), number, rgb)
        last, count = time, number + 1
    period = last / (count - 1) if count > 1 else Fraction(1)
    out: list[tuple[int, Rgb]] = []
    for wanted, found in zip(times, best, strict=True):
        assert found is not None
        if found[0] > LONGEST_GAP * period:
            raise ItemFailed(
                "time_mismatch",
                f"the output shows {float(wanted):.2f} s, the source ends at {float(last):.2f} s: they are "
                "not of the same length",
            )
        out.append(found[1:])
    return out


def _timed(path: Path) -> Iterator[tuple[Fraction, Rgb]]:
    """Each frame and its time in seconds since the first. Raises ItemFailed."""
    try:
        with VideoReader(path) as reader:
            first: int | None = None
            for item in reader:
                first = item.frame.pts if first is None else first
                yield (item.frame.pts - first) * reader.info.time_base, item.frame.rgb
    except BadVideo as error:
        raise ItemFailed("missing_video", str(error)) from error


def read_all(path: Path) -> list[Rgb]:
    """All frames of a video. Raises ItemFailed."""
    return [rgb for _, rgb in _timed(path)]
