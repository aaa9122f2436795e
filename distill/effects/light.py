"""Effects of light: glow, sparkles, rainbow, lightning (see the package)."""

from __future__ import annotations

import math

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from distill.effects.anchor import Anchor, blur, body, ellipse, find
from distill.filters.pieces import color, grey, hues
from egostream.models.change_codec import change_mask

Array = NDArray[np.float64]

GOLD, PALE_GOLD = (1.0, 0.76, 0.26), (1.0, 0.94, 0.72)
ARC, ARC_CORE = (0.36, 0.52, 1.0), (0.93, 0.96, 1.0)
ON_HANDS = 0.4  # of the light around a thing, how much is seen on the hands that hold it
NUM_STARS = 24
NUM_BOLTS = 7
BENDS = 13  # points of a bolt
HELD = 8  # frames that a bolt stays where it struck


def times(clock: int, count: int) -> Tensor:
    """(F, 1, 1, 1): frame numbers."""
    return (clock + torch.arange(count, dtype=torch.float32))[:, None, None, None]


def toward(x: Tensor, rgb: tuple[float, float, float], amount: Tensor) -> Tensor:
    """Pictures moved towards a colour by `amount` (F, 1, h, w) in 0..1."""
    return x + amount * (color(rgb) - x)


def done(x: Tensor, edited: Tensor) -> tuple[Tensor, Tensor]:
    """The edited pictures, and what of them changed."""
    edited = edited.clamp(0, 1)
    return edited, change_mask(x, edited)


def glow(x: Tensor, thing: Tensor, front: Tensor, clock: int) -> tuple[Tensor, Tensor]:
    """A warm halo that breathes, and the thing itself lit from within."""
    anchor = find(thing)
    solid = body(anchor, thing)
    breath = 1 + 0.10 * torch.sin(times(clock, x.shape[0]) * (2 * math.pi / 60))
    halo = (0.75 * blur(solid, 3) + 0.85 * blur(solid, 8)) * breath
    light = anchor.to_picture(halo).clamp(0, 1) ** 1.2
    core = light.square()
    around = toward(x, GOLD, 0.80 * light * (1 - (1 - ON_HANDS) * front))
    lit = (0.50 + 1.1 * grey(x)).clamp(0, 1.1) * breath
    inside = 0.15 * x + 0.9 * lit * (color(GOLD) + core * (color(PALE_GOLD) - color(GOLD)))
    return done(x, around + thing * anchor.there * (inside - around))


def rainbow(x: Tensor, thing: Tensor, front: Tensor, clock: int) -> tuple[Tensor, Tensor]:
    """Bands of all hues that wander over the thing, with a sheen."""
    anchor = find(thing)
    u, v = anchor.axes()
    time = times(clock, x.shape[0])
    along = (0.55 * u[:, None, None, :] + 0.80 * v[:, None, :, None]) - time / 72
    sheen = torch.cos(math.pi * (0.9 * u[:, None, None, :] - 0.5 * v[:, None, :, None] + time / 40))
    y = grey(x)
    shade = 0.34 + 0.74 * y + 0.14 * sheen.square().square()
    bands = (0.10 + 0.95 * hues(along)) * shade
    return done(x, x + 0.9 * thing * anchor.there * (bands - x))


def _stars(anchor: Anchor, clock: int) -> tuple[Tensor, Tensor]:
    """Twinkling stars (F, 1, h, w), and the wider shine around them."""
    count = anchor.x.shape[0]
    number = torch.arange(NUM_STARS, dtype=torch.float32)
    time = times(clock, count)[:, 0, 0]
    # Each star lives through periods of its own, and comes up elsewhere in the next.
    turns = time / (44 + 9 * (number % 4)) + 0.381966 * number
    period, age = turns.floor(), turns % 1
    seed = number * 7 + period * 3
    place_x = 2.5 * ((seed * 0.7548777) % 1) - 1.25
    place_y = 2.4 * ((seed * 0.5698403) % 1) - 1.25
    star_u = place_x * (anchor.half_w / anchor.unit)[:, None]
    star_v = place_y * (anchor.half_h / anchor.unit)[:, None]
    bright = torch.sin(math.pi * age) ** 2
    size = (0.15 + 0.15 * ((number * 0.618034) % 1)) * (0.4 + 0.6 * bright)
    u, v = anchor.axes()
    across = (u[:, None] - star_u[..., None]).abs() / size[..., None]
    down = (v[:, None] - star_v[..., None]).abs() / size[..., None]
    long_x, long_y = torch.exp(-2.6 * across), torch.exp(-2.6 * down)
    thin = -110.0
    thin_x, thin_y = torch.exp(thin * across.square()), torch.exp(thin * down.square())
    round_x, round_y = torch.exp(-7.0 * across.square()), torch.exp(-7.0 * down.square())

    def together(rows: Tensor, columns: Tensor) -> Tensor:
        return ((rows * bright[..., None]).transpose(1, 2) @ columns)[:, None]

    rays = together(thin_y, long_x) + together(long_y, thin_x)
    return rays, together(round_y, round_x)


