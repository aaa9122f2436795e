"""A kitchen: worktop, tiled wall, cupboards above, window, tap and sink, hob, jars."""

from __future__ import annotations

import numpy as np

from distill.world import pictures
from distill.world.meshes import sweep
from distill.world.places.base import BOX, CYLINDER, STEEL, TO_VIEWER, Stage


def add_kitchen(stage: Stage) -> float:
    rng = stage.rng
    wall_y = float(rng.uniform(0.68, 0.9) if stage.frontal else rng.uniform(0.52, 0.68))
    stage.top(stage.surface("marble", "wood", "concrete", "plain", "planks"), wall_y, (3, 2))
    stage.floor(stage.surface("tiles", "wood"))
    tiles = stage.surface("tiles", "tiles", "brick")
    stage.sheet((0, wall_y, 0.4), (4.0, 3.0), tiles, (8, 6), rot=TO_VIEWER, glow=0.25, name="wall")
    low = rng.uniform(0.3, 0.42)
    side = stage.side()
    doors = pictures.cupboards(rng)
    first, width = side * rng.uniform(-0.1, 0.15), 1.6
    x = first + side * width / 2
    stage.sheet(
        (x, wall_y - 0.2, low + 0.35), (width, 0.7), doors, rot=TO_VIEWER, glow=0.15, cells=4
    )
    stage.box((x - width / 2, wall_y - 0.199, low), (x + width / 2, wall_y, low + 0.7), (0.25,) * 3)
    if stage.chance(0.75):
        _window(stage, first - side * rng.uniform(0.32, 0.45), wall_y)
    _sink(stage, -side * rng.uniform(0.46, 0.56), rng.uniform(0.34, 0.4))
    if stage.chance(0.6):
        _hob(stage, side * rng.uniform(0.55, 0.65), 0.22)
    _rail(stage, x, wall_y, low)
    for _ in range(int(rng.integers(2, 5))):
        _jar(stage, side * rng.uniform(0.0, 0.7), wall_y - rng.uniform(0.06, 0.11))
    return wall_y


def _window(stage: Stage, x: float, wall_y: float) -> None:
    """A framed view of trees and sky."""
    w, z = 0.5, 0.36
    view = pictures.sky(stage.rng)
    stage.sheet((x, wall_y - 0.01, z), (w, 0.5), view, (0.4, 1), rot=TO_VIEWER, glow=0.6)
    frame = stage.tint((0.9, 0.9, 0.88), 0.1)
    for dx in (-w / 2, 0.0, w / 2):
        stage.solid(BOX, (x + dx, wall_y - 0.02, z), (0.014, 0.015, 0.26), frame)
    for dz in (-0.25, 0.25):
        stage.solid(BOX, (x, wall_y - 0.025, z + dz), (w / 2 + 0.03, 0.025, 0.014), frame)


def _sink(stage: Stage, x: float, y: float) -> None:
    """A steel rim around a dark basin, and a bent tap behind it."""
    stage.box((x - 0.2, y - 0.15, 0.0), (x + 0.2, y + 0.13, 0.003), STEEL)
    stage.box((x - 0.175, y - 0.125, 0.0), (x + 0.175, y + 0.105, 0.004), (0.3, 0.31, 0.33))
    stage.solid(CYLINDER, (x, y, 0.004), (0.02, 0.001), (0.1,) * 3)
    angle = np.linspace(0, np.pi * 0.95, 7)
    bow = np.stack([0 * angle, 0.06 * np.cos(angle) - 0.06, 0.2 + 0.06 * np.sin(angle)], 1)
    path = np.concatenate([[[0, 0, 0]], bow])
    stage.mesh(sweep(path, [0.011] * len(path), 7), (x, y + 0.115, 0), rgb=STEEL)
    stage.solid(BOX, (x + 0.04, y + 0.115, 0.05), (0.03, 0.006, 0.006), STEEL)


def _hob(stage: Stage, x: float, y: float) -> None:
    """A black glass plate with four rings."""
    stage.box((x - 0.2, y - 0.2, 0), (x + 0.2, y + 0.2, 0.004), (0.04, 0.04, 0.05))
    for dx, dy, r in (
        (-0.09, -0.09, 0.06),
        (0.09, -0.09, 0.075),
        (-0.09, 0.09, 0.075),
        (0.09, 0.09, 0.06),
    ):
        stage.solid(CYLINDER, (x + dx, y + dy, 0.0044), (r, 0.0004), (0.3, 0.1, 0.08))
        stage.solid(CYLINDER, (x + dx, y + dy, 0.005), (r - 0.006, 0.0004), (0.07, 0.06, 0.07))


def _rail(stage: Stage, x: float, wall_y: float, low: float) -> None:
    """A rail with ladles and turners hanging from it."""
    z = low - 0.04
    stage.solid(BOX, (x, wall_y - 0.03, z), (0.4, 0.005, 0.005), STEEL)
    for k in range(int(stage.rng.integers(2, 6))):
        at = x - 0.32 + 0.13 * k
        length = stage.rng.uniform(0.05, 0.09)
        rgb = STEEL if stage.chance(0.5) else stage.tint((0.5, 0.33, 0.18))
        stage.solid(BOX, (at, wall_y - 0.035, z - length), (0.006, 0.003, length), rgb)
        head = (stage.rng.uniform(0.018, 0.032), 0.006)
        stage.solid(CYLINDER, (at, wall_y - 0.035, z - 2 * length), head, rgb, TO_VIEWER)


def _jar(stage: Stage, x: float, y: float) -> None:
    r, h = stage.rng.uniform(0.035, 0.055), stage.rng.uniform(0.05, 0.1)
    stage.solid(CYLINDER, (x, y, h), (r, h), stage.color(0.2, 0.95))
    stage.solid(CYLINDER, (x, y, 2 * h + 0.008), (r * 1.05, 0.009), stage.tint((0.6, 0.45, 0.3)))
