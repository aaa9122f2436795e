"""`python -m tests.unit.train.tiny_run`: the real command line of training, on a model that fits into a test.

Importing it makes the changes, so worker processes, which import it anew, have them too.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import torch

from distill import trainer
from distill.__main__ import main
from distill.objective import Matching
from distill.recipe import STAGES, Recipe, self_forcing_smoke, smoke, teacher_smoke
from egostream.models import presets
from tests.unit.models.tiny import tiny_preset

HW = (48, 64)
NUM_STEPS, NUM_LONG = 12, 30


def tiny_causal(num_steps: int = NUM_STEPS) -> Recipe:
    """Short phases of every kind, a checkpoint every other step."""
    phases = tuple(replace(p, steps=num_steps // 3, batch=2, size_hw=HW) for p in smoke().phases)
    return replace(smoke(), phases=phases, checkpoint_every=2)


def tiny_long() -> Recipe:
    """The same with steps to spare, to be killed in the midst of."""
    return tiny_causal(NUM_LONG)


def tiny_exact() -> Recipe:
    """Numbers that do not depend on who computes which of them: float32, and no Muon, which rounds to bf16."""
    phase = replace(teacher_smoke().phases[0], steps=3, batch=2, num_latents=2, size_hw=HW)
    return replace(teacher_smoke(), phases=(phase,), precision="fp32", muon=False)


def tiny_student() -> Recipe:
    """Distillation of the same kind."""
    phase = replace(self_forcing_smoke().phases[0], steps=3, batch=2, num_latents=2, size_hw=HW)
    objective = self_forcing_smoke().objective
    assert isinstance(objective, Matching)
    objective = replace(objective, switch_share=0.5, long_share=0.5, student_every=2)
    return replace(self_forcing_smoke(), phases=(phase,), precision="fp32", objective=objective)


def make_tiny() -> None:
    """From here on this process trains tiny models."""
    trainer.get_preset = presets.get_preset = lambda name: tiny_preset()  # type: ignore[assignment]
    trainer.Journal.show = lambda *_: None  # type: ignore[method-assign]
    STAGES["causal"] = {"nano": tiny_causal, "long": tiny_long}
    STAGES["teacher"] = {"nano": tiny_exact}
    STAGES["self-forcing"] = {"nano": tiny_student}
    torch.set_num_threads(1)
    torch.set_num_threads = lambda count: None  # type: ignore[assignment]


if __name__ in {"__main__", "__mp_main__"}:
    make_tiny()
if __name__ == "__main__":
    sys.exit(main())
