"""`python -m bench.quality`: how good are the edits, on held-out scenes with exact truth?

Every example streams through the real `EditStream`, chunk by chunk. Per task: error closed
(1 - MSE(edit, truth) / MSE(source, truth) inside the edited region), PSNR of the unedited region, blockiness
(gradient energy on the codec's 16-pixel borders over that elsewhere, for the edit and for the truth) and
the jump at chunk borders over the change inside chunks.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from bench.machine import describe_machine
from bench.sheet import write_sheet
from distill.heldout import GLOBAL, LOCAL, Example, examples
from distill.world.clips import list_clips
from egostream.editor import Editor, load_editor
from egostream.errors import EgostreamError
from egostream.frames import Frame

log = logging.getLogger(__name__)

OUT = Path("bench/results/quality.json")
BORDER = 16


class TooFewExamples(Exception):
    """The clips give no example of an edit."""


def positive(text: str) -> int:
    """A command line's count of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number of at least 1")
    return int(text)


def psnr(error: Tensor) -> float:
    """PSNR in dB of squared errors of pictures in 0..1."""
    return float(-10 * torch.log10(error.mean().clamp(min=1e-7)))


def blockiness(pictures: Tensor) -> float:
    """Gradient energy on block borders over that elsewhere; 1 where there are no blocks."""
    ratios = []
    for dim in (-1, -2):
        energy = pictures.diff(dim=dim).square()
        border = (torch.arange(energy.shape[dim]) + 1) % BORDER == 0
        on = energy.index_select(dim, border.nonzero()[:, 0]).mean()
        off = energy.index_select(dim, (~border).nonzero()[:, 0]).mean()
        ratios.append(float((on + 1e-8) / (off + 1e-8)))
    return float(np.mean(ratios))


def border_jump(edited: Tensor, source: Tensor) -> float:
    """Change of the edit (edit - source) at chunk borders over its change inside chunks."""
    step = (edited - source).diff(dim=0).square().mean((1, 2, 3))
    first = torch.arange(len(step)) % 4 == 0
    return float((step[first].mean() + 1e-6) / (step[~first].mean() + 1e-6))


def run_stream(editor: Editor, example: Example, seed: int) -> Tensor:
    """The edited pictures of an example, (n, 3, h, w) in 0..1."""
    stream = editor.open(editor.encode_instruction(example.text), seed)
    pixels = (example.source.permute(0, 2, 3, 1) * 255).round().byte().numpy()
    frames = [Frame(rgb, i) for i, rgb in enumerate(pixels)]
    out: list[NDArray[np.uint8]] = []
    while len(out) < len(frames):
        wanted = stream.num_frames_wanted
        out += [f.rgb for f in stream.push(frames[len(out) : len(out) + wanted])]
    return torch.from_numpy(np.stack(out)).permute(0, 3, 1, 2).float() / 255


def score(example: Example, edited: Tensor) -> dict[str, float]:
    """All figures of one example."""
    error = (edited - example.target).square()
    found = {"border_jump": border_jump(edited, example.source)}
    inside = (example.mask > 0.5).expand_as(error)
    if bool(inside.any()):
        copying = (example.source - example.target).square()
        found["error_closed"] = 1 - float(error[inside].mean() / copying[inside].mean())
        found["edited_psnr_db"] = psnr(error[inside])
    outside = (example.mask == 0).expand_as(error)
    if float(outside.float().mean()) > 0.02:
        found["unedited_psnr_db"] = psnr(error[outside])
    if example.task != "pixel_art":  # its cells are blocks by intent
        found["blockiness"] = blockiness(edited)
        found["blockiness_of_truth"] = blockiness(example.target)
    return found


def mean(rows: Sequence[dict[str, float]], key: str) -> float | None:
    """The mean of a figure over the rows that have it."""
    values = [r[key] for r in rows if key in r]
    return float(np.mean(values)) if values else None


