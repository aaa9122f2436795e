"""What the training card tells of a student's runs: a table of their stages, and a picture of their curves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from distill.objective import Stage, stage_of
from distill.recipe import Recipe, recipe_from
from distill.resume import read_state
from distill.trainer import STATE

# What tells of a stage's progress, the first that it has as a line of its own colour.
SHOWN = ("loss", "critic", "matching", "pixel_in", "gate", "code")
SMOOTH = 50  # steps that a curve's mean is over


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run as its folder tells of it. `rows` are those of log.jsonl; `added` has weights."""

    recipe: Recipe
    added: list[tuple[str, float]]
    rows: list[dict[str, Any]]

    @property
    def stage(self) -> Stage:
        return stage_of(self.recipe.objective)

    @property
    def num_steps(self) -> int:
        return int(self.rows[-1]["step"])

    @property
    def hours(self) -> float:
        return float(self.rows[-1]["seconds"]) / 3600

    @property
    def place(self) -> dict[str, Any]:
        """The first row that tells of the machine."""
        return next((r for r in self.rows if "cores" in r), {})


def read_run(folder: Path, otherwise: Recipe) -> Run:
    """`otherwise`: the recipe of a run whose state does not tell. Raises FileNotFoundError without log.jsonl."""
    state = read_state(folder / STATE) or {}
    added = [(str(of), float(weight)) for of, weight in state.get("added", [])]
    recipe = recipe_from(state["recipe"]) if "recipe" in state else otherwise
    rows = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return Run(recipe, added, rows)


def stages_table(runs: Sequence[Run]) -> str:
    """One row a phase of each run, in their order."""
    lines = [
        "| stage | steps | batch | latent frames | pixels | learning rate | hours of the stage |",
        "|---|---|---|---|---|---|---|",
    ]
    for run in runs:
        for number, p in enumerate(run.recipe.phases):
            size = f"{p.size_hw[1]} x {p.size_hw[0]}"
            hours = "" if number else f"{run.hours:.2f}"
            lines.append(
                f"| {run.stage} | {p.steps} | {p.batch} | {p.num_latents} | {size} | "
                f"{p.lr:g} to {p.lr_end:g} | {hours} |"
            )
    return "\n".join(lines) + "\n"


def draw_curves(runs: Sequence[Run], path: Path) -> None:
    """A panel for each run: means over `SMOOTH` steps, on a logarithmic scale."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        1, len(runs), figsize=(3.4 * len(runs), 3.2), layout="constrained", squeeze=False
    )
    for axis, run in zip(axes.flat, runs, strict=True):
        for name in SHOWN:
            found = [(r["step"], r[name]) for r in run.rows if r.get(name) is not None]
            if found:
                steps, values = np.array(found, dtype=float).T
                axis.plot(*_smoothed(steps, values), lw=1.2, label=name)
        axis.set(title=run.stage, xlabel="step", yscale="log")
        axis.grid(alpha=0.3)
        if axis.lines:
            axis.legend(frameon=False, fontsize=7)
    figure.savefig(path, dpi=80)
    pyplot.close(figure)


def _smoothed(
    steps: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    has = np.isfinite(values)
    steps, values = steps[has], values[has]
    width = min(SMOOTH, len(values))
    if not width:
        return steps, values
    return steps[width - 1 :], np.convolve(values, np.full(width, 1 / width), mode="valid")
