"""`python -m tests.unit.train.tiny_run`: the real command line of training, on a model that fits into a test.

Importing it makes the changes, so worker processes, which import it anew, have them too.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import torch

from distill import recipes_wan, trainer
from distill.__main__ import main
from distill.objective import Matching, Redrawing
from distill.recipe import Phase, Recipe
from distill.recipes import STAGES
from egostream.models import presets
from egostream.models.presets import Preset
from egostream.models.tiny_codec import TinyDecoderConfig
from tests.unit.models.tiny import tiny_preset, tiny_wan_preset

HW = (48, 64)
SMOKE = {stage: recipes["smoke"] for stage, recipes in STAGES.items() if "smoke" in recipes}
NUM_STEPS, NUM_LONG = 12, 30


def tiny_causal(num_steps: int = NUM_STEPS) -> Recipe:
    """Short phases of every kind, a checkpoint every other step."""
    recipe = SMOKE["causal"]()
    phases = tuple(replace(p, steps=num_steps // 3, batch=2, size_hw=HW) for p in recipe.phases)
    return replace(recipe, phases=phases, checkpoint_every=2)


def tiny_long() -> Recipe:
    """The same with steps to spare, to be killed in the midst of."""
    return tiny_causal(NUM_LONG)


def tiny_exact() -> Recipe:
    """Numbers that do not depend on who computes which of them: float32, and no Muon, which rounds to bf16."""
    recipe = SMOKE["teacher"]()
    phase = replace(recipe.phases[0], steps=3, batch=2, num_latents=2, size_hw=HW)
    return replace(recipe, phases=(phase,), precision="fp32", muon=False)


def tiny_student() -> Recipe:
    """Distillation of the same kind."""
    recipe = SMOKE["self-forcing"]()
    phase = replace(recipe.phases[0], steps=3, batch=2, num_latents=2, size_hw=HW)
    objective = recipe.objective
    assert isinstance(objective, Matching)
    objective = replace(objective, switch_share=0.5, long_share=0.5, student_every=2)
    return replace(recipe, phases=(phase,), precision="fp32", objective=objective)


def tiny_wan_student() -> Recipe:
    """The same on a codec of pictures, guided, as Wan's recipes have it; all of it moves visibly in three steps."""
    recipe = recipes_wan.self_forcing("wan2.1-1.3b")
    objective = replace(recipe.objective, student_every=2, regression=0.5)  # type: ignore[call-arg]
    (phase,) = recipe.phases
    phase = replace(phase, steps=3, batch=2, num_latents=2, size_hw=HW, lr=1e-3, warmup=1)
    return replace(
        recipe, phases=(phase,), precision="fp32", objective=objective, checkpoint_every=1
    )


TINY_DECODER = TinyDecoderConfig(3, (24, 16, 12, 12), (1, 1, 1, 0), (False, True, True), head=1)


def tiny_redrawing(num_steps: int = 4) -> Recipe:
    """A tiny decoder of the tiny codec's latents."""
    recipe = recipes_wan.codec("wan2.1-1.3b")
    objective = Redrawing(decoder=TINY_DECODER)
    phase = Phase(
        steps=num_steps, batch=2, num_latents=2, size_hw=(32, 32), lr=1e-2, lr_end=1e-3, warmup=1
    )
    return replace(
        recipe, phases=(phase,), precision="fp32", objective=objective, ema=0.8, checkpoint_every=2
    )


def tiny_preset_of(name: str) -> Preset:
    """In place of `get_preset`."""
    return tiny_preset() if name == "nano" else tiny_wan_preset()


def make_tiny() -> None:
    """From here on this process trains tiny models."""
    trainer.get_preset = presets.get_preset = tiny_preset_of
    trainer.Journal.show = lambda *_: None  # type: ignore[method-assign]
    STAGES["codec"] = {"wan2.1-1.3b": tiny_redrawing}
    STAGES["causal"] = {"nano": tiny_causal, "long": tiny_long}
    STAGES["teacher"] = {"nano": tiny_exact}
    STAGES["self-forcing"] = {"nano": tiny_student, "wan2.1-1.3b": tiny_wan_student}
    torch.set_num_threads(1)
    torch.set_num_threads = lambda count: None  # type: ignore[assignment]


if __name__ in {"__main__", "__mp_main__"}:
    make_tiny()
if __name__ == "__main__":
    sys.exit(main())
