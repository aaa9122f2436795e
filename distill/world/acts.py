"""What hands do: nothing, rest, pass, hold, reach, turn, pour, cut, hold with both.

An act gives the paths of the hands and of the things they move; the first things of a scene are
the ones acted upon. World frame as in `scene`, all paths are poses over time in seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from distill.world import grips
from distill.world import hand as hands
from distill.world.compose import Array
from distill.world.grips import Hold
from distill.world.motion import Pose, View, ramp
from distill.world.objects import Thing
from distill.world.spatial import Path3, frame, rotation, sway, unit

HandUse = Literal[
    "none", "rest", "pass", "hold", "reach", "turn", "pour", "cut", "two_handed"
]  # fmt: skip
HAND_USES: tuple[HandUse, ...] = (
    "none", "rest", "pass", "hold", "reach", "turn", "pour", "cut", "two_handed",
)  # fmt: skip
# How often each occurs over a table.
ODDS = (0.09, 0.12, 0.11, 0.25, 0.13, 0.09, 0.08, 0.06, 0.07)
X, Z = np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 1.0])
Fingers = Callable[[float], Array]


@dataclass(frozen=True, slots=True)
class HandTrack:
    """One hand over time: `side` +1 right, −1 left; the palm's pose; joint angles (14,)."""

    side: int
    pose: Pose
    fingers: Fingers
    grasping: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """`held` of the first things are in hand; `moved` are paths of the first things, in order."""

    held: int = 0
    hands: list[HandTrack] = field(default_factory=list)
    moved: list[Pose] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Setting:
    """What an act is staged in: the eye at the start, what it looks at, how long it takes."""

    view: View
    side: int
    camera: Array
    to: Array
    fovy: float
    duration: float
    travel: Path3


def _attached(body: Pose, hold: Hold, approach: Path3 | None = None) -> Pose:
    """The palm that moves with a thing, `approach` (world) away from it."""

    def pose(t: float) -> tuple[Array, Array]:
        position, rot = body(t)
        at = position + rot @ hold.at
        return at if approach is None else at + approach(t), rot @ hold.rot

    return pose


def _grasp(rng: np.random.Generator, hold: Hold) -> Fingers:
    wiggle = sway(rng, 0.02, 1.0, hands.NUM_JOINTS)
    return lambda t: np.asarray(hold.closed + wiggle(t))


def hold(rng: np.random.Generator, thing: Thing, s: Setting, turning: bool = False) -> Act:
    """Holds a thing up and moves it about; `turning` rolls it with the wrist."""
    forward = unit(s.to - s.camera)
    right = unit(np.cross(forward, Z))
    if s.view == "frontal":
        depth = max(
            rng.uniform(1.7, 2.9) * thing.height / (2 * math.tan(math.radians(s.fovy) / 2)), 0.2
        )
        centre = s.camera + forward * depth + right * rng.uniform(-0.2, 0.2) * depth
        centre = centre + Z * rng.uniform(-0.1, 0.08) * depth
    else:
        depth = float(np.linalg.norm(s.to - s.camera)) * rng.uniform(0.5, 0.75)
        centre = s.camera + forward * depth + right * rng.uniform(-0.1, 0.1)
        centre[2] = max(centre[2], 0.03 + thing.height / 2)
    opposite = s.view == "frontal" and rng.random() < 0.5  # the hand of someone facing the camera
    # Azimuth of the palm for a right hand: 0 is the right side, −90° towards the viewer.
    low, high = (-70, 20) if thing.grip == "wrap" else (-110, -10)
    if s.view == "frontal" and thing.grip == "wrap":
        low = -25  # what is shown is not hidden by the hand
    azimuth = math.radians(rng.uniform(low, high))
    if s.side < 0:
        azimuth = math.pi - azimuth
    if opposite:
        azimuth += math.pi
    if s.view == "table" and not turning and grips.is_long(thing):
        return _hold_stick(rng, thing, s, centre, right)
    if thing.grip == "edge":
        # Flat things are shown: their top is turned towards the camera.
        lean = rng.uniform(0.9, 1.5) if s.view == "frontal" else rng.uniform(0.1, 0.9)
        yaw = azimuth - float(rng.choice([0.0, math.pi]))
    else:
        lean = rng.normal(0, 0.15) + (0.0 if s.view == "frontal" else 0.15)
        yaw = azimuth + rng.uniform(0.9, 2 * math.pi - 0.9)  # a handle stays out of the palm
    tilt = rotation(right, lean) @ rotation(forward, rng.normal(0, 0.15))
    start = tilt @ rotation(Z, yaw)
    grip = grips.random_hold(rng, thing, s.side, azimuth - yaw)
    body = _carried(
        rng, thing, s, centre, start, depth, start @ grip.rot[:, 1] if turning else None
    )
    track = HandTrack(s.side, _attached(body, grip), _grasp(rng, grip), True)
    return Act(1, [track], [body])


