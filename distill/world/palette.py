"""Named colours of the world: the words of an instruction and what they look like.

Colours are sRGB triples in 0…1, ``float32`` of shape (3,). They are albedos as `compose` uses
them: white albedo shows the light as it falls, black shows only the gloss.
"""

from __future__ import annotations

import colorsys

import numpy as np

from distill.world.compose import Array

PALETTE: dict[str, tuple[float, float, float]] = {
    "red": (0.86, 0.10, 0.10),
    "orange": (0.97, 0.50, 0.08),
    "yellow": (0.97, 0.88, 0.14),
    "lime": (0.62, 0.88, 0.16),
    "green": (0.14, 0.62, 0.20),
    "teal": (0.05, 0.53, 0.52),
    "cyan": (0.20, 0.84, 0.90),
    "blue": (0.12, 0.28, 0.84),
    "navy": (0.07, 0.10, 0.38),
    "purple": (0.48, 0.16, 0.70),
    "magenta": (0.88, 0.14, 0.70),
    "pink": (0.98, 0.58, 0.74),
    "brown": (0.43, 0.25, 0.12),
    "beige": (0.87, 0.79, 0.63),
    "gold": (0.85, 0.65, 0.18),
    "silver": (0.74, 0.76, 0.79),
    "white": (0.97, 0.97, 0.96),
    "grey": (0.48, 0.48, 0.49),
    "black": (0.05, 0.05, 0.06),
}

NAMES: tuple[str, ...] = tuple(PALETTE)


def color(name: str) -> Array:
    """The centre of a named colour, (3,) float32 in 0…1; an unknown name is a `KeyError`."""
    return np.asarray(PALETTE[name], np.float32)


def jitter(name: str, rng: np.random.Generator, strength: float = 1.0) -> Array:
    """A colour one would still call `name`: hue ±4°, saturation and value ±8 % at strength 1."""
    hue, saturation, value = colorsys.rgb_to_hsv(*PALETTE[name])
    hue = (hue + strength * rng.uniform(-4, 4) / 360) % 1.0
    saturation = float(np.clip(saturation * (1 + strength * rng.uniform(-0.08, 0.08)), 0, 1))
    value = float(np.clip(value * (1 + strength * rng.uniform(-0.08, 0.08)), 0, 1))
    return np.asarray(colorsys.hsv_to_rgb(hue, saturation, value), np.float32)


def distance(a: Array, b: Array) -> float:
    """Euclidean distance of two colours in sRGB, 0…√3."""
    return float(np.linalg.norm(np.asarray(a, np.float32) - np.asarray(b, np.float32)))


def other_name(names: str | set[str], rng: np.random.Generator, min_distance: float = 0.35) -> str:
    """A colour name clearly different from every name given (so that an edit can be seen)."""
    taken = {names} if isinstance(names, str) else set(names)
    far = [n for n in NAMES if all(distance(color(n), color(t)) >= min_distance for t in taken)]
    return str(rng.choice(far or [n for n in NAMES if n not in taken]))
