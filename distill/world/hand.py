"""A hand and forearm: palm, four fingers of three phalanges, a thumb, nails, wrist, sleeve.

Frame of the palm: origin at its centre, +y to the fingers, +z out of the back of the hand, the
thumb of a right hand at −x (a left hand is the mirror image). Metres and radians.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import mujoco
import numpy as np

from distill.world.compose import Array
from distill.world.meshes import Mesh, lathe
from distill.world.primitives import Solids, add_joined, between, primitive, put
from distill.world.spatial import frame, quaternion, rotation, unit
from distill.world.spec import NO_CONTACT, add_mesh, add_texture

SKINS = (
    (0.94, 0.78, 0.68),
    (0.90, 0.70, 0.57),
    (0.83, 0.62, 0.47),
    (0.74, 0.53, 0.38),
    (0.60, 0.41, 0.28),
    (0.46, 0.30, 0.21),
    (0.34, 0.22, 0.16),
)
LENGTHS = (
    (0.043, 0.026, 0.021),
    (0.048, 0.030, 0.022),
    (0.044, 0.028, 0.022),
    (0.034, 0.021, 0.019),
)
NUM_JOINTS = 4 * 3 + 2
# Points of a hand in the usual order of hand-pose data, each a site ``hand_<name>`` of the model
# in the middle of the flesh; a tip is the centre of the rounded end of its finger.
JOINTS = (
    "wrist",
    *(f"thumb_{point}" for point in ("cmc", "mcp", "ip", "tip")),
    *(
        f"{finger}_{point}"
        for finger in ("index", "middle", "ring", "little")
        for point in ("mcp", "pip", "dip", "tip")
    ),
)


@dataclass(frozen=True, slots=True)
class HandLook:
    """What a hand looks like; `side` is +1 for a right hand, −1 for a left one."""

    side: int
    skin: tuple[float, float, float]
    nails: bool
    sleeve: tuple[float, float, float] | None
    sleeve_from: float
    thumb_across: bool
    forearm_turn: tuple[float, float]
    size: float
    stripes: tuple[float, float, float] | None = None
    watch: tuple[float, float, float] | None = None
    ring: bool = False


def random_look(rng: np.random.Generator, side: int, grasping: bool) -> HandLook:
    """A bare or gloved hand, a short, long or striped sleeve or none, now and then a watch."""
    glove = rng.random() < 0.12
    base = rng.uniform(0.05, 0.85, 3) if glove else np.array(SKINS[rng.integers(len(SKINS))])
    tone = np.clip(base * rng.uniform(0.92, 1.05), 0, 1)
    sleeve = stripes = watch = None
    if rng.random() < 0.65:
        sleeve = _color(rng, 0.04, 0.9)
        stripes = _color(rng, 0.04, 0.95) if rng.random() < 0.3 else None
    start = float(rng.uniform(0.0, 0.12) if rng.random() < 0.75 else rng.uniform(0.12, 0.24))
    if not glove and rng.random() < 0.25 and (sleeve is None or start > 0.06):
        watch = _color(rng, 0.03, 0.5)
    turn = rng.uniform([-0.35, -0.3], [0.35, 0.3])
    return HandLook(
        side,
        _triple(tone),
        not glove,
        sleeve,
        start,
        grasping,
        (float(turn[0]), float(turn[1])),
        float(rng.uniform(0.92, 1.08)),
        stripes,
        watch,
        not glove and bool(rng.random() < 0.15),
    )


def other_hand(look: HandLook, side: int, grasping: bool) -> HandLook:
    """The other hand of the same person; a watch and a ring are worn on one only."""
    lean, turn = look.forearm_turn
    return replace(
        look, side=side, thumb_across=grasping, forearm_turn=(lean, -turn), watch=None, ring=False
    )


def _triple(rgb: Array) -> tuple[float, float, float]:
    r, g, b = (float(v) for v in rgb)
    return r, g, b


def _color(rng: np.random.Generator, low: float, high: float) -> tuple[float, float, float]:
    return _triple(rng.uniform(low, high, 3))


def _joint(body: Any, name: str, at: Array, radius: float) -> None:
    """Marks a joint under `radius` of flesh; a group that is never drawn."""
    body.add_site(name=name, pos=np.asarray(at, float), size=[radius] * 3, group=5)


def _finger(
    spec: Any,
    palm: Any,
    base: Array,
    quat: Array,
    lengths: tuple[float, ...],
    radius: float,
    skin: tuple[float, ...],
    nail: tuple[float, ...] | None,
    tag: str,
    joints: tuple[str, ...],
) -> None:
    """A chain along +y whose hinges curl it towards −z; one joint a phalanx, then the tip."""
    body, offset = palm, base
    for k, length in enumerate(lengths):
        turn = quat if k == 0 else np.array([1.0, 0, 0, 0])
        body = body.add_body(name=f"{tag}{k}", pos=offset, quat=turn)
        body.add_joint(name=f"{tag}{k}", type=mujoco.mjtJoint.mjJNT_HINGE, axis=[-1, 0, 0])
        r = radius * (1 - 0.05 * k)
        solids: Solids = {skin: [between("capsule", np.zeros(3), [0, length, 0], r)]}
        if nail is not None and k == len(lengths) - 1:
            plate = primitive("ellipsoid", (r * 0.66, r * 0.75, r * 0.25))
            solids[nail] = [put(plate, (0, length, r * 0.84), (1, 0, 0, 0))]
        add_joined(spec, body, f"{tag}{k}_", solids)
        _joint(body, joints[k], np.zeros(3), r)
        offset = np.array([0, length, 0])
    _joint(body, joints[-1], offset, r)


def add_hand(spec: Any, look: HandLook, name: str = "hand") -> None:
    """Adds a mocap body `name` with the fingers' joints below it (see `curl_pose`)."""
    s, g = look.side, look.size
    skin, nail = look.skin, None
    if look.nails:
        nail = _triple(np.clip(np.array(skin) * [1.08, 1.0, 1.0] + [0.06, 0.05, 0.05], 0, 1))
    flesh: list[Mesh] = []
    palm = spec.worldbody.add_body(name=name, mocap=True)
    knuckles = [
        np.array([s * x, y, 0.0]) * g
        for x, y in ((-0.030, 0.044), (-0.010, 0.049), (0.010, 0.046), (0.029, 0.037))
    ]
    for k, knuckle in enumerate(knuckles):
        wrist = np.array([s * (-0.014 + 0.009 * k), -0.042, 0.0]) * g
        flesh.append(between("capsule", wrist, knuckle, (0.0125 if k < 3 else 0.0115) * g))
        fan = rotation(np.array([0, 0, 1.0]), -s * (k - 1.3) * 0.07)
        _finger(
            spec,
            palm,
            knuckle,
            quaternion(fan),
            tuple(q * g for q in LENGTHS[k]),
            (0.0098 if k < 3 else 0.0084) * g,
            skin,
            nail,
            f"{name}_f{k}_",
            tuple(f"{name}_{joint}" for joint in JOINTS[5 + 4 * k : 9 + 4 * k]),
        )
    if look.ring:
        band = between("cylinder", (0, 0.017, 0), (0, 0.021, 0), 0.0112 * g)
        add_joined(spec, spec.body(f"{name}_f2_0"), f"{name}_ring", {(0.85, 0.68, 0.3): [band]})
    ball = primitive("ellipsoid", (0.036 * g, 0.05 * g, 0.013 * g))
    flesh.append(put(ball, (0, 0, -0.002), (1, 0, 0, 0)))
    # The ball of the thumb, then a thumb that either lies along the palm or opposes the fingers.
    across = look.thumb_across
    root = np.array([s * -0.022, -0.03, -0.006]) * g
    along = unit(np.array([s * -0.62, 0.62, -0.45 if across else -0.2]))
    joint = root + along * 0.038 * g
    flesh.append(between("capsule", root, joint, 0.0135 * g))
    forward = unit(np.array([s * -0.25, 0.75, -0.62] if across else [s * -0.5, 0.85, -0.15]))
    inward = np.array([s * 1.0, 0.2, -0.5] if across else [s * 1.0, 0.0, -0.2])
    axis = unit(np.cross(forward, inward))
    turn = quaternion(frame(-axis, forward, np.cross(-axis, forward)))
    thumb = tuple(f"{name}_{point}" for point in JOINTS[2:5])
    lengths = (0.032 * g, 0.026 * g)
    _finger(spec, palm, joint, turn, lengths, 0.0108 * g, skin, nail, f"{name}_t", thumb)
    _joint(palm, f"{name}_{JOINTS[1]}", root, 0.0135 * g)
    _joint(palm, f"{name}_{JOINTS[0]}", np.array([0, -0.048 * g, 0]), 0.022 * g)
    _add_forearm(spec, palm, look, flesh, name)


