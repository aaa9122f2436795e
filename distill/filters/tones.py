"""Edits of colour and light alone (see the package)."""

from __future__ import annotations

import torch
from torch import Tensor

from distill.filters.pieces import blur, color, grey, mix, ramp, saturate, soften

HEAT = [
    (0.02, 0.0, 0.16), (0.20, 0.0, 0.55), (0.68, 0.06, 0.58), (0.97, 0.38, 0.16), (1.0, 0.80, 0.15),
    (1.0, 1.0, 0.86),
]  # fmt: skip


def black_and_white(x: Tensor, clock: Tensor) -> Tensor:
    return grey(x).expand_as(x)


def sepia(x: Tensor, clock: Tensor) -> Tensor:
    rows = [[0.39, 0.73, 0.18], [0.34, 0.64, 0.16], [0.25, 0.49, 0.12]]
    return mix(x, rows, [0.02, 0.0, -0.02])


def invert(x: Tensor, clock: Tensor) -> Tensor:
    return 1 - x


def warm(x: Tensor, clock: Tensor) -> Tensor:
    return mix(x, [[1.12, 0.06, 0.0], [0.02, 0.97, 0.0], [0.0, 0.0, 0.62]], [0.05, 0.015, -0.01])


def cold(x: Tensor, clock: Tensor) -> Tensor:
    return mix(x, [[0.66, 0.0, 0.0], [0.0, 0.92, 0.03], [0.0, 0.08, 1.1]], [-0.01, 0.01, 0.07])


def night(x: Tensor, clock: Tensor) -> Tensor:
    dim = saturate(x, 0.45) ** 1.25
    return mix(dim, [[0.24, 0, 0], [0, 0.32, 0], [0, 0, 0.56]], [0.0, 0.012, 0.045])


def sunset(x: Tensor, clock: Tensor) -> Tensor:
    rows = [[0.95, 0.12, 0.0], [0.12, 0.58, 0.0], [0.1, 0.0, 0.36]]
    return mix(x, rows, [0.12, 0.03, 0.06])


def vintage(x: Tensor, clock: Tensor) -> Tensor:
    faded = 0.72 * saturate(x, 0.6) + 0.14
    return mix(faded, [[1.06, 0, 0], [0, 1.0, 0], [0, 0, 0.8]], [0.02, 0.0, 0.02])


def underwater(x: Tensor, clock: Tensor) -> Tensor:
    rows = [[0.25, 0.05, 0.0], [0.05, 0.72, 0.06], [0.05, 0.15, 0.75]]
    return mix(0.6 * x + 0.4 * blur(x, 2), rows, [0.0, 0.10, 0.16])


def night_vision(x: Tensor, clock: Tensor) -> Tensor:
    y = (grey(x) * 1.25).clamp(0, 1)
    return torch.cat([0.10 * y, 0.08 + 0.88 * y, 0.12 * y], dim=2)


def vivid(x: Tensor, clock: Tensor) -> Tensor:
    return (1.2 * (saturate(x, 1.7) - 0.5) + 0.5).clamp(0, 1)


def brighter(x: Tensor, clock: Tensor) -> Tensor:
    return (1.2 * x + 0.14).clamp(0, 1)


def darker(x: Tensor, clock: Tensor) -> Tensor:
    return 0.5 * x


def blurred(x: Tensor, clock: Tensor) -> Tensor:
    return blur(x, 4)


def thermal(x: Tensor, clock: Tensor) -> Tensor:
    red, blue = x[:, :, 0:1], x[:, :, 2:3]
    # Skin is warm, daylight lukewarm: what a heat camera would make of most pictures.
    heat = 0.40 * grey(x) + 1.25 * (red - blue).clamp(0, 1)
    return ramp(heat, HEAT)


def golden(x: Tensor, clock: Tensor) -> Tensor:
    lit = mix(x, [[1.0, 0.08, 0.0], [0.08, 0.76, 0.0], [0.0, 0.08, 0.52]], [0.03, 0.01, 0.02])
    bloom = (soften(grey(lit)) - 0.35).clamp(0, 1)
    return (lit + 0.30 * bloom * color((1.0, 0.55, 0.10))).clamp(0, 1)
