"""What part of a picture a change of the scene can alter, so that only that part is drawn again."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from distill.world.compose import HAND, Array
from distill.world.geometry import camera_pose, intrinsics, project
from distill.world.scene import Scene

# Rows and columns of a part of a picture.
Box = tuple[slice, slice]
# Pixels: how far an id is spread by `compose.owners`, and anti-aliasing reaches.
RIM = 2
# Metres by which a shadow's edge may be blurred.
BLUR = 0.008


def grown(mask: Array) -> Array:
    """A mask (H, W) and what is within RIM pixels of it."""
    side = 2 * RIM + 1
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((side, side), np.uint8)) > 0)


def painted(ids: Array) -> Array:
    """Where a colour of an object shows, its rim included."""
    return grown((ids != 0) & (ids != HAND))


def around(mask: Array) -> Box | None:
    """The smallest box that holds all of a mask; None if it is empty."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if not rows.size:
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def corners(scene: Scene, number: int) -> Array:
    """World points (N, 3) whose hull holds the object `number` as posed."""
    data: Any = scene.data
    mine = np.flatnonzero(scene.owner == number)
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    box = scene.model.geom_aabb[mine]
    local = box[:, None, :3] + signs * (box[:, None, 3:] + BLUR)
    rot = np.array(data.geom_xmat)[mine].reshape(-1, 3, 3)
    points = local @ rot.swapaxes(1, 2) + np.array(data.geom_xpos)[mine, None]
    return np.asarray(points.reshape(-1, 3))


def outline(scene: Scene, number: int, shape: tuple[int, int]) -> Box | None:
    """A box in which all that is seen of the object `number` lies; None if nothing can be."""
    camera, lens = _eye(scene, shape)
    pixels, z = project(corners(scene, number), camera, lens)
    if z.min() <= 0.01:  # beside or behind the eye, a projection is no bound
        return slice(0, shape[0]), slice(0, shape[1])
    limit = np.array(shape[::-1])
    left, top = np.clip(np.floor(pixels.min(0)).astype(int) - RIM, 0, limit)
    right, bottom = np.clip(np.ceil(pixels.max(0)).astype(int) + RIM + 1, 0, limit)
    if left == right or top == bottom:
        return None
    return slice(int(top), int(bottom)), slice(int(left), int(right))


def shaded(scene: Scene, number: int, depth: Array) -> Array:
    """Where the object `number` may cast a shadow on what is seen at `depth` (H, W)."""
    camera, lens = _eye(scene, depth.shape)
    points = corners(scene, number)
    x = (np.arange(depth.shape[1], dtype=np.float32) - np.float32(lens[2])) / np.float32(lens[0])
    y = (np.arange(depth.shape[0], dtype=np.float32) - np.float32(lens[3])) / np.float32(lens[1])
    mask = np.zeros(depth.shape, bool)
    for light in np.flatnonzero(scene.model.light_castshadow):
        along = np.array(scene.data.light_xdir[light])
        inside = depth > 0
        # Seen along the light, a shadow lies where its thing does.
        for axis in np.linalg.svd(along[None])[2][1:]:
            a, b, c = (axis @ camera[:3, :3]).astype(np.float32)
            place = depth * (a * x + b * y[:, None] + c) + np.float32(axis @ camera[:3, 3])
            mine = points @ axis
            inside &= (place >= mine.min()) & (place <= mine.max())
        mask |= inside
    return grown(mask)


def _eye(scene: Scene, shape: tuple[int, ...]) -> tuple[Array, Array]:
    data: Any = scene.data
    camera = camera_pose(data.cam_xpos[0], data.cam_xmat[0].reshape(3, 3))
    return camera, intrinsics(float(scene.model.cam_fovy[0]), shape[0], shape[1])
