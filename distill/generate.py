"""What a few-step student makes of a batch, with gradients: a clip at once, or chunk after chunk as it is served.

Codes (B, T, C, H, W), source latents (B, T, S, H, W), text states (B, M, X) and mask (B, M).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial

import torch
from torch import Tensor

from egostream import flow
from egostream.models.checkpoint import EditModel
from egostream.networks import pass_over
from egostream.rollout import Rollout, Text, new_kept_cache


class Draws:
    """Random numbers for each example from its own seed: it does not matter which worker has it."""

    def __init__(self, seeds: Sequence[int], salt: int, device: torch.device) -> None:
        self._each = [torch.Generator().manual_seed(2 * seed + salt) for seed in seeds]
        self._device = device

    def normal(self, *shape: int) -> Tensor:
        """(B, *shape), on the device; drawn on the CPU, it is the same for all devices."""
        return torch.stack([torch.randn(shape, generator=g) for g in self._each]).to(self._device)

    def uniform(self) -> Tensor:
        """(B,)"""
        return torch.cat([torch.rand(1, generator=g) for g in self._each]).to(self._device)


def exit_times(
    number: int, num_steps: Sequence[int], shift: float
) -> tuple[tuple[float, ...], int]:
    """The denoising times of a step's samples, and the number of the pass that learns.

    A number of passes, and of these the one to exit at, are drawn from the step's number: the same for all
    chunks, examples and workers (Self-Forcing, algorithm 1). Half of the time it is the last, whose output is what
    is shown; else any.
    """
    generator = torch.Generator().manual_seed(number)
    count = num_steps[int(torch.randint(len(num_steps), (1,), generator=generator))]
    leave = int(torch.randint(count, (1,), generator=generator))
    if float(torch.rand(1, generator=generator)) < 0.5:
        leave = count - 1
    return flow.few_step_times(count, shift), leave


def rewound(source: Tensor) -> Tensor:
    """Source pictures (B, T, F, 3, h, w) that first run backwards: (B, 2 T - 1, F, 3, h, w).

    All but the first latent frame come twice, so the stream stays without a cut.
    """
    return torch.cat([source[:, 1:].flip(1).flip(2), source], dim=1)


def edit_at_once(
    model: EditModel, latents: Tensor, text: Text, times: Sequence[float], draws: Draws
) -> Tensor:
    """A clip denoised as a whole; gradients flow through the last pass alone."""
    B, T, _, H, W = latents.shape
    shape = (T, model.codec.code_channels, H, W)
    wanted = torch.is_grad_enabled()

    def predict_x0(x_t: Tensor, t: float) -> Tensor:
        time = torch.full((B, T), t, device=x_t.device)
        with torch.set_grad_enabled(wanted and t == times[-1]):
            out = model.transformer(x_t, latents, time, *text)
            return flow.to_x0(out.prediction.float(), x_t, time, model.preset.prediction)

    return flow.sample_few_steps(
        predict_x0, draws.normal(*shape), times, lambda: draws.normal(*shape)
    )


def edit_as_served(
    model: EditModel,
    latents: Tensor,
    text: Text,
    times: Sequence[float],
    draws: Draws,
    *,
    leave: int = -1,
    learned: int | None = None,
    emptied: tuple[int, Tensor] | None = None,
) -> Tensor:
    """The streams' chunks one after the other, each over the cache that the ones before have left.

    Gradients flow through the pass number `leave` (the last) of each of the last `learned` chunks (all), and never
    through the cache.
    `emptied`: before this chunk the cache of these rows (B) is emptied, as it is at a new instruction.
    """
    B, T, _, H, W = latents.shape
    shape = (model.codec.code_channels, H, W)
    rollout = Rollout(
        partial(pass_over, model.transformer),
        new_kept_cache(model.preset, (H, W), B, latents.device),
        model.preset,
        lambda num_latents: draws.normal(num_latents, *shape),
    )
    codes = []
    for i in range(T):
        if emptied is not None and i == emptied[0]:
            rollout.forget(emptied[1].tolist())
        source = latents[:, i : i + 1]
        past = learned is not None and i < T - learned
        with torch.no_grad() if past else nullcontext():
            chunk = rollout.sample(source, text, times, leave)
        if i + 1 < T:
            rollout.remember(chunk)
        codes.append(chunk.code)
    return torch.cat(codes, dim=1)
