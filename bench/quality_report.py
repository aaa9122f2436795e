"""The quality bench's rows: means over examples, then over tasks; as a table for people, a plot, and JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from distill.heldout import GLOBAL, LOCAL

# Figure, heading, and digits behind the point.
COLUMNS = (
    ("error_closed", "error closed", 3),
    ("edited_psnr_db", "edited, dB", 1),
    ("unedited_psnr_db", "unedited, dB", 1),
    ("unedited_ssim", "unedited SSIM", 3),
    ("hands_psnr_db", "hands, dB", 1),
    ("frechet", "Frechet", 2),
    ("blockiness", "blockiness", 2),
    ("border_jump", "border jump", 2),
)
Figures = dict[str, float]


def mean(rows: Sequence[Figures], key: str) -> float | None:
    """The mean of a figure over the rows that have it."""
    values = [r[key] for r in rows if key in r]
    return float(np.mean(values)) if values else None


def summarise(
    name: str, tasks: dict[str, list[Figures]], frechet: dict[str, float] | None = None
) -> dict[str, Any]:
    """One row of the table: means of tasks, and every task's own means."""
    keys = sorted({k for rows in tasks.values() for r in rows for k in r})
    per_task: dict[str, dict[str, float | None]] = {
        t: {"num_examples": len(rows), **{k: mean(rows, k) for k in keys}}
        for t, rows in tasks.items()
    }
    for task, distance in (frechet or {}).items():
        per_task[task]["frechet"] = distance

    def over(names: Sequence[str], key: str) -> float | None:
        values = [per_task[n][key] for n in names if per_task.get(n, {}).get(key) is not None]
        return float(np.mean(np.array(values, float))) if values else None

    everything, unedited = list(tasks), [*LOCAL, "none"]
    return {
        "name": name,
        "error_closed": over([*GLOBAL, *LOCAL], "error_closed"),
        "error_closed_global": over(GLOBAL, "error_closed"),
        "error_closed_local": over(LOCAL, "error_closed"),
        **{k: over(unedited, k) for k in ("unedited_psnr_db", "unedited_ssim", "hands_psnr_db")},
        **{
            k: over(everything, k)
            for k in ("frechet", "blockiness", "blockiness_of_truth", "border_jump")
        },
        "tasks": per_task,
    }


def _cells(figures: dict[str, Any]) -> list[str]:
    values = ((figures.get(key), digits) for key, _, digits in COLUMNS)
    return ["–" if v is None else f"{v:.{digits}f}" for v, digits in values]


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """All rows in one table, then a table of tasks for each row."""
    heads = [heading for _, heading, _ in COLUMNS]

    def table(first: str, lines: Sequence[tuple[str, dict[str, Any]]]) -> str:
        out = [f"| {first} | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
        out += [f"| {label} | " + " | ".join(_cells(figures)) + " |" for label, figures in lines]
        return "\n".join(out) + "\n"

    parts = [table("all tasks", [(row["name"], row) for row in rows])]
    parts += [f"{row['name']}\n\n{table('task', list(row['tasks'].items()))}" for row in rows]
    return "\n".join(parts)


def plain(rows: Sequence[dict[str, Any]]) -> str:
    """For a terminal: every row with its tasks."""
    lines = [" " * 20 + "".join(heading.rjust(14) for _, heading, _ in COLUMNS)]
    for row in rows:
        for label, figures in ((row["name"], row), *row["tasks"].items()):
            lines.append(f"{label:20s}" + "".join(cell.rjust(14) for cell in _cells(figures)))
        local, whole = row["error_closed_local"], row["error_closed_global"]
        lines.append(f"  global {whole:.3f}   local {local:.3f}")
    return "\n".join(lines)


def plot(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Error closed of every task, a bar for each row but the copy (which is 0 by definition)."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    shown = [r for r in rows if r["name"] != "copy"]
    tasks = [t for t in rows[0]["tasks"] if t != "none"]
    figure, axes = pyplot.subplots(figsize=(10, 3.6), layout="constrained")
    width = 0.8 / max(1, len(shown))
    for i, row in enumerate(shown):
        heights = [row["tasks"][t].get("error_closed") or 0.0 for t in tasks]
        axes.bar(np.arange(len(tasks)) + i * width, heights, width, label=row["name"])
    axes.set_xticks(np.arange(len(tasks)) + 0.4 - width / 2, [t.replace("_", " ") for t in tasks])
    axes.tick_params(axis="x", rotation=35)
    axes.set_ylim(min(0.0, axes.get_ylim()[0]), 1.02)
    axes.set_ylabel("error closed")
    axes.grid(axis="y", alpha=0.3)
    axes.legend(ncols=len(shown) or 1, frameon=False)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
