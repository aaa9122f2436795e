"""A workshop: bench of planks, pegboard with tools, drawers, a vice, cans and boards."""

from __future__ import annotations

import numpy as np

from distill.world import pictures
from distill.world.compose import Array
from distill.world.places.base import BOX, CYLINDER, STEEL, TO_VIEWER, Stage
from distill.world.spatial import rotation

Y = np.array([0.0, 1.0, 0.0])


def add_workshop(stage: Stage) -> float:
    rng = stage.rng
    wall_y = float(rng.uniform(0.7, 0.95) if stage.frontal else rng.uniform(0.55, 0.7))
    stage.top(stage.surface("planks", "planks", "wood", "concrete"), wall_y, (1.5, 1.5))
    stage.floor(stage.surface("concrete"))
    stage.sheet(
        (0, wall_y, 0.4), (5.0, 3.0), stage.surface("brick", "concrete", "planks"), (6, 4),
        rot=TO_VIEWER, glow=0.15, name="wall",
    )  # fmt: skip
    board = pictures.pegboard(rng)
    x = float(rng.uniform(-0.2, 0.2))
    stage.sheet(
        (x, wall_y - 0.02, 0.44), (1.3, 0.65), board, (2, 1), rot=TO_VIEWER, glow=0.2, cells=4
    )
    for column in rng.permutation(8)[: int(rng.integers(5, 8))]:
        at = np.array([x - 0.56 + 0.16 * column, wall_y - 0.035, rng.uniform(0.34, 0.44)])
        _TOOLS[int(rng.integers(len(_TOOLS)))](stage, at)
    side = stage.side()
    _drawers(stage, side * rng.uniform(0.55, 0.65), wall_y - 0.12)
    if stage.chance(0.7):
        _vice(stage, -side * rng.uniform(0.5, 0.6), rng.uniform(0.12, 0.3))
    for _ in range(int(rng.integers(1, 4))):
        spot = (-side * rng.uniform(0.1, 0.7), wall_y - 0.1)
        r, h = rng.uniform(0.03, 0.05), rng.uniform(0.04, 0.07)
        stage.solid(CYLINDER, (*spot, h), (r, h), stage.color(0.1, 0.8))
        stage.solid(CYLINDER, (*spot, 2 * h), (r * 1.02, 0.004), STEEL)
    for k in range(int(rng.integers(0, 3))):
        turn = rotation(np.array([0, 0, 1.0]), rng.uniform(-0.5, 0.5))
        wood = stage.tint((0.72, 0.54, 0.34))
        place = (side * 0.55, rng.uniform(-0.1, 0.15), 0.012 + 0.024 * k)
        stage.solid(BOX, place, (rng.uniform(0.1, 0.16), 0.035, 0.012), wood, turn)
    return wall_y


def _handle(stage: Stage) -> Array:
    return stage.tint(
        stage.choose((0.75, 0.12, 0.1), (0.85, 0.6, 0.1), (0.15, 0.25, 0.6), (0.55, 0.36, 0.2))
    )


def _hammer(stage: Stage, at: Array) -> None:
    stage.solid(BOX, at, (0.011, 0.009, 0.1), _handle(stage))
    stage.solid(BOX, at + [0.005, 0, 0.1], (0.045, 0.014, 0.016), (0.3, 0.3, 0.32))


def _wrench(stage: Stage, at: Array) -> None:
    stage.solid(BOX, at, (0.009, 0.004, 0.09), STEEL)
    for z, r in ((0.1, 0.024), (-0.09, 0.018)):
        stage.solid(CYLINDER, at + [0, 0, z], (r, 0.005), STEEL, TO_VIEWER)
    stage.solid(BOX, at + [0, -0.004, 0.115], (0.009, 0.004, 0.014), (0.15,) * 3)


def _screwdriver(stage: Stage, at: Array) -> None:
    stage.solid(BOX, at + [0, 0, 0.07], (0.014, 0.012, 0.045), _handle(stage))
    stage.solid(BOX, at + [0, 0, -0.03], (0.004, 0.004, 0.07), STEEL)


def _saw(stage: Stage, at: Array) -> None:
    turn = rotation(Y, stage.rng.uniform(0.9, 1.3))
    stage.solid(BOX, at, (0.03, 0.002, 0.13), STEEL, turn)
    stage.solid(BOX, at + turn @ [0, 0, 0.15], (0.04, 0.01, 0.035), _handle(stage), turn)


def _pliers(stage: Stage, at: Array) -> None:
    rgb = _handle(stage)
    for sign in (-1, 1):
        stage.solid(
            BOX, at + [sign * 0.016, 0, -0.03], (0.007, 0.006, 0.06), rgb, rotation(Y, sign * -0.15)
        )
        stage.solid(BOX, at + [sign * 0.007, 0, 0.05], (0.008, 0.006, 0.03), (0.35,) * 3)


_TOOLS = (_hammer, _wrench, _screwdriver, _saw, _pliers)


def _drawers(stage: Stage, x: float, y: float) -> None:
    """A small cabinet of coloured drawers."""
    rows, columns = 3, 3
    stage.box((x - 0.17, y - 0.08, 0), (x + 0.17, y + 0.1, 0.25), (0.2, 0.22, 0.25))
    fronts = stage.color(0.2, 0.9)
    for row in range(rows):
        for column in range(columns):
            at = (x + 0.108 * (column - 1), y - 0.084, 0.045 + 0.08 * row)
            stage.solid(BOX, at, (0.048, 0.006, 0.034), stage.tint(fronts, 0.25))
    for row in range(rows):
        stage.solid(BOX, (x, y - 0.094, 0.045 + 0.08 * row), (0.14, 0.004, 0.004), (0.75,) * 3)


def _vice(stage: Stage, x: float, y: float) -> None:
    rgb = stage.tint(stage.choose((0.12, 0.25, 0.5), (0.15, 0.35, 0.2), (0.5, 0.1, 0.08)))
    stage.box((x - 0.05, y - 0.05, 0), (x + 0.05, y + 0.05, 0.05), rgb)
    stage.box((x - 0.06, y - 0.012, 0.05), (x + 0.06, y + 0.03, 0.1), rgb)
    stage.box((x - 0.06, y - 0.07, 0.03), (x + 0.06, y - 0.035, 0.1), rgb)
    stage.solid(CYLINDER, (x, y - 0.1, 0.06), (0.01, 0.05), STEEL, TO_VIEWER)
    stage.solid(BOX, (x, y - 0.14, 0.06), (0.06, 0.005, 0.005), STEEL)
