"""Small triangle meshes with smooth normals and texture coordinates; metres, z up.

Triangle counts are kept low (a few hundred): the software rasteriser's time goes to vertices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distill.world.compose import Array


@dataclass(frozen=True, slots=True)
class Mesh:
    """vertices, normals (V, 3); texture coordinates (V, 2); faces (F, 3), counter-clockwise."""

    vertices: Array
    normals: Array
    uv: Array
    faces: Array


def grid_faces(rows: int, columns: int) -> Array:
    """Two triangles a cell of a grid of vertices, row by row."""
    index = np.arange(rows * columns).reshape(rows, columns)
    a, b = index[:-1, :-1].ravel(), index[:-1, 1:].ravel()
    c, d = index[1:, 1:].ravel(), index[1:, :-1].ravel()
    return np.concatenate([np.stack([a, b, c], 1), np.stack([a, c, d], 1)])


def lathe(profile: Sequence[tuple[float, float]], sides: int = 20, crease: float = 0.75) -> Mesh:
    """Turns a profile of (radius, z) around z. It runs up the outside (then down the inside).

    Corners sharper than `crease` (cosine of the bend) stay sharp: their ring is doubled.
    """
    points = np.asarray(profile, float)
    points[:, 0] = np.maximum(points[:, 0], 2e-4)  # a pole would make faces without area
    step = np.diff(points, axis=0)
    length = np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)
    # The outward normal of a profile that runs upward on the outside.
    flat = np.stack([step[:, 1], -step[:, 0]], 1) / length
    bands: list[tuple[int, int]] = []
    start = 0
    for i in range(1, len(points) - 1):
        if float(flat[i - 1] @ flat[i]) < crease:
            bands.append((start, i))
            start = i
    bands.append((start, len(points) - 1))
    angle = np.linspace(0, 2 * np.pi, sides + 1)
    ring = np.stack([np.cos(angle), np.sin(angle)], 1)
    travelled = np.concatenate([[0.0], np.cumsum(length[:, 0])])
    vertices, normals, uvs, faces, count = [], [], [], [], 0
    for first, last in bands:
        rows = range(first, last + 1)
        for i in rows:
            n = flat[max(i - 1, first)] + flat[min(i, last - 1)]
            n = n / np.linalg.norm(n)
            r, z = points[i]
            vertices.append(np.column_stack([ring * r, np.full(sides + 1, z)]))
            normals.append(np.column_stack([ring * n[0], np.full(sides + 1, n[1])]))
            v = np.full(sides + 1, travelled[i] / travelled[-1])
            uvs.append(np.column_stack([angle / (2 * np.pi), v]))
        faces.append(grid_faces(len(rows), sides + 1) + count)
        count += len(rows) * (sides + 1)
    return Mesh(
        np.concatenate(vertices),
        np.concatenate(normals),
        np.concatenate(uvs),
        np.concatenate(faces),
    )


def sweep(path: Array, radii: Sequence[float], sides: int = 8, cap: bool = True) -> Mesh:
    """A round tube along `path` (P, 3) with one radius a point; `cap` closes the ends."""
    points = np.asarray(path, float)
    radius = np.asarray(radii, float)
    tangent = np.gradient(points, axis=0)
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1, keepdims=True), 1e-9)
    if cap:
        ends = [0, *range(len(points)), len(points) - 1]
        points, tangent = points[ends], tangent[ends]
        radius = np.concatenate([[2e-4], radius, [2e-4]])
    side = np.cross(tangent[0], [0.31, 0.17, 0.94])
    angle = np.linspace(0, 2 * np.pi, sides + 1)
    vertices, normals, uvs = [], [], []
    for i, (p, t, r) in enumerate(zip(points, tangent, radius, strict=True)):
        side = side - t * (side @ t)  # carried along without twisting
        side = side / np.linalg.norm(side)
        up = np.cross(t, side)
        around = np.outer(np.cos(angle), side) + np.outer(np.sin(angle), up)
        vertices.append(p + r * around)
        normals.append(around)
        uvs.append(np.column_stack([angle / (2 * np.pi), np.full(sides + 1, i / len(points))]))
    faces = grid_faces(len(points), sides + 1)
    return Mesh(np.concatenate(vertices), np.concatenate(normals), np.concatenate(uvs), faces)


def quad(width: float, height: float, repeat: tuple[float, float], cells: int = 6) -> Mesh:
    """A rectangle in the xy plane facing +z; the texture repeats `repeat` times along x and y."""
    u, v = np.meshgrid(np.linspace(0, 1, cells + 1), np.linspace(0, 1, cells + 1))
    flat = np.stack([(u - 0.5) * width, (v - 0.5) * height, np.zeros_like(u)], -1).reshape(-1, 3)
    normals = np.tile([0.0, 0.0, 1.0], (len(flat), 1))
    uv = np.stack([u * repeat[0], v * repeat[1]], -1).reshape(-1, 2)
    return Mesh(flat, normals, uv, grid_faces(cells + 1, cells + 1))
