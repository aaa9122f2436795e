"""Typed recipes: a run is a Python function that returns all of its settings, by stage and name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from distill.objective import (
    AnyObjective,
    Matching,
    Objective,
    Precision,
    Reconstruction,
    Redrawing,
)
from distill.pairs import Mix
from egostream.errors import EgostreamError
from egostream.models.tiny_codec import tiny_from_dict


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of steps with one shape of example. `batch` is over all workers together."""

    steps: int
    batch: int
    num_latents: int
    size_hw: tuple[int, int]
    lr: float
    lr_end: float
    warmup: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """A run: what it learns (`objective`), on what, for how long.

    `precision` is that of products inside networks; weights and their moments are float32. Without `muon`
    all weights are AdamW's. `recompute`: keep only the inputs of the transformer's blocks for the backward
    pass, and compute what is inside them again: a third more work, a small part of the memory. `betas` are AdamW's.
    """

    preset: str
    phases: tuple[Phase, ...]
    mix: Mix = field(default_factory=Mix)
    seed: int = 7
    weight_decay: float = 0.01
    muon: bool = True
    muon_scale: float = 2.0
    betas: tuple[float, float] = (0.9, 0.98)
    clip_norm: float = 1.0
    ema: float = 0.998
    objective: AnyObjective = field(default_factory=Objective)
    precision: Precision = "bf16"
    recompute: bool = False
    checkpoint_every: int = 50
    sheet_every: int = 300

    @property
    def num_steps(self) -> int:
        return sum(p.steps for p in self.phases)

    def examples_before(self, step: int) -> int:
        """How many examples all workers together have drawn before this step."""
        drawn = 0
        for phase in self.phases:
            taken = min(step, phase.steps)
            drawn, step = drawn + taken * phase.batch, step - taken
        return drawn

    def at(self, step: int) -> tuple[Phase, int]:
        """The phase of a step, and the step's number within it."""
        for phase in self.phases:
            if step < phase.steps:
                return phase, step
            step -= phase.steps
        raise IndexError("the run is over")


def adjusted(
    recipe: Recipe,
    scale: float = 1.0,
    egocentric: float = 1.0,
    recompute: bool = False,
    world: float = 1.0,
    matching: float | None = None,
) -> Recipe:
    """The recipe with so many times the steps (each phase keeps one at least), that share of first-person clips
    (`Mix.egocentric`) and that weight of the world (`Mix.world`). `recompute` can be added to it, `matching` be set
    (`Matching.matching`). Warm-ups become shorter, not longer. Raises EgostreamError if nothing is left to learn.
    """
    less = min(1.0, scale)
    phases = tuple(
        replace(
            p,
            steps=max(1, round(p.steps * scale)),
            warmup=max(1, round(p.warmup * less)),
        )
        for p in recipe.phases
    )
    mix, objective = replace(recipe.mix, egocentric=egocentric, world=world), recipe.objective
    if isinstance(objective, Matching):
        objective = replace(objective, critic_warmup=round(objective.critic_warmup * less))
        if matching is not None:
            objective = replace(objective, matching=matching)
        if not (objective.matching or objective.regression):
            raise EgostreamError(
                "this recipe learns from its teacher alone: a pull of 0 is nothing"
            )
    recompute = recompute or recipe.recompute
    return replace(recipe, phases=phases, mix=mix, objective=objective, recompute=recompute)


def recipe_from(settings: Mapping[str, Any]) -> Recipe:
    """The recipe that `dataclasses.asdict` made these of; what has no such setting today is left out."""
    phases = [_made(Phase, {**p, "size_hw": tuple(p["size_hw"])}) for p in settings["phases"]]
    parts: dict[str, Any] = {
        "phases": tuple(phases),
        "mix": _made(Mix, settings["mix"]),
        "objective": objective_from(settings["objective"]),
    }
    if "betas" in settings:
        parts["betas"] = tuple(settings["betas"])
    made: Recipe = _made(Recipe, {**settings, **parts})
    return made


def objective_from(settings: Mapping[str, Any]) -> AnyObjective:
    """The objective that `dataclasses.asdict` made these of."""
    made: AnyObjective
    if "student_every" in settings:
        made = _made(Matching, {**settings, "num_steps": tuple(settings["num_steps"])})
    elif "decoder" in settings:
        made = _made(Redrawing, {**settings, "decoder": tiny_from_dict(settings["decoder"])})
    else:
        made = _made(Objective if "bidirectional" in settings else Reconstruction, settings)
    return made


def _made(kind: Any, settings: Mapping[str, Any]) -> Any:
    known = {f.name for f in fields(kind)}
    return kind(**{k: v for k, v in settings.items() if k in known})
