"""Global edits as exact picture functions: the truth for "make it night", "a pencil sketch", and so on.

Each takes pictures (B, F, 3, h, w) in 0..1 and the clock (B,) of their first frame, and returns the edited
pictures. They are written for looks, on their own terms; the model never sees them, only their results.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from egostream.models.bank import box_blur, flakes, luma

Filter = Callable[[Tensor, Tensor], Tensor]


def _grey(x: Tensor) -> Tensor:
    return luma(x.flatten(0, 1)).unflatten(0, x.shape[:2])


def _mix(x: Tensor, matrix: list[list[float]], offset: list[float]) -> Tensor:
    m = torch.tensor(matrix, dtype=x.dtype)
    y = torch.einsum("bfchw,dc->bfdhw", x, m)
    return (y + torch.tensor(offset, dtype=x.dtype)[:, None, None]).clamp(0, 1)


def _saturate(x: Tensor, amount: float) -> Tensor:
    y = _grey(x)
    return y + amount * (x - y)


def _blur(x: Tensor, radius: int) -> Tensor:
    once = box_blur(x.flatten(0, 1), radius)
    return box_blur(once, radius).unflatten(0, x.shape[:2])


def black_and_white(x: Tensor, clock: Tensor) -> Tensor:
    return _grey(x).expand_as(x)


def sepia(x: Tensor, clock: Tensor) -> Tensor:
    rows = [[0.39, 0.73, 0.18], [0.34, 0.64, 0.16], [0.25, 0.49, 0.12]]
    return _mix(x, rows, [0.02, 0.0, -0.02])


def invert(x: Tensor, clock: Tensor) -> Tensor:
    return 1 - x


def warm(x: Tensor, clock: Tensor) -> Tensor:
    return _mix(x, [[1.12, 0.06, 0.0], [0.02, 0.97, 0.0], [0.0, 0.0, 0.62]], [0.05, 0.015, -0.01])


def cold(x: Tensor, clock: Tensor) -> Tensor:
    return _mix(x, [[0.66, 0.0, 0.0], [0.0, 0.92, 0.03], [0.0, 0.08, 1.1]], [-0.01, 0.01, 0.07])


def night(x: Tensor, clock: Tensor) -> Tensor:
    dim = _saturate(x, 0.45) ** 1.25
    return _mix(dim, [[0.24, 0, 0], [0, 0.32, 0], [0, 0, 0.56]], [0.0, 0.012, 0.045])


def sunset(x: Tensor, clock: Tensor) -> Tensor:
    rows = [[0.95, 0.12, 0.0], [0.12, 0.58, 0.0], [0.1, 0.0, 0.36]]
    return _mix(x, rows, [0.12, 0.03, 0.06])


def fog(x: Tensor, clock: Tensor) -> Tensor:
    veil = torch.tensor([0.80, 0.82, 0.84])[:, None, None]
    return 0.36 * (0.6 * _blur(x, 1) + 0.4 * _grey(x)) + 0.64 * veil


def snow(x: Tensor, clock: Tensor) -> Tensor:
    pale = 0.40 * x + 0.35 * _grey(x) + torch.tensor([0.19, 0.21, 0.24])[:, None, None]
    falling = flakes(clock, x.shape[1], (x.shape[-2], x.shape[-1]))
    return (pale + 0.9 * falling).clamp(0, 1)


def pixel_art(x: Tensor, clock: Tensor) -> Tensor:
    cells = F.avg_pool2d(x.flatten(0, 1), 8)
    big = F.interpolate(cells, scale_factor=8.0, mode="nearest").unflatten(0, x.shape[:2])
    return (1.15 * (_saturate(big, 1.4) - 0.5) + 0.5).clamp(0, 1)


def sketch(x: Tensor, clock: Tensor) -> Tensor:
    y = _grey(x)
    lines = (y / (_blur(y, 4) + 0.04)).clamp(0, 1)
    tone = 0.80 + 0.20 * y.sqrt()
    paper = torch.tensor([0.98, 0.97, 0.94])[:, None, None]
    return paper * (tone * (1 - 2.4 * (1 - lines)).clamp(0.08, 1))


def cartoon(x: Tensor, clock: Tensor) -> Tensor:
    flat = _saturate(_blur(x, 2), 1.6)
    tone = _grey(flat)
    stepped = flat + 0.9 * ((torch.floor(tone * 5) + 0.5) / 5 - tone)
    y = _grey(x)
    ink = ((_blur(y, 3) - y) / (_blur(y, 3) + 0.06) * 4.0 - 0.25).clamp(0, 1)
    return ((stepped * 1.05 + 0.03) * (1 - 0.85 * ink)).clamp(0, 1)


def vintage(x: Tensor, clock: Tensor) -> Tensor:
    faded = 0.72 * _saturate(x, 0.6) + 0.14
    return _mix(faded, [[1.06, 0, 0], [0, 1.0, 0], [0, 0, 0.8]], [0.02, 0.0, 0.02])


def underwater(x: Tensor, clock: Tensor) -> Tensor:
    rows = [[0.25, 0.05, 0.0], [0.05, 0.72, 0.06], [0.05, 0.15, 0.75]]
    return _mix(0.6 * x + 0.4 * _blur(x, 2), rows, [0.0, 0.10, 0.16])


def night_vision(x: Tensor, clock: Tensor) -> Tensor:
    y = (_grey(x) * 1.25).clamp(0, 1)
    return torch.cat([0.10 * y, 0.08 + 0.88 * y, 0.12 * y], dim=2)


def vivid(x: Tensor, clock: Tensor) -> Tensor:
    return (1.2 * (_saturate(x, 1.7) - 0.5) + 0.5).clamp(0, 1)


def brighter(x: Tensor, clock: Tensor) -> Tensor:
    return (1.2 * x + 0.14).clamp(0, 1)


def darker(x: Tensor, clock: Tensor) -> Tensor:
    return 0.5 * x


def blurred(x: Tensor, clock: Tensor) -> Tensor:
    return _blur(x, 4)


FILTERS: dict[str, Filter] = {
    "sketch": sketch,
    "night": night,
    "sunset": sunset,
    "snow": snow,
    "black_and_white": black_and_white,
    "sepia": sepia,
    "pixel_art": pixel_art,
    "cartoon": cartoon,
    "invert": invert,
    "warm": warm,
    "cold": cold,
    "fog": fog,
    "vintage": vintage,
    "underwater": underwater,
    "night_vision": night_vision,
    "vivid": vivid,
    "brighter": brighter,
    "darker": darker,
    "blurred": blurred,
}
