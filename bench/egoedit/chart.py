"""The picture of a table: a bar a task for every figure, and the paper's marks as points where it has them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from bench.egoedit import paper
from bench.egoedit.answer import CRITERIA, HIGHEST
from bench.egoedit.table import Column, Table, bench_name
from bench.style import INK, STYLE

PART_COLOURS = ("#00798c", "#66a182", "#c3dccb")
POINT = "#00798c"
LABEL_CHARS = 10
QUOTED = {
    "EgoEdit-RT": ("D", "#d1495b"),
    "EgoEdit": ("s", "#edae49"),
    "Lucy Edit": ("o", "#8d96a3"),
}


def draw(path: Path, table: Table) -> bool:
    """Writes a PNG; False where nothing was measured."""
    columns = [c for c in table.columns if c.tasks]
    if not columns:
        return False
    heights = [2.4 if c.kind == "judge" else 1.4 for c in columns]
    with plt.rc_context(STYLE):
        figure, grid = plt.subplots(
            len(columns), 1, figsize=(11.5, 1.3 + 1.35 * sum(heights)), sharex=True, squeeze=False,
            height_ratios=heights, layout="constrained",
        )  # fmt: skip
        for axes, column in zip(grid[:, 0], columns, strict=True):
            _panel(axes, column, table.tasks)
        names = [
            "\n".join(textwrap.wrap(t.replace("-", " "), LABEL_CHARS, break_long_words=False))
            for t in table.tasks
        ]
        grid[-1, 0].set_xticks(range(len(names)), names, fontsize=8.5)
        figure.suptitle(
            f"EgoEditBench: {bench_name(table.run)}, {len(table.run.edited)} items",
            x=0.012,
            ha="left",
            fontsize=12.5,
            fontweight="bold",
        )
        figure.savefig(path, dpi=130)
        plt.close(figure)
    return True


def _panel(axes: Axes, column: Column, tasks: list[str]) -> None:
    at = np.array([i for i, t in enumerate(tasks) if t in column.tasks])
    cells = [column.tasks[tasks[i]] for i in at]
    means = np.array([c.mean for c in cells])
    errors = np.array([np.nan if c.error is None else c.error for c in cells])
    axes.set_title(f"{column.title}: {column.mean_of_tasks:.2f}, mean of {len(cells)} tasks")
    if column.kind == "judge":
        _stack(axes, at, column, tasks)
        _quoted(axes, tasks)
        axes.set(ylim=(0, 1.2 * HIGHEST * len(CRITERIA)), ylabel="marks of 9")
        axes.set_yticks(range(0, 10, 3))
    else:
        # Points, not bars: the differences are small against the figures, so the axis does not begin at 0.
        axes.plot(at, means, "o", ms=7, color=POINT)
        room = max(0.35 * float(np.ptp(means)), 0.002 * float(np.abs(means).max()), 1e-6)
        axes.set_ylim(float(means.min()) - room, float(means.max()) + 2 * room)
    axes.errorbar(at, means, errors, fmt="none", ecolor=INK, elinewidth=1, capsize=2.5)
    digits, above_pt = (1, 4) if column.kind == "judge" else (2, 7)
    for x, mean, top in zip(at, means, means + np.nan_to_num(errors), strict=True):
        axes.annotate(f"{mean:.{digits}f}", (x, top), (0, above_pt), textcoords="offset points",
                      ha="center", fontsize=8.5)  # fmt: skip
    axes.set_xlim(-0.6, len(tasks) - 0.4)
    axes.grid(axis="x", visible=False)


def _stack(axes: Axes, at: np.ndarray, column: Column, tasks: list[str]) -> None:
    bottom = np.zeros(len(at))
    for name, colour in zip(CRITERIA, PART_COLOURS, strict=True):
        part = np.array([column.parts[name][tasks[i]] for i in at])
        axes.bar(at, part, 0.62, bottom, color=colour, label=name.replace("_", " "))
        bottom += part


def _quoted(axes: Axes, tasks: list[str]) -> None:
    for method, (marker, colour) in QUOTED.items():
        row = paper.PER_TASK[method]
        points = [(i, row[t]) for i, t in enumerate(tasks) if t in row]
        if points:
            x, y = zip(*points, strict=True)
            axes.scatter(
                np.array(x) + 0.36, y, 22, c=colour, marker=marker, label=f"{method} (quoted)",
                zorder=3, lw=0,
            )  # fmt: skip
    handles = dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    ours_first = sorted(handles, key=lambda label: "quoted" in label)
    axes.legend(
        [handles[label] for label in ours_first], ours_first, loc="upper left", ncols=6, fontsize=8,
        handlelength=1, columnspacing=1.2,
    )  # fmt: skip
