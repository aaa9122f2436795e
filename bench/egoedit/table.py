"""From lines of items to the table: mean of each task, then the mean of the tasks; the mean of items beside it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from bench.egoedit import paper
from bench.egoedit.answer import CRITERIA
from bench.egoedit.errors import ItemFailed
from bench.egoedit.journal import Line, read_journal
from bench.egoedit.judge import fingerprint
from bench.egoedit.learned import MEASURES
from bench.egoedit.run_folder import Run
from bench.egoedit.score import NOT_MEASURED, scores_path
from bench.egoedit.tasks import NUM_ITEMS, TASKS, in_order

NOT_JUDGED = (
    "no judge was asked; python -m bench.egoedit judge --run FOLDER --endpoint URL --model NAME"
)
NOT_SCORED = "not tried; python -m bench.egoedit score --run FOLDER"


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of one task. `error` is the standard error of the mean, None for a single item."""

    mean: float
    error: float | None
    items: int


@dataclass(frozen=True, slots=True)
class Column:
    """One figure of a run. `not_measured` says why there is none; `kind` tells how the paper calls it."""

    key: str
    kind: str
    title: str
    tasks: Mapping[str, Cell] = field(default_factory=dict)
    parts: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    open_items: int = 0
    not_measured: str | None = None

    @property
    def mean_of_tasks(self) -> float | None:
        return fmean(c.mean for c in self.tasks.values()) if self.tasks else None

    @property
    def num_items(self) -> int:
        return sum(c.items for c in self.tasks.values())

    @property
    def mean_of_items(self) -> float | None:
        total = sum(c.mean * c.items for c in self.tasks.values())
        return total / self.num_items if self.tasks else None

    def as_dict(self) -> dict[str, Any]:
        return {
            "key": self.key,
            "title": self.title,
            "mean_of_tasks": self.mean_of_tasks,
            "num_tasks": len(self.tasks),
            "mean_of_items": self.mean_of_items,
            "num_items": self.num_items,
            "open_items": self.open_items,
            "failed_items": dict(self.failed),
            "not_measured": self.not_measured,
            "tasks": {
                t: {"mean": c.mean, "standard_error": c.error, "items": c.items,
                    **{part: means[t] for part, means in self.parts.items()}}
                for t, c in self.tasks.items()
            },
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """A run and its columns; the first is the judge's."""

    run: Run
    columns: tuple[Column, ...]
    marks: Mapping[str, Line]
    failed_edits: Counter[str]

    @property
    def tasks(self) -> list[str]:
        return in_order(i.task for i in self.run.items)

    def gaps(self) -> list[str]:
        """What keeps this from being the whole bench, in words."""
        said = []
        edited = Counter(i.task for i in self.run.edited)
        short = [t for t in TASKS if edited[t] < NUM_ITEMS[t]]
        if short:
            total = sum(NUM_ITEMS.values())
            said.append(
                f"not the whole bench: {len(self.run.edited)} of {total} items were edited, "
                f"{len(TASKS) - len(short)} of {len(TASKS)} tasks are complete"
            )
        others = [t for t in self.tasks if t not in NUM_ITEMS]
        if others:
            said.append(f"tasks that the release does not have: {', '.join(others)}")
        return said

    def as_dict(self) -> dict[str, Any]:
        return {
            "run": {**self.run.header, **self.run.about},
            "edited_items": len(self.run.edited),
            "failed_edits": dict(self.failed_edits),
            "gaps": self.gaps(),
            "columns": [c.as_dict() for c in self.columns],
            "quoted": {
                "source": paper.SOURCE,
                "judge": paper.JUDGE,
                "overall": {
                    name: dict(zip(("judge", *(m.key for m in MEASURES)), row, strict=True))
                    for name, row in paper.OVERALL.items()
                },
                "judge_by_task": paper.PER_TASK,
                "judge_total_as_printed": paper.PRINTED_TOTAL,
                "caveat": paper.CAVEAT,
            },
        }


def build_table(run: Run) -> Table:
    """Everything that a run's folder holds. Raises BadRun."""
    current: dict[str, str] = {}
    for item in run.edited:
        try:
            current[item.edit_id] = fingerprint(item.output)
        except ItemFailed:
            continue
    columns: list[Column] = []
    marks: dict[str, Line] = {}
    for path in sorted(run.folder.glob("marks_*.jsonl")):
        header, entries = read_journal(path)
        fresh = _fresh(entries, current)
        marks = marks or fresh
        title = f"judge {header['model']}"
        title += ", red and blue swapped" if header["swap_red_blue"] else ""
        title += f", {header['longest_side']} px" if header["longest_side"] else ""
        parts = {name: _means(fresh, name) for name in CRITERIA}
        columns.append(_column(path.stem, "judge", title, fresh, "total", len(current), parts))
    columns = columns or [Column("marks", "judge", "judge", not_measured=NOT_JUDGED)]
    return Table(
        run,
        (*columns, *_score_columns(run, current)),
        marks,
        Counter(i.trouble.kind for i in run.items if i.trouble is not None),
    )


def _score_columns(run: Run, current: Mapping[str, str]) -> list[Column]:
    path = run.folder / NOT_MEASURED
    reasons: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    columns = []
    for measure in MEASURES:
        stand_in = f"{measure.key}_of_instruction"
        files = {k: scores_path(run.folder, k) for k in (measure.key, stand_in)}
        found = {key: file for key, file in files.items() if file.is_file()}
        for key, file in found.items():
            title = measure.title + (" with the instruction" if key == stand_in else "")
            fresh = _fresh(read_journal(file)[1], current)
            columns.append(_column(key, measure.key, title, fresh, "score", len(current)))
        if not found:
            why = reasons.get(measure.key) or reasons.get(stand_in) or NOT_SCORED
            columns.append(Column(measure.key, measure.key, measure.title, not_measured=why))
    return columns


def _fresh(entries: Mapping[str, Line], current: Mapping[str, str]) -> dict[str, Line]:
    """The lines of outputs that are still the ones that were marked."""
    return {
        k: line
        for k, line in entries.items()
        if k in current and line.get("output_sha256") == current[k]
    }


def _column(
    key: str,
    kind: str,
    title: str,
    lines: Mapping[str, Line],
    figure: str,
    num_items: int,
    parts: Mapping[str, Mapping[str, float]] | None = None,
) -> Column:
    cells = {t: _cell(values) for t, values in _grouped(lines, figure).items()}
    failed = Counter(line["problem"]["kind"] for line in lines.values() if "problem" in line)
    why = None
    if not cells:
        why = "every item failed, see below" if failed else "no item was tried"
    num_open = num_items - len(lines)
    return Column(key, kind, title, cells, parts or {}, failed, num_open, why)


def _grouped(lines: Mapping[str, Line], figure: str) -> dict[str, list[float]]:
    groups: dict[str, list[float]] = {}
    for line in lines.values():
        if "problem" not in line:
            groups.setdefault(line["task"], []).append(line[figure])
    return {t: groups[t] for t in in_order(groups)}


def _means(lines: Mapping[str, Line], figure: str) -> dict[str, float]:
    return {t: fmean(values) for t, values in _grouped(lines, figure).items()}


def _cell(values: list[float]) -> Cell:
    error = stdev(values) / len(values) ** 0.5 if len(values) > 1 else None
    return Cell(fmean(values), error, len(values))


def bench_name(run: Run) -> str:
    """What the run is called in tables and pictures."""
    weights = run.about.get("weights")
    return (
        f"{run.header['preset']} ({Path(weights).stem})" if weights else str(run.header["preset"])
    )
