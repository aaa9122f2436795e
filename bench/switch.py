"""`python -m bench.switch`: how does a stream take a new instruction?

Every scene is edited by A; in mid-stream B is asked for. Compared are what may become of the cache, whose latents
show A: `keep` it, `drop` it, or `rebuild` it by editing the chunk before again under B (what is served); and `alone`,
a stream that was asked for B from its first frame on: nothing can be expected to do better. Per way: error closed of
B's first chunk and of the rest, in how many chunks it comes within 5 % of `alone`, by how many dB the worst frame is
behind `alone` (goal: 2), what is left of A where B leaves the source alone, the jump at chunk borders, and how long the
first chunk takes until it is out.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from torch import Tensor
from tqdm import tqdm

from bench.drift import seconds
from bench.endless import Endless, NoScene, same_scenes
from bench.machine import describe_machine
from bench.scores import border_jump, psnr
from bench.style import FAINT, INK, STYLE
from bench.ways import as_pictures
from distill.heldout import need_clips
from distill.world.clips import list_clips
from egostream.editor import Editor
from egostream.errors import EgostreamError
from egostream.frames import Frame
from egostream.loading import load_editor
from egostream.model_choice import ModelChoice
from egostream.models.change_codec import STRIDE_T
from egostream.numbers import positive

OUT = Path("bench/results/switch.json")
Way = Literal["alone", "keep", "drop", "rebuild"]
WAYS: tuple[Way, ...] = get_args(Way)
PAIRS = (
    ("night", "recolor"), ("recolor", "night"), ("remove", "recolor"), ("recolor", "remove"),
    ("sketch", "snow"), ("snow", "sketch"), ("night", "remove"), ("remove", "sunset"),
)  # fmt: skip
BEFORE, AFTER = 6, 6  # chunks of each instruction; the first of all is a single frame
CLOSE = 0.95  # of what `alone` closes: the full effect
COLUMNS = (
    ("first_closed", "first chunk", ".3f"), ("rest_closed", "rest", ".3f"),
    ("chunks_to_full", "chunks to full effect", ".2f"), ("behind_db", "worst frame behind, dB", ".2f"),
    ("residue_db", "left of A, dB", ".1f"), ("border_jump", "border jump", ".2f"),
    ("first_ms", "first chunk, ms", ".0f"),
)  # fmt: skip


def run(editor: Editor, way: Way, first: Endless, second: Endless) -> tuple[Tensor, float]:
    """The frames after the switch, (n, 3, h, w), and the milliseconds until the first chunk of them was out."""
    a, b = (editor.encode_instruction(video.text) for video in (first, second))
    stream = editor.open(b) if way == "alone" else editor.open(a, on_switch=way)
    out, first_ms = list[Frame](), 0.0
    for chunk in range(BEFORE + AFTER):
        if chunk == BEFORE:
            stream.set_instruction(b)
        done = len(out)
        frames = [second.frame(i) for i in range(done, done + stream.num_frames_wanted)]
        begun = time.perf_counter()
        out += stream.generate(frames).frames
        if chunk == BEFORE:
            first_ms = 1e3 * (time.perf_counter() - begun)
        stream.finalize()
    return as_pictures(out[-AFTER * STRIDE_T :]), first_ms


def judge(
    edited: Tensor, alone: Tensor, first: Endless, second: Endless, start: int
) -> dict[str, float]:
    """The figures of one switch; frames from `start` on."""
    wanted, before = (v.example(start, len(edited)) for v in (second, first))
    inside = (wanted.mask > 0.5).expand_as(edited)
    error, best = ((x - wanted.target).square() for x in (edited, alone))
    copying = (wanted.source - wanted.target).square()

    def closed(of: Tensor, frames: slice) -> float:
        where = inside[frames]
        # The thing may have left the picture for a while: nothing to close is closed.
        return 1 - float(of[frames][where].sum() / copying[frames][where].sum().clamp(min=1e-6))

    chunks = [slice(i, i + STRIDE_T) for i in range(0, len(edited), STRIDE_T)]
    reached = [
        closed(error, c) >= closed(best, c) - (1 - CLOSE) * abs(closed(best, c)) for c in chunks
    ]
    behind = [psnr(b) - psnr(e) for e, b in zip(error, best, strict=True)]
    found = {
        "first_closed": closed(error, chunks[0]),
        "rest_closed": closed(error, slice(STRIDE_T, None)),
        "chunks_to_full": float(reached.index(True) + 1 if any(reached) else len(chunks) + 1),
        "behind_db": max(behind),
        "border_jump": border_jump(edited[3:], wanted.source[3:]),
    }
    left = ((before.mask > 0.5) & (wanted.mask == 0)).expand_as(edited)
    if bool(left.any()):
        found["residue_db"] = psnr(error[left])
    return found


def measure(editor: Editor, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """A row for each way. Raises NoScene where no clip can be edited by all."""
    edits = tuple(dict.fromkeys(e for pair in PAIRS for e in pair))
    scenes: list[dict[str, Endless]] = []
    for path in list_clips(arguments.data):
        if len(scenes) == arguments.scenes:
            break
        try:
            videos = same_scenes(path, edits, fps=arguments.fps, size_hw=editor.frame_hw)
        except NoScene:
            continue
        scenes.append({v.edit: v for v in videos})
    if not scenes:
        raise NoScene(f"no clip in {arguments.data} shows a thing that can be taken away")
    found: dict[Way, list[dict[str, float]]] = {way: [] for way in WAYS}
    curves: dict[Way, list[list[float]]] = {way: [] for way in WAYS}
    start = 1 + STRIDE_T * (BEFORE - 1)
    editor.warm_up()
    for scene in tqdm(scenes, desc="scenes"):
        for a, b in PAIRS:
            results = {way: run(editor, way, scene[a], scene[b]) for way in WAYS}
            alone, _ = results["alone"]
            truth = scene[b].example(start, len(alone)).target
            for way, (edited, first_ms) in results.items():
                figures = judge(edited, alone, scene[a], scene[b], start)
                found[way].append(figures | {"first_ms": first_ms})
                curves[way].append([psnr(e) for e in (edited - truth).square()])
    rows = []
    for way in WAYS:
        means = {
            key: float(np.mean([f[key] for f in found[way] if key in f])) for key, _, _ in COLUMNS
        }
        rows.append({
            "way": way, **means, "worst_behind_db": max(f["behind_db"] for f in found[way]),
            "psnr_db_by_frame": np.mean(curves[way], axis=0).tolist(),
        })  # fmt: skip
    return rows


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """The table of all ways."""
    lines = ["| the cache | " + " | ".join(name for _, name, _ in COLUMNS) + " |"]
    lines.append("|---" * (len(COLUMNS) + 1) + "|")
    for row in rows:
        cells = [format(row[key], form) for key, _, form in COLUMNS]
        lines.append(f"| {row['way']} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def plot(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """PSNR by frame after the switch, of every way."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    colours = (INK, "#edae49", "#d1495b", "#00798c")
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(7, 3.6), layout="constrained")
        for row, colour in zip(rows, colours, strict=True):
            curve = row["psnr_db_by_frame"]
            axes.plot(range(len(curve)), curve, label=row["way"], color=colour, marker="o", ms=3)
        for border in range(0, AFTER * STRIDE_T, STRIDE_T):
            axes.axvline(border - 0.5, color=FAINT, lw=0.8)
        axes.set(
            xlabel="frames after the new instruction (lines: chunks)",
            ylabel="PSNR to the truth, dB",
            title="A new instruction in mid-stream",
        )
        axes.legend(frameon=False, ncol=len(rows))
        figure.savefig(path, dpi=110)
        plt.close(figure)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.switch", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--data", type=Path, default=Path("data/world/heldout"), help="clips")
    parser.add_argument("--weights", type=Path, help="another checkpoint than the shipped one")
    parser.add_argument("--preset", default="nano")
    parser.add_argument("--engine", default="auto")
    parser.add_argument(
        "--scenes", type=positive, default=8, help="each for all pairs of edits (8)"
    )
    parser.add_argument("--fps", type=seconds, default=24, help="of the video (24)")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING)
    try:
        need_clips(arguments.data)
        editor = load_editor(
            ModelChoice(arguments.preset, arguments.engine, weights=arguments.weights)
        )
        if not isinstance(editor, Editor):
            raise EgostreamError(f"preset {arguments.preset} has no cache")
        rows = measure(editor, arguments)
    except (NoScene, EgostreamError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    report = {
        "rows": rows, "pairs": PAIRS, "machine": describe_machine(),
    }  # fmt: skip
    arguments.out.write_text(json.dumps(report, indent=1))
    arguments.out.with_suffix(".md").write_text(markdown(rows))
    plot(rows, arguments.out.with_suffix(".png"))
    print(markdown(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
