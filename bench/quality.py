"""`python -m bench.quality`: how good are the edits, on held-out scenes with exact truth?

Every example streams through the real `EditStream`, chunk by chunk. Per task: error closed
(1 - MSE(edit, truth) / MSE(source, truth) inside the edited region), PSNR and SSIM of the unedited region and of
hands in it, change along the true optical flow (warp error, where the clips have truth beside them), Frechet
distance of features (which a blur does not win), blockiness (gradient energy on the codec's 16-pixel borders over
that elsewhere, for the edit and for the truth) and the jump at chunk borders over the change inside chunks.
Rows: `copy` (the source as it is), `flat` (one colour, the truth's mean), `oracle` (the truth through the codec),
`causal-N` (the student streaming), `teacher-40`. Tasks are EgoEditBench's fifteen; the mean of all is the mean of
tasks (maps among them: read it beside `flat`, and the mean of edits alone). Models are asked again in words that
training never saw, and for combinations it never saw.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from bench.frechet import Cloud, features, frechet_distance
from bench.machine import describe_machine
from bench.quality_report import Figures, compare, markdown, plain, plot, summarise
from bench.scores import score
from bench.sheet import write_sheet
from distill.heldout import ENTRIES, Entry, Example, examples, need_clips
from distill.sample import edit_clip
from egostream.editor import Editor, load_editor
from egostream.errors import EgostreamError
from egostream.frames import Frame
from egostream.models.checkpoint import load_checkpoint
from egostream.models.codec import CodecState
from egostream.numbers import positive

log = logging.getLogger(__name__)

OUT = Path("bench/results/quality.json")
TEACHER_STEPS, GUIDANCE = 40, 1.5
BASELINES = ("copy", "flat", "oracle", "no-cache")
# Tasks of which training leaves combinations out, and those that are asked for again in words it never saw.
COMBINING = ("recolor", "material", "shape", "object_effect", "add", "remove", "combined")
WORDED = (*COMBINING, "background", "weather", "style", "reasoning")
EVERY = 3  # of the frames, for features of pictures: neighbours are nearly the same
Way = Callable[[Example, int], Tensor]


class TooFewExamples(Exception):
    """The clips give no example of an edit."""


def as_frames(pictures: Tensor) -> list[Frame]:
    """Pictures (n, 3, h, w) in 0..1 as the editor takes them."""
    pixels = (pictures.permute(0, 2, 3, 1) * 255).round().byte().numpy()
    return [Frame(rgb, i) for i, rgb in enumerate(pixels)]


def as_pictures(frames: Sequence[Frame]) -> Tensor:
    """The inverse."""
    rgb = np.stack([f.rgb for f in frames])
    return torch.from_numpy(rgb).permute(0, 3, 1, 2).float() / 255


def run_stream(editor: Editor, example: Example, seed: int) -> Tensor:
    """The edited pictures of an example, (n, 3, h, w) in 0..1."""
    stream = editor.open(editor.encode_instruction(example.text), seed)
    frames, out = as_frames(example.source), list[Frame]()
    while len(out) < len(frames):
        wanted = stream.num_frames_wanted
        out += stream.push(frames[len(out) : len(out) + wanted])
    return as_pictures(out)


def run_without_past(editor: Editor, example: Example, seed: int) -> Tensor:
    """The same, each frame as if it were a stream's first."""
    instruction = editor.encode_instruction(example.text)
    frames = as_frames(example.source)
    return as_pictures([editor.open(instruction, seed).push([f])[0] for f in frames])


def flat(example: Example) -> Tensor:
    """One colour a frame, the truth's mean: what a picture without any content scores."""
    return example.target.mean((2, 3), keepdim=True).expand_as(example.target)


