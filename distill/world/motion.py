"""Where things, hand and eye are over time: paths drawn at random, positions baked, no physics.

World frame as in `scene`. A pose maps time in seconds to a position (3,) and a rotation (3, 3).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np

from distill.world import hand as hands
from distill.world.compose import Array
from distill.world.objects import Thing
from distill.world.spatial import look, rotation, sway, unit

Pose = Callable[[float], tuple[Array, Array]]
View = Literal["table", "frontal"]
HandUse = Literal["none", "rest", "pass", "hold"]
HAND_USES: tuple[HandUse, ...] = ("none", "rest", "pass", "hold")
Z = np.array([0.0, 0.0, 1.0])


def viewpoint(rng: np.random.Generator, view: View) -> tuple[Array, Array]:
    if view == "table":
        at = rng.uniform([-0.12, -0.58, 0.36], [0.12, -0.36, 0.58])
        to = rng.uniform([-0.06, -0.06, 0.0], [0.06, 0.08, 0.05])
        if rng.random() < 0.3:
            to = to + [0, 0.15, 0.04]  # looks up a little, so that the wall is seen
        return at, to
    at = rng.uniform([-0.08, -0.56, 0.20], [0.08, -0.46, 0.40])
    return at, at + np.array([rng.uniform(-0.12, 0.12), 1.0, rng.uniform(-0.4, -0.06)])


def head(rng: np.random.Generator, at: Array, to: Array) -> Pose:
    """Slow sway, a drift of the gaze, and the small tremor of a head."""
    energy = rng.choice([0.25, 0.7, 1.5], p=[0.35, 0.45, 0.2])
    place = sway(rng, 0.02 * energy, 0.9)
    gaze = sway(rng, np.array([0.06, 0.04, 0.04]) * energy, 0.9)
    tremor = sway(rng, 0.0025 * energy, 7.0)
    roll = sway(rng, 0.05 * energy, 0.6, 1)
    tilt = rng.normal(0, 0.04)
    reach = float(np.linalg.norm(to - at))

    def pose(t: float) -> tuple[Array, Array]:
        position = at + place(t)
        forward = unit(to - at) + (gaze(t) + tremor(t)) / max(reach, 0.5)
        rot = look(forward, Z)
        return position, rot @ rotation(Z, tilt + float(roll(t)[0]))

    return pose


def resting(rng: np.random.Generator, things: list[Thing], view: View) -> list[Pose]:
    """Things standing (or lying) on the table without touching."""
    low, high = ([-0.26, -0.17], [0.26, 0.24]) if view == "table" else ([-0.28, -0.12], [0.28, 0.3])
    taken: list[tuple[Array, float]] = []
    poses: list[Pose] = []
    for thing in things:
        lies = thing.can_lie and rng.random() < 0.2
        radius = thing.height / 2 if lies else thing.radius
        spot = rng.uniform(low, high)
        for _ in range(60):
            if all(np.linalg.norm(spot - p) > radius + r + 0.008 for p, r in taken):
                break
            spot = rng.uniform(low, high)
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


def held_paths(
    rng: np.random.Generator,
    thing: Thing,
    view: View,
    side: int,
    camera: Array,
    to: Array,
    fovy: float,
    duration: float,
) -> tuple[Pose, Pose]:
    """Paths of a held thing and of the hand that moves rigidly with it."""
    forward = unit(to - camera)
    right = unit(np.cross(forward, Z))
    extent = max(thing.height, 1.3 * thing.radius)
    if view == "frontal":
        share = rng.uniform(0.28, 0.55)
        depth = max(extent / (2 * share * math.tan(math.radians(fovy) / 2)), 0.2)
        centre = camera + forward * depth + right * rng.uniform(-0.2, 0.2) * depth
        centre = centre + Z * rng.uniform(-0.1, 0.08) * depth
    else:
        depth = float(np.linalg.norm(to - camera)) * rng.uniform(0.5, 0.8)
        centre = camera + forward * depth + right * rng.uniform(-0.1, 0.1)
        centre[2] = max(centre[2], 0.03 + thing.height / 2)
    opposite = view == "frontal" and rng.random() < 0.5  # the hand of someone facing the camera
    # Azimuth of the palm for a right hand: 0 is the right side, −90° towards the viewer.
    azimuth = math.radians(rng.uniform(-70, 20) if thing.grip == "wrap" else rng.uniform(-110, -10))
    if side < 0:
        azimuth = math.pi - azimuth
    if opposite:
        azimuth += math.pi
    if thing.grip == "edge":
        # Flat things are shown: their top is turned towards the camera.
        lean = rng.uniform(0.9, 1.5) if view == "frontal" else rng.uniform(0.1, 0.9)
        yaw = azimuth - float(rng.choice([0.0, math.pi]))
    else:
        lean = rng.normal(0, 0.15) + (0.0 if view == "frontal" else 0.15)
        yaw = azimuth + rng.uniform(0.9, 2 * math.pi - 0.9)  # a handle stays out of the palm
    tilt = rotation(right, lean) @ rotation(forward, rng.normal(0, 0.15))
    start = tilt @ rotation(Z, yaw)
    middle = np.array([0, 0, thing.height / 2])
    speed = rng.choice([0.0, 0.15, 0.4], p=[0.25, 0.5, 0.25]) * depth
    travel = unit(rng.normal(size=3) * [1, 0.5, 0.8]) * speed * duration
    spin = rng.choice([0.0, 0.2, 0.6], p=[0.35, 0.4, 0.25])
    spin_axis = unit(rng.normal(size=3))
    shake = sway(rng, 0.006, 1.5)

    def object_pose(t: float) -> tuple[Array, Array]:
        k = t / max(duration, 1e-6) - 0.5
        rot = rotation(spin_axis, spin * k) @ start
        return centre + travel * k + shake(t) - rot @ middle, rot

    grip_rot, grip_at = _grip(rng, thing, side, azimuth - yaw)

    def hand_pose(t: float) -> tuple[Array, Array]:
        position, rot = object_pose(t)
        return position + rot @ grip_at, rot @ grip_rot

    return object_pose, hand_pose


def _grip(rng: np.random.Generator, thing: Thing, side: int, azimuth: float) -> tuple[Array, Array]:
    """Rotation and position of the palm in the thing's own frame, the palm being at `azimuth`."""
    out = np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
    if thing.grip == "wrap":
        along = side * np.cross(Z, out)
        rot = np.stack([np.cross(along, out), along, out], 1)
        rot = rotation(out, side * rng.uniform(0.1, 0.55)) @ rot  # forearm comes from below
        position = out * (thing.grip_radius + 0.015) + Z * thing.grip_z - rot[:, 1] * 0.028
        return rot, position
    rot = np.stack([np.cross(-out, -Z), -out, -Z], 1)
    return rot, out * (thing.grip_radius + 0.035) + Z * (thing.grip_z - 0.017)


