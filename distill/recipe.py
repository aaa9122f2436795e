"""Typed recipes: a run is a Python function that returns all of its settings, by stage and name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from distill.objective import (
    AnyObjective,
    Matching,
    Objective,
    Precision,
    Reconstruction,
    Stage,
)
from distill.pairs import Mix


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


def nano() -> Recipe:
    """For two CPU cores: first single latent frames on crops, then chunk-causal sequences."""
    crop, full = (96, 128), (192, 256)
    return Recipe(
        preset="nano",
        phases=(
            Phase(steps=4000, batch=32, num_latents=1, size_hw=crop, lr=1.0e-3, lr_end=1.5e-4),
            Phase(steps=300, batch=8, num_latents=4, size_hw=crop, lr=2.0e-4, lr_end=5.0e-5),
            Phase(steps=300, batch=8, num_latents=1, size_hw=full, lr=1.5e-4, lr_end=1.0e-5),
        ),
    )


def polish() -> Recipe:
    """An hour and a half more for weights that are there already (`--init`)."""
    crop, full = (96, 128), (192, 256)
    return replace(
        nano(),
        phases=(
            Phase(steps=2400, batch=32, num_latents=1, size_hw=crop, lr=8.0e-4, lr_end=1.5e-4),
            Phase(steps=200, batch=8, num_latents=4, size_hw=crop, lr=2.0e-4, lr_end=5.0e-5),
            Phase(steps=300, batch=8, num_latents=1, size_hw=full, lr=1.5e-4, lr_end=1.0e-5),
        ),
    )


def teacher() -> Recipe:
    """The many-step teacher of nano's size, from the student's weights (`--init`): an hour on two cores.

    Gently, and with many instructions a step before long clips: 2,000 steps of eight clips, at a learning rate
    of 6e-4, took recolouring from 0.8 to 0.0.
    """
    crop, full = (96, 128), (192, 256)
    return replace(
        nano(),
        objective=Objective(
            bidirectional=True, at_noise=0.3, spread=1.0, null_share=0.1, code_weight=0.6
        ),
        phases=(
            Phase(steps=900, batch=32, num_latents=1, size_hw=crop, lr=3.0e-4, lr_end=1.0e-4),
            Phase(steps=500, batch=8, num_latents=4, size_hw=crop, lr=1.0e-4, lr_end=4.0e-5),
            Phase(steps=100, batch=2, num_latents=4, size_hw=full, lr=3.0e-5, lr_end=1.0e-5),
        ),
    )


def codec() -> Recipe:
    """The part of nano's codec that decodes by learning, on exact codes: minutes on two cores."""
    crop, full = (96, 128), (192, 256)
    return replace(
        nano(),
        objective=Reconstruction(),
        precision="fp32",
        phases=(
            Phase(steps=600, batch=8, num_latents=1, size_hw=crop, lr=2.0e-3, lr_end=5.0e-4),
            Phase(steps=200, batch=8, num_latents=1, size_hw=full, lr=5.0e-4, lr_end=2.0e-5),
        ),
    )


def _matching(streaming: bool) -> Matching:
    """For nano, whose teacher edits a little worse with a guidance of 1.5, and half as fast.

    By itself the pull's gradient is a tenth of the pictures'. A critic that learns four times as fast as the student
    needs no steps of its own, of which two cores make few.
    """
    return Matching(
        streaming=streaming,
        guidance=1.0,
        matching=3.0,
        student_every=1,
        critic_lr=4.0,
        critic_warmup=40,
    )


def dmd() -> Recipe:
    """Few steps for a clip at once, from the teacher's weights."""
    return replace(
        nano(),
        objective=_matching(streaming=False),
        muon=False,
        ema=0.98,
        phases=(
            Phase(steps=500, batch=8, num_latents=4, size_hw=(96, 128), lr=6.0e-5, lr_end=1.0e-5),
        ),
    )


def self_forcing() -> Recipe:
    """The student that streams, from weights that stream already (`--init`)."""
    crop, full = (96, 128), (192, 256)
    return replace(
        dmd(),
        objective=_matching(streaming=True),
        phases=(
            Phase(steps=800, batch=8, num_latents=4, size_hw=crop, lr=6.0e-5, lr_end=2.0e-5),
            Phase(steps=100, batch=2, num_latents=4, size_hw=full, lr=2.0e-5, lr_end=5.0e-6),
        ),
    )


def adjusted(
    recipe: Recipe, scale: float = 1.0, egocentric: float = 1.0, recompute: bool = False
) -> Recipe:
    """The recipe with so many times the steps (each phase keeps one at least), and that share of first-person
    clips (`Mix.egocentric`). `recompute` can be added to it. Warm-ups become shorter, not longer.
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
    mix, objective = replace(recipe.mix, egocentric=egocentric), recipe.objective
    if isinstance(objective, Matching):
        objective = replace(objective, critic_warmup=round(objective.critic_warmup * less))
    recompute = recompute or recipe.recompute
    return replace(recipe, phases=phases, mix=mix, objective=objective, recompute=recompute)


def smoke_of(recipe: Recipe) -> Recipe:
    """A few steps of everything: for tests and for a first look."""
    phases = tuple(replace(p, steps=2, batch=2, warmup=1) for p in recipe.phases)
    objective = recipe.objective
    if isinstance(objective, Matching):
        objective = replace(objective, student_every=1, critic_warmup=0)
    return replace(recipe, phases=phases, objective=objective, checkpoint_every=2, sheet_every=1000)


def smoke() -> Recipe:
    """See `smoke_of`."""
    return smoke_of(nano())


def teacher_smoke() -> Recipe:
    """See `smoke_of`."""
    return smoke_of(teacher())


def codec_smoke() -> Recipe:
    """See `smoke_of`."""
    return smoke_of(codec())


def dmd_smoke() -> Recipe:
    """See `smoke_of`."""
    return smoke_of(dmd())


def self_forcing_smoke() -> Recipe:
    """See `smoke_of`."""
    return smoke_of(self_forcing())


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
    else:
        made = _made(Objective if "bidirectional" in settings else Reconstruction, settings)
    return made


def _made(kind: Any, settings: Mapping[str, Any]) -> Any:
    known = {f.name for f in fields(kind)}
    return kind(**{k: v for k, v in settings.items() if k in known})


Maker = Callable[[], Recipe]
CAUSAL: dict[str, Maker] = {"nano": nano, "polish": polish, "smoke": smoke}
TEACHER: dict[str, Maker] = {"nano": teacher, "smoke": teacher_smoke}
CODEC: dict[str, Maker] = {"nano": codec, "smoke": codec_smoke}
DMD: dict[str, Maker] = {"nano": dmd, "smoke": dmd_smoke}
SELF_FORCING: dict[str, Maker] = {"nano": self_forcing, "smoke": self_forcing_smoke}
STAGES: dict[Stage, dict[str, Maker]] = {
    "codec": CODEC,
    "causal": CAUSAL,
    "teacher": TEACHER,
    "dmd": DMD,
    "self-forcing": SELF_FORCING,
}