@torch.inference_mode()
def reconstruct(editor: Editor, example: Example) -> Tensor:
    """The truth, encoded by the codec and decoded: what no model of this codec can surpass."""
    codec, source = editor.model.codec, example.source[None]
    code, _ = codec.encode(example.target[None], CodecState(), source)
    return codec.decode(code, CodecState(), source)[0][0]


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.quality", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--data", type=Path, default=Path("data/world/heldout"), help="clips")
    parser.add_argument("--weights", type=Path, help="another checkpoint than the shipped one")
    parser.add_argument("--preset", default="nano")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--count", type=positive, default=6, help="examples of each entry (6)")
    parser.add_argument(
        "--other-count", type=positive,
        help="of each entry in other words or of unseen combinations (as many)",
    )  # fmt: skip
    parser.add_argument(
        "--steps", type=positive, nargs="*", help="passes a chunk (the preset's own)"
    )
    parser.add_argument(
        "--baselines", action="store_true", help="also edit each frame alone, without a past"
    )
    parser.add_argument(
        "--teacher", type=Path, metavar="CHECKPOINT", help="also what this teacher does in 40 steps"
    )
    parser.add_argument(
        "--tasks", nargs="*", metavar="TASK", help="these tasks, styles, … alone (all)"
    )
    parser.add_argument(
        "--plain", action="store_true", help="leave out held-out wording and unseen combinations"
    )
    parser.add_argument("--guidance", type=float, default=GUIDANCE, help=f"of it ({GUIDANCE})")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING)
    try:
        need_clips(arguments.data)
        editor = load_editor(arguments.preset, engine=arguments.engine, weights=arguments.weights)
        if not isinstance(editor, Editor):
            raise EgostreamError(f"preset {arguments.preset} has no model to score")
        return measure(editor, arguments)
    except (TooFewExamples, EgostreamError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def ways_to_edit(editor: Editor, steps: Sequence[int], baselines: bool) -> dict[str, Way]:
    """What is compared, by the names of the table's rows."""

    def with_steps(num_steps: int, run: Callable[[Editor, Example, int], Tensor]) -> Way:
        def way(example: Example, seed: int) -> Tensor:
            editor.set_num_steps(num_steps)
            return run(editor, example, seed)

        return way

    ways: dict[str, Way] = {
        "copy": lambda example, seed: example.source,
        "flat": lambda example, seed: flat(example),
        "oracle": lambda example, seed: reconstruct(editor, example),
    }
    if baselines:
        ways["no-cache"] = with_steps(steps[0], run_without_past)
    return ways | {f"causal-{n}": with_steps(n, run_stream) for n in steps}


def teach(editor: Editor, path: Path, guidance: float) -> dict[str, Way]:
    """The row of a teacher. Raises BadCheckpoint."""
    teacher = load_checkpoint(path)

    def way(example: Example, seed: int) -> Tensor:
        states, mask = editor.encode_instruction(example.text).states
        return edit_clip(teacher, example.source, (states, mask), TEACHER_STEPS, guidance, seed)

    return {f"teacher-{TEACHER_STEPS}": way}


def measure(editor: Editor, arguments: argparse.Namespace) -> int:
    """Run everything; write JSON, table, plot and sheet, print the table."""
    steps = arguments.steps or [editor.preset.num_steps]
    ways = ways_to_edit(editor, steps, arguments.baselines)
    if arguments.teacher is not None:
        ways = {**ways, **teach(editor, arguments.teacher, arguments.guidance)}
    wanted = set(arguments.tasks or ())
    strange = wanted - {name for e in ENTRIES for name in (e.name, e.task)}
    if strange:
        known = ", ".join(dict.fromkeys(e.task for e in ENTRIES))
        raise TooFewExamples(f"no task is called {', '.join(sorted(strange))}; there are {known}")
    entries = [e for e in ENTRIES if not wanted or {e.name, e.task} & wanted]
    found = run_entries(editor, ways, entries, arguments.data, arguments.count)
    rows = [summarise(n, found.tables[n], found.distances[n]) for n in ways]
    if not arguments.plain:
        # In other words each model sees the same pictures again; unseen combinations are other clips.
        judged = {n: way for n, way in ways.items() if n not in BASELINES}
        combining = [e for e in entries if e.task in COMBINING]
        worded = [e for e in entries if e.task in WORDED]
        count = min(arguments.other_count or arguments.count, arguments.count)
        for key, chosen, options in (
            ("heldout_phrasing", worded, {"vocabulary": "phrasing"}),
            ("heldout_words", worded, {"vocabulary": "words"}),
            ("heldout_wording", worded, {"vocabulary": "heldout"}),
            ("unseen_combinations", combining, {"unseen": True}),
        ):
            other = run_entries(editor, judged, chosen, arguments.data, count, key, **options)
            for row in rows:
                if row["name"] in judged:
                    usual, unusual = found.tables[row["name"]], other.tables[row["name"]]
                    if "vocabulary" in options:
                        usual = {t: figures[:count] for t, figures in usual.items()}
                    row[key] = compare(usual, unusual)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    report = {"rows": rows, "machine": describe_machine()}
    arguments.out.write_text(json.dumps(report, indent=1))
    arguments.out.with_suffix(".md").write_text(markdown(rows))
    plot(rows, arguments.out.with_name(f"{arguments.out.stem}_plot.png"))
    write_sheet(arguments.out.with_suffix(".png"), found.shown)
    print(plain(rows))
    return 0


@dataclass
class Found:
    """Figures by row and entry, Frechet distances likewise, and examples to look at."""

    tables: dict[str, dict[str, list[Figures]]]
    distances: dict[str, dict[str, float]]
    shown: list[tuple[Example, Tensor]]


def run_entries(
    editor: Editor,
    ways: dict[str, Way],
    entries: Sequence[Entry],
    data: Path,
    count: int,
    title: str = "examples",
    **options: Any,
) -> Found:
    """Edit every example in every way, and score it. Raises TooFewExamples where an entry has none."""
    backbone = editor.model.codec.backbone
    found = Found({n: {} for n in ways}, {n: {} for n in ways}, [])
    # The sheet shows what people get: the first of the models, not the teacher that may come after it.
    product = next((n for n in ways if n not in BASELINES), next(iter(ways)))
    bar = tqdm(total=len(entries) * count, desc=title)
    for entry in entries:
        truth, clouds = Cloud(), {n: Cloud() for n in ways}
        drawn = examples(data, entry, count, **options)
        for number, example in enumerate(drawn):
            shown = example.source
            for name, way in ways.items():
                edited = way(example, number)
                if name == product:
                    shown = edited
                found.tables[name].setdefault(entry.name, []).append(score(example, edited))
                if backbone is not None:
                    clouds[name].add(features(backbone, edited[::EVERY]))
            if backbone is not None:
                truth.add(features(backbone, example.target[::EVERY]))
            if number < (2 if entry.sub is None else 1):
                found.shown.append((example, shown))
            bar.update()
        drawn_count = len(next(iter(found.tables.values())).get(entry.name, ()))
        if drawn_count == 0 and not options:
            raise TooFewExamples(
                f"no example of {entry.name!r} in {data}: render more clips, or larger ones"
            )
        if drawn_count < count:
            log.warning("%s: %d examples, not %d", entry.name, drawn_count, count)
        if truth.count:
            for name, cloud in clouds.items():
                found.distances[name][entry.name] = frechet_distance(cloud, truth)
    bar.close()
    return found


if __name__ == "__main__":
    raise SystemExit(main())
