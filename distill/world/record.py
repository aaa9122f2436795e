"""Collects the truth of a clip while its layers are drawn: a MuJoCo scene → `Truth`."""

from __future__ import annotations

from typing import Any

import numpy as np

from distill.world.compose import HAND, Array
from distill.world.geometry import Surface, camera_pose, flow, intrinsics, project, rigid
from distill.world.hand import JOINTS
from distill.world.scene import Scene
from distill.world.truth import Hands, Motion, Truth

# How far under the skin a joint may lie, in radii of its bone's flesh and in metres on top.
SKIN_RADII, SKIN_MARGIN = 1.6, 0.004


def hand_joints(scene: Scene, geoms: Array, depth: Array) -> tuple[Array, Array, Array]:
    """World points (N, 21, 3), pixels (N, 21, 2) and visibility (N, 21) of the N hands as posed.

    `geoms` and `depth` (H, W) are what `LayerRenderer.surface` gives.
    """
    sites = np.array(scene.hand_sites, int).reshape(-1, len(JOINTS))
    h, w = depth.shape
    data: Any = scene.data
    camera = camera_pose(data.cam_xpos[0], data.cam_xmat[0].reshape(3, 3))
    points = np.array(data.site_xpos)[sites]
    pixels, z = project(points, camera, intrinsics(float(scene.model.cam_fovy[0]), h, w))
    near = np.rint(pixels).clip(-1, max(h, w)).astype(int)
    inside = ((near >= 0) & (near < (w, h))).all(-1) & (z > 0)
    at = near[..., 1].clip(0, h - 1), near[..., 0].clip(0, w - 1)
    owner = np.append(scene.owner, 0)[geoms[at]]
    flesh = scene.model.site_size[sites, 0]
    under = z - depth[at] <= SKIN_RADII * flesh + SKIN_MARGIN
    return points, pixels, inside & (owner == HAND) & under


class Recorder:
    """Add every frame in order, the scene being posed; then take the truth."""

    def __init__(self, scene: Scene, height: int, width: int) -> None:
        self.scene = scene
        model = scene.model
        self.lens = intrinsics(float(model.cam_fovy[0]), height, width)
        self._surfaces: dict[str, Surface] = {}
        self._depths: dict[str, list[Array]] = {"full": [], "bare": []}
        self._flows: dict[str, list[tuple[Array, Array]]] = {"full": [], "bare": []}
        self._cameras: list[Array] = []
        self._joints: list[tuple[Array, Array, Array]] = []

    def add(self, full: tuple[Array, Array], bare: tuple[Array, Array]) -> None:
        """One frame: (geom ids, depth), each (H, W), with the target and without it."""
        data: Any = self.scene.data
        camera = camera_pose(data.cam_xpos[0], data.cam_xmat[0].reshape(3, 3))
        poses = rigid(data.geom_xpos, data.geom_xmat.reshape(-1, 3, 3))
        for name, (geoms, depth) in (("full", full), ("bare", bare)):
            seen = Surface(depth, geoms, camera, poses, self.scene.model.geom_bodyid)
            if name in self._surfaces:
                self._flows[name].append(flow(self._surfaces[name], seen, self.lens))
            self._surfaces[name] = seen
            self._depths[name].append(depth)
        self._cameras.append(camera)
        self._joints.append(hand_joints(self.scene, *full))

    def truth(self) -> Truth:
        shape = self._depths["full"][0].shape
        views = []
        for name in ("full", "bare"):
            moved, valid = (
                np.stack([f[k] for f in self._flows[name]])
                if self._flows[name]
                else np.zeros((0, *shape, *tail), kind)
                for k, tail, kind in ((0, (2,), np.float32), (1, (), bool))
            )
            views.append(Motion(np.stack(self._depths[name]), moved, valid))
        world, pixels, visible = (np.stack(part) for part in zip(*self._joints, strict=True))
        hands = Hands(world, pixels, visible, np.array(self.scene.hand_sides, np.int8))
        return Truth(views[0], views[1], np.stack(self._cameras), self.lens, hands)