def _hold_stick(
    rng: np.random.Generator, thing: Thing, s: Setting, centre: Array, right: Array
) -> Act:
    """A tool in a fist, its working end up and towards the other side."""
    ahead = unit(np.cross(Z, right))
    along = unit(
        -s.side * right * rng.uniform(0.4, 1.0)
        + ahead * rng.uniform(-0.1, 0.5)
        + Z * rng.uniform(0.1, 0.9)
    )
    back = unit(Z + 0.3 * s.side * right - along * along[2])
    x = unit(np.cross(along, back))
    start = frame(x, along, np.cross(x, along))
    grip = grips.stick(rng, thing, s.side, rng.uniform(-0.4, 0.2) * s.side)
    body = _carried(rng, thing, s, centre, start, 0.35, None)
    return Act(1, [HandTrack(s.side, _attached(body, grip), _grasp(rng, grip), True)], [body])


def _carried(
    rng: np.random.Generator,
    thing: Thing,
    s: Setting,
    centre: Array,
    start: Array,
    depth: float,
    turn_about: Array | None,
) -> Pose:
    """A thing in the air whose middle drifts past `centre`, walking along with the viewer."""
    middle = np.array([0, 0, thing.height / 2])
    speed = rng.choice([0.0, 0.15, 0.4], p=[0.25, 0.5, 0.25]) * depth
    travel = unit(rng.normal(size=3) * [1, 0.5, 0.8]) * min(speed * s.duration, 0.12)
    spin = rng.choice([0.0, 0.2, 0.6], p=[0.35, 0.4, 0.25])
    axis = unit(rng.normal(size=3))
    shake = sway(rng, 0.006, 1.5)
    swing, rate = rng.uniform(0.45, 0.9), 2 * math.pi * rng.uniform(0.4, 0.9)
    phase = rng.uniform(0, 2 * math.pi)

    def pose(t: float) -> tuple[Array, Array]:
        k = t / max(s.duration, 1e-6) - 0.5
        if turn_about is None:
            rot = rotation(axis, spin * k) @ start
        else:
            rot = rotation(turn_about, swing * math.sin(rate * t + phase)) @ start
        return centre + travel * k + shake(t) + s.travel(t) - rot @ middle, rot

    return pose


def two_handed(rng: np.random.Generator, thing: Thing, s: Setting) -> Act:
    """A thing between two hands, held before the viewer and tilted a little."""
    forward = unit(s.to - s.camera)
    right = unit(np.cross(forward, Z))
    depth = float(np.linalg.norm(s.to - s.camera)) * rng.uniform(0.6, 0.8)
    centre = s.camera + forward * depth + right * rng.uniform(-0.05, 0.05)
    centre[2] = max(centre[2], 0.06 + thing.height / 2)
    quarter = float(rng.choice([0.0, math.pi]))
    start = rotation(right, rng.uniform(0.1, 0.6)) @ rotation(Z, quarter)
    body = _carried(rng, thing, s, centre, start, depth, None)
    # The forearms come from the viewer: palms at the sides, or fingers under the near corners.
    lean = rng.uniform(0.0, 0.4) if thing.grip == "wrap" else rng.uniform(0.35, 0.8)
    tracks = []
    for side in (1, -1):
        azimuth = -lean if side > 0 else math.pi + lean
        grip = grips.random_hold(rng, thing, side, azimuth - quarter)
        if thing.grip == "wrap":  # between the palms, fingers stretched
            grip = replace(grip, closed=0.5 * grip.closed)
        tracks.append(HandTrack(side, _attached(body, grip), _grasp(rng, grip), True))
    return Act(1, tracks, [body])


