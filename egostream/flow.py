"""Rectified flow and the few-step sampler (Liu et al. 2022, arXiv 2209.03003; shift: Esser et al. 2024).

Convention: x_t = (1 - t) x_0 + t eps, velocity v = eps - x_0; t = 1 is noise, t = 0 is data. `t` has one
value a latent frame, shape (B, T), and broadcasts over (B, T, C, H, W). Pure functions on tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor

Prediction = Literal["velocity", "x0"]


def _broadcast(t: Tensor, like: Tensor) -> Tensor:
    return t.reshape(t.shape + (1,) * (like.dim() - t.dim()))


def interpolate(x0: Tensor, noise: Tensor, t: Tensor) -> Tensor:
    """The point x_t on the straight path from data to noise."""
    w = _broadcast(t, x0)
    return (1 - w) * x0 + w * noise


def velocity(x0: Tensor, noise: Tensor) -> Tensor:
    """d x_t / d t, constant along the path."""
    return noise - x0


def to_x0(prediction: Tensor, x_t: Tensor, t: Tensor, kind: Prediction) -> Tensor:
    """The clean latent that a prediction of either kind stands for."""
    return prediction if kind == "x0" else x_t - _broadcast(t, x_t) * prediction


def to_velocity(prediction: Tensor, x_t: Tensor, t: Tensor, kind: Prediction) -> Tensor:
    """The velocity that a prediction of either kind stands for; t > 0."""
    return prediction if kind == "velocity" else (x_t - prediction) / _broadcast(t, x_t)


def as_code(prediction: Tensor, x0: Tensor, noise: Tensor, kind: Prediction) -> Tensor:
    """A code whose error against `x0` is that of the prediction itself: of a velocity the same at all times."""
    return prediction if kind == "x0" else x0 + prediction - velocity(x0, noise)


def shift_time(t: Tensor, shift: float) -> Tensor:
    """Move times towards noise: s t / (1 + (s - 1) t), written so that 1 stays exactly 1."""
    return t / (t + (1 - t) / shift)


def few_step_times(num_steps: int, shift: float = 1.0) -> tuple[float, ...]:
    """`num_steps` descending times from 1, evenly spaced before the shift (4, 5: 1, .9375, .833, .625)."""
    if num_steps < 1:
        raise ValueError(f"num_steps must be at least 1, got {num_steps}")
    nominal = torch.arange(num_steps, 0, -1, dtype=torch.float64) / num_steps
    return tuple(shift_time(nominal, shift).tolist())


def sample_few_steps(
    predict_x0: Callable[[Tensor, float], Tensor],
    noise: Tensor,
    times: Sequence[float],
    fresh_noise: Callable[[], Tensor],
) -> Tensor:
    """The student's sampler: predict x_0, re-noise with *fresh* noise to the next time, repeat.

    The last x_0 is the result (Self-Forcing, arXiv 2506.08009, algorithm 2).
    """
    x_t = noise
    x0 = predict_x0(x_t, times[0])
    for t in times[1:]:
        x_t = (1 - t) * x0 + t * fresh_noise()
        x0 = predict_x0(x_t, t)
    return x0


def sample_euler(
    predict_velocity: Callable[[Tensor, float], Tensor],
    noise: Tensor,
    num_steps: int,
    shift: float = 1.0,
) -> Tensor:
    """The many-step sampler: Euler along the velocity from t = 1 to 0."""
    times = (*few_step_times(num_steps, shift), 0.0)
    x_t = noise
    for t, t_next in zip(times, times[1:], strict=False):
        x_t = x_t + (t_next - t) * predict_velocity(x_t, t)
    return x_t
