"""Windows onto clips: which frames, which region, mirrored or not. Clips are (n, H, W, ...), windows (n, h, w, ...)."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pictures = NDArray[np.uint8]
MIN_AREA = 0.012


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a clip: its first frame, region (y, x, h, w) in pixels, mirrored or not."""

    first: int
    y: int
    x: int
    h: int
    w: int
    flip: bool


def anywhere(
    rng: np.random.Generator, full: tuple[int, int], size_hw: tuple[int, int], first: int
) -> Window:
    """A region of the wanted aspect, `size_hw` at least where the clip is as large as that."""
    most = min(full[0] / size_hw[0], full[1] / size_hw[1])
    scale = rng.uniform(1.0, most) if most > 1 else most
    h, w = round(size_hw[0] * scale), round(size_hw[1] * scale)
    y, x = int(rng.integers(full[0] - h + 1)), int(rng.integers(full[1] - w + 1))
    return Window(first, y, x, h, w, bool(rng.random() < 0.5))


def look_at(
    rng: np.random.Generator, mask: NDArray[np.bool_], size_hw: tuple[int, int], first: int
) -> Window | None:
    """A window that holds most of what is true in `mask` (n, H, W); None if there is too little."""
    ys, xs = np.nonzero(mask.any(0))
    if len(ys) == 0:
        return None
    full = (mask.shape[1], mask.shape[2])
    for _ in range(6):
        window = anywhere(rng, full, size_hw, first)
        cy, cx = int(rng.choice(ys)), int(rng.choice(xs))
        y = int(np.clip(cy - rng.uniform(0.2, 0.8) * window.h, 0, full[0] - window.h))
        x = int(np.clip(cx - rng.uniform(0.2, 0.8) * window.w, 0, full[1] - window.w))
        inside = mask[:, y : y + window.h, x : x + window.w]
        share = inside.mean()
        if MIN_AREA < share < 0.6 and inside.sum() > 0.5 * mask.sum():
            return Window(first, y, x, window.h, window.w, window.flip)
    return None


def cut_out(layers: NDArray[np.uint8], window: Window, num_frames: int) -> NDArray[np.uint8]:
    rows = slice(window.y, window.y + window.h)
    columns = slice(window.x, window.x + window.w)
    return np.ascontiguousarray(
        layers[window.first : window.first + num_frames, rows, columns], dtype=np.uint8
    )


def resize(pictures: Pictures, window: Window, size_hw: tuple[int, int]) -> Pictures:
    h, w = size_hw
    if pictures.shape[1:3] != size_hw:
        pictures = np.stack(
            [cv2.resize(p, (w, h), interpolation=cv2.INTER_AREA) for p in pictures]
        ).astype(np.uint8)
    return pictures[:, :, ::-1] if window.flip else pictures
