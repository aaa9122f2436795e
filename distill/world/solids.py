"""Meshes with edges: extruded outlines, lofts, rings, and what turns, joins and bends a mesh.

Corners of these meshes are not shared, so that an edge may be sharp on one side and round on the
other. Unit-free, counter-clockwise, z up.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from distill.world.compose import Array
from distill.world.meshes import Mesh


def solid(vertices: Array, faces: Array, crease: float = 0.6) -> Mesh:
    """Normals are smooth where faces meet with a cosine above `crease`, sharp elsewhere."""
    corner = vertices[faces]
    normal = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    size = np.linalg.norm(normal, axis=1)
    span = float(np.ptp(vertices, axis=0).max())
    keep = size > 1e-9 * span**2
    faces, corner, normal, size = faces[keep], corner[keep], normal[keep], size[keep]
    flat = normal / size[:, None]
    _, place = np.unique(np.round(vertices / span, 6), axis=0, return_inverse=True)
    place = place.reshape(-1)[faces].ravel()
    # The faces around each vertex, padded with −1 to the same number.
    count = np.bincount(place)
    order = np.argsort(place, kind="stable")
    slot = np.arange(len(place)) - np.repeat(np.cumsum(count) - count, count)
    around = np.full((len(count), int(count.max())), -1)
    around[place[order], slot] = order // 3
    near = around[place]
    mine = np.repeat(flat, 3, axis=0)[:, None]
    smooth = ((flat[near] * mine).sum(-1) > crease) & (near >= 0)
    normals = (normal[near] * smooth[..., None]).sum(1)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-30)
    # A texture is laid on from the side that a face looks to most.
    share = (corner - vertices.min(0)) / span
    axes = np.array([[1, 2], [0, 2], [0, 1]])[np.abs(flat).argmax(1)]
    uv = np.take_along_axis(share, np.repeat(axes[:, None], 3, axis=1), 2)
    return Mesh(
        corner.reshape(-1, 3), normals, uv.reshape(-1, 2), np.arange(len(faces) * 3).reshape(-1, 3)
    )


def _triangulated(outline: Array) -> list[tuple[int, int, int]]:
    """Ears cut off a simple counter-clockwise polygon, which need not be convex."""

    def cross(a: int, b: int, c: int) -> float:
        (ax, ay), (bx, by), (cx, cy) = outline[a], outline[b], outline[c]
        return float((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))

    left = list(range(len(outline)))
    ears: list[tuple[int, int, int]] = []
    while len(left) > 3:
        for i, b in enumerate(left):
            a, c = left[i - 1], left[(i + 1) % len(left)]
            if cross(a, b, c) <= 0:
                continue
            others = (p for p in left if p not in (a, b, c))
            if any(min(cross(a, b, p), cross(b, c, p), cross(c, a, p)) > 0 for p in others):
                continue
            ears.append((a, b, c))
            left.pop(i)
            break
        else:
            left.pop()  # only points in one line are left
    return [*ears, (left[0], left[1], left[2])]


def _inset(outline: Array, by: float) -> Array:
    edge = np.roll(outline, -1, axis=0) - outline
    edge = edge / np.maximum(np.linalg.norm(edge, axis=1, keepdims=True), 1e-9)
    inward = np.stack([-edge[:, 1], edge[:, 0]], 1)
    before = np.roll(inward, 1, axis=0)
    straight = np.maximum(1 + (inward * before).sum(1, keepdims=True), 0.4)
    return np.asarray(outline + by * (inward + before) / straight)


def extrude(
    outline: Array, low: float, high: float, bevel: float = 0.0, crease: float = 0.6
) -> Mesh:
    """A polygon (N, 2) pulled from z = low to high; `bevel` rounds the rims."""
    points = np.asarray(outline, float)
    x, y = points.T
    if float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) < 0:
        points = points[::-1]
    levels = [(low, 0.0), (high, 0.0)]
    if bevel:
        levels = [(low, bevel), (low + bevel, 0.0), (high - bevel, 0.0), (high, bevel)]
    rings = [np.column_stack([_inset(points, by), np.full(len(points), z)]) for z, by in levels]
    cap = np.asarray(_triangulated(points))
    faces = np.concatenate(
        [cap[:, ::-1], _skin(len(rings), len(points)), cap + (len(rings) - 1) * len(points)]
    )
    return solid(np.concatenate(rings), faces, crease)


def _skin(rows: int, columns: int) -> Array:
    """Faces between closed rings of `columns` points each."""
    k, i = np.meshgrid(np.arange(rows - 1), np.arange(columns), indexing="ij")
    a, b = k * columns + i, k * columns + (i + 1) % columns
    c, d = b + columns, a + columns
    triangles = np.stack([np.stack([a, b, c], -1), np.stack([a, c, d], -1)], 2)
    return np.asarray(triangles.reshape(-1, 3))


def loft(rings: Sequence[Array], crease: float = 0.6) -> Mesh:
    """A closed skin over rings (N, 3) of equally many points, each roughly convex."""
    count = len(rings[0])
    vertices = np.concatenate([*rings, rings[0].mean(0)[None], rings[-1].mean(0)[None]])
    i = np.arange(count)
    j = (i + 1) % count
    last, middle = (len(rings) - 1) * count, len(rings) * count
    bottom = np.stack([j, i, np.full(count, middle)], 1)
    top = np.stack([last + i, last + j, np.full(count, middle + 1)], 1)
    faces = np.concatenate([_skin(len(rings), count), bottom, top])
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    if float((np.cross(a, b) * c).sum()) < 0:
        faces = faces[:, ::-1]
    return solid(vertices, faces, crease)


def torus(major: float, minor: float, around: int = 22, sides: int = 8) -> Mesh:
    """A ring in the xy plane around the origin."""
    angles, turn = np.linspace(0, 2 * np.pi, around + 1), np.linspace(0, 2 * np.pi, sides + 1)
    a, t = (v.ravel() for v in np.meshgrid(angles, turn, indexing="ij"))
    normals = np.column_stack([np.cos(a) * np.cos(t), np.sin(a) * np.cos(t), np.sin(t)])
    middle = major * np.column_stack([np.cos(a), np.sin(a), np.zeros_like(a)])
    k, i = (v.ravel() for v in np.meshgrid(np.arange(around), np.arange(sides), indexing="ij"))
    p, q = k * (sides + 1) + i, (k + 1) * (sides + 1) + i
    faces = np.concatenate([np.stack([p, q, q + 1], 1), np.stack([p, q + 1, p + 1], 1)])
    uv = np.column_stack([a, t]) / (2 * np.pi)
    return Mesh(middle + minor * normals, normals, uv, faces)


def transformed(mesh: Mesh, matrix: Array, shift: Array | Sequence[float] = (0, 0, 0)) -> Mesh:
    """The mesh under a linear map (3, 3), then moved; a mirror image keeps its outside outside."""
    normals = mesh.normals @ np.linalg.inv(matrix)
    normals = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    faces = mesh.faces if np.linalg.det(matrix) > 0 else mesh.faces[:, ::-1]
    return Mesh(mesh.vertices @ matrix.T + np.asarray(shift), normals, mesh.uv, faces)


def joined(meshes: Sequence[Mesh]) -> Mesh:
    """Several meshes as one."""
    start = np.cumsum([0, *(len(m.vertices) for m in meshes[:-1])])
    return Mesh(
        np.concatenate([m.vertices for m in meshes]),
        np.concatenate([m.normals for m in meshes]),
        np.concatenate([m.uv for m in meshes]),
        np.concatenate([m.faces + n for m, n in zip(meshes, start, strict=True)]),
    )


def warped(mesh: Mesh, bend: Callable[[Array], Array], crease: float = 0.3) -> Mesh:
    """The mesh with its vertices (V, 3) moved by `bend`; its texture stays where it was."""
    bent = solid(bend(mesh.vertices.copy()), mesh.faces, crease)
    uv = mesh.uv[mesh.faces].reshape(-1, 2)
    return bent if len(uv) != len(bent.uv) else Mesh(bent.vertices, bent.normals, uv, bent.faces)
