"""The picture of a network result: every frame's age over time, with the fault marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from bench.network.figures import figures
from bench.network.impair import PERFECT
from bench.network.sessions import Seen
from bench.style import STYLE

COLUMNS = 3
FAULT, FRAMES = "#f4b9b3", "#00798c"


def draw(path: Path, result: Mapping[str, Any], runs: Sequence[Seen]) -> None:
    """Writes a PNG."""
    rows = ceil(len(runs) / COLUMNS)
    ages_ms = [age for seen in runs for age in seen.ages_ms] or [10.0, 100.0]
    limits_ms = (0.5 * float(np.percentile(ages_ms, 1)), 2.5 * max(ages_ms))
    with plt.rc_context(STYLE):
        figure, grid = plt.subplots(
            rows, COLUMNS, figsize=(12, 2.1 * rows + 0.7), layout="constrained", squeeze=False
        )
        for axes, seen in zip(grid.flat, runs, strict=False):
            _panel(axes, seen, limits_ms)
        for axes in list(grid.flat)[len(runs) :]:
            axes.set_visible(False)
        for axes in grid[:, 0]:
            axes.set_ylabel("age (ms)")
        for axes in grid.flat[max(0, len(runs) - COLUMNS) : len(runs)]:
            axes.set_xlabel("seconds since the fault began")
        machine = result["machine"]
        figure.suptitle(
            f"Age of the picture under bad networks: {result['preset']}, {result['fps']:g} fps — "
            f"{machine['cpu']}, {machine['cores']} cores",
            x=0.012,
            ha="left",
            fontsize=12.5,
            fontweight="bold",
        )
        figure.savefig(path, dpi=130)
        plt.close(figure)


def _panel(axes: Axes, seen: Seen, limits_ms: tuple[float, float]) -> None:
    found, trial = figures(seen), seen.trial
    axes.set_title(trial.name, fontsize=10)
    if trial.impairment != PERFECT:
        axes.axvspan(0, trial.during_s, color=FAULT, alpha=0.45, lw=0)
    axes.scatter(seen.arrivals_s, seen.ages_ms, s=4, color=FRAMES, lw=0)
    axes.set_yscale("log")
    axes.set_ylim(*limits_ms)
    axes.set_xlim(-trial.before_s, trial.during_s + trial.after_s)
    axes.text(
        0.98,
        0.95,
        f"longest freeze {found['longest_freeze_s']:.2f} s",
        transform=axes.transAxes,
        ha="right",
        va="top",
        fontsize=8.5,
    )
