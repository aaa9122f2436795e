"""Photographs as pseudo-video: pan, zoom and turn over still pictures, for edits of the whole picture.

Pictures come inside packages: scikit-image (coffee: CC0, Rachel Michetti; chelsea: CC0, Stefan van der
Walt; rocket: public domain, SpaceX) and scikit-learn (china: CC BY 2.0, danielbuechele). No picture of a person.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]


@functools.cache
def photographs() -> tuple[Rgb, ...]:
    """All pictures, (h, w, 3) uint8, at least 300 pixels high."""
    from skimage import data
    from sklearn.datasets import load_sample_image

    pictures = [data.coffee(), data.chelsea(), data.rocket()]
    pictures.append(load_sample_image("china.jpg"))  # flower.jpg is kept for held-out scenes
    return tuple(np.ascontiguousarray(p[..., :3], dtype=np.uint8) for p in pictures)


def pseudo_video(
    rng: np.random.Generator, num_frames: int, size_hw: tuple[int, int]
) -> NDArray[np.uint8]:
    """(n, h, w, 3): a smooth camera path over one photograph, up to a few pixels a frame."""
    pictures = photographs()
    return pan(rng, [pictures[int(rng.integers(len(pictures)))]], num_frames, size_hw)[0]


def pan(
    rng: np.random.Generator, pictures: Sequence[Rgb], num_frames: int, size_hw: tuple[int, int]
) -> list[NDArray[np.uint8]]:
    """The same camera path over each of some pictures of one size, (n, h, w, 3) each."""
    h, w = size_hw
    ph, pw = pictures[0].shape[:2]
    scale = rng.uniform(0.45, 1.0) * min(ph / h, pw / w)
    margin_y, margin_x = (ph - scale * h) / 2, (pw - scale * w) / 2
    centre = np.array([pw / 2, ph / 2]) + rng.uniform(-0.8, 0.8, 2) * [margin_x, margin_y]
    speed = rng.normal(0, 1.5, 2) * scale
    turn, spin, zoom = rng.normal(0, 0.06), rng.normal(0, 0.004), rng.normal(0, 0.004)
    flip = -1.0 if rng.random() < 0.5 else 1.0
    frames: list[list[Rgb]] = [[] for _ in pictures]
    for i in range(num_frames):
        s, a = scale * (1 + zoom * i), turn + spin * i
        cx, cy = centre + speed * i
        c, d = s * np.cos(a), s * np.sin(a)
        m = np.array([[flip * c, -d, 0.0], [flip * d, c, 0.0]])
        m[:, 2] = [cx, cy] - m[:, :2] @ [w / 2, h / 2]
        flags = (cv2.INTER_AREA if s > 1.5 else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
        for picture, video in zip(pictures, frames, strict=True):
            border = cv2.BORDER_REFLECT_101
            seen = cv2.warpAffine(picture, m, (w, h), flags=flags, borderMode=border)
            video.append(seen.astype(np.uint8))
    return [np.stack(video) for video in frames]
