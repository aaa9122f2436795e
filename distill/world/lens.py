"""A head camera's wide lens: straight lines bend, the same for source, target, masks and flow.

Depth stays along the optical axis, and camera poses and intrinsics stay those of the unbent
picture. What else a camera does to a picture moves no pixel and is in `look`.

Shapes: n frames, (n, H, W, 3) uint8 pictures. An output pixel at radius r (1 in the corner) shows
the input at r·(1 + bend·r²) / (1 + bend): a barrel whose corners stay put, so nothing is missing.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np

from distill.world.compose import Array

# OpenCV's maps are pairs here, not split in two; its type stubs do not know that.
UNSPLIT: Any = None
# Of a small wide-angle head camera.
STRONGEST = 0.3


class Bend:
    """The barrel of one lens over pictures of a size; `bend` 0 leaves them as they are."""

    def __init__(self, bend: float, height: int, width: int) -> None:
        self.bend = bend
        y, x = np.indices((height, width)).astype(np.float32)
        self._middle = np.array([(width - 1) / 2, (height - 1) / 2], np.float32)
        self._corner = float(np.hypot(*self._middle))
        self._grid = np.stack([x, y], -1)
        out = self._grid - self._middle
        square = (out**2).sum(-1) / self._corner**2
        factor = (1 + bend * square) / (1 + bend)
        # The input pixel that each output pixel shows.
        self._from = self._middle + out * factor[..., None] if bend else self._grid
        self._nearest = np.rint(self._from).astype(int)

    def pictures(self, pictures: Array) -> Array:
        """Bent pictures or soft masks (n, H, W, 3) uint8."""
        if not self.bend:
            return pictures
        border = cv2.BORDER_REPLICATE
        return np.stack(
            [
                cv2.remap(p, self._from, UNSPLIT, cv2.INTER_LINEAR, borderMode=border)
                for p in np.ascontiguousarray(pictures)
            ]
        )

    def nearest(self, maps: Array) -> Array:
        """Ids, names or depths (n, H, W) bent along: the nearest pixel's value, none invented."""
        return np.asarray(maps[:, self._nearest[..., 1], self._nearest[..., 0]])

    def flow(self, flow: Array) -> Array:
        """Flow (n, H, W, 2) of the unbent pictures → that of the bent ones."""
        step = np.asarray(flow[:, self._nearest[..., 1], self._nearest[..., 0]])
        return self.points(self._from + step) - self._grid if self.bend else step

    def points(self, points: Array) -> Array:
        """Where points (..., 2), x and y of the unbent picture, appear in the bent one."""
        out = points - self._middle
        r = np.linalg.norm(out, axis=-1) / self._corner
        bend, to = self.bend, r
        # Newton's method; the curve is convex and rising, so a few steps are exact.
        for _ in range(6):
            excess = to * (1 + bend * to**2) - r * (1 + bend)
            to = to - excess / (1 + 3 * bend * to**2)
        scale = np.where(r > 1e-9, to / np.maximum(r, 1e-9), 1 + bend)
        return np.asarray(self._middle + out * scale[..., None])
