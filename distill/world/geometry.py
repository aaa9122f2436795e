"""From depth and poses to optical flow and visibility. Numpy only.

Conventions, those of OpenCV: the camera looks along its +z, x is right, y is down. Pixel (x, y)
has its *centre* at (x, y), so the middle of a picture is ((W − 1) / 2, (H − 1) / 2). Depth is
metres along the optical axis, 0 where nothing is seen. Poses (..., 4, 4) map local points to the
world. Intrinsics are (fx, fy, cx, cy) in pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distill.world.compose import Array

# A carried point may lie this much (of its depth) behind what is seen before it counts as covered.
DEPTH_TOLERANCE = 0.01
# Flow is kept in half floats; what leaves the picture this far is of no use anyway.
FAR_AWAY = 8192.0
_GL_TO_CV = np.array([1.0, -1.0, -1.0])


@dataclass(frozen=True, slots=True)
class Surface:
    """What one picture shows: `depth` (H, W) and `geoms` (H, W), −1 for nothing; all poses then.

    `poses` (ngeom, 4, 4) of the geoms, `bodies` (ngeom,) the rigid body each belongs to.
    """

    depth: Array
    geoms: Array
    camera: Array
    poses: Array
    bodies: Array


def rigid(position: Array, rot: Array) -> Array:
    """Positions (..., 3) and rotations (..., 3, 3) → poses (..., 4, 4)."""
    pose = np.zeros((*np.shape(position)[:-1], 4, 4))
    pose[..., :3, :3], pose[..., :3, 3], pose[..., 3, 3] = rot, position, 1
    return pose


def inverse(pose: Array) -> Array:
    """The inverse of rigid poses (..., 4, 4)."""
    back = np.swapaxes(pose[..., :3, :3], -1, -2)
    return rigid(-(back @ pose[..., :3, 3:])[..., 0], back)


def camera_pose(position: Array, rot: Array) -> Array:
    """Camera to world (4, 4) from a rotation (3, 3) whose columns are x right, y up, z back."""
    return rigid(np.asarray(position), np.asarray(rot) * _GL_TO_CV)


def intrinsics(fovy_degrees: float, height: int, width: int) -> Array:
    f = height / 2 / np.tan(np.radians(fovy_degrees) / 2)
    return np.array([f, f, (width - 1) / 2, (height - 1) / 2])


def camera_matrix(lens: Array) -> Array:
    """Intrinsics (4,) → (3, 3)."""
    fx, fy, cx, cy = lens
    return np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1.0]])


def project(points: Array, camera: Array, lens: Array) -> tuple[Array, Array]:
    """World points (..., 3) → pixels (..., 2) and depths (...); behind the eye, depth is ≤ 0."""
    local = (points - camera[:3, 3]) @ camera[:3, :3]
    z = local[..., 2]
    safe = np.where(np.abs(z) < 1e-9, 1e-9, z)
    return local[..., :2] / safe[..., None] * lens[:2] + lens[2:], z


def back_project(depth: Array, camera: Array, lens: Array) -> Array:
    """Depth (H, W) → world points (H, W, 3)."""
    rays = np.stack([*_pixels(depth.shape), np.ones(depth.shape)], -1)
    local = rays @ np.linalg.inv(camera_matrix(lens)).T * depth[..., None]
    return np.asarray(local @ camera[:3, :3].T + camera[:3, 3])


def metres(buffer: Array, near: float, far: float) -> Array:
    """A depth buffer that runs from 1 at the near plane to 0 at the far one → metres."""
    return np.asarray(near * far / (near + buffer * (far - near)))


def _pixels(shape: tuple[int, ...]) -> tuple[Array, Array]:
    y, x = np.indices(shape, dtype=np.float32)
    return x, y


def flow(now: Surface, later: Surface, lens: Array) -> tuple[Array, Array]:
    """Where each pixel's point goes, (H, W, 2) in pixels (x, y), and whether it is seen there.

    Each point is carried by the geom it lies on. Where nothing is seen, it is infinitely far.
    """
    matrix = camera_matrix(lens)
    motion = later.poses @ inverse(now.poses)
    motion = np.concatenate([motion, np.eye(4)[None]])  # geom −1, nothing, stands still
    eye = inverse(later.camera) @ motion @ now.camera
    # A pixel p of inverse depth w goes to p + turn·p + w·shift, in homogeneous coordinates. The
    # difference to the identity is what is kept, so that little motion keeps all its digits.
    turn = matrix @ eye[:, :3, :3] @ np.linalg.inv(matrix) - np.eye(3)
    shift = matrix @ eye[:, :3, 3:]
    table = np.concatenate([turn, shift], -1).astype(np.float32)
    x, y = _pixels(now.depth.shape)
    near = _inverse_depth(now.depth)
    rows = table[now.geoms]
    change = rows[..., 0] * x[..., None] + rows[..., 1] * y[..., None]
    change += rows[..., 2] + rows[..., 3] * near[..., None]
    scale = 1 + change[..., 2]
    ahead = scale > 1e-6
    scale = np.where(ahead, scale, 1)
    moved = np.stack([change[..., 0] - x * change[..., 2], change[..., 1] - y * change[..., 2]], -1)
    moved = np.clip(moved / scale[..., None], -FAR_AWAY, FAR_AWAY)
    to = moved + np.stack([x, y], -1)
    return moved, ahead & _seen(to, near / scale, now, later)


def _seen(to: Array, near: Array, now: Surface, later: Surface) -> Array:
    """Whether points of inverse depth `near` are what `later` shows at the pixels `to`.

    Strict at borders: the nearest pixel has to show the same body, at the same depth.
    """
    h, w = later.depth.shape
    column, row = np.rint(to[..., 0]).astype(int), np.rint(to[..., 1]).astype(int)
    inside = (column >= 0) & (column < w) & (row >= 0) & (row < h)
    column, row = column.clip(0, w - 1), row.clip(0, h - 1)
    bodies = np.append(later.bodies, -1)
    same = bodies[later.geoms][row, column] == bodies[now.geoms]
    # Inverse depth is linear over a plane: from the pixel's centre on along its slope.
    seen = _inverse_depth(later.depth)
    there = seen[row, column]
    there = there + _slope(seen, 1)[row, column] * (to[..., 0] - column)
    there = there + _slope(seen, 0)[row, column] * (to[..., 1] - row)
    return np.asarray(inside & same & (np.abs(there - near) <= DEPTH_TOLERANCE * near))


def _inverse_depth(depth: Array) -> Array:
    return np.divide(1, depth, out=np.zeros_like(depth, np.float32), where=depth > 0)


def _slope(values: Array, axis: int) -> Array:
    """The flatter of the slopes to both sides: an edge on one side does not count."""
    step = np.diff(values, axis=axis)
    first, last = np.take(step, [0], axis), np.take(step, [-1], axis)
    before, after = np.concatenate([first, step], axis), np.concatenate([step, last], axis)
    return np.where(np.abs(before) < np.abs(after), before, after)
