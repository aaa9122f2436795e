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

from functools import cache
from typing import Literal

import numpy as np
from PIL import Image

from distill.world.compose import Array

Split = Literal["train", "heldout"]
SURFACES = ("wood", "wood", "checker", "noise", "plain", "stripes", "brick", "grass", "coins")
PHOTOS = ("china", "chelsea", "rocket", "hubble")
HELDOUT_SURFACES = ("terrazzo", "gravel")
HELDOUT_PHOTOS = ("flower",)


@cache
def photo(name: str) -> Array:
    """A packaged photograph, longest side ≤ 512 px."""
    import skimage.data

    if name in ("china", "flower"):
        from sklearn.datasets import load_sample_image

        pixels = load_sample_image(f"{name}.jpg")
    else:
        pixels = getattr(skimage.data, {"hubble": "hubble_deep_field"}.get(name, name))()
    picture = Image.fromarray(np.asarray(pixels)).convert("RGB")
    picture.thumbnail((512, 512), Image.Resampling.LANCZOS)
    return np.asarray(picture)


def smooth_noise(rng: np.random.Generator, size: int, cells: tuple[int, int]) -> Array:
    """Periodic smooth noise (size, size) in 0…1 from a random grid of `cells` (rows, columns)."""
    grid = rng.random(cells)
    y = np.arange(size) / size * cells[0]
    x = np.arange(size) / size * cells[1]
    y0, x0 = y.astype(int), x.astype(int)
    ty, tx = y - y0, x - x0
    ty, tx = (ty * ty * (3 - 2 * ty))[:, None], (tx * tx * (3 - 2 * tx))[None]
    y1, x1 = (y0 + 1) % cells[0], (x0 + 1) % cells[1]
    top = grid[y0][:, x0] * (1 - tx) + grid[y0][:, x1] * tx
    low = grid[y1][:, x0] * (1 - tx) + grid[y1][:, x1] * tx
    return np.asarray(top * (1 - ty) + low * ty)


def _fractal(rng: np.random.Generator, size: int, base: tuple[int, int], octaves: int = 4) -> Array:
    total = sum(
        smooth_noise(rng, size, (base[0] << k, base[1] << k)) / 2**k for k in range(octaves)
    )
    return np.asarray(total) / (2 - 2.0 ** (1 - octaves))


def surface(name: str, rng: np.random.Generator, size: int = 256) -> Array:
    """A tileable picture for a table, wall or floor."""
    a = rng.uniform(0.25, 0.97, 3)
    b = np.clip(a + rng.uniform(-0.35, 0.35, 3), 0.05, 0.95)
    y, x = np.mgrid[:size, :size] / size
    if name == "wood":
        light = np.array([0.72, 0.52, 0.33]) * rng.uniform(0.6, 1.35)
        dark = light * rng.uniform(0.45, 0.75) * np.array([1.0, 0.9, 0.8])
        wobble = _fractal(rng, size, (2, 2)) * 2.5 + y * rng.integers(3, 8)
        mix = 0.5 + 0.5 * np.sin(2 * np.pi * wobble)
        mix = 0.6 * mix + 0.4 * smooth_noise(rng, size, (128, 4))
        picture = light + (dark - light) * mix[..., None]
        planks = rng.integers(2, 5)
        seam = (y * planks) % 1.0 < 0.03
        picture[seam] *= 0.6
    elif name == "checker":
        n = rng.integers(2, 5)
        mix = ((np.floor(x * 2 * n) + np.floor(y * 2 * n)) % 2)[..., None]
        picture = a + (b - a) * mix
    elif name == "stripes":
        n = rng.integers(2, 8)
        mix = np.clip(4 * np.sin(2 * np.pi * n * x) + 0.5, 0, 1)[..., None]
        picture = a + (b - a) * mix
    elif name == "noise":
        mix = _fractal(rng, size, (4, 4))[..., None]
        picture = a + (b - a) * np.clip(mix * 2 - 0.5, 0, 1)
    elif name == "terrazzo":
        picture = np.tile(a, (size, size, 1))
        for _ in range(160):
            cy, cx, r = rng.random(), rng.random(), rng.uniform(0.008, 0.04)
            shape = np.abs(y - cy) * rng.uniform(0.6, 1.6) + np.abs(x - cx)
            picture[shape < r] = rng.uniform(0.1, 0.95, 3)
    elif name == "plain":
        picture = np.tile(a, (size, size, 1)) + rng.normal(0, 0.01, (size, size, 1))
    else:
        grey = photo(name).astype(float) / 255
        grey = np.asarray(Image.fromarray((grey * 255).astype(np.uint8)).resize((size, size)))
        picture = grey / 255.0
        if name not in ("grass",):
            picture = np.clip(picture * (0.6 + a), 0, 1)
    return np.asarray(np.clip(picture, 0, 1) * 255, np.uint8)


def pattern(rng: np.random.Generator, size: int = 128) -> Array:
    """A greyscale decoration for an object, never darker than a third of white."""
    y, x = np.mgrid[:size, :size] / size
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
        mix = 0.5 + 0.5 * np.sin(2 * np.pi * (n * y / 2 + 2 * _fractal(rng, size, (2, 2), 3)))
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
