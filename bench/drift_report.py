"""The drift bench's minutes: means and trend; as JSON, as tables for people, as a plot and as pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import matplotlib
import numpy as np
from numpy.typing import NDArray

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import MaxNLocator

from bench.quality_report import Figures, mean
from bench.style import FAINT, INK, STYLE
from distill.report import write_picture

GOAL = 0.98  # of the first minute's error closed, in the last
KEYS = (
    "error_closed", "edited_psnr_db", "unedited_psnr_db", "hands_psnr_db", "border_jump",
    "brightness_shift", "color_shift",
)  # fmt: skip
# Figure, heading, and how it is written.
COLUMNS = (
    ("error_closed", "error closed", ".3f"),
    ("unedited_psnr_db", "unedited, dB", ".1f"),
    ("border_jump", "border jump", ".2f"),
    ("brightness_shift", "brightness", "+.1f"),
    ("color_shift", "colour", ".1f"),
    ("frame_ms", "ms a frame", ".1f"),
    ("rss_mb", "memory, MB", ".0f"),
)
COLOURS = ("#00798c", "#d1495b", "#edae49", "#66a182", "#6d597a", "#8d96a3")
PAPER, TEXT = 18, (235, 230, 225)
GAP, LABELS = 3, 70  # pixels between pictures, and for the names of rows
Rgb = NDArray[np.uint8]


@dataclass(slots=True)
class Minute:
    """What is gathered in one minute of a stream: figures of bursts, seconds of frames, the process's memory at
    its end, and source, truth and edit of the frame scored last, (h, w, 3) each.
    """

    number: int
    bursts: list[Figures] = field(default_factory=list)
    frame_s: list[float] = field(default_factory=list)
    rss_mb: float = 0.0
    shown: list[Rgb] = field(default_factory=list)


def trend(minutes: Sequence[Minute]) -> dict[str, Any]:
    """Every minute's means, and how they go. `kept` and the slope (a minute) need two minutes or more, and
    `kept` an edit that closes anything at all in the first.
    """
    table: list[dict[str, Any]] = [
        {
            "minute": m.number,
            "num_bursts": len(m.bursts),
            **{key: mean(m.bursts, key) for key in KEYS},
            "frame_ms": 1e3 * float(np.mean(m.frame_s)) if m.frame_s else None,
            "rss_mb": m.rss_mb,
        }
        for m in minutes
    ]
    known = [row for row in table if row["error_closed"] is not None]
    closed = [float(row["error_closed"]) for row in known]
    kept = closed[-1] / closed[0] if len(closed) > 1 and closed[0] > 0 else None
    slope = np.polyfit([r["minute"] for r in known], closed, 1)[0] if len(closed) > 1 else None
    worst = min(known, key=lambda row: float(row["error_closed"]), default=None)
    return {
        "kept": kept,
        "holds": None if kept is None else kept >= GOAL,
        "slope": None if slope is None else float(slope),
        "worst_minute": worst and worst["minute"],
        "worst_error_closed": worst and worst["error_closed"],
        "rss_growth_mb": table[-1]["rss_mb"] - table[0]["rss_mb"] if table else None,
        "minutes": table,
    }


def _cell(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _summary(row: dict[str, Any]) -> list[str]:
    first, last = row["minutes"][0], row["minutes"][-1]
    return [
        _cell(first["error_closed"], ".3f"),
        _cell(last["error_closed"], ".3f"),
        _cell(row["kept"], ".1%"),
        _cell(row["slope"], "+.4f"),
        f"{_cell(row['worst_error_closed'], '.3f')} (minute {row['worst_minute'] or '–'})",
        _cell(row["rss_growth_mb"], "+.0f"),
    ]


HEADS = ("first minute", "last minute", "kept", "slope a minute", "worst", "memory, MB more")


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """All edits in one table, then the minutes of each."""

    def table(first: str, heads: Sequence[str], lines: Sequence[tuple[str, list[str]]]) -> str:
        out = [f"| {first} | {' | '.join(heads)} |", "|---" * (len(heads) + 1) + "|"]
        return "\n".join([*out, *(f"| {t} | {' | '.join(cells)} |" for t, cells in lines)]) + "\n"

    parts = [
        f"Error closed in the first and the last minute; kept is their ratio (goal: {GOAL:.0%}).\n",
        table("edit", HEADS, [(row["edit"].replace("_", " "), _summary(row)) for row in rows]),
    ]
    for row in rows:
        lines = [
            (str(m["minute"]), [_cell(m[key], form) for key, _, form in COLUMNS])
            for m in row["minutes"]
        ]
        parts.append(f"{row['edit'].replace('_', ' ')}: “{row['instruction']}”\n")
        parts.append(table("minute", [heading for _, heading, _ in COLUMNS], lines))
    parts.append("Brightness and colour: mean of the edit less that of the truth, in 0..255.\n")
    return "\n".join(parts)


def plain(rows: Sequence[dict[str, Any]]) -> str:
    """For a terminal: a line for each edit."""
    lines = [" " * 14 + "".join(heading.rjust(18) for heading in HEADS)]
    lines += [f"{r['edit']:14s}" + "".join(c.rjust(18) for c in _summary(r)) for r in rows]
    return "\n".join(lines)


def draw_plot(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Error closed, brightness and memory, minute by minute, a line for each edit; writes a PNG."""
    panels = (
        ("error_closed", "Error closed", "1 is the truth, 0 the source"),
        ("brightness_shift", "Brightness", "edit less truth, of 255"),
        ("rss_mb", "Memory", "MB"),
    )
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(
            1, 3, figsize=(11.5, 3.9), layout="constrained", width_ratios=[1.7, 1, 1]
        )
        for axis, (key, title, label) in zip(axes, panels, strict=True):
            for i, row in enumerate(rows):
                kept = f", {row['kept']:.1%} kept" if row["kept"] is not None else ""
                minutes = [m["minute"] for m in row["minutes"]]
                values = [np.nan if m[key] is None else m[key] for m in row["minutes"]]
                axis.plot(
                    minutes, values, "o-", ms=4.5, lw=1.8, color=COLOURS[i % len(COLOURS)],
                    label=f"{row['edit'].replace('_', ' ')}{kept}",
                )  # fmt: skip
            axis.set(title=title, xlabel="minute", ylabel=label)
            axis.xaxis.set_major_locator(MaxNLocator(integer=True))
        low, _ = axes[0].get_ylim()
        axes[0].set_ylim(min(0.0, low), 1.02)
        axes[1].axhline(0, color=INK, lw=0.8, zorder=0.5)
        reach = max(5.0, *(abs(v) for v in axes[1].get_ylim()))
        axes[1].set_ylim(-reach, reach)
        axes[2].set_ylim(0, 1.15 * axes[2].get_ylim()[1])
        axes[0].legend(loc="lower left", edgecolor=FAINT)
        figure.savefig(path, dpi=130)
        plt.close(figure)


