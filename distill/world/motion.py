"""Where the eye and the things that stand are over time: paths drawn at random, no physics.

World frame as in `scene`. A pose maps time in seconds to a position (3,) and a rotation (3, 3).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np

from distill.world.compose import Array
from distill.world.objects import Thing
from distill.world.spatial import Path3, look, rotation, sway, unit

Pose = Callable[[float], tuple[Array, Array]]
View = Literal["table", "frontal"]
HeadMove = Literal["sway", "walk", "glance", "jitter"]
HEAD_MOVES: tuple[HeadMove, ...] = ("sway", "walk", "glance", "jitter")
Z = np.array([0.0, 0.0, 1.0])


def viewpoint(rng: np.random.Generator, view: View) -> tuple[Array, Array]:
    """Where the eye is, and the point it looks at."""
    if view == "table":
        at = rng.uniform([-0.14, -0.6, 0.3], [0.14, -0.4, 0.52])
        to = rng.uniform([-0.06, -0.02, 0.0], [0.06, 0.1, 0.05])
        if rng.random() < 0.6:
            to = to + [0, rng.uniform(0.05, 0.3), 0.06]  # looks up, so that the place is seen
        return at, to
    at = rng.uniform([-0.08, -0.56, 0.20], [0.08, -0.46, 0.40])
    return at, at + np.array([rng.uniform(-0.12, 0.12), 1.0, rng.uniform(-0.4, -0.06)])


def ramp(t: float, start: float, end: float) -> float:
    """0 before `start`, 1 after `end`, smooth between."""
    k = min(max((t - start) / max(end - start, 1e-6), 0.0), 1.0)
    return k * k * (3 - 2 * k)


def stroll(rng: np.random.Generator, duration: float) -> Path3:
    """Travel of a walking body: past the table or up to it, at most a few decimetres."""
    heading = rng.choice([0.0, math.pi, math.pi / 2], p=[0.4, 0.4, 0.2]) + rng.normal(0, 0.2)
    along = np.array([math.cos(heading), math.sin(heading), 0.0])
    room = 0.34 if abs(along[1]) < 0.6 else 0.2
    speed = min(float(rng.uniform(0.2, 0.55)), room / max(duration, 1e-6))
    return lambda t: along * speed * (t - duration / 2)


def stand(t: float) -> Array:
    """The travel of who stays where they are."""
    return np.zeros(3)


def _steps(rng: np.random.Generator) -> Path3:
    """The head's bob at step rate, and its sway from foot to foot at half of it."""
    rate, phase = 2 * math.pi * rng.uniform(1.5, 2.1), rng.uniform(0, 2 * math.pi)
    bob, side = rng.uniform(0.007, 0.016), rng.uniform(0.006, 0.014)
    return lambda t: np.array(
        [side * math.sin(rate * t / 2 + phase), 0.0, bob * math.sin(rate * t + 2 * phase)]
    )


def _glances(rng: np.random.Generator, duration: float) -> Path3:
    """Quick turns of the gaze, each followed by a fixation; metres at the point looked at."""
    starts, t = [], rng.uniform(0.0, 0.35)
    while t < duration:
        starts.append(float(t))
        t += rng.uniform(0.3, 1.1)
    points = rng.normal(0, 1, (len(starts) + 1, 3)) * [0.07, 0.045, 0.03]
    points[rng.random(len(points)) < 0.35] = 0  # back to what matters
    took = rng.uniform(0.08, 0.2, len(starts))

    def offset(t: float) -> Array:
        at = points[0]
        for start, turn, point in zip(starts, took, points[1:], strict=True):
            at = at + (point - at) * ramp(t, start, start + turn)
        return np.asarray(at)

    return offset


def head(
    rng: np.random.Generator,
    at: Array,
    to: Array,
    duration: float = 0.5,
    move: HeadMove = "sway",
    travel: Path3 = stand,
) -> Pose:
    """Sway, a drift of the gaze and the small tremor of a head; steps, glances or more tremor."""
    energy = rng.choice([0.25, 0.7, 1.5], p=[0.35, 0.45, 0.2])
    place = sway(rng, 0.02 * energy, 0.9)
    gaze = sway(rng, np.array([0.06, 0.04, 0.04]) * energy, 0.9)
    tremor = sway(rng, 0.0025 * energy, 7.0)
    roll = sway(rng, 0.05 * energy, 0.6, 1)
    tilt = rng.normal(0, 0.04)
    reach = float(np.linalg.norm(to - at))
    extra: Path3 = stand
    if move == "walk":
        extra = _steps(rng)
    elif move == "glance":
        gaze = _glances(rng, duration)
    elif move == "jitter":
        extra, tremor = sway(rng, 0.003, 9.0), sway(rng, 0.009, 9.0)

    def pose(t: float) -> tuple[Array, Array]:
        # The eyes stay on what they look at while the body passes by, but not wholly.
        gone = travel(t)
        position = at + gone + place(t) + extra(t)
        forward = unit(to + 0.35 * gone - at - gone) + (gaze(t) + tremor(t)) / max(reach, 0.5)
        rot = look(forward, Z)
        return position, rot @ rotation(Z, tilt + float(roll(t)[0]))

    return pose


def resting(
    rng: np.random.Generator, things: list[Thing], view: View, central: int = 0
) -> list[Pose]:
    """Things standing (or lying) on the table without touching, the first `central` amidst."""
    low, high = ([-0.26, -0.17], [0.26, 0.24]) if view == "table" else ([-0.28, -0.12], [0.28, 0.3])
    area = ((low, high), ([-0.1, 0.0], [0.1, 0.14]))
    taken: list[tuple[Array, float]] = []
    poses: list[Pose] = []
    for k, thing in enumerate(things):
        lies = thing.can_lie and rng.random() < 0.2 and k >= central
        radius = thing.height / 2 if lies else thing.radius
        amidst = k < central
        spot = rng.uniform(*area[amidst])
        for _ in range(60):
            if all(np.linalg.norm(spot - p) > radius + r + 0.008 for p, r in taken):
                break
            spot = rng.uniform(*area[amidst])
        taken.append((spot, radius))
        rot = rotation(Z, rng.uniform(-math.pi, math.pi))
        position = np.array([spot[0], spot[1], 0.001])
        if lies:
            rot = rot @ rotation(np.array([1.0, 0, 0]), math.pi / 2)
            # Its axis now points along −y of the turned frame: put the middle on the spot.
            position = position + rot @ np.array([0, thing.radius, -thing.height / 2])
            position[2] = thing.radius
        poses.append(still(position, rot))
    return poses


def still(position: Array, rot: Array | None = None) -> Pose:
    """Always there."""
    turned = np.eye(3) if rot is None else rot
    return lambda t: (position, turned)