def reach(rng: np.random.Generator, thing: Thing, still: Pose, s: Setting) -> Act:
    """A hand comes to a thing that stands, closes on it, and lifts it if there is time."""
    azimuth = math.radians(rng.uniform(-70, 0))
    azimuth = azimuth if s.side > 0 else math.pi - azimuth
    spot, yawed = still(0.0)
    yaw = math.atan2(yawed[1, 0], yawed[0, 0])
    grip = grips.wrap(rng, thing, s.side, azimuth - yaw, from_above=True)
    start = rng.uniform(-0.2, 0.15) * s.duration
    there = start + rng.uniform(0.45, 0.65) * min(s.duration, 1.2)
    closed = there + 0.22
    lift = rng.uniform(0.02, 0.09)
    length = rng.uniform(0.1, 0.2) * min(1.0, 0.4 + s.duration)
    away = length * unit(np.array([s.side * 0.8, -0.8, 0.35]))

    def body(t: float) -> tuple[Array, Array]:
        up = ramp(t, closed + 0.05, closed + 0.7)
        return spot + Z * lift * up, yawed

    def approach(t: float) -> Array:
        return np.asarray(away * (1 - ramp(t, start, there)))

    def fingers(t: float) -> Array:
        return np.asarray(grip.open + (grip.closed - grip.open) * ramp(t, there - 0.08, closed))

    return Act(0, [HandTrack(s.side, _attached(body, grip, approach), fingers, True)], [body])


def pour(rng: np.random.Generator, thing: Thing, over: Thing, below: Pose, s: Setting) -> Act:
    """A thing is tipped over another one that stands."""
    azimuth = math.radians(rng.uniform(-40, 15))
    azimuth = azimuth if s.side > 0 else math.pi - azimuth
    yaw = azimuth + rng.uniform(0.9, 2 * math.pi - 0.9)
    grip = grips.wrap(rng, thing, s.side, azimuth - yaw)
    upright = rotation(Z, yaw)
    out = np.array([math.cos(azimuth), math.sin(azimuth), 0.0])
    # Tips away from the palm, about the axis of the forearm.
    axis = np.cross(Z, -out)
    mouth = np.array([0, 0, thing.height])
    spot = below(0.0)[0] * [1, 1, 0] + Z * (over.height + rng.uniform(0.02, 0.05))
    low, high = rng.uniform(0.2, 0.7), rng.uniform(1.35, 1.9)
    begin, rise = rng.uniform(-0.3, 0.4) * s.duration, rng.uniform(0.4, 0.9)
    shake = sway(rng, 0.004, 1.5)

    def body(t: float) -> tuple[Array, Array]:
        angle = low + (high - low) * ramp(t, begin, begin + rise)
        rot = rotation(axis, angle) @ upright
        rim = out * -thing.grip_radius * 0.6 * math.cos(angle)
        # Upright it would stand in what it is poured into.
        up = Z * thing.height * max(math.cos(angle), 0.0)
        return spot + up - rot @ mouth - rim + shake(t), rot

    track = HandTrack(s.side, _attached(body, grip), _grasp(rng, grip), True)
    return Act(1, [track], [body, below])


def cut(rng: np.random.Generator, blade: Thing, under: Thing, below: Pose, s: Setting) -> Act:
    """A blade goes up and down over a thing that the other hand steadies."""
    spot = below(0.0)[0] * [1, 1, 0]
    turn = rng.uniform(-0.35, 0.1)
    along = -s.side * (rotation(Z, s.side * turn) @ X)
    rot = frame(-Z, along, np.cross(-Z, along))  # its edge, at +x, looks down
    grip = grips.stick(rng, blade, s.side, -math.pi / 2)
    stroke, hertz = rng.uniform(0.015, 0.035), rng.uniform(0.9, 2.0)
    phase = rng.uniform(0, 2 * math.pi)
    top = under.height + 0.012

    def body(t: float) -> tuple[Array, Array]:
        k = 0.5 - 0.5 * math.cos(2 * math.pi * hertz * t + phase)
        at = spot + Z * (top + stroke * k + 0.02) - along * (0.35 * blade.radius - 0.02 * k)
        return at, rot

    tracks = [HandTrack(s.side, _attached(body, grip), _grasp(rng, grip), True)]
    tracks.append(_steadying(rng, under, spot, -s.side))
    return Act(1, tracks, [body, below])


