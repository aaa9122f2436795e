"""What several filters are made of. Pictures (B, F, 3, h, w) or one channel (B, F, 1, h, w) in 0..1."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from egostream.models.bank import luma, smooth

Filter = Callable[[Tensor, Tensor], Tensor]
Color = tuple[float, float, float]


def grey(x: Tensor) -> Tensor:
    """Brightness (B, F, 1, h, w)."""
    return luma(x.flatten(0, 1)).unflatten(0, x.shape[:2])


def mix(x: Tensor, matrix: list[list[float]], offset: list[float]) -> Tensor:
    """Each colour a mix of all three (rows of `matrix`), plus an offset."""
    m = torch.tensor(matrix, dtype=x.dtype)
    y = torch.einsum("bfchw,dc->bfdhw", x, m)
    return (y + torch.tensor(offset, dtype=x.dtype)[:, None, None]).clamp(0, 1)


def saturate(x: Tensor, amount: float) -> Tensor:
    """0 is grey, 1 as it is; not clamped."""
    y = grey(x)
    return y + amount * (x - y)


def blur(x: Tensor, radius: int) -> Tensor:
    """Two box blurs, borders repeated."""
    size, pictures = 2 * radius + 1, x.flatten(0, 1)
    for _ in range(2):
        pictures = F.pad(pictures, (radius,) * 4, mode="replicate")
        # Rows, then columns: the same means for a fraction of the sums.
        pictures = F.avg_pool2d(F.avg_pool2d(pictures, (1, size), 1), (size, 1), 1)
    return pictures.unflatten(0, x.shape[:2])


def soften(x: Tensor) -> Tensor:
    """A blur of about 6 pixels, cheap."""
    return smooth(x.flatten(0, 1)).unflatten(0, x.shape[:2])


def ink(y: Tensor) -> Tensor:
    """How much darker than its surroundings brightness `y` is, 0..1: the lines a pen would draw."""
    around = soften(y)
    return ((around - blur(y, 1)) / (around + 0.08) * 3.4 - 0.22).clamp(0, 1)


def contours(y: Tensor, floor: float = 0.035) -> Tensor:
    """Strength of the edges of brightness `y`, 0..1; steps smaller than about `floor` are noise."""
    flat = F.pad(blur(y, 1).flatten(0, 1), (1,) * 4, mode="replicate")
    across = flat[..., 1:-1, 2:] - flat[..., 1:-1, :-2]
    down = flat[..., 2:, 1:-1] - flat[..., :-2, 1:-1]
    strength = (across.square() + down.square() + 1e-8).sqrt().unflatten(0, y.shape[:2])
    return ((strength - floor) * 6.0).clamp(0, 1)


def steps(y: Tensor) -> Tensor:
    """Brightness in five flat levels, joined by short slopes so that noise does not fray their borders."""
    level = y * 5
    whole = torch.floor(level)
    return (whole + torch.sigmoid(14 * (level - whole - 0.5))) / 5


def paint(x: Tensor, reach: int) -> Tensor:
    """Flat dabs with crisp borders: of four windows beside each pixel, the mean of the calmest."""
    pictures = x.flatten(0, 1)
    stacked = torch.cat([pictures, luma(pictures).square()], dim=1).permute(0, 2, 3, 1).numpy()
    size, half = (reach + 1, reach + 1), (reach + 1) // 2
    edge = cv2.BORDER_REPLICATE
    windows = np.stack([cv2.blur(cv2.copyMakeBorder(p, *(half,) * 4, edge), size) for p in stacked])
    means = torch.from_numpy(windows).permute(0, 3, 1, 2).contiguous()
    unrest = means[:, 3:] - luma(means[:, :3]).square()
    calm = (0.01 / (unrest.clamp(min=0) + 2e-4)).square()
    means = torch.cat([means[:, :3] * calm, calm], dim=1)
    h, w = x.shape[-2:]
    far = 2 * half
    total = (
        means[..., :h, :w] + means[..., far:, :w] + means[..., :h, far:] + means[..., far:, far:]
    )
    return (total[:, :3] / total[:, 3:]).unflatten(0, x.shape[:2])


def color(rgb: Color) -> Tensor:
    """(3, 1, 1), to mix with pictures."""
    return torch.tensor(rgb)[:, None, None]


def ramp(level: Tensor, stops: list[Color]) -> Tensor:
    """False colours: `level` (..., 1, h, w) in 0..1 runs through `stops`, evenly spaced."""
    table = torch.tensor(stops)
    place = level.clamp(0, 1) * (len(stops) - 1)
    out = table[0][:, None, None].expand(*level.shape[:-3], 3, *level.shape[-2:])
    for i, step in enumerate((table[1:] - table[:-1]).unbind(0)):
        out = out + (place - i).clamp(0, 1) * step[:, None, None]
    return out


def hues(phase: Tensor) -> Tensor:
    """Bright colours (..., 3, h, w) round the wheel, once as `phase` (..., 1, h, w) grows by 1."""
    thirds = torch.tensor([0.0, 1 / 3, 2 / 3])[:, None, None]
    return 0.5 + 0.5 * torch.cos(2 * torch.pi * (phase - thirds))
