"""Is an engine the module? Compared on the examples and on random inputs made after them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from engines.engine import EngineError, Runner, Spec, as_tuple

NUM_RANDOM = 2
NUM_CALIBRATED = 3
SEED = 20240607


@dataclass(frozen=True, slots=True)
class Case:
    """One set of inputs with eager fp32's outputs."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    single: bool  # the module returned a tensor, not a tuple of one


def freeze(module: nn.Module) -> nn.Module:
    """A private copy in eval mode: building must not change the caller's module."""
    frozen = copy.deepcopy(module).eval()
    return frozen.requires_grad_(False)


def randomise(example: Tensor, generator: torch.Generator) -> Tensor:
    """Noise of the example's own mean and spread; what may carry meaning is kept as it is.

    Kept: integers and booleans (indices, masks), vectors and scalars (times), values that are not
    finite or only two-valued (float masks), constants other than zero.
    """
    if not example.is_floating_point() or example.dim() < 2 or not bool(example.isfinite().all()):
        return example.clone()
    values = example.float()
    if not bool(values.any()):  # a fresh cache or state: give it content
        mean, std = 0.0, 1.0
    elif values.flatten().sort().values.diff().count_nonzero() < 2:
        return example.clone()
    else:
        mean, std = float(values.mean()), float(values.std())
    noise = torch.randn(example.shape, generator=generator)
    return (mean + std * noise).to(device=example.device, dtype=example.dtype)


def reference_cases(
    frozen: nn.Module,
    examples: Sequence[Tensor],
    calibration: Sequence[tuple[Tensor, ...]] = (),
) -> list[Case]:
    """The examples and a few random inputs, run in eager fp32. Raises EngineError.

    With `calibration` it is some of those, first, middle and last: its scales are for real inputs,
    and noise would be told off for being out of their range.
    """
    generator = torch.Generator().manual_seed(SEED)
    if calibration:
        last = len(calibration) - 1
        at = sorted({last * i // (NUM_CALIBRATED - 1) for i in range(NUM_CALIBRATED)})
        drawn = [tuple(calibration[i]) for i in at]
    else:
        drawn = [tuple(examples)]
        drawn += [tuple(randomise(e, generator) for e in examples) for _ in range(NUM_RANDOM)]
    cases = []
    with torch.no_grad():
        for inputs in drawn:
            result = frozen(*inputs)
            # Cloned: an output may be a view of an input or of a buffer.
            outputs = tuple(output.clone() for output in as_tuple(result))
            cases.append(Case(inputs, outputs, isinstance(result, Tensor)))
    for output in (output for case in cases for output in case.outputs):
        if not bool(output.isfinite().all()):
            raise EngineError("the module itself gives values that are not finite")
    return cases


def relative_error(output: Tensor, reference: Tensor) -> float:
    """Norm of the difference over the reference's norm, which is taken as at least 1e-6 rms."""
    if Spec.of(output) != Spec.of(reference):
        raise EngineError(f"gives {Spec.of(output)} where eager gives {Spec.of(reference)}")
    if not bool(output.isfinite().all()):
        return float("inf")
    a, b = output.double(), reference.double()
    floor = 1e-6 * max(1, b.numel()) ** 0.5
    return float((a - b).norm() / max(float(b.norm()), floor))


def worst_error(runner: Runner, cases: Sequence[Case]) -> float:
    """The largest relative error over all outputs of all cases. Raises EngineError."""
    worst = 0.0
    for case in cases:
        outputs = runner(case.inputs)
        if len(outputs) != len(case.outputs):
            raise EngineError(f"gives {len(outputs)} outputs where eager gives {len(case.outputs)}")
        for output, reference in zip(outputs, case.outputs, strict=True):
            worst = max(worst, relative_error(output, reference))
    return worst
