"""A faceless figure behind the table, as in front of a webcam."""

from __future__ import annotations

import numpy as np

from distill.world.hand import SKINS
from distill.world.places.base import ELLIPSOID, Stage


def add_person(stage: Stage, wall_y: float) -> None:
    rng = stage.rng
    y = min(wall_y - 0.12, rng.uniform(0.25, 0.5))
    x, z = rng.uniform(-0.12, 0.12), rng.uniform(0.3, 0.42)
    skin = np.array(SKINS[rng.integers(len(SKINS))])
    cloth, hair = rng.uniform(0.05, 0.9, 3), rng.uniform(0.03, 0.4) * np.array([1.0, 0.75, 0.5])
    parts = (
        ((0.075, 0.085, 0.105), (0, 0, 0), skin),
        ((0.084, 0.09, 0.10), (0, 0.02, 0.03), hair),
        ((0.04, 0.04, 0.09), (0, 0.01, -0.13), skin),
        ((0.21, 0.11, 0.10), (0, 0.03, -0.23), cloth),
        ((0.19, 0.12, 0.30), (0, 0.03, -0.40), cloth),
    )
    for size, offset, rgb in parts:
        stage.solid(ELLIPSOID, np.add([x, y, z], offset), size, rgb, name="person")
