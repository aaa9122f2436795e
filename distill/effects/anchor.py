"""Where a thing is: the frame of reference of everything that happens around it.

Effects are worked out on a small canvas that moves and grows with the thing, and are brought back to the
picture: so a thing twice as big gets a flame twice as big, wherever it is. Canvas units: 1 is the thing's
size, (0, 0) the middle of its box, u to the right, v down. Shapes: pictures F, (F, 1, h, w); canvas (F, 1, N, M).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

LEFT, RIGHT, TOP, BOTTOM = -1.6, 1.6, -2.2, 1.4
CELLS = 24  # of the canvas along one unit
ROWS, COLUMNS = round((BOTTOM - TOP) * CELLS), round((RIGHT - LEFT) * CELLS)
# Below this many pixels a thing is not there; from twice that on it is, wholly.
TOO_FEW = 12.0
TAIL = 0.02  # of a mask's pixels beyond each side of its box: specks do not move the box


@dataclass(frozen=True, slots=True)
class Anchor:
    """Middle of the box (F,), its half width and half height (F,), the unit of the canvas (F,): in pixels.

    `there` (F, 1, 1, 1) is 0 where the mask is empty, 1 where there is a thing.
    """

    x: Tensor
    y: Tensor
    half_w: Tensor
    half_h: Tensor
    unit: Tensor
    there: Tensor
    size_hw: tuple[int, int]

    def axes(self) -> tuple[Tensor, Tensor]:
        """Canvas coordinates of the picture's pixels: u (F, w), v (F, h)."""
        h, w = self.size_hw
        u = (torch.arange(w) + 0.5 - self.x[:, None]) / self.unit[:, None]
        v = (torch.arange(h) + 0.5 - self.y[:, None]) / self.unit[:, None]
        return u, v

    def to_canvas(self, picture: Tensor) -> Tensor:
        """(F, c, ROWS, COLUMNS), 0 beyond the picture's border."""
        h, w = self.size_hw
        u, v = canvas_axes()
        x = 2 * (self.x[:, None] + u * self.unit[:, None]) / w - 1
        y = 2 * (self.y[:, None] + v * self.unit[:, None]) / h - 1
        return F.grid_sample(picture, _grid(x, y), align_corners=False)

    def to_picture(self, canvas: Tensor) -> Tensor:
        """(F, c, h, w), 0 beyond the canvas."""
        u, v = self.axes()
        x = 2 * (u - LEFT) / (RIGHT - LEFT) - 1
        y = 2 * (v - TOP) / (BOTTOM - TOP) - 1
        return F.grid_sample(canvas, _grid(x, y), align_corners=False)


def canvas_axes() -> tuple[Tensor, Tensor]:
    """u (COLUMNS,) and v (ROWS,) of the canvas's cells."""
    u = LEFT + (torch.arange(COLUMNS) + 0.5) / CELLS
    v = TOP + (torch.arange(ROWS) + 0.5) / CELLS
    return u, v


def _grid(x: Tensor, y: Tensor) -> Tensor:
    h, w = y.shape[1], x.shape[1]
    return torch.stack([x[:, None, :].expand(-1, h, w), y[:, :, None].expand(-1, h, w)], dim=-1)


def _span(profile: Tensor) -> tuple[Tensor, Tensor]:
    """Middle and half length (F,) of what a profile (F, n) of mask pixels covers, specks left out."""
    share = profile.cumsum(1) / profile.sum(1, keepdim=True).clamp(min=1e-6)
    low = (share < TAIL).sum(1)
    high = (share < 1 - TAIL).sum(1) + 1
    return (low + high) / 2, ((high - low) / 2).clamp(min=1.0)


def find(thing: Tensor) -> Anchor:
    """Measure a thing in each frame of its mask (F, 1, h, w)."""
    x, half_w = _span(thing.sum((1, 2)))
    y, half_h = _span(thing.sum((1, 3)))
    area = thing.sum((1, 2, 3))
    unit = torch.maximum(2 * (half_w * half_h).sqrt(), 1.2 * torch.maximum(half_w, half_h))
    there = ((area - TOO_FEW) / TOO_FEW).clamp(0, 1)[:, None, None, None]
    size = (thing.shape[-2], thing.shape[-1])
    return Anchor(x, y, half_w, half_h, unit, there, size)


def ellipse(thing: Tensor) -> tuple[Tensor, Tensor]:
    """Middle (F, 2) and axes (F, 2, 2) of the ellipse around a thing, x before y: middle + axes @ unit vector."""
    h, w = thing.shape[-2:]
    mass = thing[:, 0].sum((1, 2)).clamp(min=1.0)[:, None, None]
    spots = torch.stack(torch.meshgrid(torch.arange(w), torch.arange(h), indexing="xy"))
    spots = spots.flatten(1).float().expand(len(thing), -1, -1)
    weights = thing.flatten(1)[:, None]
    middle = (spots * weights).sum(2, keepdim=True) / mass
    away = spots - middle
    spread = (away * weights) @ away.transpose(1, 2) / mass + torch.eye(2)
    # A filled rectangle's side is the square root of 12 times its deviation; 2 just rounds its corners.
    values, vectors = torch.linalg.eigh(spread)
    root = vectors @ torch.diag_embed(values.clamp(min=0).sqrt()) @ vectors.transpose(1, 2)
    return middle[:, :, 0], 2.0 * root


def blur(canvas: Tensor, radius: int) -> Tensor:
    """Two box blurs over (2 radius + 1) cells, 0 beyond the border."""
    size = 2 * radius + 1
    for _ in range(2):
        canvas = F.avg_pool2d(canvas, (1, size), 1, (0, radius))
        canvas = F.avg_pool2d(canvas, (size, 1), 1, (radius, 0))
    return canvas


def body(anchor: Anchor, thing: Tensor) -> Tensor:
    """The thing on the canvas (F, 1, ROWS, COLUMNS), gaps closed where fingers cross it."""
    seen = anchor.to_canvas(thing)
    grown = F.max_pool2d(seen, 7, 1, 3)
    return -F.max_pool2d(-grown, 7, 1, 3) * anchor.there