def _add_forearm(spec: Any, palm: Any, look: HandLook, flesh: list[Mesh], name: str) -> None:
    """What is rigid with the palm: its `flesh`, the arm, what is worn on it."""
    g = look.size
    bend = rotation(np.array([1.0, 0, 0]), look.forearm_turn[0])
    bend = bend @ rotation(np.array([0, 0, 1.0]), look.forearm_turn[1])
    # The mesh grows along +z; the forearm leaves the wrist along −y and is wider than thick.
    down = bend @ frame(np.array([1.0, 0, 0]), np.array([0, 0, 1.0]), np.array([0, -1.0, 0]))
    outlines = {
        "arm": [
            (0.0, -0.02),
            (0.024, -0.012),
            (0.0255, 0.0),
            (0.025, 0.03),
            (0.031, 0.12),
            (0.04, 0.24),
            (0.044, 0.4),
            (0.05, 1.0),
        ]
    }
    if look.sleeve is not None:
        a = look.sleeve_from
        r = 0.031 + 0.06 * a
        outlines["sleeve"] = [
            (r - 0.004, a),
            (r + 0.004, a),
            (r + 0.005, a + 0.012),
            (r + 0.004, a + 0.03),
            (r + 0.012, a + 0.14),
            (max(0.056, r + 0.016), 0.5),
            (max(0.06, r + 0.02), 1.0),
        ]
    solids: Solids = {look.skin: flesh}
    if look.watch is not None:
        outlines["watch"] = [(0.0265, 0.008), (0.029, 0.009), (0.0292, 0.026), (0.0268, 0.027)]
        _add_dial(solids, down, g)
    for part, outline in outlines.items():
        mesh = lathe([(r * g, z) for r, z in outline], 14)
        flat = replace(mesh, vertices=mesh.vertices * np.array([1.0, 0.8, 1.0]))
        placed = put(flat, (0, -0.048 * g, 0), quaternion(down))
        rgb = {"arm": look.skin, "sleeve": look.sleeve, "watch": look.watch}[part] or look.skin
        if part == "sleeve" and look.stripes is not None:
            add_mesh(spec, f"{name}_{part}", placed)
            palm.add_geom(
                type=mujoco.mjtGeom.mjGEOM_MESH,
                meshname=f"{name}_{part}",
                material=_striped(spec, f"{name}_sleeve", look),
                **NO_CONTACT,
            )
        else:
            solids.setdefault(rgb, []).append(placed)
    add_joined(spec, palm, f"{name}_palm", solids)


