"""How a hand holds a thing: where the palm is in the thing's own frame, and how fingers bend."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from distill.world import hand as hands
from distill.world.compose import Array
from distill.world.objects import Thing
from distill.world.objects.forms import surface
from distill.world.spatial import rotation

Z = np.array([0.0, 0.0, 1.0])
# Kinds with a handle that lies along −y of their frame and a working end at +y.
STICKS = (
    "knife", "fork", "whisk", "screwdriver", "wrench", "hammer", "paintbrush", "axe", "trowel",
    "magnifying glass", "spatula",
)  # fmt: skip
# What cuts, the likeliest first.
BLADES = ("knife", "saw", "trowel")
# What liquids or crumbs come out of.
POURERS = (
    "bottle", "cup", "can", "jug", "jar", "teapot", "coffee pot", "watering can", "salt shaker",
    "pepper mill", "spray bottle", "wine glass", "bucket",
)  # fmt: skip
VESSELS = ("bowl", "plate", "pot", "pan", "cup", "bucket", "potted plant", "mortar", "basket")
CUTTABLE = (
    "bread", "cheese", "carrot", "eggplant", "apple", "pear", "lemon", "banana", "cake",
    "croissant", "mushroom", "watermelon",
)  # fmt: skip
# What a thing has to be like for a use of the hands that is not tied to certain kinds.
FITS: dict[str, Callable[[Thing], bool]] = {
    "reach": lambda thing: thing.grip == "wrap" and 0.02 < thing.grip_radius < 0.05,
    "two_handed": lambda thing: thing.grip_radius > 0.042,
}


@dataclass(frozen=True, slots=True)
class Hold:
    """A palm in the thing's frame, and the joint angles (14,) of fingers closed and open."""

    at: Array
    rot: Array
    closed: Array
    open: Array


def wrap(
    rng: np.random.Generator, thing: Thing, side: int, azimuth: float, from_above: bool = False
) -> Hold:
    """Fingers around the thing's side, the palm at `azimuth` about its axis."""
    out = np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
    along = side * np.cross(Z, out)
    rot = np.stack([np.cross(along, out), along, out], 1)
    # The forearm comes from below, or from above where a table is in its way.
    lean = -rng.uniform(0.15, 0.45) if from_above else rng.uniform(0.1, 0.55)
    rot = rotation(out, side * lean) @ rot
    at = out * (thing.grip_radius + 0.015) + Z * thing.grip_z - rot[:, 1] * 0.028
    if from_above:
        at[2] = max(at[2], 0.042)
    closed = hands.wrap_pose(thing.grip_radius)
    return Hold(at, rot, closed, 0.35 * closed + 0.05)


def edge(thing: Thing, azimuth: float) -> Hold:
    """Fingers under a flat thing, the thumb on top, knuckles at its rim."""
    out = np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
    rot = np.stack([np.cross(-out, -Z), -out, -Z], 1)
    at = out * (thing.grip_radius + 0.035) + Z * (thing.grip_z - 0.017)
    closed = hands.curl_pose((0.03, 0.03, 0.03, 0.04, 0.25))
    return Hold(at, rot, closed, closed)


def is_long(thing: Thing) -> bool:
    """Whether a fist goes around it: flat on the table, thin, and long along y."""
    if thing.grip != "edge" or min(thing.grip_radius, thing.height / 2) > 0.03:
        return False
    points = np.concatenate([surface(part) for part in thing.parts])
    wide, long, _ = np.ptp(points, axis=0)
    return bool(long > 1.8 * wide)


def stick(rng: np.random.Generator, thing: Thing, side: int, roll: float) -> Hold:
    """A fist around a long thing, the thumb towards its end at +y; `roll` about its length."""
    x = np.array([0.0, -side, 0.0])
    back = rotation(np.array([0.0, 1.0, 0.0]), roll) @ Z
    rot = np.stack([x, np.cross(back, x), back], 1)
    tool = thing.kind in STICKS
    thick = 0.011 if tool else min(thing.grip_radius, thing.height / 2)
    along = -thing.radius * (rng.uniform(0.5, 0.62) if tool else rng.uniform(0.3, 0.45))
    handle = np.array([0.0, along, max(thing.grip_z, 0.0) + min(thick, 0.009 if tool else 1.0)])
    at = handle + rot @ np.array([0.0, -0.03, 0.013 + thick])
    closed = hands.wrap_pose(thick)
    return Hold(at, rot, closed, 0.4 * closed)


def random_hold(rng: np.random.Generator, thing: Thing, side: int, azimuth: float) -> Hold:
    """The hold that suits the thing, its palm at `azimuth` in the thing's frame."""
    if thing.grip == "wrap":
        return wrap(rng, thing, side, azimuth)
    return edge(thing, azimuth)
