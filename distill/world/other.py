"""The other view of a scene: one thing about it changed, everything else as it was.

The target becomes another thing or is made of another material, the place is another one, or the
eye has moved. All of it is in the model from the start and hidden; a view is a choice of what to draw.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np

from distill.world.compose import Array
from distill.world.motion import Pose
from distill.world.noise import smooth_noise
from distill.world.objects import CATALOGUES, Catalogue, Thing, make
from distill.world.spatial import rotation
from distill.world.spec import add_texture

# Things tried for a hand's girth: making one takes a few milliseconds.
TRIES = 4
MADE_OF = "made_of"


@dataclass(frozen=True, slots=True)
class Material:
    """How a thing made of something looks: colour, gloss, transparency, and what it is covered with."""

    rgb: tuple[float, float, float]
    specular: float
    shininess: float
    surface: str = ""
    alpha: float = 1.0


MATERIALS: dict[str, Material] = {
    "wood": Material((0.62, 0.42, 0.25), 0.1, 0.2, "wood"),
    "gold": Material((0.95, 0.72, 0.22), 1.0, 0.7),
    "steel": Material((0.62, 0.65, 0.70), 1.0, 0.8, "brushed"),
    "marble": Material((0.93, 0.93, 0.95), 0.5, 0.6, "marble"),
    "glass": Material((0.75, 0.92, 1.0), 1.0, 0.9, alpha=0.35),
    "brick": Material((0.72, 0.34, 0.25), 0.0, 0.0, "brick_wall"),
    "leather": Material((0.36, 0.20, 0.12), 0.3, 0.3, "leather"),
    "ice": Material((0.70, 0.88, 1.0), 0.9, 0.9, "frost", alpha=0.7),
    "copper": Material((0.80, 0.43, 0.26), 0.9, 0.6),
    "denim": Material((0.22, 0.32, 0.55), 0.0, 0.0, "denim"),
}
# Metres, degrees; x right, y up, z back, as the eye sees them.
MOVES: dict[str, tuple[tuple[float, float, float], float]] = {
    "left": ((-0.09, 0.0, 0.0), 0.0),
    "right": ((0.09, 0.0, 0.0), 0.0),
    "up": ((0.0, 0.07, 0.0), 0.0),
    "down": ((0.0, -0.05, 0.0), 0.0),
    "closer": ((0.0, 0.0, -0.12), 0.0),
    "farther": ((0.0, 0.0, 0.14), 0.0),
    "tilt_left": ((0.0, 0.0, 0.0), 14.0),
    "tilt_right": ((0.0, 0.0, 0.0), -14.0),
    "tilt_up": ((0.0, 0.0, 0.0), 8.0),
    "tilt_down": ((0.0, 0.0, 0.0), -8.0),
}


def moved(position: Array, rot: Array, move: str) -> tuple[Array, Array]:
    """An eye (3,), (3, 3) after one of MOVES."""
    offset, angle = MOVES[move]
    axis = np.array([1.0, 0, 0] if move in ("tilt_up", "tilt_down") else [0, 0, 1.0])
    return position + rot @ np.array(offset), rot @ rotation(axis, np.radians(angle))


def _picture(surface: str, rgb: Array, rng: np.random.Generator, size: int = 128) -> Array:
    """What a material is covered with, uint8 (size, size, 3), tileable."""
    y, x = np.mgrid[:size, :size] / size
    fine = smooth_noise(rng, size, (48, 48)) - 0.5
    rough = smooth_noise(rng, size, (6, 6)) - 0.5
    if surface == "wood":
        rings = np.sin(2 * np.pi * (6 * y + 1.2 * rough)) * 0.5
        shade = 1 + 0.28 * rings + 0.25 * (smooth_noise(rng, size, (96, 4)) - 0.5)
    elif surface == "brushed":
        shade = 1 + 0.35 * (smooth_noise(rng, size, (4, 96)) - 0.5)
    elif surface == "marble":
        veins = np.abs(np.sin(2 * np.pi * (x + y + 1.6 * rough)))
        shade = 1 - 0.55 * np.exp(-9 * veins) + 0.05 * fine
    elif surface == "brick_wall":
        row = np.floor(8 * y)
        column = (4 * x + 0.5 * (row % 2)) % 1
        mortar = (8 * y % 1 < 0.16) | (column < 0.08)
        shade = np.where(mortar, 1.7, 1 + 0.35 * fine + 0.15 * np.sin(5 * row + np.floor(4 * x)))
    elif surface == "denim":
        shade = 1 + 0.22 * np.sin(2 * np.pi * 32 * (x + y)) + 0.25 * fine
    elif surface == "frost":
        shade = 1 + 0.3 * rough + 0.25 * np.maximum(fine, 0)
    else:
        shade = 1 + 0.5 * fine + 0.2 * rough
    return np.asarray(np.clip(rgb * shade[..., None], 0, 1) * 255, np.uint8)


def add_material(spec: Any, name: str, rng: np.random.Generator) -> None:
    """Registers a material as `MADE_OF`."""
    look = MATERIALS[name]
    material = spec.add_material(name=MADE_OF, specular=look.specular, shininess=look.shininess)
    if look.surface:
        add_texture(spec, MADE_OF, _picture(look.surface, np.array(look.rgb), rng))
        material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = MADE_OF


def choose_twin(
    rng: np.random.Generator, things: list[Thing], held: bool, catalogue: Catalogue
) -> Thing:
    """A thing of a kind that is not there; for a hand that holds the first, one of its girth."""
    kinds = [k for k in CATALOGUES[catalogue] if k not in {t.kind for t in things}]
    tries = [make(str(k), rng) for k in rng.choice(kinds, TRIES if held else 1, replace=False)]
    alike = [t for t in tries if t.grip == things[0].grip] or tries
    return min(alike, key=lambda t: abs(t.grip_radius - things[0].grip_radius))


def twin_pose(thing: Thing, pose: Pose, twin: Thing, held: bool) -> Pose:
    """Where the twin is when it stands in for a thing: in the same grip, or on the same spot."""

    def placed(t: float) -> tuple[Array, Array]:
        position, rot = pose(t)
        if held:
            return position + rot @ np.array([0, 0, thing.grip_z - twin.grip_z]), rot
        if rot[2, 2] < 0.5:  # it lies on its side, one radius above the table
            return position + np.array([0, 0, twin.radius - thing.radius]), rot
        return position, rot

    return placed
