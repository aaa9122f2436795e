"""Procedural and photographic textures: uint8 (H, W, 3) pictures.

Photographs come with packages already installed, nothing is downloaded, and no person is seen:

* scikit-learn: ``china.jpg`` by danielbuechele and ``flower.jpg`` by vultilion (Flickr), both
  Creative Commons Attribution 2.0 (https://creativecommons.org/licenses/by/2.0/).
* scikit-image: ``brick``, ``grass``, ``gravel`` (CC0Textures.com, CC0), ``chelsea`` (a cat, by
  Stefan van der Walt, CC0), ``rocket`` (SpaceX, public domain), ``hubble_deep_field`` (NASA,
  public domain), ``coins`` (Brooklyn Museum, no known restrictions).

``flower`` and ``gravel`` and the procedural ``terrazzo`` appear in the held-out split only.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from PIL import Image

from distill.world.compose import Array
from distill.world.noise import fractal, plane, smooth_noise

Split = Literal["train", "heldout"]
Painter = Callable[[np.random.Generator, int], Array]
SURFACES = (
    "wood", "wood", "planks", "checker", "noise", "plain", "stripes", "brick", "grass", "coins",
    "tiles", "marble", "concrete", "fabric",
)  # fmt: skip
PHOTOS = ("china", "chelsea", "rocket", "hubble")
HELDOUT_SURFACES = ("terrazzo", "gravel")
HELDOUT_PHOTOS = ("flower",)
_FILES = {
    "china": "sklearn/datasets/images/china.jpg",
    "flower": "sklearn/datasets/images/flower.jpg",
    "rocket": "skimage/data/rocket.jpg",
    "hubble": "skimage/data/hubble_deep_field.jpg",
    **{
        name: f"skimage/data/{name}.png"
        for name in ("brick", "grass", "gravel", "chelsea", "coins")
    },
}


@cache
def photo(name: str, longest: int = 256) -> Array:
    """A packaged photograph, read-only; `longest` side in pixels."""
    package, _, rest = _FILES[name].partition("/")
    # Only the file is wanted: importing the packages takes longer than a scene.
    found = find_spec(package)
    assert found is not None and found.submodule_search_locations
    opened = Image.open(Path(found.submodule_search_locations[0]) / rest)
    opened.draft("RGB", (longest * 2, longest * 2))
    picture = opened.convert("RGB")
    picture.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    pixels = np.array(picture)
    pixels.flags.writeable = False
    return pixels


@cache
def _square(name: str, size: int) -> Array:
    return np.asarray(cv2.resize(photo(name), (size, size), interpolation=cv2.INTER_AREA) / 255.0)


def blend(a: Array, b: Array, mix: Array) -> Array:
    """Colours a and b (3,) mixed by (H, W) in 0…1 → (H, W, 3) float32."""
    out = np.empty((*mix.shape, 3), np.float32)
    for channel, (low, high) in enumerate(zip(a, b, strict=True)):
        out[..., channel] = mix * np.float32(high - low) + np.float32(low)
    return out


def two_colors(rng: np.random.Generator, spread: float = 0.35) -> tuple[Array, Array]:
    a = rng.uniform(0.25, 0.97, 3)
    return a, np.clip(a + rng.uniform(-spread, spread, 3), 0.05, 0.95)


def _wood(rng: np.random.Generator, size: int) -> Array:
    y, _ = plane(size)
    light = np.array([0.72, 0.52, 0.33]) * rng.uniform(0.7, 1.4)
    dark = light * rng.uniform(0.45, 0.75) * np.array([1.0, 0.9, 0.8])
    wobble = fractal(rng, size, (2, 2), 3) * 2.5 + y * rng.integers(3, 8)
    mix = 0.6 * (0.5 + 0.5 * np.sin(2 * np.pi * wobble)) + 0.4 * smooth_noise(rng, size, (128, 4))
    picture = blend(light, dark, mix)
    picture[(y * rng.integers(2, 5)) % 1.0 < 0.03] *= 0.6
    return picture


def _planks(rng: np.random.Generator, size: int) -> Array:
    """Boards along x, each of its own shade, with dark gaps between."""
    y, _ = plane(size)
    count = int(rng.integers(4, 8))
    light = np.array([0.7, 0.54, 0.4]) * rng.uniform(0.7, 1.45) * rng.uniform(0.93, 1.07, 3)
    board = np.floor(y[:, :1] * count).astype(int)
    shade = rng.uniform(0.8, 1.1, count)[board]
    grain = smooth_noise(rng, size, (96, 3)) * 0.7 + smooth_noise(rng, size, (24, 2)) * 0.3
    picture = blend(light, light * [0.62, 0.56, 0.5], grain) * shade[..., None]
    picture[(y * count) % 1.0 < 0.06] *= 0.3
    return np.asarray(picture)


def _tiles(rng: np.random.Generator, size: int) -> Array:
    """Glazed tiles with joints: four by four, or laid like bricks."""
    y, x = plane(size)
    a = rng.uniform(0.72, 0.97, 3) if rng.random() < 0.6 else rng.uniform(0.15, 0.8, 3)
    rows, columns = (8, 4) if rng.random() < 0.4 else (4, 4)
    row = np.floor(y * rows).astype(int)
    shift = 0.5 * (row % 2) if rows == 8 else 0.0
    u, v = (x * columns + shift), y * rows
    shades = rng.uniform(0.88, 1.05, (rows, columns))
    if rng.random() < 0.25:
        shades[(np.arange(rows)[:, None] + np.arange(columns)) % 2 == 0] *= rng.uniform(0.5, 0.85)
    picture = np.float32(a) * shades[row, np.floor(u).astype(int) % columns][..., None]
    joint = (u % 1.0 < 0.05) | (v % 1.0 < 0.05 * rows / columns)
    picture[joint] = rng.uniform(0.35, 0.95)
    return np.asarray(picture)


def _marble(rng: np.random.Generator, size: int) -> Array:
    y, x = plane(size)
    a = np.ones(3) * rng.uniform(0.72, 0.95) * rng.uniform(0.93, 1.0, 3)
    if rng.random() < 0.3:
        a = a * 0.25
    vein = np.abs(np.sin(np.pi * (2 * x + y + 2.2 * fractal(rng, size, (3, 3)))))
    return blend(a * 0.55 + 0.08, a, np.clip(vein * 2.2, 0, 1))


def _concrete(rng: np.random.Generator, size: int) -> Array:
    a = np.ones(3) * rng.uniform(0.35, 0.75) * rng.uniform(0.95, 1.0, 3)
    grain = rng.random((size, size), dtype=np.float32)
    return blend(a * 0.75, a, 0.7 * fractal(rng, size, (4, 4)) + 0.3 * grain)


def _fabric(rng: np.random.Generator, size: int) -> Array:
    y, x = plane(size)
    a, b = two_colors(rng)
    weave = 0.5 + 0.25 * (np.sin(2 * np.pi * 48 * x) + np.sin(2 * np.pi * 48 * y))
    picture = blend(a * 0.8, a, weave)
    if rng.random() < 0.5:  # a check, as of a table cloth
        n = int(rng.integers(2, 6))
        over = 0.4 * ((x * n % 1 < 0.5).astype(np.float32) + (y * n % 1 < 0.5))
        picture += (np.float32(b) - picture) * over[..., None]
    return picture


def _leaves(rng: np.random.Generator, size: int) -> Array:
    green = np.array([0.28, 0.5, 0.16]) * rng.uniform(0.7, 1.25) * rng.uniform(0.85, 1.15, 3)
    spots = fractal(rng, size, (16, 16), 3)
    return blend(green * 0.35, green * 1.15, np.clip(spots * 2.4 - 0.7, 0, 1))


def _grass(rng: np.random.Generator, size: int) -> Array:
    """A photographed lawn, greener or drier."""
    grey = _square("grass", size).mean(-1)
    tone = np.array([0.62, 0.95, 0.36]) * rng.uniform(0.8, 1.15) * rng.uniform(0.85, 1.15, 3)
    return np.asarray((0.12 + 1.25 * grey)[..., None] * tone)


def _checker(rng: np.random.Generator, size: int) -> Array:
    y, x = plane(size)
    n = int(rng.integers(2, 5))
    return blend(*two_colors(rng), (np.floor(x * 2 * n) + np.floor(y * 2 * n)) % 2)


def _stripes(rng: np.random.Generator, size: int) -> Array:
    _, x = plane(size)
    n = int(rng.integers(2, 8))
    return blend(*two_colors(rng), np.clip(4 * np.sin(2 * np.pi * n * x) + 0.5, 0, 1))


def _noise(rng: np.random.Generator, size: int) -> Array:
    mix = fractal(rng, size, (4, 4))
    return blend(*two_colors(rng), np.clip(mix * 2 - 0.5, 0, 1))


def _terrazzo(rng: np.random.Generator, size: int) -> Array:
    picture = np.tile(np.float32(rng.uniform(0.25, 0.97, 3)), (size, size, 1))
    for _ in range(160):
        at, radius = rng.integers(0, size, 2), rng.uniform(0.008, 0.04) * size
        axes = (int(radius * rng.uniform(0.5, 1)) + 1, int(radius * 0.7) + 1)
        angle, rgb = float(rng.uniform(0, 180)), rng.uniform(0.1, 0.95, 3).tolist()
        cv2.ellipse(picture, at.tolist(), axes, angle, 0, 360, rgb, -1)
    return picture


def _plain(rng: np.random.Generator, size: int) -> Array:
    grain = 0.012 * rng.standard_normal((size, size, 1), dtype=np.float32)
    return np.asarray(np.float32(rng.uniform(0.25, 0.97, 3)) + grain)


_PAINTERS: dict[str, Painter] = {
    "wood": _wood, "planks": _planks, "tiles": _tiles, "marble": _marble, "concrete": _concrete,
    "fabric": _fabric, "leaves": _leaves, "grass": _grass, "checker": _checker,
    "stripes": _stripes, "noise": _noise, "terrazzo": _terrazzo, "plain": _plain,
}  # fmt: skip


def surface(name: str, rng: np.random.Generator, size: int = 256) -> Array:
    """A tileable picture for a table, wall or floor: a painter's or a tinted photograph."""
    if name in _PAINTERS:
        picture = _PAINTERS[name](rng, size)
    else:
        picture = _square(name, size) * (0.6 + rng.uniform(0.25, 0.97, 3))
    return np.asarray(np.clip(picture, 0, 1) * 255, np.uint8)