def _add_dial(solids: Solids, down: Array, g: float) -> None:
    """The face of a watch on the back of the wrist."""
    middle = down @ np.array([0, 0, 0.018 * g]) + [0, -0.048 * g, 0]
    out = down @ np.array([0, 1.0, 0])
    out = out * (1.0 if out[2] > 0 else -1.0)
    for offset, radius, rgb in (
        (0.0225, 0.016, (0.75, 0.75, 0.77)),
        (0.024, 0.0135, (0.1, 0.12, 0.16)),
    ):
        face = between("cylinder", middle + out * 0.018 * g, middle + out * offset * g, radius * g)
        solids.setdefault(rgb, []).append(face)


def _striped(spec: Any, name: str, look: HandLook) -> str:
    """A cloth with rings around the arm, as a material."""
    image = np.empty((128, 4, 3), np.uint8)
    image[:] = np.array(look.sleeve) * 255
    image[np.arange(128) % 16 < 6] = np.array(look.stripes) * 255
    add_texture(spec, name, image)
    material = spec.add_material(name=name, specular=0.05, shininess=0.2)
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name
    return name


GESTURES: dict[str, tuple[float, float, float, float, float]] = {
    "flat": (0.12, 0.12, 0.12, 0.15, 0.1),
    "relaxed": (0.4, 0.45, 0.5, 0.55, 0.25),
    "point": (0.08, 1.25, 1.3, 1.3, 0.6),
    "fist": (1.35, 1.4, 1.4, 1.4, 0.8),
    "pinch": (0.75, 0.6, 0.5, 0.45, 0.5),
}


def curl_pose(curls: tuple[float, float, float, float, float]) -> Array:
    """Joint angles (14,) from a mean curl a finger (index … little) and one for the thumb."""
    fingers = [a * k for a in curls[:4] for k in (0.9, 1.15, 0.85)]
    return np.array([*fingers, curls[4], curls[4]])


def wrap_pose(radius: float) -> Array:
    """Joint angles (14,) that lay each finger around a cylinder of `radius` held by the palm."""
    r = radius + 0.010
    angles: list[float] = []
    for a, b, c in LENGTHS:
        bend = (0.5 * a / r + 0.1, 0.5 * (a + b) / r, 0.5 * (b + c) / r)
        angles += [float(np.clip(v, 0.1, 1.5)) for v in bend]
    thumb = float(np.clip(0.022 / r, 0.15, 0.9))
    return np.array([*angles, thumb, thumb])
