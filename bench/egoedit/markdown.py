"""The table as Markdown: ours, and the paper's rows beside it, marked as quoted."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from bench.egoedit import paper
from bench.egoedit.answer import CRITERIA
from bench.egoedit.learned import MEASURES
from bench.egoedit.table import Column, Table, bench_name

DIGITS = 2
SHOWN_PROBLEMS = 20
KINDS = ("judge", *(m.key for m in MEASURES))


def markdown(table: Table) -> str:
    """The whole document."""
    parts = [f"# EgoEditBench: {bench_name(table.run)}\n", _about(table)]
    parts += ["## Over all tasks\n", _overall(table), _not_measured(table.columns)]
    parts += ["## By task\n", _by_task(table), _quoted(table.columns)]
    parts += [_problems(table)]
    return "\n".join(p for p in parts if p)


def _quoted(columns: Sequence[Column]) -> str:
    """What to know before comparing with the paper."""
    said = (
        f"*Quoted* figures are of {paper.SOURCE}, Tables 1 and 5, judged by {paper.JUDGE}; none was measured here. "
        f"{paper.CAVEAT}"
    )
    if any(c.kind == "judge" and c.tasks for c in columns):
        said += (
            " Our judge is asked in our own words. Marks of another judge than the paper's, or of pictures whose red "
            "and blue are not swapped as the paper's judge saw them, are not comparable with its marks."
        )
    return said + "\n"


def _about(table: Table) -> str:
    header, about = table.run.header, table.run.about
    machine = about["machine"]
    lines = [
        f"Seed {header['seed']}, engine {about['engine']}; {machine['cpu']}, {machine['cores']} cores. "
        f"{len(table.run.edited)} items edited, {sum(table.failed_edits.values())} failed, "
        f"{len(about['bad_rows'])} rows of the tables cannot be used."
    ]
    lines += [f"**{gap[0].upper()}{gap[1:]}.**" for gap in table.gaps()]
    return "\n\n".join(lines) + "\n"


def _cells(values: Sequence[float | None]) -> list[str]:
    return ["–" if v is None else f"{v:.{DIGITS}f}" for v in values]


def _rows(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, *rows)]
    return "\n".join([lines[0], "|---" + "|---:" * (len(heads) - 1) + "|", *lines[1:]]) + "\n"


def _overall(table: Table) -> str:
    columns, name = table.columns, bench_name(table.run)
    rows = [
        [f"**{name}**, mean of tasks", *_cells([c.mean_of_tasks for c in columns])],
        [f"{name}, mean of items", *_cells([c.mean_of_items for c in columns])],
        ["items", *[str(c.num_items) for c in columns]],
    ]
    for method, figures in paper.OVERALL.items():
        # The paper compares with captions: a column of instructions has no counterpart there.
        quoted = [
            None if c.key.endswith("_of_instruction") else figures[KINDS.index(c.kind)]
            for c in columns
        ]
        rows.append([f"*{method}, quoted*", *_cells(quoted)])
    return _rows(["", *[c.title for c in columns]], rows)


def _not_measured(columns: Sequence[Column]) -> str:
    lines = [f"- {c.title}: not measured: {c.not_measured}" for c in columns if c.not_measured]
    return "\n".join(lines) + "\n" if lines else ""


def _by_task(table: Table) -> str:
    judges = [c for c in table.columns if c.kind == "judge" and c.tasks]
    others = [c for c in table.columns if c.kind != "judge" and c.tasks]
    heads = ["task", "items"]
    for judge in judges:
        heads += [judge.title, *[name.replace("_", " ") for name in CRITERIA]]
    heads += [c.title for c in others] + [f"*{m}, quoted*" for m in paper.PER_TASK]
    edited = [i.task for i in table.run.edited]
    rows = []
    for task in table.tasks:
        figures: list[float | None] = []
        for judge in judges:
            figures.append(_mean(judge, task))
            figures += [judge.parts[name].get(task) for name in CRITERIA]
        figures += [_mean(c, task) for c in others]
        figures += [row.get(task) for row in paper.PER_TASK.values()]
        rows.append([task, str(edited.count(task)), *_cells(figures)])
    means: list[float | None] = []
    for judge in judges:
        means.append(judge.mean_of_tasks)
        means += [fmean(judge.parts[name].values()) for name in CRITERIA]
    means += [c.mean_of_tasks for c in others] + [*paper.PRINTED_TOTAL.values()]
    rows.append(["mean (quoted: as printed)", str(len(edited)), *_cells(means)])
    return _rows(heads, rows)


def _mean(column: Column, task: str) -> float | None:
    cell = column.tasks.get(task)
    return cell.mean if cell else None


def _problems(table: Table) -> str:
    lines = [f"- edits failed: {_counts(table.failed_edits)}"] if table.failed_edits else []
    for column in table.columns:
        if column.failed:
            lines.append(f"- {column.title}, failed: {_counts(column.failed)}")
        if column.open_items and column.tasks:
            lines.append(f"- {column.title}: {column.open_items} items are still to do")
    bad = table.run.about["bad_rows"]
    lines += [f"- {row}" for row in bad[:SHOWN_PROBLEMS]]
    if len(bad) > SHOWN_PROBLEMS:
        lines.append(f"- and {len(bad) - SHOWN_PROBLEMS} more rows")
    failed = [i for i in table.run.items if i.trouble is not None]
    lines += [
        f"- {i.edit_id}: {i.trouble.detail}"
        for i in failed[:SHOWN_PROBLEMS]
        if i.trouble is not None
    ]
    return "## What is missing\n\n" + "\n".join(lines) + "\n" if lines else ""


def _counts(counter: dict[str, int]) -> str:
    return ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in sorted(counter.items()))
