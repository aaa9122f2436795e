"""How the plots of the benchmarks look."""

from __future__ import annotations

from typing import Any

INK, FAINT, PAPER = "#22303c", "#c9d1d8", "#ffffff"
# Stages in the order in which a frame meets them.
STAGE_COLOURS = ("#8d96a3", "#c9d1d8", "#f4b9b3", "#d1495b", "#edae49", "#66a182", "#00798c")
STYLE: Any = {
    "font.size": 9.5,
    "font.family": "DejaVu Sans",
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#eceff2",
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "figure.facecolor": PAPER,
    "legend.frameon": False,
}
