"""Smooth periodic noise, cheap enough to be drawn anew for every scene."""

from __future__ import annotations

from functools import cache

import numpy as np

from distill.world.compose import Array


@cache
def _weights(size: int, cells: int) -> Array:
    """How much each of `cells` periodic values counts at each pixel, (size, cells), smooth."""
    at = np.arange(size) / size * cells
    low = at.astype(int)
    k = at - low
    k = k * k * (3 - 2 * k)
    weights = np.zeros((size, cells), np.float32)
    np.add.at(weights, (np.arange(size), low), 1 - k)
    np.add.at(weights, (np.arange(size), (low + 1) % cells), k)
    return weights


def smooth_noise(rng: np.random.Generator, size: int, cells: tuple[int, int]) -> Array:
    """Periodic smooth noise (size, size) float32 in 0…1 from a grid of `cells` (rows, columns)."""
    grid = rng.random(cells, dtype=np.float32)
    rows, columns = (_weights(size, n) for n in cells)
    return np.asarray(rows @ grid @ columns.T)


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
