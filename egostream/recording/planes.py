"""Pictures as flat bytes of three planes, full-size brightness and quarter-size colours (I420), of even size.

An odd row or column is repeated: encoders want pairs. Shapes: (3 h / 2, w) uint8.
"""

from __future__ import annotations

import numpy as np
from av import VideoFrame
from numpy.typing import NDArray

Planes = NDArray[np.uint8]
LIKE_THAT = ("yuv420p", "yuvj420p")


def even(hw: tuple[int, int]) -> tuple[int, int]:
    """The size that a picture of this one is kept at."""
    return hw[0] + hw[0] % 2, hw[1] + hw[1] % 2


def num_bytes(hw: tuple[int, int]) -> int:
    """Of a picture of an even size."""
    return hw[0] * hw[1] * 3 // 2


def pack(picture: VideoFrame, to: Planes) -> None:
    """Copies a picture, of any pixel format, into flat bytes of its even size."""
    if picture.format.name not in LIKE_THAT:
        picture = picture.reformat(format="yuv420p")
    h, w = even((picture.height, picture.width))
    for plane, target in zip(picture.planes, split(to, (h, w)), strict=True):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        rows = rows[: plane.height, : plane.width]
        target[: plane.height, : plane.width] = rows
        target[plane.height :, : plane.width] = rows[-1:]
        target[:, plane.width :] = target[:, plane.width - 1 : plane.width]


def split(flat: Planes, hw: tuple[int, int]) -> tuple[Planes, Planes, Planes]:
    """Views of the three planes in flat bytes."""
    h, w = hw
    bright, quarter = h * w, h * w // 4
    return (
        flat[:bright].reshape(h, w),
        flat[bright : bright + quarter].reshape(h // 2, w // 2),
        flat[bright + quarter : bright + 2 * quarter].reshape(h // 2, w // 2),
    )


def beside(pictures: list[Planes], hw: tuple[int, int]) -> Planes:
    """Flat bytes of pictures of one size, as one picture: the first on the left."""
    h, w = hw
    wide = np.empty(num_bytes((h, w * len(pictures))), np.uint8)
    parts = [split(picture, hw) for picture in pictures]
    for at, plane in enumerate(split(wide, (h, w * len(pictures)))):
        np.concatenate([part[at] for part in parts], axis=1, out=plane)
    return wide
