"""Other places behind a clip's things and hands: plain walls, surfaces, photographs.

The world's rooms are busy; a webcam mostly sees a wall. What stands before a backdrop casts no shadow on it.
Shapes: n pictures (n, H, W, 3) uint8, ids (n, H, W) as in `world.compose`.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from distill.photos import pan, photographs
from distill.windows import Pictures
from distill.world.noise import smooth_noise
from distill.world.textures import names, surface

SIDE = 256
WALLS, SURFACES = 0.55, 0.2  # the rest are photographs
NUM_SURFACES = 48


def backdrop(rng: np.random.Generator, num_frames: int, size_hw: tuple[int, int]) -> Pictures:
    """A slow pan over one picture of a place."""
    which = rng.random()
    if which < WALLS:
        picture = wall(rng)
    elif which < WALLS + SURFACES:
        picture = _surface(int(rng.integers(NUM_SURFACES)))
    else:
        picture = photographs()[int(rng.integers(len(photographs())))]
    moving = pan(rng, [picture], num_frames, size_hw)[0]
    # Out of focus, as what is far behind a hand often is.
    if rng.random() < 0.4:
        sigma = float(rng.uniform(0.7, 3.0))
        moving = np.stack([cv2.GaussianBlur(p, (0, 0), sigma) for p in moving]).astype(np.uint8)
    return moving


@lru_cache(maxsize=NUM_SURFACES)
def _surface(number: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(number)
    return surface(str(rng.choice(names("train", "surface"))), rng, SIDE).astype(np.uint8)


def wall(rng: np.random.Generator) -> NDArray[np.uint8]:
    """Paint in uneven light, (256, 256, 3); sometimes another plane below or beside it."""
    picture = np.empty((SIDE, SIDE, 3), np.float32)
    picture[:] = _paint(rng)
    if rng.random() < 0.35:
        y, x = np.mgrid[:SIDE, :SIDE].astype(np.float32) / SIDE - 0.5
        angle = rng.normal(0, 0.2) + (np.pi / 2 if rng.random() < 0.3 else 0)
        edge = y * np.cos(angle) + x * np.sin(angle) - rng.uniform(-0.1, 0.35)
        share = np.clip(edge / rng.uniform(0.004, 0.06) + 0.5, 0, 1)[..., None]
        picture += share * (_paint(rng) - picture)
    light = smooth_noise(rng, SIDE, (2, 2)) - 0.5
    picture *= 1 + rng.uniform(0, 0.5) * light[..., None]
    picture += rng.uniform(0, 0.02) * rng.standard_normal((SIDE, SIDE, 1), dtype=np.float32)
    return np.asarray(np.clip(picture, 0, 1) * 255, np.uint8)


def _paint(rng: np.random.Generator) -> NDArray[np.float32]:
    """Mostly a tinted grey, rarely black; one in four is a colour."""
    tint = rng.normal(0, 0.035, 3) if rng.random() < 0.75 else rng.uniform(-0.35, 0.25, 3)
    level = 1 - 0.85 * rng.random() ** 1.7
    return np.asarray(np.clip(level + tint, 0.03, 1), np.float32)


def stand_before(pictures: Pictures, ids: NDArray[np.uint8], behind: Pictures) -> Pictures:
    """The pictures with `behind` where no object and no hand is; borders are a pixel soft."""
    near = np.stack([cv2.blur((i != 0).astype(np.float32), (3, 3)) for i in ids])
    shown = np.where((near > 0)[..., None], pictures, behind)
    edge = (near > 0) & (near < 1)
    share = near[edge][:, None]
    shown[edge] = share * pictures[edge] + (1 - share) * behind[edge] + 0.5
    return shown
