"""Rotations and smooth motion; quaternions are (w, x, y, z), time in seconds, lengths in metres."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from distill.world.compose import Array

Path3 = Callable[[float], Array]


def unit(v: Array) -> Array:
    return np.asarray(v / max(float(np.linalg.norm(v)), 1e-9))


def frame(x: Array, y: Array, z: Array) -> Array:
    """Rotation matrix (3, 3) whose columns are the axes given."""
    return np.stack([x, y, z], 1)


def look(forward: Array, up: Array) -> Array:
    """Camera rotation (x right, y up, −z forward), columns in the world."""
    back = -unit(forward)
    right = unit(np.cross(up, back))
    return frame(right, np.cross(back, right), back)


def rotation(axis: Array, angle: float) -> Array:
    """Rotation matrix by `angle` radians about `axis` (Rodrigues)."""
    x, y, z = unit(np.asarray(axis, float))
    k = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * k + (1 - np.cos(angle)) * (k @ k))


def quaternion(m: Array) -> Array:
    """Rotation matrix → unit quaternion with w ≥ 0, stable for every rotation."""
    (a, b, c), (d, e, f), (g, h, i) = np.asarray(m, float).tolist()
    # Four times the square of each part; the largest of them is safe to divide by.
    squares = (1 + a + e + i, 1 + a - e - i, 1 - a + e - i, 1 - a - e + i)
    best = max(range(4), key=squares.__getitem__)
    rows = (
        (squares[0], h - f, c - g, d - b),
        (h - f, squares[1], b + d, c + g),
        (c - g, b + d, squares[2], f + h),
        (d - b, c + g, f + h, squares[3]),
    )
    q = unit(np.array(rows[best]))
    return np.asarray(q if q[0] >= 0 else -q)


def sway(rng: np.random.Generator, amplitude: Array | float, hertz: float, dims: int = 3) -> Path3:
    """A smooth wandering of `dims` values within about ±`amplitude`, mostly below `hertz`."""
    waves = 3
    rate = 2 * np.pi * hertz * rng.uniform(0.3, 1.0, (waves, dims))
    phase = rng.uniform(0, 2 * np.pi, (waves, dims))
    weight = rng.uniform(0.3, 1.0, (waves, dims))
    weight = weight / weight.sum(0) * np.asarray(amplitude)
    return lambda t: np.asarray((weight * np.sin(rate * t + phase)).sum(0))