def _steadying(rng: np.random.Generator, thing: Thing, spot: Array, side: int) -> HandTrack:
    """A hand beside a thing, its fingertips upon it."""
    ahead = unit(np.array([-side * rng.uniform(0.5, 0.9), rng.uniform(0.5, 0.9), 0.0]))
    rot = frame(np.cross(ahead, Z), ahead, Z) @ rotation(X, -rng.uniform(0.15, 0.35))
    reach_ = min(thing.radius, 0.05) + 0.085
    at = spot - ahead * reach_ + Z * (max(thing.height, 0.02) * 0.8 + 0.035)
    base = hands.curl_pose((0.5, 0.5, 0.55, 0.6, 0.3))
    wiggle = sway(rng, 0.04, 1.0, hands.NUM_JOINTS)
    shake = sway(rng, 0.003, 1.0)
    return HandTrack(side, lambda t: (at + shake(t), rot), lambda t: np.asarray(base + wiggle(t)))


def rest(rng: np.random.Generator, side: int) -> HandTrack:
    """A hand that lies on the table."""
    rot = rotation(Z, side * rng.uniform(-0.1, 0.9))
    start = np.array([side * rng.uniform(0.1, 0.28), rng.uniform(-0.2, 0.02), 0.018])
    drift = sway(rng, np.array([0.01, 0.01, 0.002]), 0.8)
    base = _gesture(rng, [0.5, 0.4, 0.1, 0.0, 0.0])
    wiggle = sway(rng, 0.03, 1.2, hands.NUM_JOINTS)
    return HandTrack(
        side, lambda t: (start + drift(t) * [1, 1, 0], rot), lambda t: np.asarray(base + wiggle(t))
    )


def passing(rng: np.random.Generator, s: Setting) -> HandTrack:
    """A hand that moves between the eye and the things."""
    rot = rotation(Z, s.side * rng.uniform(-0.1, 0.9))
    forward = unit(s.to - s.camera)
    right = unit(np.cross(forward, Z))
    rot = rot @ rotation(X, rng.uniform(-0.7, 0.3))
    rot = rot @ rotation(np.array([0, 1.0, 0]), s.side * rng.uniform(-1.4, 0.3))
    depth = float(np.linalg.norm(s.to - s.camera)) * rng.uniform(0.55, 0.85)
    middle = s.camera + forward * depth + right * rng.uniform(-0.13, 0.13)
    middle[2] = max(middle[2] + rng.uniform(-0.04, 0.04), 0.05)
    stretch = min(float(rng.uniform(0.05, 0.45)) * s.duration, 0.4)
    travel = unit(rng.normal(size=3) * [1.0, 0.7, 0.3]) * stretch
    shake = sway(rng, 0.008, 1.5)
    base = _gesture(rng, [0.15, 0.35, 0.2, 0.1, 0.2])
    wiggle = sway(rng, 0.15, 1.2, hands.NUM_JOINTS)

    def pose(t: float) -> tuple[Array, Array]:
        return middle + travel * (t / s.duration - 0.5) + shake(t) + s.travel(t), rot

    return HandTrack(s.side, pose, lambda t: np.asarray(base + wiggle(t)))


def _gesture(rng: np.random.Generator, odds: list[float]) -> Array:
    """Flat, relaxed, point, fist or pinch at these odds, no two alike."""
    names = ["flat", "relaxed", "point", "fist", "pinch"]
    curls = hands.GESTURES[str(rng.choice(names, p=odds))]
    return hands.curl_pose(curls) * rng.uniform(0.8, 1.2, hands.NUM_JOINTS)


def choose_act(
    rng: np.random.Generator, use: HandUse, things: list[Thing], standing: list[Pose], s: Setting
) -> Act:
    """The act of a use; `standing` are the poses the things would have if nobody touched them."""
    if use == "hold" or use == "turn":
        act = hold(rng, things[0], s, use == "turn")
        if s.view == "table" and rng.random() < 0.25:
            act.hands.append(rest(rng, -s.side))
        return act
    if use == "two_handed":
        return two_handed(rng, things[0], s)
    if use == "reach":
        return reach(rng, things[0], standing[0], s)
    if use == "pour":
        return pour(rng, things[0], things[1], standing[1], s)
    if use == "cut":
        return cut(rng, things[0], things[1], standing[1], s)
    if use == "rest":
        sides = (s.side, -s.side) if rng.random() < 0.4 else (s.side,)
        return Act(hands=[rest(rng, side) for side in sides])
    return Act(hands=[passing(rng, s)] if use == "pass" else [])
