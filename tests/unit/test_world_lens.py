"""The camera's look: nothing at zero strength, and pictures, masks and flow bent alike."""

from __future__ import annotations

import cv2
import numpy as np

from distill.world.compose import Array
from distill.world.lens import Lens, LensedCamera, random_lens

H, W = 96, 128


def camera(lens: Lens, num_frames: int = 3, seed: int = 0) -> LensedCamera:
    return LensedCamera(lens, num_frames, H, W, np.random.default_rng(seed))


def clouds(seed: int, num_frames: int = 3) -> Array:
    """A smooth random picture, repeated."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (H // 8, W // 8, 3), dtype=np.uint8)
    return np.stack([cv2.resize(small, (W, H), interpolation=cv2.INTER_CUBIC)] * num_frames)


def test_no_strength_is_the_identity() -> None:
    rgb, flow = clouds(0), np.full((3, H, W, 2), 3.0, np.float32)
    ids = np.random.default_rng(1).integers(0, 256, (3, H, W), dtype=np.uint8)
    for lens in (Lens(), random_lens(np.random.default_rng(2), 0.0)):
        plain = camera(lens)
        assert np.array_equal(plain.pictures(rgb), rgb)
        assert np.array_equal(plain.pictures(rgb, flow), rgb)
        assert np.array_equal(plain.nearest(ids), ids)
        assert np.array_equal(plain.flow(flow), flow)


def test_every_part_does_something_and_repeats() -> None:
    rgb, flow = clouds(0), np.full((3, H, W, 2), 3.0, np.float32)
    for part in (
        Lens(bend=0.2),
        Lens(shutter=0.5),
        Lens(vignette=0.3),
        Lens(drift=0.3),
        Lens(noise=3.0),
        Lens(banding=3.0),
    ):
        first = camera(part).pictures(rgb, flow)
        assert first.dtype == np.uint8 and first.shape == rgb.shape
        assert not np.array_equal(first, rgb), part
        assert np.array_equal(first, camera(part).pictures(rgb, flow)), part
        # A stream comes in pieces; the last frame is the same on its own.
        assert np.array_equal(first[2:], camera(part).pictures(rgb[2:], flow[2:], first=2)), part
    grainy = camera(Lens(noise=4.0)).pictures(rgb)
    assert not np.array_equal(grainy[0], grainy[1])


def test_pictures_and_masks_are_bent_alike() -> None:
    y, x = np.indices((H, W))
    mask = ((x - 85) ** 2 + (y - 30) ** 2 < 20**2) | (x < 15)
    rgb = np.repeat(np.where(mask, 255, 0).astype(np.uint8)[None, ..., None], 3, -1)
    bent = camera(Lens(bend=0.3))
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
    bent = camera(Lens(bend=0.3))
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


def test_blur_smears_along_the_flow_only() -> None:
    rgb = np.zeros((1, H, W, 3), np.uint8)
    rgb[:, :, W // 2 :] = 200
    along = np.zeros((1, H, W, 2), np.float32)
    along[..., 0] = 8.0
    across = along[..., ::-1].copy()
    soft = camera(Lens(shutter=1.0), 1)
    assert np.array_equal(soft.pictures(rgb, across), rgb)
    grey = soft.pictures(rgb, along)[0, H // 2, :, 0]
    assert ((grey > 20) & (grey < 180)).sum() >= 6 and grey[0] == 0 and grey[-1] == 200
