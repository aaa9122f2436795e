"""Frames, and fitting any picture to the model's size and back.

Shapes: rgb is (height, width, 3) uint8. Knows numpy and OpenCV, never torch.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Frame:
    """One RGB picture with its capture timestamp (`pts`, in the source's own clock, kept as is)."""

    rgb: Rgb
    pts: int


@dataclass(frozen=True, slots=True)
class Fit:
    """Where a source picture sits inside the model's picture: letterboxed, aspect kept."""

    source_height: int
    source_width: int
    top: int
    left: int
    height: int
    width: int

    @staticmethod
    def of(source_hw: tuple[int, int], model_hw: tuple[int, int]) -> Fit:
        """The largest centred box of the source's aspect inside the model's size."""
        (sh, sw), (mh, mw) = source_hw, model_hw
        if sh < 1 or sw < 1:
            raise ValueError(f"empty picture: {source_hw}")
        scale = min(mh / sh, mw / sw)
        h, w = max(1, round(sh * scale)), max(1, round(sw * scale))
        return Fit(sh, sw, (mh - h) // 2, (mw - w) // 2, h, w)


def fit(rgb: Rgb, box: Fit, model_hw: tuple[int, int]) -> Rgb:
    """Resize into the box and repeat the border around it (black bars would be edited as content)."""
    if rgb.shape[:2] == model_hw:
        return rgb
    smaller = box.height < box.source_height
    inner = cv2.resize(
        rgb, (box.width, box.height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    )
    bottom = model_hw[0] - box.top - box.height
    right = model_hw[1] - box.left - box.width
    if not (box.top or box.left or bottom or right):
        return np.ascontiguousarray(inner, dtype=np.uint8)
    padded = cv2.copyMakeBorder(inner, box.top, bottom, box.left, right, cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(padded, dtype=np.uint8)


def restore(rgb: Rgb, box: Fit) -> Rgb:
    """The inverse of `fit`: crop the box and resize to the source's size."""
    inner = rgb[box.top : box.top + box.height, box.left : box.left + box.width]
    if inner.shape[:2] == (box.source_height, box.source_width):
        return np.ascontiguousarray(inner)
    larger = box.source_height > box.height
    out = cv2.resize(
        inner,
        (box.source_width, box.source_height),
        interpolation=cv2.INTER_CUBIC if larger else cv2.INTER_AREA,
    )
    return np.ascontiguousarray(out, dtype=np.uint8)
