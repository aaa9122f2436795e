"""A living room: coffee table, sofa with cushions, framed picture, window, plant, shelf or TV."""

from __future__ import annotations

import numpy as np

from distill.world import pictures, textures
from distill.world.meshes import lathe
from distill.world.places.base import BOX, CYLINDER, ELLIPSOID, TO_VIEWER, Stage, Z
from distill.world.spatial import rotation

GROUND = -0.42


def add_living(stage: Stage) -> float:
    rng = stage.rng
    back = float(rng.uniform(0.42, 0.5))
    stage.top(
        stage.surface("wood", "wood", "marble", "plain"), back, (2, 1), float(rng.uniform(1.2, 1.7))
    )
    stage.box((-0.6, back - 0.02, -0.04), (0.6, back, -0.001), stage.tint((0.3, 0.2, 0.13)))
    stage.floor(stage.surface("wood", "planks"), GROUND)
    rug = stage.surface("fabric", "stripes", "noise", "checker")
    stage.sheet((0, 0.9, GROUND + 0.01), (2.6, 1.6), rug, (2, 1))
    wall_y = float(rng.uniform(1.9, 2.3))
    paint = stage.tint(
        stage.choose((0.9, 0.86, 0.78), (0.55, 0.66, 0.62), (0.8, 0.62, 0.52), (0.6, 0.66, 0.76))
    )
    stage.sheet((0, wall_y, 0.5), (7.0, 3.0), rgb=paint, rot=TO_VIEWER, glow=0.2, name="wall")
    stage.box((-3, wall_y - 0.03, GROUND), (3, wall_y, GROUND + 0.1), (0.88,) * 3)
    side = stage.side()
    if stage.chance(0.7):
        _sofa(stage, rng.uniform(-0.3, 0.3), wall_y - 0.45)
    else:
        _television(stage, rng.uniform(-0.2, 0.2), wall_y - 0.2)
    _window(stage, side * rng.uniform(0.9, 1.2), wall_y)
    _framed(stage, -side * rng.uniform(0.2, 0.7), wall_y)
    _plant(stage, side * rng.uniform(0.9, 1.15), rng.uniform(1.0, 1.4))
    if stage.chance(0.6):
        x = -side * rng.uniform(1.2, 1.5)
        stage.box(
            (x - 0.4, wall_y - 0.3, GROUND), (x + 0.4, wall_y, 1.2), stage.tint((0.4, 0.28, 0.18))
        )
        stage.sheet(
            (x, wall_y - 0.302, 0.38),
            (0.72, 1.5),
            pictures.books(rng),
            (1, 4),
            rot=TO_VIEWER,
            glow=0.15,
        )
    return 1.4


def _sofa(stage: Stage, x: float, y: float) -> None:
    """Seat, back and arms in one cloth, and cushions in others."""
    cloth = stage.texture("cloth", textures.surface("fabric", stage.rng, 128))
    for low, high in (
        ((-0.95, -0.35, 0.0), (0.95, 0.3, 0.4)),
        ((-0.95, 0.15, 0.0), (0.95, 0.4, 0.82)),
        ((-1.12, -0.38, 0.0), (-0.92, 0.4, 0.58)),
        ((0.92, -0.38, 0.0), (1.12, 0.4, 0.58)),
    ):
        a, b = np.array(low) + [x, y, GROUND], np.array(high) + [x, y, GROUND]
        stage.block(a, b, cloth)
    for _ in range(int(stage.rng.integers(1, 4))):
        at = (x + stage.rng.uniform(-0.8, 0.8), y + 0.04, GROUND + 0.56)
        turn = rotation(np.array([1.0, 0, 0]), -0.3) @ rotation(
            np.array([0, 1.0, 0]), stage.rng.uniform(-0.4, 0.4)
        )
        stage.solid(BOX, at, (0.17, 0.05, 0.16), stage.color(0.1, 0.9), turn)


def _television(stage: Stage, x: float, y: float) -> None:
    stage.box(
        (x - 0.8, y - 0.2, GROUND), (x + 0.8, y + 0.15, GROUND + 0.38), stage.tint((0.4, 0.28, 0.2))
    )
    stage.box((x - 0.56, y - 0.02, 0.03), (x + 0.56, y + 0.02, 0.69), (0.03,) * 3)
    name = str(stage.choose(*textures.names(stage.split, "photo")))
    stage.sheet(
        (x, y - 0.025, 0.36),
        (1.06, 0.6),
        textures.photo(name),
        rot=TO_VIEWER,
        glow=0.7,
        rgb=(0.6,) * 3,
    )


def _window(stage: Stage, x: float, wall_y: float) -> None:
    view = pictures.sky(stage.rng)
    stage.sheet((x, wall_y - 0.01, 0.55), (0.8, 1.0), view, (0.4, 1), rot=TO_VIEWER, glow=0.6)
    for dx in (-0.4, 0.0, 0.4):
        stage.solid(BOX, (x + dx, wall_y - 0.02, 0.55), (0.02, 0.02, 0.52), (0.9,) * 3)
    curtain = stage.color(0.3, 0.95)
    for dx in (-0.52, 0.52):
        folds = np.linspace(-0.1, 0.1, 4)
        for k, fold in enumerate(folds):
            shade = curtain * (0.9 + 0.1 * (k % 2))
            stage.solid(CYLINDER, (x + dx + fold, wall_y - 0.06, 0.5), (0.04, 0.7), shade)


def _framed(stage: Stage, x: float, wall_y: float) -> None:
    """A photograph or a painting on the wall."""
    name = str(stage.choose(*textures.names(stage.split, "photo")))
    image = (
        textures.photo(name) if stage.chance(0.7) else stage.surface("marble", "noise", "stripes")
    )
    h = stage.rng.uniform(0.35, 0.5)
    w, z = h * image.shape[1] / image.shape[0], stage.rng.uniform(0.68, 0.8)
    stage.solid(
        BOX, (x, wall_y - 0.015, z), (w / 2 + 0.03, 0.012, h / 2 + 0.03), stage.color(0.05, 0.6)
    )
    stage.sheet((x, wall_y - 0.03, z), (w, h), image, rot=TO_VIEWER, glow=0.25)


def _plant(stage: Stage, x: float, y: float) -> None:
    """Long leaves out of a pot."""
    rng = stage.rng
    pot = lathe([(0.09, 0.0), (0.14, 0.28), (0.12, 0.28)], 10)
    stage.mesh(
        pot, (x, y, GROUND), rgb=stage.tint(stage.choose((0.85, 0.85, 0.82), (0.6, 0.34, 0.22)))
    )
    green = np.array([0.16, 0.4, 0.14]) * rng.uniform(0.8, 1.3)
    for k in range(9):
        turn = rotation(Z, k * 2.4) @ rotation(np.array([0, 1.0, 0]), rng.uniform(0.15, 0.9))
        length = rng.uniform(0.2, 0.36)
        at = np.array([x, y, GROUND + 0.26]) + turn @ [0, 0, length]
        stage.solid(ELLIPSOID, at, (0.008, 0.045, length), stage.tint(green, 0.2), turn)
