"""`python -m bench.quality`: how good are the edits, on held-out scenes with exact truth?

Every example streams through the real `EditStream`, chunk by chunk. Per task: error closed
(1 - MSE(edit, truth) / MSE(source, truth) inside the edited region), PSNR and SSIM of the unedited region and of
hands in it, change along the true optical flow (warp error, where the clips have truth beside them), Frechet
distance of features (which a blur does not win), blockiness (gradient energy on the codec's 16-pixel borders over
that elsewhere, for the edit and for the truth) and the jump at chunk borders over the change inside chunks.
Rows: `copy` (the source as it is), `flat` (one colour, the truth's mean), `oracle` (the truth through the codec), the
model that is served, by its stage and its passes a chunk (`causal-1`, `self-forcing-2`), and others that `--model`
names: a `teacher` in so many steps and a `dmd` student denoise whole clips, `causal` and `self-forcing` ones stream.
Tasks are EgoEditBench's fifteen; the mean of all is the mean of
tasks (maps among them: read it beside `flat`, and the mean of edits alone). Models are asked again in words that
training never saw, and for combinations it never saw.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor
from tqdm import tqdm

from bench.frechet import Cloud, features, frechet_distance
from bench.machine import describe_machine
from bench.quality_report import Figures, compare, markdown, plain, plot, summarise
from bench.scores import score
from bench.sheet import write_sheet
from bench.ways import STREAMING, Way, other_way, parse_model, ways_to_edit
from distill.dmd import GUIDANCE
from distill.heldout import ENTRIES, Entry, Example, examples, need_clips
from egostream.editor import Editor
from egostream.errors import EgostreamError
from egostream.loading import load_editor
from egostream.model_choice import ModelChoice
from egostream.models.checkpoint import change_codec_of
from egostream.numbers import positive

log = logging.getLogger(__name__)

OUT = Path("bench/results/quality.json")
BASELINES = ("copy", "flat", "oracle", "no-cache")
# Tasks of which training leaves combinations out, and those that are asked for again in words it never saw.
COMBINING = ("recolor", "material", "shape", "object_effect", "add", "remove", "combined")
WORDED = (*COMBINING, "background", "weather", "style", "reasoning")
EVERY = 3  # of the frames, for features of pictures: neighbours are nearly the same


class TooFewExamples(Exception):
    """The clips give no example of an edit."""


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
        "--stage", choices=STREAMING, default="causal", help="which trained the weights (causal)"
    )
    parser.add_argument(
        "--model", type=parse_model, action="append", default=[], metavar="STAGE=CHECKPOINT:STEPS",
        help="another model beside it, such as teacher=runs/teacher/model.safetensors:40; again for more",
    )  # fmt: skip
    parser.add_argument(
        "--tasks", nargs="*", metavar="TASK", help="these tasks, styles, … alone (all)"
    )
    parser.add_argument(
        "--plain", action="store_true", help="leave out held-out wording and unseen combinations"
    )
    parser.add_argument(
        "--guidance", type=float, default=GUIDANCE, help=f"of teachers ({GUIDANCE})"
    )
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING)
    try:
        need_clips(arguments.data)
        editor = load_editor(
            ModelChoice(arguments.preset, arguments.engine, weights=arguments.weights)
        )
        if not isinstance(editor, Editor):
            raise EgostreamError(f"preset {arguments.preset} has no model to score")
        return measure(editor, arguments)
    except (TooFewExamples, EgostreamError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def measure(editor: Editor, arguments: argparse.Namespace) -> int:
    """Run everything; write JSON, table, plot and sheet, print the table."""
    steps = arguments.steps or [editor.preset.num_steps]
    ways = ways_to_edit(editor, arguments.stage, steps, arguments.baselines)
    for other in arguments.model:
        if other.name in ways:
            raise EgostreamError(
                f"{other.name} is there twice; --steps and --stage name the served one"
            )
        ways[other.name] = other_way(editor, other, arguments.guidance, arguments.engine)
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
    backbone = change_codec_of(editor.model).backbone
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
