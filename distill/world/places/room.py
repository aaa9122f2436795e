"""A plain room: any surface as table, floor and wall, a photograph as a backdrop, boxes about."""

from __future__ import annotations

import numpy as np

from distill.world import textures
from distill.world.compose import Array
from distill.world.places.base import BOX, CYLINDER, TO_VIEWER, Stage, Z
from distill.world.spatial import rotation


def add_room(stage: Stage) -> float:
    rng, split = stage.rng, stage.split
    wall_y = rng.uniform(0.6, 1.3) if stage.frontal else rng.uniform(0.48, 0.9)
    back = wall_y if rng.random() < 0.6 else rng.uniform(0.36, 0.45)
    repeat = float(rng.uniform(1, 4))
    everywhere = textures.names(split, "surface")
    stage.top(textures.surface(str(rng.choice(everywhere)), rng), back, (repeat * 1.5, repeat))
    stage.floor(textures.surface(str(rng.choice(everywhere)), rng))
    image: Array | None = None
    size, tiles = (5.0, 3.0), (float(rng.uniform(3, 8)),) * 2
    kind = rng.choice(["photo", "surface", "plain"], p=[0.4, 0.35, 0.25])
    if kind == "photo":
        image = textures.photo(str(rng.choice(textures.names(split, "photo"))))
        if rng.random() < 0.5:
            image = image[:, ::-1]
        width = rng.uniform(1.6, 2.6) + 0.8 * wall_y
        size, tiles = (width, width * image.shape[0] / image.shape[1]), (1.0, 1.0)
    elif kind == "surface":
        image = textures.surface(str(rng.choice(everywhere)), rng)
    tint = np.ones(3) if kind == "photo" else rng.uniform(0.35, 1.0, 3)
    above = rng.uniform(0.1, 0.5) if kind == "photo" else 0.4
    glow = float(rng.uniform(0.1, 0.4))
    stage.sheet((0, wall_y, above), size, image, tiles, tint, TO_VIEWER, glow, "wall")
    if kind == "photo":
        shade = rng.uniform(0.3, 0.9, 3)
        stage.sheet((0, wall_y + 0.01, 0.4), (6.0, 4.0), rgb=shade, rot=TO_VIEWER)
    _clutter(stage, wall_y)
    return float(wall_y)


def _clutter(stage: Stage, wall_y: float) -> None:
    """Things without a name that no instruction may touch: shelves, boards, boxes far behind."""
    rng = stage.rng
    for _ in range(int(rng.integers(0, 4))):
        size = rng.uniform([0.03, 0.02, 0.03], [0.14, 0.06, 0.2])
        x = rng.choice([-1, 1]) * rng.uniform(0.3, 0.8)
        at = [x, min(rng.uniform(0.38, 0.6), wall_y) - 0.02, size[2]]
        turn = rotation(Z, rng.uniform(-0.6, 0.6))
        stage.solid(BOX if rng.random() < 0.7 else CYLINDER, at, size, stage.color(), turn)
    for _ in range(int(rng.integers(0, 3))):
        size = rng.uniform([0.06, 0.004, 0.05], [0.3, 0.012, 0.2])
        at = [rng.uniform(-0.7, 0.7), wall_y - 0.012, rng.uniform(0.15, 0.8)]
        stage.solid(BOX, at, size, stage.color())
