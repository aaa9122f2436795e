"""Smooth periodic noise, cheap enough to be drawn anew for every scene."""

from __future__ import annotations

from functools import cache

import numpy as np

from distill.world.compose import Array


@cache
def _between(size: int, cells: int) -> tuple[Array, Array, Array]:
    """Of each pixel, the cells before and after it, and how far it is from one to the other."""
    at = np.arange(size) / size * cells
    low = at.astype(int)
    k = (at - low).astype(np.float32)
    return low, (low + 1) % cells, k * k * (3 - 2 * k)


def smooth_noise(rng: np.random.Generator, size: int, cells: tuple[int, int]) -> Array:
    """Periodic smooth noise (size, size) float32 in 0…1 from a grid of `cells` (rows, columns)."""
    # Not a matrix product: threads of BLAS cost more than they bring where cores are shared.
    grid = rng.random(cells, dtype=np.float32)
    low, high, k = _between(size, cells[0])
    rows = grid[low] + (grid[high] - grid[low]) * k[:, None]
    low, high, k = _between(size, cells[1])
    out = rows[:, high]
    start = rows[:, low]
    out -= start
    out *= k
    out += start
    return out


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
