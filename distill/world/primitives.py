"""Boxes, cylinders, balls and capsules as lean meshes, and meshes joined by how they look.

A renderer pays for every geom and every vertex, three times in a pass with shadows. MuJoCo draws
each solid by itself and cuts even flat sides into strips, so solids are made and joined here.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import mujoco
import numpy as np

from distill.world.meshes import Mesh, grid_faces, lathe
from distill.world.solids import joined, solid, transformed
from distill.world.spec import NO_CONTACT, add_mesh

Shape = Literal["box", "cylinder", "sphere", "ellipsoid", "capsule"]
# Meshes of one body, in its frame, by their colour.
Solids = dict[tuple[float, ...], list[Mesh]]
SLICES = 10
_BOX_FACES = [(0, 2, 3), (0, 3, 1), (4, 5, 7), (4, 7, 6), (0, 1, 5), (0, 5, 4)]
_BOX_FACES += [(2, 6, 7), (2, 7, 3), (0, 4, 6), (0, 6, 2), (1, 3, 7), (1, 7, 5)]


@cache
def _box() -> Mesh:
    corners = np.array([[x, y, z] for z in (-1, 1) for y in (-1, 1) for x in (-1, 1)], float)
    return solid(corners, np.array(_BOX_FACES))


@cache
def _cylinder() -> Mesh:
    return lathe([(0, -1), (1, -1), (1, 1), (0, 1)], SLICES)


@cache
def _ball(parted: bool) -> Mesh:
    """A ball of radius 1; `parted` has its equator twice, to be pulled apart there."""
    degrees = [-90, -60, -30, 0, *([0] if parted else []), 30, 60, 90]
    lift, turn = np.meshgrid(
        np.radians(degrees), np.linspace(0, 2 * np.pi, SLICES + 1), indexing="ij"
    )
    points = np.stack([np.cos(lift) * np.cos(turn), np.cos(lift) * np.sin(turn), np.sin(lift)], -1)
    row = np.linspace(0, 1, len(degrees))[:, None]
    uv = np.stack(np.broadcast_arrays(turn / (2 * np.pi), row), -1)
    faces = grid_faces(len(degrees), SLICES + 1)
    # At a pole, one of two triangles has no area.
    level = faces // (SLICES + 1)
    keep = ((level == 0).sum(1) < 2) & ((level == len(degrees) - 1).sum(1) < 2)
    flat = points.reshape(-1, 3)
    return Mesh(flat, flat, uv.reshape(-1, 2), faces[keep])


def primitive(shape: Shape, size: Any) -> Mesh:
    """A solid of MuJoCo's half sizes around the origin, its axis along z."""
    a, b, c = [*np.atleast_1d(np.asarray(size, float)), 0.0, 0.0][:3]
    if shape == "capsule":
        ball = _ball(True)
        upper = np.arange(len(ball.vertices)) >= len(ball.vertices) // 2
        lift = np.where(upper, b, -b)[:, None] * [0, 0, 1.0]
        return Mesh(ball.vertices * a + lift, ball.normals, ball.uv, ball.faces)
    if shape == "sphere":
        return transformed(_ball(False), np.diag([a, a, a]))
    if shape == "ellipsoid":
        return transformed(_ball(False), np.diag([a, b, c]))
    if shape == "cylinder":
        return transformed(_cylinder(), np.diag([a, a, b]))
    return transformed(_box(), np.diag([a, b, c]))


def put(mesh: Mesh, at: Any, quat: Any) -> Mesh:
    """The mesh turned by a quaternion, then moved."""
    matrix = np.zeros(9)
    mujoco.mju_quat2Mat(matrix, np.asarray(quat, float) / np.linalg.norm(quat))
    return transformed(mesh, matrix.reshape(3, 3), np.asarray(at, float))


def between(shape: Shape, start: Any, end: Any, radius: float) -> Mesh:
    """A cylinder or capsule from one point to another."""
    axis = np.asarray(end, float) - np.asarray(start, float)
    quat = np.zeros(4)
    mujoco.mju_quatZ2Vec(quat, axis)
    middle = (np.asarray(start, float) + np.asarray(end, float)) / 2
    return put(primitive(shape, (radius, np.linalg.norm(axis) / 2)), middle, quat)


def add_joined(spec: Any, body: Any, name: str, solids: Solids) -> None:
    """Adds solids to a body, a geom a colour; its name is `name` and a number."""
    for k, (rgb, meshes) in enumerate(solids.items()):
        add_mesh(spec, f"{name}{k}", joined(meshes))
        body.add_geom(
            name=f"{name}{k}",
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname=f"{name}{k}",
            rgba=[*rgb, 1.0],
            **NO_CONTACT,
        )
