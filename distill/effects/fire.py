"""Effects that rise: fire and smoke (see the package)."""

from __future__ import annotations

import torch
from torch import Tensor

from distill.effects.anchor import CELLS, ROWS, blur, body, canvas_axes, find
from distill.effects.light import ON_HANDS, done, times, toward
from distill.filters.pieces import Color, ramp

FLAMES: list[Color] = [
    (0.72, 0.08, 0.0), (0.96, 0.30, 0.02), (1.0, 0.56, 0.06), (1.0, 0.80, 0.22), (1.0, 0.96, 0.66),
]  # fmt: skip


def _height_above(solid: Tensor) -> Tensor:
    """How far above the thing's topmost part each cell lies, in units (0 at and beside it): (F, 1, N, M)."""
    rows, far = [], torch.full_like(solid[:, :, 0], 9.0)
    for row in range(ROWS - 1, -1, -1):
        far = torch.minimum(far + 1 / CELLS, 9.0 * (1 - solid[:, :, row]))
        rows.append(far)
    return torch.stack(rows[::-1], dim=2)


def _tongues(u: Tensor, time: Tensor) -> Tensor:
    """Height of the flames' tips over u, about 0.3 to 1: a few pointed tongues that come and go."""
    first = 1 - torch.sin(8.5 * u + 0.9 + 0.55 * torch.sin(0.11 * time)).abs()
    second = 1 - torch.sin(13.0 * u - 0.6 + 0.8 * torch.sin(0.083 * time + 2)).abs()
    swell = 0.75 + 0.25 * torch.sin(3.1 * u + 0.19 * time)
    return 0.16 + swell * (0.72 * first + 0.44 * second * (0.6 + 0.4 * torch.sin(0.23 * time)))


def fire(x: Tensor, thing: Tensor, front: Tensor, clock: int) -> tuple[Tensor, Tensor]:
    """Tongues of flame that lick over the thing and above it; their light falls on what is near."""
    anchor = find(thing)
    solid = body(anchor, thing)
    u, v = canvas_axes()
    time = times(clock, x.shape[0])
    source = (3.6 * blur(solid, 1) - 0.8).clamp(0, 1)
    height = _height_above(source)
    # Waves run up the flames: the higher, the wider they sway.
    sway = 0.10 * height.clamp(0, 1.2) * torch.sin(5.5 * v[:, None] + 0.33 * time)
    sway = sway + 0.03 * torch.sin(11 * v[:, None] + 0.47 * time + 2 * u)
    tip = _tongues(u + sway, time)
    above = 1 - height / (0.95 * tip)
    # On the thing itself flames climb from below, and leave gaps.
    licks = torch.sin(7.5 * (u + sway) + 1.2 * torch.sin(4 * v[:, None] + 0.30 * time))
    inside = 0.52 + 0.36 * licks + 0.22 * torch.sin(3 * v[:, None] + 0.22 * time)
    heat = blur(torch.where(height > 0.02, above, inside * source).clamp(0, 1), 1)
    flame = anchor.to_picture(torch.cat([heat, blur(solid, 8)], dim=1))
    heat, near = flame[:, :1], flame[:, 1:]
    cover = (5.0 * heat - 0.2).clamp(0, 1) * (1 - front) * anchor.there
    lit = toward(x, (1.0, 0.50, 0.12), 0.38 * near.clamp(0, 1) * (1 - (1 - ON_HANDS) * front))
    flames = ramp(1.25 * heat, FLAMES)
    # In front of the thing flames are thin: it shows through, lit up.
    glimmer = ramp(0.85 * heat, FLAMES)
    thin = lit + cover * (0.45 * (glimmer - lit) + 0.45 * glimmer * (1 - lit))
    thick = lit + 0.94 * cover * (flames - lit)
    burning = thick + thing * (thin - thick)
    return done(x, burning)


def smoke(x: Tensor, thing: Tensor, front: Tensor, clock: int) -> tuple[Tensor, Tensor]:
    """Soft smoke that rises from the thing, widens and drifts."""
    anchor = find(thing)
    solid = body(anchor, thing)
    u, v = canvas_axes()
    time = times(clock, x.shape[0])
    rows, plume = [], torch.zeros_like(solid[:, :, 0])
    for row in range(ROWS - 1, -1, -1):
        # Spreading sideways as it rises, drifting to the right, thinning out.
        left, right = plume.roll(1, -1), plume.roll(-1, -1)
        plume = 0.978 * (0.56 * plume + 0.29 * left + 0.15 * right)
        plume = torch.maximum(plume, 0.9 * solid[:, :, row])
        rows.append(plume)
    dense = blur(torch.stack(rows[::-1], dim=2), 1)
    rise = v[:, None] + time / 44
    billow = torch.sin(4.1 * u + 1.5 * torch.sin(1.9 * rise))
    billow = billow * torch.sin(3.7 * rise + 1.2 * torch.sin(2.3 * u + 0.5))
    fine = torch.sin(8.3 * u - 1.4 * torch.sin(3.3 * rise) + 1)
    fine = fine * torch.sin(7.1 * rise + 1.1 * torch.sin(5 * u))
    cloud = (2.3 * dense * (0.62 + 0.42 * billow + 0.22 * fine) - 0.2).clamp(0, 1)
    shade = 0.52 + 0.20 * billow - 0.12 * fine
    picture = anchor.to_picture(torch.cat([cloud, shade], dim=1))
    cover = 0.88 * picture[:, :1] * (1 - 0.65 * thing) * (1 - front) * anchor.there
    return done(
        x, x + cover * (picture[:, 1:] * torch.tensor([0.98, 1.0, 1.03])[:, None, None] - x)
    )