def _written(width: int, height: int, words: Sequence[tuple[str, int, int]], size: float) -> Rgb:
    """A dark picture with words at (x, y)."""
    rgb = np.full((height, width, 3), PAPER, np.uint8)
    for word, x, y in words:
        cv2.putText(rgb, word, (x, y), cv2.FONT_HERSHEY_SIMPLEX, size, TEXT, 1, cv2.LINE_AA)
    return rgb


def _band(text: str, minutes: Sequence[Minute], tile_width: int) -> Rgb:
    """Three rows (source, truth, edit), a column for each minute, under the instruction."""
    columns = []
    for minute in minutes:
        views = minute.shown
        if not views:
            continue
        height = round(views[0].shape[0] * tile_width / views[0].shape[1])
        size = (tile_width - GAP, height - GAP)
        small = [cv2.resize(v, size, interpolation=cv2.INTER_AREA) for v in views]
        framed = [np.pad(v, ((0, GAP), (0, GAP), (0, 0)), constant_values=PAPER) for v in small]
        columns.append(
            np.concatenate(
                [_written(tile_width, 22, [(f"minute {minute.number}", 2, 15)], 0.42), *framed]
            )
        )
    rows = columns[0].shape[0] - 22
    names = [
        (n, 8, 22 + rows * (2 * i + 1) // 6 + 4) for i, n in enumerate(("source", "truth", "edit"))
    ]
    body = np.concatenate([_written(LABELS, rows + 22, names, 0.45), *columns], axis=1)
    return np.concatenate([_written(body.shape[1], 34, [(text, 8, 25)], 0.6), body]).astype(
        np.uint8
    )


def draw_strip(path: Path, shown: Sequence[tuple[str, Sequence[Minute]]]) -> None:
    """A band of pictures for each instruction, one frame a minute; writes a picture."""
    most = max((len(minutes) for _, minutes in shown), default=0)
    if not most:
        return
    tile_width = max(96, min(256, 1500 // most))
    bands = [
        _band(text, minutes, tile_width) for text, minutes in shown if any(m.shown for m in minutes)
    ]
    width = max((band.shape[1] for band in bands), default=0)
    if bands:
        fill = [((0, 10), (0, width - band.shape[1]), (0, 0)) for band in bands]
        padded = [np.pad(b, f, constant_values=PAPER) for b, f in zip(bands, fill, strict=True)]
        write_picture(path, np.concatenate(padded))