def summarise(name: str, tasks: dict[str, list[dict[str, float]]]) -> dict[str, Any]:
    """One row of the table: means of tasks, and every task's own means."""
    keys = sorted({k for rows in tasks.values() for r in rows for k in r})
    per_task: dict[str, dict[str, float | None]] = {
        t: {"num_examples": len(rows), **{k: mean(rows, k) for k in keys}}
        for t, rows in tasks.items()
    }

    def over(names: Sequence[str], key: str) -> float | None:
        values = [per_task[n][key] for n in names if per_task.get(n, {}).get(key) is not None]
        return float(np.mean(np.array(values, float))) if values else None

    everything = list(tasks)
    return {
        "name": name,
        "error_closed": over([*GLOBAL, *LOCAL], "error_closed"),
        "error_closed_global": over(GLOBAL, "error_closed"),
        "error_closed_local": over(LOCAL, "error_closed"),
        "unedited_psnr_db": over([*LOCAL, "none"], "unedited_psnr_db"),
        "blockiness": over(everything, "blockiness"),
        "blockiness_of_truth": over(everything, "blockiness_of_truth"),
        "border_jump": over(everything, "border_jump"),
        "tasks": per_task,
    }


def print_table(rows: Sequence[dict[str, Any]]) -> None:
    """For people."""
    print(
        f"{'':20s} {'closed':>8s} {'edited dB':>10s} {'unedited dB':>12s} {'blocks':>7s} {'jump':>6s}"
    )
    for row in rows:
        summary = {
            **row,
            "edited_psnr_db": None,
        }
        for label, figures in ((row["name"], summary), *row["tasks"].items()):
            cells = [
                "-" if figures.get(k) is None else f"{figures[k]:.3g}"
                for k in (
                    "error_closed",
                    "edited_psnr_db",
                    "unedited_psnr_db",
                    "blockiness",
                    "border_jump",
                )
            ]
            widths = (8, 10, 12, 7, 6)
            print(
                f"{label:20s} " + " ".join(c.rjust(w) for c, w in zip(cells, widths, strict=True))
            )
        print(f"  global {row['error_closed_global']:.3f}   local {row['error_closed_local']:.3f}")


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.quality", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--data", type=Path, default=Path("data/world/heldout"), help="clips")
    parser.add_argument("--weights", type=Path, help="another checkpoint than the shipped one")
    parser.add_argument("--preset", default="nano")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--count", type=positive, default=12, help="examples of each task (12)")
    parser.add_argument(
        "--steps", type=positive, nargs="*", help="passes a chunk (the preset's own)"
    )
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING)
    if not list_clips(arguments.data):
        print(
            f"no held-out clips in {arguments.data}; render them: python -m distill.world render "
            f"--out {arguments.data} --clips 48 --split heldout",
            file=sys.stderr,
        )
        return 2
    try:
        editor = load_editor(arguments.preset, engine=arguments.engine, weights=arguments.weights)
    except EgostreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if not isinstance(editor, Editor):
        print(f"error: preset {arguments.preset} has no model to score", file=sys.stderr)
        return 2
    try:
        return measure(editor, arguments)
    except TooFewExamples as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def measure(editor: Editor, arguments: argparse.Namespace) -> int:
    """Run everything; write JSON and sheet, print the table."""
    steps = arguments.steps or [editor.preset.num_steps]
    names = [f"causal-{n}" for n in steps]
    tables: dict[str, dict[str, list[dict[str, float]]]] = {n: {} for n in ("copy", *names)}
    shown: list[tuple[Example, Tensor]] = []
    tasks = [*GLOBAL, *LOCAL, "none"]
    bar = tqdm(total=len(tasks) * arguments.count, desc="examples")
    for task in tasks:
        for number, example in enumerate(examples(arguments.data, task, arguments.count)):
            copied = score(example, example.source)
            tables["copy"].setdefault(task, []).append(copied)
            for name, num_steps in zip(names, steps, strict=True):
                editor.set_num_steps(num_steps)
                edited = run_stream(editor, example, seed=number)
                tables[name].setdefault(task, []).append(score(example, edited))
            if number < (3 if task in LOCAL else 1):
                shown.append((example, edited))
            bar.update()
        found = len(tables["copy"].get(task, ()))
        if found == 0:
            raise TooFewExamples(
                f"no example of {task!r} in {arguments.data}: render more clips, or larger ones"
            )
        if found < arguments.count:
            log.warning("%s: %d examples, not %d", task, found, arguments.count)
    bar.close()
    rows = [summarise(name, table) for name, table in tables.items()]
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    report = {"rows": rows, "machine": describe_machine()}
    arguments.out.write_text(json.dumps(report, indent=1))
    write_sheet(arguments.out.with_suffix(".png"), shown)
    print_table(rows)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