def free_hand(
    rng: np.random.Generator, use: HandUse, side: int, camera: Array, to: Array, duration: float
) -> Pose:
    """A hand that rests on the table or passes between the eye and the things."""
    yaw = side * rng.uniform(-0.1, 0.9)
    rot = rotation(Z, yaw)
    if use == "rest":
        start = np.array([side * rng.uniform(0.08, 0.26), rng.uniform(-0.2, 0.05), 0.016])
        drift = sway(rng, np.array([0.01, 0.01, 0.002]), 0.8)
        return lambda t: (start + drift(t) * [1, 1, 0], rot)
    forward = unit(to - camera)
    right = unit(np.cross(forward, Z))
    rot = rot @ rotation(np.array([1.0, 0, 0]), rng.uniform(-0.7, 0.3))
    rot = rot @ rotation(np.array([0, 1.0, 0]), side * rng.uniform(-1.4, 0.3))
    depth = float(np.linalg.norm(to - camera)) * rng.uniform(0.5, 0.85)
    middle = (
        camera + forward * depth + right * rng.uniform(-0.13, 0.13) + Z * rng.uniform(-0.04, 0.04)
    )
    middle[2] = max(middle[2], 0.05)
    travel = unit(rng.normal(size=3) * [1.0, 0.7, 0.3]) * rng.uniform(0.05, 0.45) * duration
    shake = sway(rng, 0.008, 1.5)
    return lambda t: (middle + travel * (t / duration - 0.5) + shake(t), rot)


def fingers(rng: np.random.Generator, held: Thing | None, use: HandUse) -> Callable[[float], Array]:
    if held is not None:
        base = hands.curl_pose((0.03, 0.03, 0.03, 0.04, 0.25))
        if held.grip == "wrap":
            base = hands.wrap_pose(held.grip_radius)
        wiggle = sway(rng, 0.02, 1.0, hands.NUM_JOINTS)
    else:
        choices = ["flat", "relaxed", "point", "fist", "pinch"]
        odds = [0.5, 0.4, 0.1, 0.0, 0.0] if use == "rest" else [0.15, 0.35, 0.2, 0.1, 0.2]
        base = hands.curl_pose(hands.GESTURES[str(rng.choice(choices, p=odds))])
        base = base * rng.uniform(0.8, 1.2, hands.NUM_JOINTS)
        wiggle = sway(rng, 0.15 if use == "pass" else 0.03, 1.2, hands.NUM_JOINTS)
    return lambda t: np.asarray(base + wiggle(t))
