"""Distribution matching distillation: how a few-step student is pulled towards what its teacher would make.

Two networks look at a noised sample of the student: one knows the teacher's distribution (real), one is trained
on the student's samples (fake, the critic). The difference of their guesses at the clean sample is the gradient of
the KL divergence between the two distributions (Yin et al. 2024, arXiv 2405.14867, section 3; the normaliser and
shifted, clamped times as in Self-Forcing, arXiv 2506.08009). Convention of `egostream.flow`: t = 1 is noise.
"""

from __future__ import annotations

import torch
from torch import Tensor

from egostream import flow

GUIDANCE = 1.5  # of teachers, where nothing else is asked for


def guided(with_text: Tensor, without_text: Tensor, guidance: float) -> Tensor:
    """The teacher's guess, `guidance` times as far from what it makes of no instruction (1: as it is)."""
    return without_text + guidance * (with_text - without_text)


def matching_gradient(
    sample: Tensor, real_x0: Tensor, fake_x0: Tensor, weight: Tensor | None = None
) -> Tensor:
    """(fake - real), each row divided by how far its sample is from the teacher's guess; all (B, ...).

    `weight` (see `matching_loss`) says which values that distance is of. A row whose gradient is not finite
    moves nothing.
    """
    distance = _mean_of_rows((sample - real_x0).abs(), weight)
    gradient = (fake_x0 - real_x0) / distance.clamp(min=1e-6)
    finite = gradient.isfinite().flatten(1).all(1).reshape(distance.shape)
    return torch.where(finite, gradient, 0.0).detach()


def matching_loss(sample: Tensor, gradient: Tensor, weight: Tensor | None = None) -> Tensor:
    """Half the mean square whose derivative by `sample` is the gradient over the number of values.

    `weight` broadcasts over the sample: by it values count in the mean of their row; rows count alike.
    """
    pulled = (sample - gradient).detach()
    square = 0.5 * (sample.double() - pulled.double()).square()
    return _mean_of_rows(square, weight).mean().float()


def _mean_of_rows(values: Tensor, weight: Tensor | None) -> Tensor:
    """(B, 1, ...)"""
    rows = tuple(range(1, values.dim()))
    if weight is None:
        return values.mean(rows, keepdim=True)
    weight = weight.expand_as(values).to(values.dtype)
    total = (values * weight).sum(rows, keepdim=True)
    return total / weight.sum(rows, keepdim=True).clamp(min=1e-6)


def judging_times(uniform_B: Tensor, shift: float, lowest: float, highest: float) -> Tensor:
    """The noise that samples are judged at, from uniform draws (B): shifted towards noise, then clamped."""
    return flow.shift_time(uniform_B, shift).clamp(lowest, highest)
