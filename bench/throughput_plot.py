"""The picture of a throughput result: where a chunk's time goes, the roofline, and diffusers beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from bench.style import FAINT, INK, STYLE

STAGES = {
    "encode": "#8d96a3",
    "denoising": "#d1495b",
    "decode": "#00798c",
    "context pass": "#66a182",
    "rest": "#c9d1d8",
}
MARKERS = {"pass": "o", "context pass": "^", "encode": "s", "decode": "D"}
PALETTE = ("#d1495b", "#00798c", "#edae49", "#66a182", "#7d4f73", "#22303c", "#8d96a3", "#c77b30")
BAR = 0.28  # inches


def draw(path: Path, result: dict[str, Any]) -> None:
    """Writes a PNG."""
    rows = [row for row in result["rows"] if row["reason"] is None]
    groups = _groups(rows)
    bars = sum(len(found) + 2.2 for found in groups.values())
    against = [row for row in result["diffusers"] if row.get("ratio") is not None]
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(12, 6.2 + BAR * bars), layout="constrained")
        halves: Any = figure.subfigures(2, 1, height_ratios=[BAR * max(bars, 1), 5.4])
        upper, lower = halves
        if groups:
            heights = [len(found) + 2.2 for found in groups.values()]
            panels = upper.subplots(len(groups), 1, height_ratios=heights, squeeze=False)
            for axes, (title, found) in zip(panels[:, 0], groups.items(), strict=True):
                _chunks(axes, title, found)
            panels[-1, 0].set_xlabel("a chunk, ms (median)")
        widths = [1.35, 1] if against else [1]
        below = lower.subplots(1, len(widths), width_ratios=widths, squeeze=False)[0]
        _roofline(below[0], result, rows)
        if against:
            _ratios(below[1], against)
        machine = result["machine"]
        where = (
            machine["gpu"]["name"]
            if "gpu" in machine
            else f"{machine['cpu']}, {machine['cores']} cores"
        )
        figure.suptitle(
            f"Throughput — {where}", x=0.012, ha="left", fontsize=12.5, fontweight="bold"
        )
        figure.savefig(path, dpi=130)
        plt.close(figure)


def _groups(rows: Sequence[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """One panel for a preset, chunk size and number of passes; of several streams the fewest."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["streams"] == min(r["streams"] for r in rows if r["preset"] == row["preset"]):
            chunk = f"{row['latents']} latent frame{'s' * (row['latents'] > 1)} a chunk"
            title = f"{row['preset']}: {chunk}, {row['steps']} pass{'es' * (row['steps'] > 1)}"
            groups.setdefault(title, []).append(row)
    return groups


def _chunks(axes: Axes, title: str, rows: Sequence[dict[str, Any]]) -> None:
    axes.set_title(title)
    longest = max(row["chunk_ms"]["median"] for row in rows)
    for at, row in enumerate(rows):
        left = 0.0
        for stage, ms in _pieces(row).items():
            label = stage if at == 0 else None
            axes.barh(at, ms, left=left, color=STAGES[stage], height=0.72, label=label)
            if ms > 0.05 * longest:
                ink = INK if stage in ("rest", "encode", "context pass") else "white"
                axes.text(
                    left + ms / 2,
                    at,
                    f"{ms:.3g}",
                    ha="center",
                    va="center",
                    color=ink,
                    fontsize=8.5,
                )
            left += ms
        figure = row["chunk_ms"]
        axes.plot(
            [figure["p10"], figure["p90"]], [at + 0.36] * 2, color=INK, lw=1, solid_capstyle="butt"
        )
        text = f"{row['fps']['median']:.3g} fps"
        axes.text(
            max(left, figure["p90"]) + 0.01 * longest, at, text, va="center", fontweight="bold"
        )
    axes.set_yticks(range(len(rows)), [f"{row['backend']} {row['precision']}" for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    furthest = max(max(row["chunk_ms"]["p90"], sum(_pieces(row).values())) for row in rows)
    axes.set_xlim(0, 1.12 * furthest)
    axes.grid(axis="y", visible=False)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=len(STAGES), fontsize=8, handlelength=0.9,
                columnspacing=1.0, borderaxespad=0.1)  # fmt: skip


def _pieces(row: dict[str, Any]) -> dict[str, float]:
    """Milliseconds by colour. On a GPU the context pass runs beside decoding: there is no rest."""
    stages = {stage: figure["median"] for stage, figure in row["stage_ms"].items()}
    found = {
        "encode": stages["encode"],
        "denoising": stages["pass"] * row["steps"],
        "decode": stages["decode"],
        "context pass": stages.get("context pass", 0.0),
    }
    found["rest"] = max(0.0, row["chunk_ms"]["median"] - sum(found.values()))
    return found


def _roofline(axes: Axes, result: dict[str, Any], rows: Sequence[dict[str, Any]]) -> None:
    axes.set_title("Roofline: what stages reach of the machine's own ceilings")
    roof = result["ceilings"]
    xs = np.logspace(0.5, 3.8, 200)
    slope = xs * roof["bytes_per_s"] / 1e12
    for style, (name, flops) in zip(("-", "--", ":"), roof["flops_per_s"].items(), strict=False):
        axes.plot(xs, np.minimum(slope, flops / 1e12), color=INK, lw=1.4, ls=style)
        text = f"{name}: {flops / 1e12:.3g} TFLOP/s"
        axes.text(xs[-1], 1.06 * flops / 1e12, text, ha="right", va="bottom", fontsize=8.5)
    axes.text(xs[4], 1.6 * slope[4], f"{roof['bytes_per_s'] / 1e9:.3g} GB/s", fontsize=8.5)
    ways = list(dict.fromkeys(f"{row['backend']} {row['precision']}" for row in rows))
    colours = {way: PALETTE[i % len(PALETTE)] for i, way in enumerate(ways)}
    for row in rows:
        for stage, point in row["achieved"].items():
            colour = colours[f"{row['backend']} {row['precision']}"]
            axes.plot(point["flops_per_byte"], point["flops_per_s"] / 1e12, MARKERS[stage], ms=5.5,
                      color=colour, mec="white", mew=0.5, alpha=0.85)  # fmt: skip
    for way, colour in colours.items():
        axes.plot([], [], "o", color=colour, label=way)
    for stage, marker in MARKERS.items():
        axes.plot([], [], marker, color=FAINT, mec=INK, mew=0.6, label=stage)
    axes.set(
        xscale="log", yscale="log", xlabel="FLOP per byte that products move", ylabel="TFLOP/s"
    )
    axes.legend(loc="lower right", fontsize=8, ncols=2)


def _ratios(axes: Axes, rows: Sequence[dict[str, Any]]) -> None:
    axes.set_title("Ours / diffusers, same weights (below 1: faster)")
    for at, row in enumerate(rows):
        ratio, (low, high) = row["ratio"], row["ratio_range"]
        axes.barh(at, ratio, color="#66a182" if ratio <= 1 else "#d1495b", height=0.6)
        axes.plot([low, high], [at, at], color=INK, lw=1.2)
        axes.text(max(ratio, high) + 0.03, at, f"{ratio:.2f}", va="center", fontweight="bold")
    axes.axvline(1, color=INK, lw=1, ls="--")
    axes.set_yticks(
        range(len(rows)), [row["what"].replace(", ", ",\n") for row in rows], fontsize=8.5
    )
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 1.15 * max(max(row["ratio"], row["ratio_range"][1]) for row in rows))
    axes.grid(axis="y", visible=False)