def sparkles(x: Tensor, thing: Tensor, front: Tensor, clock: int) -> tuple[Tensor, Tensor]:
    """Four-pointed stars that twinkle on and near the thing."""
    anchor = find(thing)
    solid = body(anchor, thing)
    near = (5 * anchor.to_picture(blur(solid, 4))).clamp(0, 1) * anchor.there
    rays, shine = _stars(anchor, clock)
    show = near * (1 - front)
    sheen = x + 0.14 * thing * anchor.there * (color(GOLD) - 0.5 * x)
    warm = toward(sheen, (1.0, 0.80, 0.30), (0.75 * shine).clamp(0, 0.85) * show)
    return done(x, toward(warm, (1.0, 0.98, 0.88), rays.clamp(0, 1) * show))


def _bolt(number: int, strike: int, age: float) -> tuple[Array, Array, Array]:
    """One arc: points on a chord of the unit circle (n, 2), how far they bulge outward (n, 2), and stray (n,)."""
    seed = number * 17 + strike * 5
    start = 2 * math.pi * number / NUM_BOLTS + 0.6 * math.sin(seed * 1.7)
    end = start + (1.1 + 0.9 * ((seed * 0.618034) % 1)) * (1 if seed % 2 else -1)
    place = np.arange(BENDS)
    s = (place / (BENDS - 1))[:, None]
    ends = np.array([[math.cos(a), math.sin(a)] for a in (start, end)]) * 0.86
    # Most leap through the air, some run across the thing.
    middle = ends.mean(0) / np.linalg.norm(ends.mean(0))
    bulge = -0.45 if seed % 4 == 0 else 0.45 + 0.35 * ((seed * 0.7549) % 1)
    course = ends[:1] * (1 - s) + ends[1:] * s
    outward = bulge * middle * np.sin(math.pi * s)
    coarse = np.interp(place, place[::4], np.sin(seed + 7.1 * np.arange(4)))
    middling = np.interp(place, place[::2], np.sin(2 * seed + 4.7 * np.arange(7) ** 1.2))
    stray = coarse + 0.7 * middling + 0.45 * np.sin(seed + 91.7 * place**1.3)
    tremble = 1 + 0.3 * math.sin(seed + 5 * age)
    return course, outward, stray * tremble * np.sin(math.pi * s[:, 0]) ** 0.6


def _draw_bolts(anchor: Anchor, thing: Tensor, clock: int) -> tuple[Tensor, Tensor]:
    """Bolts (F, 1, h, w) in 0..1: their cores, and the light around them."""
    cores, halos = [], []
    middles, axes = (t.numpy() for t in ellipse(thing))
    for i, (middle, axis) in enumerate(zip(middles, axes, strict=True)):
        core, unit = np.zeros(anchor.size_hw, np.float32), float(anchor.unit[i])
        width = max(1, round(0.022 * unit))
        for number in range(NUM_BOLTS):
            # Strikes take turns, so that there is never a moment without one.
            strike, age = divmod(clock + i + number * HELD // NUM_BOLTS, HELD)
            course, outward, stray = _bolt(number, strike, age / HELD)
            points = course @ axis.T + 0.5 * unit * outward + middle
            along = np.gradient(points, axis=0)
            across = along[:, ::-1] / np.linalg.norm(along, axis=1, keepdims=True)
            points = points + 0.065 * unit * stray[:, None] * across * (1, -1)
            line = np.round(points * 16).astype(np.int32)[None]
            layer = np.zeros(anchor.size_hw, np.uint8)
            cv2.polylines(layer, line, False, 255, width, cv2.LINE_AA, shift=4)
            strength = 0.45 + 0.55 * math.sin(math.pi * (age + 0.5) / HELD)
            core = np.maximum(core, layer.astype(np.float32) * (strength / 255))
        cores.append(core)
        halos.append(cv2.GaussianBlur(core, (0, 0), max(1.5, 0.05 * unit)))
    return torch.from_numpy(np.stack(cores))[:, None], torch.from_numpy(np.stack(halos))[:, None]


def lightning(x: Tensor, thing: Tensor, front: Tensor, clock: int) -> tuple[Tensor, Tensor]:
    """Electric arcs that leap around the thing."""
    anchor = find(thing)
    core, halo = _draw_bolts(anchor, thing, clock)
    near = anchor.to_picture(blur(body(anchor, thing), 6)).clamp(0, 1)
    open_air = 1 - (1 - ON_HANDS) * front
    # Bright arcs want a dimmer world.
    dim = x * (1 - 0.45 * near * open_air)
    lit = toward(dim, ARC, ((2.0 * halo + 0.22 * near) * open_air * anchor.there).clamp(0, 0.9))
    return done(x, toward(lit, ARC_CORE, core * (1 - front) * anchor.there))
