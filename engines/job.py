"""What a backend gets to work on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from engines.check import Case
from engines.engine import EngineError, Precision, Spec

Inputs = tuple[Tensor, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """A private copy of the module, which the backend may change, and what is known of its calls.

    `calibration`: inputs of real calls, for the precisions that need them; else empty.
    `num_threads`: of backends with threads of their own; None is their default. `notes`: what the
    backend has to tell of what it makes, for the report.
    """

    module: nn.Module
    cases: Sequence[Case]
    precision: Precision
    calibration: Sequence[Inputs] = ()
    num_threads: int | None = None
    notes: list[str] = field(default_factory=list)

    @property
    def examples(self) -> Inputs:
        """One call's inputs."""
        return self.cases[0].inputs

    @property
    def outputs(self) -> tuple[Spec, ...]:
        """What every call gives."""
        return tuple(Spec.of(output) for output in self.cases[0].outputs)

    @property
    def device(self) -> torch.device:
        """Where the inputs are."""
        return self.examples[0].device


def check_calibration(calibration: Sequence[Inputs], examples: Inputs) -> None:
    """Raises EngineError for inputs that are not like the examples."""
    wanted = [Spec.of(example) for example in examples]
    for index, inputs in enumerate(calibration):
        found = [Spec.of(x) for x in inputs]
        if found != wanted:
            raise EngineError(
                f"calibration[{index}] is {', '.join(map(str, found))}: "
                f"the engine is for {', '.join(map(str, wanted))}"
            )
