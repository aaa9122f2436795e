"""The picture of a soak: memory, the event loop's lag, the age of the frames."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from bench.soak_report import MAX_LAG_P99_MS
from bench.style import FAINT, STYLE

SERVER, WORKER, LAG, AGE = "#00798c", "#d1495b", "#edae49", "#66a182"


def draw(path: Path, result: Mapping[str, Any]) -> None:
    """Writes a PNG."""
    samples = result["samples"]
    minutes = np.array([sample["at_s"] for sample in samples]) / 60
    with plt.rc_context(STYLE):
        figure, (memory, lag, age) = plt.subplots(
            3, 1, figsize=(11.5, 8), sharex=True, layout="constrained"
        )
        _memory(memory, minutes, samples, result)
        lag.set_title("Lag of the event loop, p99 of each look")
        _line(lag, minutes, samples, "lag_p99_ms", LAG, None)
        lag.axhline(MAX_LAG_P99_MS, color=FAINT, lw=1)
        lag.set(ylabel="ms", ylim=(0, None))
        age.set_title("Age of the frames when they are back")
        _line(age, minutes, samples, "age_p50_ms", AGE, "p50")
        _line(age, minutes, samples, "age_p95_ms", WORKER, "p95")
        age.set(xlabel="time (min)", ylabel="glass to glass (ms)")
        age.set_ylim(0, 1.2 * age.get_ylim()[1])  # room for the legend
        age.legend(loc="upper right", ncols=2)
        machine = result["machine"]
        figure.suptitle(
            f"{result['preset']}, {result['stay']} stay, {result['visits']} visits — "
            f"{machine['cpu']}, {machine['cores']} cores",
            x=0.012,
            ha="left",
            fontsize=12.5,
            fontweight="bold",
        )
        figure.savefig(path, dpi=130)
        plt.close(figure)


def _memory(axes: Axes, minutes: Any, samples: Any, result: Mapping[str, Any]) -> None:
    axes.set_title("Memory (what is resident)")
    for name, colour in (("server", SERVER), ("worker", WORKER)):
        slope = result[f"{name}_mb_per_min"]
        label = name if slope is None else f"{name}: {slope:+.2f} MB/min after the warm-up"
        _line(axes, minutes, samples, f"{name}_mb", colour, label)
    axes.set(ylabel="MB", ylim=(0, None))
    axes.legend(loc="center right")


def _line(
    axes: Axes, minutes: Any, samples: Any, name: str, colour: str, label: str | None
) -> None:
    values = [sample[name] for sample in samples]
    known = np.array([np.nan if value is None else value for value in values], float)
    axes.plot(minutes, known, color=colour, lw=1.8, label=label)
    axes.margins(x=0.01)