def pattern(rng: np.random.Generator, size: int = 128) -> Array:
    """A greyscale decoration for an object, never darker than a third of white."""
    y, x = plane(size)
    low = rng.uniform(0.35, 0.75)
    n = int(rng.integers(3, 8))
    choice = rng.choice(["bands", "stripes", "checker", "dots", "marble", "label"])
    if choice == "bands":
        mix = (np.sin(2 * np.pi * n * y + rng.uniform(0, 6)) > 0).astype(float)
    elif choice == "stripes":
        mix = (np.sin(2 * np.pi * 2 * n * x) > 0).astype(float)
    elif choice == "checker":
        mix = (np.floor(x * 2 * n) + np.floor(y * n)) % 2
    elif choice == "dots":
        mix = ((x * 2 * n % 1 - 0.5) ** 2 + (y * n % 1 - 0.5) ** 2 < 0.09).astype(float)
    elif choice == "marble":
        mix = 0.5 + 0.5 * np.sin(2 * np.pi * (n * y / 2 + 2 * fractal(rng, size, (2, 2), 3)))
    else:
        mix = ((np.abs(y - 0.5) < 0.18) & (np.sin(40 * x * n) * np.sin(60 * y) > -0.2)).astype(
            float
        )
    grey = 1 - (1 - low) * mix
    return np.repeat((grey * 255).astype(np.uint8)[..., None], 3, 2)


def names(split: Split, what: Literal["surface", "photo"]) -> tuple[str, ...]:
    """Texture names of a split; the held-out split mixes its own with those of training."""
    if split == "heldout":
        extra = HELDOUT_SURFACES if what == "surface" else HELDOUT_PHOTOS
        return extra * 2 + (SURFACES if what == "surface" else PHOTOS)
    return SURFACES if what == "surface" else PHOTOS
