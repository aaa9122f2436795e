"""`python -m bench.drift`: does quality hold over a ten-minute stream?

The real `EditStream` edits one endless video with exact truth, one edit after the other, under an instruction
that never changes. A burst of frames every two seconds is scored (see `bench.quality`), and so is how far the
edit's brightness and colour are from the truth's; figures are means over minutes. Every minute shows the same
scenes, so any trend is the editor's: a cache that fills with its own mistakes, a state that wanders off, memory
that is never given back. `kept` is the last minute's error closed over the first one's.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import psutil
from torch import Tensor
from tqdm import tqdm

from bench.caches import parse_memory, remembering
from bench.drift_report import Minute, draw_plot, draw_strip, markdown, plain, trend
from bench.endless import EDITS, Endless, NoScene, endless
from bench.machine import describe_machine
from bench.quality_report import Figures
from bench.scores import score
from bench.ways import as_pictures
from distill.filters.pieces import grey
from distill.heldout import Example, need_clips
from distill.report import to_rgb
from egostream.contract import EditorLike
from egostream.editor import Editor
from egostream.errors import EgostreamError
from egostream.frames import Frame
from egostream.loading import load_editor
from egostream.model_choice import ModelChoice
from egostream.models.change_codec import STRIDE_T
from egostream.numbers import positive

OUT, MEMORIES = Path("bench/results/drift.json"), Path("bench/results/memory.json")
# Bursts begin where the figure of chunk borders wants them, each a chunk later in the clip than the one before.
BURST = 2 * STRIDE_T
PHASES = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """How long the stream is, and how often it is scored; all in frames."""

    minutes: int
    minute_frames: int
    every_frames: int
    seed: int = 0

    @property
    def num_frames(self) -> int:
        return self.minutes * self.minute_frames

    def bursts(self) -> Iterator[int]:
        """The first frames of all bursts, in order; every minute scores the same pictures of its scenes."""
        step = max(BURST, round(self.every_frames / STRIDE_T) * STRIDE_T)
        for minute in range(0, self.num_frames, self.minute_frames):
            first_chunk = -(-minute // STRIDE_T) * STRIDE_T
            end = minute + self.minute_frames
            for number, first in enumerate(range(first_chunk, end, step)):
                # A clip comes round every second: without a shift the same pictures would be scored for ever.
                shifted = first + STRIDE_T * (number % PHASES) % (step - BURST + STRIDE_T)
                if shifted + BURST <= end:
                    yield shifted


def color_shift(example: Example, edited: Tensor) -> Figures:
    """Mean of the edit less that of the truth inside the edited region, in 0..255: brightness (its sign tells
    which is brighter), and how far apart the rest of the colour is.
    """
    inside = (example.mask > 0.5).float()
    if not bool(inside.any()):
        return {}
    difference = 255 * (edited - example.target)
    brightness = (grey(difference[None])[0] * inside).sum() / inside.sum()
    mean = (difference * inside).sum((0, 2, 3)) / inside.sum()
    shift = float((mean - brightness).norm())
    return {"brightness_shift": float(brightness), "color_shift": shift}


def judge(video: Endless, frames: Sequence[Frame]) -> tuple[Figures, Example, Tensor]:
    """The figures of a burst, with what they are of."""
    first = frames[0].pts
    example, edited = video.example(first, len(frames)), as_pictures(frames)
    figures = score(example, edited) | color_shift(example, edited)
    if video.cut_within(first, len(frames)):
        del figures["border_jump"]  # the video's own
    return figures, example, edited


def edit(editor: EditorLike, video: Endless, seed: int) -> Iterator[tuple[Frame, float]]:
    """The edited frames, without end, each with the seconds that it took."""
    stream = editor.open(editor.encode_instruction(video.text), seed)
    done = 0
    while True:
        taken = [video.frame(i) for i in range(done, done + stream.num_frames_wanted)]
        started = time.perf_counter()
        edited = stream.generate(taken).frames
        stream.finalize()
        spent_s = (time.perf_counter() - started) / len(edited)
        yield from ((frame, spent_s) for frame in edited)
        done += len(edited)


def run_edit(editor: EditorLike, video: Endless, plan: Plan) -> list[Minute]:
    """Stream the video through the editor; what was found in each minute."""
    process, starts = psutil.Process(), set(plan.bursts())
    minutes, minute, burst = list[Minute](), Minute(1), list[Frame]()
    form = "{desc:10s} {percentage:3.0f}%|{bar}| {n:.1f} of {total} min [{elapsed}<{remaining}]"
    with tqdm(total=plan.minutes, desc=video.edit, bar_format=form) as bar:
        for frame, spent_s in islice(edit(editor, video, plan.seed), plan.num_frames):
            minute.frame_s.append(spent_s)
            if burst or frame.pts in starts:
                burst.append(frame)
            if len(burst) == BURST:
                figures, example, edited = judge(video, burst)
                minute.bursts.append(figures)
                views = (example.source[-1], example.target[-1], edited[-1])
                minute.shown = [to_rgb(view) for view in views]
                burst = []
            if (frame.pts + 1) % plan.minute_frames == 0:
                minute.rss_mb = process.memory_info().rss / 2**20
                minutes.append(minute)
                minute = Minute(minute.number + 1)
            bar.update((frame.pts + 1) / plan.minute_frames - bar.n)
    return minutes


def seconds(text: str) -> float:
    """A command line's positive number."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.drift", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--data", type=Path, default=Path("data/world/heldout"), help="clips")
    parser.add_argument("--weights", type=Path, help="another checkpoint than the shipped one")
    parser.add_argument("--preset", default="nano")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--minutes", type=positive, default=10, help="of each edit (10)")
    parser.add_argument(
        "--edits", nargs="+", choices=EDITS, default=["night", "recolor", "remove"],
        metavar="EDIT", help=f"one after the other (night recolor remove); of {', '.join(EDITS)}",
    )  # fmt: skip
    parser.add_argument("--fps", type=seconds, default=24, help="of the video (24)")
    parser.add_argument(
        "--switch-s", type=seconds, default=20,
        help="a new scene every so many seconds (20); at least the length of a minute: never",
    )  # fmt: skip
    parser.add_argument(
        "--minute-s", type=seconds, default=60, help="shorter minutes, for a quick look (60)"
    )
    parser.add_argument("--every-s", type=seconds, default=2, help="score a burst so often (2)")
    parser.add_argument(
        "--memory", type=parse_memory, action="append", default=[], metavar="SINK+WINDOW",
        help="chunks kept from the beginning, and of the latest (the preset's); again for more",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help=f"JSON ({OUT}; of other memories, {MEMORIES})")
    arguments = parser.parse_args(argv)
    arguments.out = arguments.out or (MEMORIES if arguments.memory else OUT)
    logging.basicConfig(level=logging.WARNING)
    try:
        need_clips(arguments.data)
        editor = load_editor(
            ModelChoice(arguments.preset, arguments.engine, weights=arguments.weights)
        )
        editors: dict[str, EditorLike] = {"": editor}
        if arguments.memory:
            if not isinstance(editor, Editor):
                raise EgostreamError(f"preset {arguments.preset} has no cache")
            editors = {f", {m}": remembering(editor, m, arguments.engine) for m in arguments.memory}
        return measure(editors, arguments)
    except (NoScene, EgostreamError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def measure(editors: Mapping[str, EditorLike], arguments: argparse.Namespace) -> int:
    """Stream every edit through every editor; write JSON, table, plot and strip, print the table.

    An editor's name follows that of the edit in its row.
    """
    editor = next(iter(editors.values()))
    num_scenes = max(1, round(arguments.minute_s / arguments.switch_s))
    # So that a minute is all scenes once, to the frame.
    scene_frames = max(BURST, round(arguments.minute_s / num_scenes * arguments.fps))
    every_frames = round(arguments.every_s * arguments.fps)
    plan = Plan(arguments.minutes, num_scenes * scene_frames, every_frames, arguments.seed)
    videos = [
        endless(
            arguments.data, edit, num_scenes=num_scenes, scene_frames=scene_frames,
            fps=arguments.fps, size_hw=editor.frame_hw, seed=plan.seed,
        )
        for edit in arguments.edits
    ]  # fmt: skip
    rows: list[dict[str, Any]] = []
    shown: list[tuple[str, list[Minute]]] = []
    for name, judged in editors.items():
        judged.warm_up()
        for video in videos:
            minutes = run_edit(judged, video, plan)
            rows.append({"edit": video.edit + name, "instruction": video.text, **trend(minutes)})
            shown.append((video.text + name, minutes))
    report = {
        "preset": editor.name,
        "minutes": plan.minutes,
        "minute_s": plan.minute_frames / arguments.fps,
        "fps": arguments.fps,
        "scene_s": scene_frames / arguments.fps,
        "every_s": arguments.every_s,
        "burst_frames": BURST,
        "seed": plan.seed,
        "edits": rows,
        "machine": describe_machine(),
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(report, indent=1))
    arguments.out.with_suffix(".md").write_text(markdown(rows))
    draw_plot(arguments.out.with_name(f"{arguments.out.stem}_plot.png"), rows)
    draw_strip(arguments.out.with_suffix(".png"), shown)
    print(plain(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
