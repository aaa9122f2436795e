"""Pictures that make a place: a sky with hills, screens, pegboards, book spines, papers.

All are uint8 (H, W, 3), a few milliseconds each, and show no letters anyone could read.
"""

from __future__ import annotations

import cv2
import numpy as np

from distill.world.compose import Array
from distill.world.noise import fractal, plane, smooth_noise
from distill.world.textures import blend


def _pixels(picture: Array) -> Array:
    return np.asarray(np.clip(picture, 0, 1) * 255, np.uint8)


def sky(rng: np.random.Generator, size: int = 256) -> Array:
    """Half a turn of horizon: sky with clouds above, hills and a tree line, meadow below.

    The horizon is at the middle row of the picture.
    """
    y, x = plane(size)
    high = np.array([0.3, 0.52, 0.86]) * rng.uniform(0.75, 1.1)
    low = np.array([0.8, 0.88, 0.96])
    if rng.random() < 0.2:  # evening
        low, high = np.array([0.98, 0.75, 0.5]), np.array([0.45, 0.5, 0.72])
    picture = blend(high, low, np.clip(y * 2, 0, 1) ** 1.5)
    clouds = fractal(rng, size, (6, 3))
    cover = np.clip((clouds - rng.uniform(0.45, 0.7)) * 4, 0, 1) * np.clip(1.2 - 1.8 * y, 0, 1)
    picture += (np.float32(0.97) - picture) * cover[..., None]
    # Only the lower half has land; its leaves and blades are one sheet of noise.
    land, rows = picture[size // 4 :], y[size // 4 :]
    leaves = fractal(rng, size, (32, 24), 2)[size // 4 :] * 0.5 + 0.75
    ridges = [smooth_noise(rng, size, (1, 5 * 4**k))[0] * (0.11 - 0.025 * k) for k in range(3)]
    lines = [0.46 - ridges[0], 0.48 - ridges[1], 0.5 - ridges[2], np.full(size, 0.505)]
    tones = ((0.45, 0.56, 0.62), (0.3, 0.44, 0.26), (0.2, 0.34, 0.14), (0.36, 0.5, 0.2))
    for k, (line, tone) in enumerate(zip(lines, tones, strict=True)):
        hill = rows > line
        land[hill] = np.asarray(tone, np.float32) * (leaves[hill][:, None] if k else 1)
    return _pixels(picture)


def screen(rng: np.random.Generator, size: int = 192) -> Array:
    """A monitor: windows with lines of text, a chart, or a desktop."""
    dark = rng.random() < 0.5
    back = rng.uniform(0.04, 0.16, 3) if dark else rng.uniform(0.8, 0.97, 3)
    ink = rng.uniform(0.5, 0.95, 3) if dark else rng.uniform(0.05, 0.4, 3)
    picture = np.tile(np.float32(back), (size, size, 1))
    picture[: size // 16] = rng.uniform(0.1, 0.7, 3)
    split = int(size * rng.uniform(0.15, 0.4))
    picture[size // 16 :, :split] = back * 0.7 + 0.12
    for row in range(size // 10, size - 8, int(rng.integers(7, 12))):
        column = split + 6 + int(rng.integers(0, 3)) * 8
        while column < size - 20 and rng.random() < 0.85:
            end = column + int(rng.integers(6, 34))
            rgb = ink if rng.random() < 0.7 else rng.uniform(0.2, 0.9, 3)
            picture[row : row + 3, column : min(end, size - 6)] = rgb
            column = end + 5
        if rng.random() < 0.5:
            picture[row : row + 4, 5 : int(split * rng.uniform(0.3, 0.9))] = ink * 0.8
    if rng.random() < 0.4:
        top, left = int(size * rng.uniform(0.2, 0.5)), int(size * rng.uniform(0.4, 0.6))
        picture[top : top + size // 3, left : left + size // 3] = rng.uniform(0.2, 0.9, 3)
    return _pixels(picture)


def pegboard(rng: np.random.Generator, size: int = 256) -> Array:
    """A board with a grid of 16 by 16 holes."""
    y, x = plane(size)
    a = np.array([0.72, 0.56, 0.38]) if rng.random() < 0.5 else rng.uniform(0.5, 0.95, 3)
    picture = blend(a * 0.9, a, smooth_noise(rng, size, (8, 8)))
    hole = ((x * 16) % 1 - 0.5) ** 2 + ((y * 16) % 1 - 0.5) ** 2 < 0.022
    picture[hole] = 0.1
    return _pixels(picture)


def books(rng: np.random.Generator, size: int = 256) -> Array:
    """Spines side by side, of unlike heights, in a dark shelf."""
    picture = np.full((size, size, 3), 0.09, np.float32)
    column = 0
    while column < size:
        width = int(rng.integers(8, 24))
        top = int(size * rng.uniform(0.02, 0.3))
        rgb = rng.uniform(0.08, 0.9, 3)
        picture[top:, column : column + width] = rgb
        picture[top:, column : column + 1] = rgb * 0.5
        band = top + int((size - top) * rng.uniform(0.12, 0.5))
        picture[band : band + size // 12, column + 2 : column + width - 2] = rng.uniform(
            0.2, 0.95, 3
        )
        column += width
    return _pixels(picture)


def papers(rng: np.random.Generator, size: int = 192) -> Array:
    """A cork board with notes pinned to it."""
    picture = blend(
        np.array([0.5, 0.35, 0.2]), np.array([0.78, 0.6, 0.4]), fractal(rng, size, (32, 32), 2)
    )
    for _ in range(int(rng.integers(6, 14))):
        side = rng.uniform(0.1, 0.24) * size
        box = (
            rng.uniform(0.1, 0.9, 2) * size,
            (side, side * rng.uniform(0.8, 1.4)),
            rng.uniform(-14, 14),
        )
        corners = cv2.boxPoints((tuple(box[0].tolist()), box[1], float(box[2]))).astype(int)
        rgb = (rng.uniform(0.85, 1, 3) if rng.random() < 0.5 else rng.uniform(0.4, 1, 3)).tolist()
        cv2.fillPoly(picture, [corners], rgb)
        for k in range(3):
            a, b = (corners[[0, 1]] * (0.8 - 0.2 * k) + corners[[3, 2]] * (0.2 + 0.2 * k)).astype(
                int
            )
            cv2.line(
                picture,
                (a * 0.8 + b * 0.2).astype(int).tolist(),
                (a * 0.3 + b * 0.7).astype(int).tolist(),
                (0.4,) * 3,
            )
    return _pixels(picture)


def cupboards(rng: np.random.Generator, size: int = 256) -> Array:
    """Four doors with frames and handles."""
    y, x = plane(size)
    a = rng.uniform(0.7, 0.97) * rng.uniform(0.9, 1.0, 3)
    if rng.random() < 0.5:
        a = rng.uniform(0.15, 0.75, 3)
    grain = smooth_noise(rng, size, (3, 96))
    picture = blend(a * 0.92, a, grain)
    u = (x * 4) % 1
    rim = np.minimum(np.minimum(u, 1 - u) * 0.25, np.minimum(y, 1 - y) * 0.6)
    picture[(rim > 0.026) & (rim < 0.034)] *= 0.72
    picture[rim < 0.006] *= 0.35
    handle = (np.abs(np.where(x * 4 % 2 < 1, 1 - u, u) - 0.1) < 0.018) & (np.abs(y - 0.8) < 0.08)
    picture[handle] = rng.uniform(0.1, 0.8)
    return _pixels(picture)
