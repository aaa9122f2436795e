"""The picture of the budget: where a frame's least time goes, preset by preset."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from bench.budget import H100, Budget
from bench.budget_count import pass_parts
from bench.style import INK, STYLE

STEPS = 4
COLOURS = {
    "encode": "#8d96a3",
    "linear layers": "#d1495b",
    "self-attention": "#edae49",
    "cross-attention": "#f4b9b3",
    "text keys, values": "#7d4f73",
    "ends and time": "#c9d1d8",
    "writes the cache": "#66a182",
    "decode": "#00798c",
}


def draw(path: Path, budgets: Sequence[Budget]) -> None:
    """Writes a PNG: one panel a preset, a bar for each chunk size and decoder."""
    by_preset: dict[str, list[Budget]] = {}
    for budget in budgets:
        by_preset.setdefault(budget.preset.name, []).append(budget)
    with plt.rc_context(STYLE):
        figure, all_axes = plt.subplots(
            len(by_preset), 1, figsize=(11, 1.4 + 1.75 * len(by_preset)), layout="constrained",
            squeeze=False,
        )  # fmt: skip
        for axes, (name, found) in zip(all_axes[:, 0], by_preset.items(), strict=True):
            _panel(axes, name, found)
        all_axes[-1, 0].set_xlabel("least time for one frame, ms")
        handles = [Patch(color=colour) for colour in COLOURS.values()]
        figure.legend(handles, list(COLOURS), loc="outside lower center", ncols=len(COLOURS), fontsize=9,
                      handlelength=1.0, columnspacing=1.2)  # fmt: skip
        figure.suptitle(
            f"Least time for a frame at an {H100.name}'s ceilings: {H100.bf16_flops / 1e12:.0f} TFLOP/s, "
            f"{H100.bytes / 1e12:.2f} TB/s; {STEPS} denoising passes",
            x=0.012, ha="left", fontsize=12.5, fontweight="bold",
        )  # fmt: skip
        figure.savefig(path, dpi=130)
        plt.close(figure)


def pieces(budget: Budget, tiny: bool) -> dict[str, float]:
    """Milliseconds of a frame by colour; a pass's are shared out by its parts' FLOPs."""
    rows = budget.rows()

    def ms(stage: str) -> float:
        return rows[stage].floor_ms(H100.bf16_flops, H100.bytes) / budget.frames

    parts = pass_parts(budget.preset, budget.latents)
    whole = sum(parts.values())
    found = {"encode": ms("encode")}
    found |= {name: STEPS * ms("pass") * flops / whole for name, flops in parts.items()}
    found["writes the cache"] = (budget.num_passes(STEPS) - STEPS) * ms("pass")
    found["decode"] = ms("tiny decode" if tiny else "decode")
    return found


def _panel(axes: Axes, name: str, budgets: Sequence[Budget]) -> None:
    w, h = budgets[0].preset.frame_hw[::-1]
    axes.set_title(f"{name}, {w}×{h}")
    bars = [
        (b, t) for b in budgets for t in (False, True)[: 1 + (b.stages.tiny_decode is not None)]
    ]
    longest = max(sum(pieces(b, t).values()) for b, t in bars)
    for row, (budget, tiny) in enumerate(bars):
        left = 0.0
        for part, ms in pieces(budget, tiny).items():
            axes.barh(row, ms, left=left, color=COLOURS[part], height=0.68)
            if ms > 0.045 * longest:
                ink = "white" if part in ("linear layers", "decode", "text keys, values") else INK
                axes.text(
                    left + ms / 2,
                    row,
                    f"{ms:.2g}",
                    ha="center",
                    va="center",
                    color=ink,
                    fontsize=8.5,
                )
            left += ms
        axes.text(
            left + 0.008 * longest, row, f"{1e3 / left:,.0f} fps", va="center", fontweight="bold"
        )
    names = [f"{b.latents} a chunk{', tiny decoder' if t else ''}" for b, t in bars]
    axes.set_yticks(range(len(bars)), names)
    axes.set_ylim(len(bars) - 0.45, -0.55)
    axes.set_xlim(0, 1.13 * longest)
    axes.grid(axis="y", visible=False)
