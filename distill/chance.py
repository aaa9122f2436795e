"""What is random about a batch, drawn example by example: it does not matter who computes which of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from distill.objective import Objective


@dataclass(frozen=True, slots=True)
class Chance:
    """`noise` and `past` (B, T, C, H, W); times `t` (B, T); `context` noise in the past (B, 1), `kept` (B, 1)."""

    noise: Tensor
    past: Tensor
    t: Tensor
    context: Tensor
    kept: Tensor

    def to(self, device: torch.device) -> Chance:
        """The same on a device. Drawn on the CPU, it is the same for all of them."""
        return Chance(
            *(x.to(device) for x in (self.noise, self.past, self.t, self.context, self.kept))
        )


def draw_chance(
    seeds: Sequence[int], shape: tuple[int, int, int, int], objective: Objective
) -> Chance:
    """For codes of (T, C, H, W), one example a seed. `kept` is 0 where the instruction is left out."""
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    # A clip that is denoised as a whole is at one time; a stream's latent frames each at their own.
    num_times = 1 if objective.bidirectional else shape[0]

    def uniform(size: int) -> Tensor:
        return torch.stack([torch.rand(size, generator=g) for g in generators])

    def normal(*size: int) -> Tensor:
        return torch.stack([torch.randn(size, generator=g) for g in generators])

    if objective.spread is None:
        t = uniform(num_times)
    else:
        t = torch.sigmoid(objective.spread * normal(num_times))
    t = torch.where(uniform(1) < objective.at_noise, 1.0, t).expand(-1, shape[0])
    context = objective.context_noise * uniform(1)
    kept = (uniform(1) >= objective.null_share).float()
    return Chance(normal(*shape), normal(*shape), t, context, kept)
