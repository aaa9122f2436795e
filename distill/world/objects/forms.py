"""Building blocks of objects, in millimetres until `build` turns them into a `Thing` in metres.

Outlines and paths are written as in SVG: "x,y x,y x,y". A profile is (radius, height) and runs up
the outside; an outline is (x, y); a line in space is (x, y, z).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, TypedDict, Unpack

import numpy as np

from distill.world import meshes, solids
from distill.world.compose import Array
from distill.world.objects.base import Color, Grip, Part, Thing
from distill.world.spatial import quaternion, rotation, unit

Point = tuple[float, float, float]
AXES = {"x": np.array([1.0, 0, 0]), "y": np.array([0, 1.0, 0]), "z": np.array([0, 0, 1.0])}
Axis = Literal["x", "y", "z"]

# Up to this half size a few faces look as round as MuJoCo's spheres, which have hundreds.
SMALL = 8.0

STEEL: Color = (0.68, 0.69, 0.71)
DARK: Color = (0.06, 0.06, 0.07)
WOOD: Color = (0.58, 0.38, 0.2)
CREAM: Color = (0.93, 0.9, 0.8)
WHITE: Color = (0.92, 0.92, 0.91)
LEAF: Color = (0.2, 0.5, 0.15)
GLASS: Color = (0.72, 0.8, 0.84)
SCREEN: Color = (0.1, 0.16, 0.24)
RED: Color = (0.78, 0.1, 0.1)
CLAY: Color = (0.68, 0.36, 0.22)


class Look(TypedDict, total=False):
    """How a part takes colour; see `Part`."""

    albedo: float
    fixed: Color | None
    decorated: bool
    emission: float


def path(text: str) -> Array:
    """ "0,0 10,5" → array (2, 2)."""
    return np.array([[float(v) for v in point.split(",")] for point in text.split()])


def disc(radius: float, n: int = 20, x: float = 0.0, y: float = 0.0) -> Array:
    """A circle as an outline."""
    a = np.linspace(0, 2 * np.pi, n, endpoint=False)
    return np.column_stack([x + radius * np.cos(a), y + radius * np.sin(a)])


def oblong(x: float, y: float, corner: float, n: int = 4) -> Array:
    """A rectangle of half sizes x, y with round corners."""
    a = np.linspace(0, np.pi / 2, n)
    quarter = corner * np.column_stack([np.cos(a), np.sin(a)]) + [x - corner, y - corner]
    flipped = quarter[::-1] * [-1, 1]
    return np.concatenate([quarter, flipped, -quarter, -flipped])


def arc(x: float, z: float, rx: float, rz: float, a: float, b: float, n: int = 9) -> Array:
    """A piece of an ellipse in the xz plane between two angles in degrees."""
    t = np.radians(np.linspace(a, b, n))
    return np.column_stack([x + rx * np.cos(t), np.zeros(n), z + rz * np.sin(t)])


def of(mesh: meshes.Mesh, **look: Unpack[Look]) -> Part:
    return Part("mesh", mesh, **look)


def turned(profile: Array, sides: int = 20, crease: float = 0.75, **look: Unpack[Look]) -> Part:
    """A profile turned around z."""
    return of(meshes.lathe([(float(r), float(z)) for r, z in profile], sides, crease), **look)


def tube(
    points: Array, radius: float | Sequence[float], sides: int = 8, **look: Unpack[Look]
) -> Part:
    """A round tube along a line in space."""
    radii = [radius] * len(points) if isinstance(radius, (int, float)) else radius
    return of(meshes.sweep(points, [float(r) for r in radii], sides), **look)


def slab(
    outline: Array,
    low: float,
    high: float,
    bevel: float = 0.0,
    crease: float = 0.6,
    **look: Unpack[Look],
) -> Part:
    """A flat outline with thickness."""
    return of(solids.extrude(outline, low, high, bevel, crease), **look)


def skin(rings: Sequence[Array], crease: float = 0.6, **look: Unpack[Look]) -> Part:
    """A closed skin over rings (N, 3)."""
    return of(solids.loft(rings, crease), **look)


def stack(levels: Sequence[tuple[float, float, float]], n: int = 16, **look: Unpack[Look]) -> Part:
    """Ellipses (z, half x, half y) one over the other, smoothly joined."""
    circle = disc(1, n)
    rings = [np.column_stack([circle * [x, y], np.full(n, z)]) for z, x, y in levels]
    return skin(rings, 0.3, **look)


def hoop(
    major: float, minor: float, around: int = 22, sides: int = 8, **look: Unpack[Look]
) -> Part:
    """A ring lying in the xy plane around the origin."""
    return of(solids.torus(major, minor, around, sides), **look)


def ball(at: Point, size: float | Point, **look: Unpack[Look]) -> Part:
    """A sphere, or an ellipsoid given its three half axes."""
    axes = size if isinstance(size, tuple) else (size,) * 3
    if max(axes) > SMALL:
        return Part("ellipsoid", size=axes, pos=at, **look)
    a = np.radians(np.linspace(-90, 90, 5))
    dot = turned(np.column_stack([np.cos(a), np.sin(a)]), 8, 0.3, **look)
    return move([stretch(dot, *axes)], *at)[0]


def brick(at: Point, half: Point, **look: Unpack[Look]) -> Part:
    """A box by its middle and half sizes."""
    return Part("box", size=half, pos=at, **look)


def pole(a: Point, b: Point, radius: float, **look: Unpack[Look]) -> Part:
    """A cylinder from a to b."""
    return _between("cylinder", a, b, radius, look)


def rod(a: Point, b: Point, radius: float, **look: Unpack[Look]) -> Part:
    """A cylinder with round ends, whose middles are a and b."""
    if radius > SMALL / 2:
        return _between("capsule", a, b, radius, look)
    return tube(np.array([a, b], float), radius, 6, **look)


def _between(
    shape: Literal["cylinder", "capsule"], a: Point, b: Point, radius: float, look: Look
) -> Part:
    way = np.subtract(b, a)
    z = unit(way)
    x = unit(np.cross([0.3, 0.9, 0.1] if abs(z[1]) < 0.9 else [1.0, 0, 0], z))
    x = unit(x - z * (x @ z))
    quat = quaternion(np.stack([x, np.cross(z, x), z], 1))
    half = float(np.linalg.norm(way)) / 2
    return Part(shape, size=(radius, half), pos=_point(np.add(a, b) / 2), quat=_quat(quat), **look)


def _point(v: Array) -> Point:
    return float(v[0]), float(v[1]), float(v[2])


def _quat(q: Array) -> tuple[float, float, float, float]:
    return float(q[0]), float(q[1]), float(q[2]), float(q[3])


def matrix(quat: tuple[float, float, float, float]) -> Array:
    """Rotation matrix of a unit quaternion."""
    w, axis = quat[0], np.array(quat[1:])
    angle = 2 * np.arctan2(np.linalg.norm(axis), w)
    return rotation(axis, float(angle)) if angle else np.eye(3)


def turn(parts: Sequence[Part], axis: Axis, degrees: float) -> list[Part]:
    """Parts rotated around an axis through the origin."""
    r = rotation(AXES[axis], float(np.radians(degrees)))
    return [
        replace(p, mesh=solids.transformed(p.mesh, r))
        if p.mesh is not None
        else replace(p, pos=_point(r @ p.pos), quat=_quat(quaternion(r @ matrix(p.quat))))
        for p in parts
    ]


def move(parts: Sequence[Part], x: float = 0, y: float = 0, z: float = 0) -> list[Part]:
    """Parts shifted."""
    shift = np.array([x, y, z])
    return [
        replace(p, mesh=solids.transformed(p.mesh, np.eye(3), shift))
        if p.mesh is not None
        else replace(p, pos=_point(p.pos + shift))
        for p in parts
    ]


def stretch(part: Part, x: float = 1, y: float = 1, z: float = 1) -> Part:
    """A mesh part made longer along the axes; a negative factor mirrors it."""
    assert part.mesh is not None
    return replace(part, mesh=solids.transformed(part.mesh, np.diag([x, y, z])))


def bend(part: Part, how: Callable[[Array], Array], crease: float = 0.3) -> Part:
    """A mesh part whose vertices (V, 3) are moved by a function."""
    assert part.mesh is not None
    return replace(part, mesh=solids.warped(part.mesh, how, crease))


def join(parts: Sequence[Part]) -> Part:
    """Mesh parts of one look as one part: fewer pieces draw faster."""
    return replace(parts[0], mesh=solids.joined([p.mesh for p in parts if p.mesh is not None]))


def many(part: Part, places: Sequence[Point]) -> Part:
    """One mesh part repeated at several places."""
    return join([copy for place in places for copy in move([part], *place)])


def surface(part: Part) -> Array:
    """Points on the outside of a part (N, 3), enough to measure it by."""
    if part.mesh is not None:
        return part.mesh.vertices
    a, b = np.meshgrid(np.linspace(0, 2 * np.pi, 25), np.linspace(-np.pi / 2, np.pi / 2, 13))
    round_ = np.stack([np.cos(a) * np.cos(b), np.sin(a) * np.cos(b), np.sin(b)], -1).reshape(-1, 3)
    size = np.asarray(part.size)
    if part.shape == "box":
        corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
        points = corners * size
    elif part.shape in ("sphere", "ellipsoid"):
        points = round_ * size
    else:
        ring, end = round_ * size[0], np.sign(round_[:, 2:]) * size[1]
        if part.shape == "cylinder":
            flat = np.column_stack([np.cos(a[0]), np.sin(a[0])]) * size[0]
            points = np.concatenate([np.insert(flat, 2, z, axis=1) for z in (-size[1], size[1])])
        else:
            points = ring + end * [0, 0, 1]
    return np.asarray(points @ matrix(part.quat).T + part.pos)


def build(
    kind: str,
    parts: Sequence[Part],
    s: float,
    grip: Grip = "wrap",
    grip_radius: float = 30.0,
    grip_z: float = 0.0,
    gloss: float = 0.25,
    can_lie: bool = False,
    centre: bool = True,
) -> Thing:
    """Parts in millimetres as a thing in metres, `s` times as large, set down on z = 0.

    Its radius and height are measured. `centre` puts the middle of its footprint at the origin;
    without it the parts stay around the axis that a hand wraps.
    """
    points = np.concatenate([surface(p) for p in parts])
    low, high = points.min(0), points.max(0)
    middle = (low + high) / 2 if centre else np.zeros(3)
    shift = np.array([-middle[0], -middle[1], -low[2]])
    k = 0.001 * s
    scaled = tuple(
        replace(p, mesh=solids.transformed(p.mesh, np.eye(3) * k))
        if p.mesh is not None
        else replace(p, pos=_point(np.multiply(p.pos, k)), size=tuple(v * k for v in p.size))
        for p in move(parts, *shift)
    )
    radius = float(np.linalg.norm(points[:, :2] + shift[:2], axis=1).max())
    height = float(high[2] - low[2])
    return Thing(
        kind, scaled, radius * k, height * k, grip, grip_radius * k, grip_z * k, gloss, can_lie
    )
