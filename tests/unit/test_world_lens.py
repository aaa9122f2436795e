"""A bent lens: nothing at zero strength, and pictures, masks, points and flow bent alike."""

from __future__ import annotations

import cv2
import numpy as np

from distill.world.compose import Array
from distill.world.lens import Bend

H, W = 96, 128


def clouds(seed: int, num_frames: int = 3) -> Array:
    """A smooth random picture, repeated."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (H // 8, W // 8, 3), dtype=np.uint8)
    return np.stack([cv2.resize(small, (W, H), interpolation=cv2.INTER_CUBIC)] * num_frames)


def test_no_strength_is_the_identity() -> None:
    rgb, flow = clouds(0), np.full((3, H, W, 2), 3.0, np.float32)
    ids = np.random.default_rng(1).integers(0, 256, (3, H, W), dtype=np.uint8)
    plain = Bend(0.0, H, W)
    assert np.array_equal(plain.pictures(rgb), rgb)
    assert np.array_equal(plain.nearest(ids), ids)
    assert np.array_equal(plain.flow(flow), flow)


def test_pictures_and_masks_are_bent_alike() -> None:
    y, x = np.indices((H, W))
    mask = ((x - 85) ** 2 + (y - 30) ** 2 < 20**2) | (x < 15)
    rgb = np.repeat(np.where(mask, 255, 0).astype(np.uint8)[None, ..., None], 3, -1)
    bent = Bend(0.3, H, W)
    seen, where = bent.pictures(rgb)[0, ..., 0], bent.nearest(mask[None])[0]
    assert (where != mask).mean() > 0.01
    # Half-lit pixels of the picture's border may round either way; all others agree.
    clear = (seen < 64) | (seen > 191)
    assert np.array_equal(where[clear], seen[clear] > 127)
    assert clear.mean() > 0.97
    # The corners stay put: nothing from outside is needed.
    assert np.array_equal(bent.pictures(clouds(3))[:, 0, 0], clouds(3)[:, 0, 0])


def test_flow_is_bent_with_the_pictures() -> None:
    """Where a point goes between two bent pictures is what the bent flow says."""
    step = np.array([4.0, -3.0], np.float32)
    shift = np.array([[1, 0, step[0]], [0, 1, step[1]]], np.float32)
    now = clouds(4, 1)[0]
    later = cv2.warpAffine(now, shift, (W, H), flags=cv2.INTER_LINEAR)
    bent = Bend(0.3, H, W)
    first, second = bent.pictures(np.stack([now, later]))
    flow = np.broadcast_to(step, (1, H, W, 2)).copy()
    y, x = np.indices((H, W), dtype=np.float32)

    def error(moved: Array) -> float:
        back = cv2.remap(second, x + moved[..., 0], y + moved[..., 1], cv2.INTER_LINEAR)
        inner = np.s_[12:-12, 12:-12]
        return float(np.abs(back[inner].astype(float) - first[inner]).mean())

    right = error(bent.flow(flow)[0].astype(np.float32))
    assert right < 1.5
    assert right < 0.5 * error(flow[0]) < 0.25 * error(np.zeros_like(flow[0]))


def test_points_appear_where_the_picture_shows_them() -> None:
    rgb = np.zeros((1, H, W, 3), np.uint8)
    rgb[0, 20:23, 100:103] = 255
    bent = Bend(0.3, H, W)
    y, x = np.nonzero(bent.pictures(rgb)[0, ..., 0] > 128)
    at = bent.points(np.array([[101.0, 21.0]]))[0]
    assert np.abs([x.mean(), y.mean()] - at).max() < 0.6 and np.abs(at - [101, 21]).max() > 1
