"""What surrounds the named things: table, wall, floor, clutter without a name, lights."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np

from distill.world import textures
from distill.world.compose import Array
from distill.world.hand import SKINS
from distill.world.meshes import quad
from distill.world.spatial import frame, quaternion, rotation, unit
from distill.world.spec import NO_CONTACT, add_mesh, add_texture

_BOX, _CYLINDER = mujoco.mjtGeom.mjGEOM_BOX, mujoco.mjtGeom.mjGEOM_CYLINDER
_ELLIPSOID = mujoco.mjtGeom.mjGEOM_ELLIPSOID
_FACING_VIEWER = frame(np.array([1.0, 0, 0]), np.array([0, 0, 1.0]), np.array([0, -1.0, 0]))


def _sheet(
    spec: Any,
    name: str,
    image: Array | None,
    rgb: Array,
    size: tuple[float, float],
    repeat: tuple[float, float],
    pos: Array,
    rot: Array,
    glow: float = 0.0,
) -> None:
    """A rectangle with a picture on it, facing the +z of `rot`; `glow` is light of its own."""
    add_mesh(spec, name, quad(*size, repeat))
    material = spec.add_material(name=name, specular=0.05, shininess=0.2, emission=glow)
    if image is not None:
        add_texture(spec, name, image)
        material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name
    spec.worldbody.add_geom(
        name=name,
        type=mujoco.mjtGeom.mjGEOM_MESH,
        meshname=name,
        material=name,
        rgba=[*rgb, 1.0],
        pos=pos,
        quat=quaternion(rot),
        **NO_CONTACT,
    )


def _surface(rng: np.random.Generator, split: textures.Split) -> Array:
    return textures.surface(str(rng.choice(textures.names(split, "surface"))), rng)


def add_room(
    spec: Any, rng: np.random.Generator, split: textures.Split, frontal: bool, person: bool
) -> None:
    wall_y = rng.uniform(0.45, 1.3) if frontal else rng.uniform(0.42, 0.9)
    table_depth = 0.8 + (wall_y if rng.random() < 0.6 else rng.uniform(0.3, 0.42))
    shade = rng.uniform(0.75, 1.0, 3)
    repeat = float(rng.uniform(1, 4))
    _sheet(
        spec,
        "table",
        _surface(rng, split),
        shade,
        (2.4, table_depth),
        (repeat * 1.5, repeat),
        np.array([0, table_depth / 2 - 0.8, 0]),
        np.eye(3),
    )
    _sheet(
        spec,
        "floor",
        _surface(rng, split),
        shade * 0.7,
        (6.0, 4.0),
        (6, 4),
        np.array([0, 0.5, -0.75]),
        np.eye(3),
    )
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
        image = _surface(rng, split)
    tint = np.ones(3) if kind == "photo" else rng.uniform(0.35, 1.0, 3)
    above = rng.uniform(0.1, 0.5) if kind == "photo" else 0.4
    _sheet(
        spec,
        "wall",
        image,
        tint,
        size,
        tiles,
        np.array([0, wall_y, above]),
        _FACING_VIEWER,
        float(rng.uniform(0.1, 0.4)),
    )
    if kind == "photo":
        _sheet(
            spec,
            "wall_behind",
            None,
            rng.uniform(0.3, 0.9, 3),
            (6.0, 4.0),
            (1, 1),
            np.array([0, wall_y + 0.01, 0.4]),
            _FACING_VIEWER,
        )
    _clutter(spec, rng, wall_y)
    if person:
        _person(spec, rng, wall_y)


def _clutter(spec: Any, rng: np.random.Generator, wall_y: float) -> None:
    """Things without a name that no instruction may touch: shelves, boards, boxes far behind."""
    for _ in range(int(rng.integers(0, 4))):
        size = rng.uniform([0.03, 0.02, 0.03], [0.14, 0.06, 0.2])
        x = rng.choice([-1, 1]) * rng.uniform(0.15, 0.8)
        pos = [x, min(rng.uniform(0.34, 0.6), wall_y) - 0.02, size[2]]
        spec.worldbody.add_geom(
            type=_BOX if rng.random() < 0.7 else _CYLINDER,
            size=size,
            pos=pos,
            **NO_CONTACT,
            rgba=[*rng.uniform(0.05, 0.95, 3), 1.0],
            quat=quaternion(rotation(np.array([0, 0, 1.0]), rng.uniform(-0.6, 0.6))),
        )
    for _ in range(int(rng.integers(0, 3))):
        size = rng.uniform([0.06, 0.004, 0.05], [0.3, 0.012, 0.2])
        pos = [rng.uniform(-0.7, 0.7), wall_y - 0.012, rng.uniform(0.15, 0.8)]
        spec.worldbody.add_geom(
            type=_BOX, size=size, pos=pos, **NO_CONTACT, rgba=[*rng.uniform(0.05, 0.95, 3), 1.0]
        )


def _person(spec: Any, rng: np.random.Generator, wall_y: float) -> None:
    """A faceless figure behind the held thing, as in front of a webcam."""
    y = min(wall_y - 0.1, rng.uniform(0.25, 0.5))
    x, z = rng.uniform(-0.12, 0.12), rng.uniform(0.3, 0.42)
    skin = np.array(SKINS[rng.integers(len(SKINS))])
    cloth, hair = rng.uniform(0.05, 0.9, 3), rng.uniform(0.03, 0.4) * np.array([1.0, 0.75, 0.5])
    for size, offset, rgb in (
        ((0.075, 0.085, 0.105), (0, 0, 0), skin),
        ((0.084, 0.09, 0.10), (0, 0.02, 0.03), hair),
        ((0.04, 0.04, 0.09), (0, 0.01, -0.13), skin),
        ((0.21, 0.11, 0.10), (0, 0.03, -0.23), cloth),
        ((0.19, 0.12, 0.30), (0, 0.03, -0.40), cloth),
    ):
        spec.worldbody.add_geom(
            type=_ELLIPSOID,
            size=size,
            pos=np.add([x, y, z], offset),
            rgba=[*rgb, 1.0],
            **NO_CONTACT,
        )


def add_lights(spec: Any, rng: np.random.Generator) -> None:
    """One to three directional lights; only the first casts shadows.

    Ambient and diffuse light sum to less than 1, so that a white object never saturates and
    recolouring stays linear.
    """
    count = int(rng.integers(1, 4))
    total = rng.uniform(0.72, 0.99) if rng.random() < 0.85 else rng.uniform(0.4, 0.72)
    ambient = rng.uniform(0.4, 0.68)
    tints = [_temperature(rng) for _ in range(count)]
    # Ambient light belongs to the headlight: that of a shadow-casting light would be shadowed too.
    headlight = spec.visual.headlight
    headlight.ambient = tints[0] * total * ambient
    headlight.diffuse, headlight.specular = [0, 0, 0], [0, 0, 0]
    share = rng.dirichlet(np.array([4.0, 1.0, 1.0])[:count])
    for k in range(count):
        angle, lift = rng.uniform(-np.pi, np.pi), rng.uniform(0.8, 2.2)
        # Mostly from behind the viewer, so that what faces the eye is lit.
        direction = unit(np.array([np.cos(angle), 0.6 * np.sin(angle) + 0.5, -lift]))
        spec.worldbody.add_light(
            name=f"light{k}",
            type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
            pos=-1.5 * direction,
            dir=direction,
            castshadow=bool(k == 0 and rng.random() < 0.9),
            ambient=[0, 0, 0],
            diffuse=tints[k] * total * (1 - ambient) * share[k],
            specular=tints[k] * 0.4 * share[k],
        )


def _temperature(rng: np.random.Generator) -> Array:
    """A light's colour from candle-warm to sky-cool; the strongest channel is 1."""
    warm = rng.uniform(-1, 1)
    tint = 1 - abs(warm) * np.array([0.0, 0.06, 0.2])
    return np.asarray(tint if warm > 0 else tint[::-1])
