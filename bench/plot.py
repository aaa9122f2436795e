"""The picture of a latency result: age over time, its distribution, and where the time goes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from bench.session_run import FrameTime
from bench.style import INK, PAPER, STAGE_COLOURS, STYLE
from bench.summary import STAGES

COLOURS = {"edit": "#d1495b", "floor": "#00798c", "slow": "#edae49"}
NAMES = {"edit": "edit", "floor": "transport floor", "slow": "slowed editor"}


def draw(path: Path, result: Mapping[str, Any], runs: Mapping[str, list[FrameTime]]) -> None:
    """Writes a PNG."""
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(11.5, 7.2), layout="constrained")
        grid = figure.add_gridspec(2, 2, height_ratios=[1.15, 1], width_ratios=[1.15, 1])
        _ages(figure.add_subplot(grid[0, :]), runs)
        _distribution(figure.add_subplot(grid[1, 0]), runs)
        _stages(figure.add_subplot(grid[1, 1]), result)
        width, height = result["frame_size"]
        machine = result["machine"]
        figure.suptitle(
            f"{result['preset']} {width}×{height}, {result['fps_in']:g} fps in, "
            f"{result['fps_out']:g} fps out — {machine['cpu']}, {machine['cores']} cores",
            x=0.012,
            ha="left",
            fontsize=12.5,
            fontweight="bold",
        )
        figure.savefig(path, dpi=130)
        plt.close(figure)


def _ages(axes: Axes, runs: Mapping[str, list[FrameTime]]) -> None:
    axes.set_title("Age of the picture when it is back")
    for name, frames in runs.items():
        if not frames:
            continue
        seconds = (np.array([f.arrival_ns for f in frames]) - frames[0].arrival_ns) / 1e9
        ages = np.array([f.age_ms for f in frames])
        axes.plot(seconds, ages, color=COLOURS[name], lw=0.7, alpha=0.35)
        axes.scatter(seconds, ages, s=7, color=COLOURS[name], lw=0, label=NAMES[name])
    axes.set(xlabel="time (s)", ylabel="glass to glass (ms)")
    oldest = max((f.age_ms for frames in runs.values() for f in frames), default=1.0)
    axes.set_ylim(0, 1.15 * oldest)  # room for the legend
    axes.margins(x=0.01)
    axes.legend(loc="upper right", ncols=3, markerscale=2.2)


def _distribution(axes: Axes, runs: Mapping[str, list[FrameTime]]) -> None:
    axes.set_title("Frames at most this old")
    for name, frames in runs.items():
        ages = np.sort([f.age_ms for f in frames])
        if not len(ages):
            continue
        p50, p95 = np.percentile(ages, [50, 95])
        label = f"{NAMES[name]}: p50 {p50:.0f}, p95 {p95:.0f} ms"
        share = 100 * np.arange(1, len(ages) + 1) / len(ages)
        axes.step(ages, share, color=COLOURS[name], lw=2, label=label)
        axes.plot([p50, p95], [50, 95], "o", ms=5, color=COLOURS[name])
    axes.set(xlabel="glass to glass (ms)", ylabel="frames (%)", ylim=(0, 101))
    axes.set_xlim(left=0)
    axes.legend(loc="lower right")


def _stages(axes: Axes, result: Mapping[str, Any]) -> None:
    axes.set_title("Where the time goes (mean, server side)")
    rows = [("edit", result)]
    if "transport_floor" in result:
        rows.append(("floor", result["transport_floor"]))
    totals = []
    for row, (_, run) in enumerate(rows):
        left = 0.0
        for stage, colour in zip(STAGES, STAGE_COLOURS, strict=True):
            ms = run["stage_ms"].get(stage) or 0.0
            label = stage.replace("_", " ") if row == 0 else None
            axes.barh(row, ms, left=left, color=colour, height=0.55, label=label)
            if ms > 0.06 * _total(result):
                ink = INK if colour in ("#c9d1d8", "#f4b9b3", "#edae49") else PAPER
                axes.text(left + ms / 2, row, f"{ms:.0f}", ha="center", va="center", color=ink)
            left += ms
        totals.append(left)
        axes.text(left + 0.01 * _total(result), row, f"{left:.0f} ms", va="center")
    axes.set_yticks(range(len(rows)), [NAMES[name] for name, _ in rows])
    axes.set_ylim(len(rows) - 0.4, -1.0)
    axes.set_xlim(0, 1.14 * max(totals) if max(totals) else 1)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("ms")
    axes.legend(loc="upper left", ncols=4, fontsize=8, handlelength=0.9, columnspacing=1.0)


def _total(result: Mapping[str, Any]) -> float:
    return sum(value or 0.0 for value in result["stage_ms"].values())
