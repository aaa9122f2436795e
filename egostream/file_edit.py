"""Edits a video file with an editor: chunk by chunk, as the server does, but never in a hurry.

Knows files and the editor's contract; never models, engines, sockets.
"""

from __future__ import annotations

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from egostream.audio_copy import AudioCopier
from egostream.contract import EditorLike, Stream
from egostream.errors import BadVideo
from egostream.frames import Frame
from egostream.instruction import check_instruction
from egostream.interrupts import HeldInterrupts
from egostream.video_reader import FileFrame, VideoReader
from egostream.video_writer import VideoWriter, check_target

log = logging.getLogger(__name__)

Progress = Callable[[int, int | None], None]
"""Called with (frames done, frames in all if known) after each chunk."""


@dataclass(frozen=True, slots=True)
class EditJob:
    """What to edit, where to, how. Times in seconds of the source."""

    source: Path
    target: Path
    instruction: str
    seed: int = 0
    start_s: float = 0.0
    seconds: float | None = None
    side_by_side: bool = False


@dataclass(frozen=True, slots=True)
class EditReport:
    """`fps_edit` counts only the time inside the editor, `fps_total` decoding and writing too.

    `first_frame_ms` runs from the first decoded frame to its edited picture. The chunk percentiles
    leave out the first chunk, which is one frame. Loading the editor is `load_s` and nowhere else.
    """

    preset: str
    instruction: str
    seed: int
    input: str
    output: str
    size: tuple[int, int]
    frames: int
    fps_edit: float
    fps_total: float
    first_frame_ms: float
    chunk_ms_p50: float
    chunk_ms_p95: float
    load_s: float
    warnings: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def edit_file(
    job: EditJob, load: Callable[[], EditorLike], progress: Progress | None = None
) -> EditReport:
    """Edit `job.source` into `job.target`.

    `load` is called once everything that can be wrong with the job has been looked at, so that a
    typing error does not cost the loading of a model. Raises BadVideo, BadInstruction and whatever
    `load` raises; then the target is as it was before.
    """
    instruction = check_instruction(job.instruction)
    _check_times(job)
    target = check_target(job.target, job.source)
    with VideoReader(job.source, job.start_s, job.seconds) as reader:
        load_ns = time.monotonic_ns()
        editor = load()
        encoded = editor.encode_instruction(instruction)
        editor.warm_up()
        start_ns = time.monotonic_ns()
        stream = editor.open(encoded, seed=job.seed)
        info = reader.info
        width = info.width * 2 if job.side_by_side else info.width

        # Ctrl-C waits for the end of a chunk: anywhere else it could leave the temporary behind.
        with HeldInterrupts() as held, _open_audio(job, reader) as audio:

            def report_progress(num_done: int, num_all: int | None) -> None:
                held.check()
                if progress is not None:
                    progress(num_done, num_all)

            with VideoWriter(target, info, width, info.height, audio) as writer:
                chunk_ns = _run(job, reader, stream, writer, report_progress)
        total_s = (time.monotonic_ns() - start_ns) / 1e9
        return _report(
            job, editor.name, writer.size, chunk_ns, total_s, (start_ns - load_ns) / 1e9, reader
        )


def _check_times(job: EditJob) -> None:
    if not (math.isfinite(job.start_s) and job.start_s >= 0):
        raise BadVideo(f"the start must be 0 s or later, got {job.start_s:g}")
    if job.seconds is not None and not (math.isfinite(job.seconds) and job.seconds > 0):
        raise BadVideo(f"the length to edit must be above 0 s, got {job.seconds:g}")


def _open_audio(job: EditJob, reader: VideoReader) -> contextlib.closing[AudioCopier]:
    info = reader.info
    end_s = None
    if job.seconds is not None:
        end_s = reader.first_s + Fraction(job.start_s) + Fraction(job.seconds)
    return contextlib.closing(AudioCopier(job.source, info.origin_s, end_s))


def _run(
    job: EditJob,
    reader: VideoReader,
    stream: Stream,
    writer: VideoWriter,
    progress: Progress,
) -> list[tuple[int, int, int]]:
    """(frames, ns of `generate`, ns of `finalize`) per chunk."""
    timings: list[tuple[int, int, int]] = []
    num_done = 0
    for chunk in _chunks(iter(reader), stream):
        # The last chunk is filled up with its last frame; what comes of the filling is dropped.
        wanted = [item.frame for item in chunk]
        wanted += [wanted[-1]] * (stream.num_frames_wanted - len(wanted))
        start_ns = time.perf_counter_ns()
        edited = stream.generate(wanted)
        generated_ns = time.perf_counter_ns()
        stream.finalize()
        done_ns = time.perf_counter_ns()
        timings.append((len(chunk), generated_ns - start_ns, done_ns - generated_ns))
        for item, out in zip(chunk, edited.frames, strict=False):
            rgb = _beside(item.frame, out) if job.side_by_side else out.rgb
            writer.write(rgb, item.frame.pts, item.duration)
        num_done += len(chunk)
        progress(num_done, reader.info.num_frames)
    return timings


def _chunks(frames: Iterator[FileFrame], stream: Stream) -> Iterator[list[FileFrame]]:
    while True:
        chunk: list[FileFrame] = []
        for item in frames:
            chunk.append(item)
            if len(chunk) == stream.num_frames_wanted:
                break
        if not chunk:
            return
        yield chunk


def _beside(source: Frame, edited: Frame) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.concatenate([source.rgb, edited.rgb], axis=1)


def _report(
    job: EditJob,
    preset: str,
    size: tuple[int, int],
    timings: list[tuple[int, int, int]],
    total_s: float,
    load_s: float,
    reader: VideoReader,
) -> EditReport:
    num_frames = sum(count for count, _, _ in timings)
    edit_s = sum(generate + finalize for _, generate, finalize in timings) / 1e9
    full = timings[1:] or timings
    chunk_ms = [(generate + finalize) / 1e6 for _, generate, finalize in full]
    p50, p95 = np.percentile(chunk_ms, [50, 95])
    return EditReport(
        preset=preset,
        instruction=check_instruction(job.instruction),
        seed=job.seed,
        input=str(job.source),
        output=str(job.target),
        size=size,
        frames=num_frames,
        fps_edit=round(num_frames / max(edit_s, 1e-9), 2),
        fps_total=round(num_frames / max(total_s, 1e-9), 2),
        first_frame_ms=round(timings[0][1] / 1e6, 2),
        chunk_ms_p50=round(float(p50), 2),
        chunk_ms_p95=round(float(p95), 2),
        load_s=round(load_s, 2),
        warnings=_warnings(job.source, reader, num_frames),
    )


def _warnings(source: Path, reader: VideoReader, num_frames: int) -> list[str]:
    promised = reader.info.num_frames
    if promised is not None:
        # A count is exact, a length is not: sound may outlast the picture, the rate may vary.
        is_short = num_frames < (promised if reader.info.is_exact else 0.9 * promised - 2)
        if is_short:
            return [f"{source} is damaged or cut off: {num_frames} of {promised} frames were read"]
    if reader.num_bad_packets:
        return [f"{source} is damaged in {reader.num_bad_packets} place(s); some frames may suffer"]
    return []
