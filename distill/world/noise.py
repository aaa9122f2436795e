"""Smooth periodic noise, cheap enough to be drawn anew for every scene."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from distill.world.compose import Array


def smooth_noise(rng: np.random.Generator, size: int, cells: tuple[int, int]) -> Array:
    """Periodic smooth noise (size, size) float32 in 0…1 from a grid of `cells` (rows, columns)."""
    # The grid is continued on all sides, so that the cubic kernel sees the other end.
    grid = np.pad(rng.random(cells, dtype=np.float32), 2, mode="wrap")
    y, x = (
        (np.arange(size, dtype=np.float32) + 0.5) / size * n + 1.5 for n in cells
    )
    columns, rows = np.meshgrid(x, y)
    grown = cv2.remap(grid, columns, rows, cv2.INTER_CUBIC)
    return np.asarray(np.clip(grown, 0, 1))


def fractal(rng: np.random.Generator, size: int, base: tuple[int, int], octaves: int = 4) -> Array:
    """Noise of several scales (size, size), in 0…1 around a half."""
    total = np.zeros((size, size), np.float32)
    for k in range(octaves):
        total += smooth_noise(rng, size, (base[0] << k, base[1] << k)) / 2**k
    return np.asarray(total / (2 - 2.0 ** (1 - octaves)))


@cache
def plane(size: int) -> tuple[Array, Array]:
    """Rows and columns of a picture, (size, size) float32 in 0…1; not to be written to."""
    y, x = np.mgrid[:size, :size].astype(np.float32) / size
    return y, x
