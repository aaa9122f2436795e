"""Outdoors: a garden table, a picnic cloth or a terrace, lawn, trees, hedge, fence, sky, hills."""

from __future__ import annotations

import numpy as np

from distill.world import pictures, textures
from distill.world.compose import Array
from distill.world.meshes import Mesh, lathe
from distill.world.places.base import BOX, CYLINDER, ELLIPSOID, TO_VIEWER, Stage

RADIUS = 5.5
GROUND = -0.72


def add_outdoors(stage: Stage) -> float:
    rng = stage.rng
    back = float(rng.uniform(0.42, 0.5))
    terrace = stage.chance(0.25)
    image = (
        stage.surface("concrete", "marble")
        if terrace
        else stage.surface("planks", "planks", "fabric", "wood")
    )
    # A parapet or a table that ends, so that the lawn is seen behind it.
    stage.top(image, back, (3, 1.5), float(rng.uniform(1.3, 2.0)))
    stage.box(
        (-0.9, back - 0.01, -0.05), (0.9, back + 0.005, -0.001), stage.tint((0.35, 0.26, 0.18))
    )
    stage.sheet(
        (0, 2.4, GROUND),
        (12, 8),
        textures.surface("grass", rng),
        (14, 9),
        (0.9,) * 3,
        name="floor",
        cells=6,
    )
    view = pictures.sky(rng)
    stage.mesh(_backdrop(), (0, 0, 0.05), view, glow=0.55, rgb=(0.9,) * 3, name="wall")
    leaves = stage.texture("leaves", textures.surface("leaves", rng, 128))
    for _ in range(int(rng.integers(2, 5))):
        _tree(stage, rng.uniform(-2.6, 2.6), rng.uniform(2.0, 4.2), leaves)
    if stage.chance(0.65):
        _fence(stage, float(rng.uniform(1.3, 2.4)))
    else:
        for k in range(5):
            at = np.array([-2.0 + k + rng.uniform(-0.2, 0.2), rng.uniform(1.6, 2.0), GROUND + 0.3])
            _leafy(stage, at, rng.uniform([0.5, 0.25, 0.3], [0.7, 0.4, 0.5]), leaves)
    for _ in range(int(rng.integers(0, 3))):
        _pot(stage, stage.side() * rng.uniform(0.5, 0.65), rng.uniform(0.1, 0.36), leaves)
    if stage.chance(0.4):
        _path(stage)
    return 1.2


def _backdrop() -> Mesh:
    """The inside of half a drum, its picture's middle at eye height and straight ahead."""
    columns, rows = 13, 3
    angle, z = np.meshgrid(np.linspace(-1.6, 1.6, columns), np.linspace(-3.0, 3.0, rows))
    out = np.stack([np.sin(angle), np.cos(angle), 0 * angle], -1)
    points = np.stack([RADIUS * out[..., 0], RADIUS * out[..., 1], z], -1).reshape(-1, 3)
    u, v = np.meshgrid(np.linspace(0, 2, columns), np.linspace(0, 1, rows))
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b, c, d = index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]
    faces = np.concatenate([np.stack(f, -1).reshape(-1, 3) for f in ((a, b, c), (a, c, d))])
    return Mesh(points, -out.reshape(-1, 3), np.stack([u, v], -1).reshape(-1, 2), faces)


def _leafy(stage: Stage, at: Array, size: Array, leaves: str) -> None:
    """A clump of foliage: an uneven ball in the leaves' picture."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, 6)
    bumps = 1 + 0.12 * stage.rng.uniform(-1, 1, 6)
    ball = lathe(
        [(float(np.cos(a) * b), float(np.sin(a))) for a, b in zip(angle, bumps, strict=True)],
        8,
        -1.0,
    )
    mesh = Mesh(ball.vertices * size, ball.normals, ball.uv * [4, 2], ball.faces)
    stage.mesh(mesh, at, rgb=stage.tint((0.95, 0.95, 0.85), 0.2).tolist(), material=leaves)


def _tree(stage: Stage, x: float, y: float, leaves: str) -> None:
    rng = stage.rng
    bark = stage.tint((0.33, 0.23, 0.15))
    height = rng.uniform(0.9, 1.5)
    stage.solid(CYLINDER, (x, y, GROUND + height / 2), (rng.uniform(0.06, 0.13), height / 2), bark)
    if stage.chance(0.3):  # a conifer
        cone = lathe([(0.55, 0.0), (0.3, 0.7), (0.33, 0.7), (0.0, 1.6)], 8)
        mesh = Mesh(cone.vertices, cone.normals, cone.uv * [4, 3], cone.faces)
        stage.mesh(mesh, (x, y, GROUND + 0.35), rgb=(0.6, 0.75, 0.65), material=leaves)
        return
    for _ in range(int(rng.integers(2, 4))):
        at = np.array([x, y, GROUND + height]) + rng.uniform([-0.35, -0.2, 0.0], [0.35, 0.2, 0.5])
        _leafy(stage, at, rng.uniform(0.35, 0.65, 3), leaves)


def _fence(stage: Stage, y: float) -> None:
    rgb = stage.tint(stage.choose((0.88, 0.88, 0.85), (0.5, 0.36, 0.24), (0.3, 0.4, 0.3)))
    if stage.chance(0.5):  # boards without gaps, as one picture
        image = textures.surface("planks", stage.rng).swapaxes(0, 1)
        stage.sheet((0, y, GROUND + 0.3), (8.0, 0.6), image, (8, 1), rgb, TO_VIEWER, 0.15)
        return
    for z in (0.16, 0.42):
        stage.solid(BOX, (0, y + 0.02, GROUND + z), (3.2, 0.012, 0.035), rgb)
    for x in np.arange(-2.4, 2.41, 0.24):
        stage.solid(BOX, (x, y, GROUND + 0.28), (0.05, 0.012, 0.3), stage.tint(rgb, 0.06))


def _pot(stage: Stage, x: float, y: float, leaves: str) -> None:
    h, r = stage.rng.uniform(0.06, 0.1), stage.rng.uniform(0.05, 0.075)
    pot = lathe([(r * 0.7, 0.0), (r, h), (r * 0.9, h)], 10)
    stage.mesh(pot, (x, y, 0), rgb=stage.tint((0.68, 0.36, 0.24)))
    _leafy(stage, np.array([x, y, h + 0.05]), np.array([r * 1.3, r * 1.3, 0.08]), leaves)
    for _ in range(int(stage.rng.integers(0, 5))):
        at = np.array([x, y, h + 0.09]) + stage.rng.uniform(-1, 1, 3) * [r, r, 0.035]
        stage.solid(ELLIPSOID, at, (0.016, 0.016, 0.012), stage.color(0.3, 1.0))


def _path(stage: Stage) -> None:
    image = stage.surface("concrete", "brick")
    x = stage.rng.uniform(-1.2, 1.2)
    stage.sheet((x, 2.4, GROUND + 0.01), (0.8, 6.0), image, (2, 14), (0.9,) * 3)
