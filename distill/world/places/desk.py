"""An office desk: monitors, keyboard, a board with notes or a shelf of books, a lamp, a window."""

from __future__ import annotations

import numpy as np

from distill.world import pictures
from distill.world.compose import Array
from distill.world.meshes import sweep
from distill.world.noise import plane
from distill.world.places.base import BOX, CYLINDER, STEEL, TO_VIEWER, Stage, Z, facing
from distill.world.spatial import rotation

BLACK = (0.05, 0.05, 0.06)


def add_desk(stage: Stage) -> float:
    rng = stage.rng
    wall_y = float(rng.uniform(0.8, 1.1) if stage.frontal else rng.uniform(0.62, 0.8))
    back = wall_y - 0.02 if stage.chance(0.5) else 0.6
    stage.top(stage.surface("wood", "plain", "plain", "wood"), back, (1.5, 1))
    stage.floor(stage.surface("fabric", "wood"))
    paint = stage.tint(stage.choose((0.85, 0.85, 0.82), (0.6, 0.7, 0.78), (0.75, 0.7, 0.6)))
    stage.sheet((0, wall_y, 0.4), (5.0, 3.0), rgb=paint, rot=TO_VIEWER, glow=0.2, name="wall")
    x = float(rng.uniform(-0.25, 0.25))
    _monitor(stage, x, 0.5, rng.uniform(-0.15, 0.15), rng.uniform(0.46, 0.62))
    if stage.chance(0.5):
        side = -1 if x > 0 else 1
        _monitor(stage, x + side * 0.6, 0.47, -side * 0.35, 0.5)
    if not stage.frontal or stage.chance(0.5):
        _keyboard(stage, stage.side() * rng.uniform(0.5, 0.56), rng.uniform(0.1, 0.3))
    if stage.chance(0.6):
        _mat(stage)
    _papers(stage, stage.side() * rng.uniform(0.46, 0.6), rng.uniform(-0.15, 0.05))
    if stage.chance(0.6):
        note = pictures.papers(rng)
        stage.sheet(
            (rng.uniform(-0.5, 0.5), wall_y - 0.01, 0.5), (0.7, 0.45), note, rot=TO_VIEWER, glow=0.2
        )
    else:
        stage.sheet(
            (0, wall_y - 0.12, 0.56),
            (1.8, 0.24),
            pictures.books(rng),
            (2, 1),
            rot=TO_VIEWER,
            glow=0.2,
        )
        stage.box((-0.9, wall_y - 0.14, 0.42), (0.9, wall_y, 0.44), stage.tint((0.5, 0.36, 0.24)))
    if stage.chance(0.6):
        _lamp(stage, stage.side() * rng.uniform(0.52, 0.62), 0.42)
    return wall_y


def _monitor(stage: Stage, x: float, y: float, yaw: float, width: float) -> None:
    height, z = width * 0.58, 0.1 + width * 0.29
    turn = facing(yaw)
    ahead = turn[:, 2]
    at = np.array([x, y, z])
    stage.solid(BOX, at, (width / 2 + 0.012, height / 2 + 0.012, 0.012), BLACK, turn)
    shown = pictures.screen(stage.rng)
    glow = stage.rng.uniform(0.6, 0.9)
    stage.sheet(at + 0.014 * ahead, (width, height), shown, rot=turn, glow=glow, rgb=(0.75,) * 3)
    stage.solid(BOX, (x, y + 0.02, z / 2), (0.025, 0.012, z / 2), BLACK)
    stage.solid(BOX, (x, y + 0.01, 0.005), (0.11, 0.08, 0.005), BLACK)


def _keyboard(stage: Stage, x: float, y: float) -> None:
    """Keys are a picture; a mouse lies nearby."""
    dark = stage.chance(0.6)
    turn = rotation(Z, stage.rng.uniform(-0.3, 0.3) + (np.pi / 2 if stage.chance(0.4) else 0))
    case = (0.1, 0.1, 0.11) if dark else (0.82, 0.82, 0.84)
    stage.solid(BOX, (x, y, 0.007), (0.15, 0.06, 0.007), case, turn)
    stage.sheet((x, y, 0.0146), (0.29, 0.11), _keys(dark), (5, 1), rot=turn)


def _keys(dark: bool) -> Array:
    v, u = plane(64)
    key = ((u * 3 % 1 - 0.5).__abs__() < 0.42) & ((v * 5 % 1 - 0.5).__abs__() < 0.4)
    light = np.where(key, 70 if dark else 245, 20 if dark else 170)
    return np.repeat(light.astype(np.uint8)[..., None], 3, 2)


def _mat(stage: Stage) -> None:
    """A thin cloth that everything stands on."""
    image = stage.surface("fabric", "plain", "stripes", "noise")
    w, h = stage.rng.uniform(0.5, 0.75), stage.rng.uniform(0.3, 0.4)
    stage.sheet((0, 0.02, 0.0006), (w, h), image, (2, 1), rgb=(0.85,) * 3, cells=4)


def _papers(stage: Stage, x: float, y: float) -> None:
    for k in range(int(stage.rng.integers(1, 4))):
        turn = rotation(Z, stage.rng.uniform(-0.4, 0.4))
        at = (x + 0.02 * k, y + 0.015 * k, 0.001 + 0.001 * k)
        stage.solid(
            BOX, at, (0.105, 0.148, 0.0006), stage.rng.uniform(0.75, 0.97) * np.ones(3), turn
        )


def _lamp(stage: Stage, x: float, y: float) -> None:
    rgb = stage.color(0.05, 0.9)
    lean = -0.1 * np.sign(x)
    stage.solid(CYLINDER, (x, y, 0.01), (0.075, 0.01), rgb)
    path = np.array(
        [[0, 0, 0], [-lean * 0.6, 0, 0.2], [lean, -0.02, 0.38], [lean * 2, -0.06, 0.36]]
    )
    stage.mesh(sweep(path, [0.008] * 4, 6), (x, y, 0), rgb=STEEL)
    stage.solid(CYLINDER, (x + lean * 2, y - 0.06, 0.345), (0.055, 0.025), rgb)
