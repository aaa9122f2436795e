"""Distribution matching distillation: how a few-step student is pulled towards what its teacher would make.

Two networks look at a noised sample of the student: one knows the teacher's distribution (real), one is trained
on the student's samples (fake, the critic). The difference of their guesses at the clean sample is the gradient of
the KL divergence between the two distributions (Yin et al. 2024, arXiv 2405.14867, section 3; the normaliser and
the law of times as in Self-Forcing, arXiv 2506.08009). Convention of `egostream.flow`: t = 1 is noise.
"""

from __future__ import annotations

import torch
from torch import Tensor

from egostream import flow


def guided(with_text: Tensor, without_text: Tensor, guidance: float) -> Tensor:
    """The teacher's guess, `guidance` times as far from what it makes of no instruction (1: as it is)."""
    return without_text + guidance * (with_text - without_text)


def matching_gradient(sample: Tensor, real_x0: Tensor, fake_x0: Tensor) -> Tensor:
    """(fake - real), each row divided by how far its sample is from the teacher's guess; all (B, ...).

    A row without a finite gradient moves nothing.
    """
    rows = tuple(range(1, sample.dim()))
    distance = (sample - real_x0).abs().mean(rows, keepdim=True)
    gradient = (fake_x0 - real_x0) / distance.clamp(min=1e-6)
    return torch.where(gradient.isfinite(), gradient, 0.0).detach()


def matching_loss(sample: Tensor, gradient: Tensor, weight: Tensor | None = None) -> Tensor:
    """Half the mean square whose derivative by `sample` is the gradient over the number of values.

    `weight` broadcasts over the sample: 0 leaves values out of the loss (and of the mean).
    """
    pulled = (sample - gradient).detach()
    square = 0.5 * (sample.double() - pulled.double()).square()
    if weight is None:
        return square.mean().float()
    weight = weight.expand_as(sample)
    return ((square * weight).sum() / weight.sum().clamp(min=1)).float()


def judging_times(uniform_B: Tensor, shift: float, lowest: float, highest: float) -> Tensor:
    """The noise that samples are judged at, from uniform draws (B): shifted towards noise, then clamped."""
    return flow.shift_time(uniform_B, shift).clamp(lowest, highest)
