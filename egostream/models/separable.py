"""Linear maps of pictures that work along rows and columns by themselves: enlarging, blurring.

Each is two products with small fixed matrices. Compilers run those several times as fast as the layers of the same
name: those come with layouts of their own, into which and out of which few channels are converted.
Shapes: pictures (..., h, w).
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor


def enlarged(pictures: Tensor, size: tuple[int, int]) -> Tensor:
    """Bilinear, to `size` (h, w), as `F.interpolate` does it."""
    return _along_both(pictures, _rising, size)


def tiled(pictures: Tensor, times: int) -> Tensor:
    """Each pixel becomes a square of so many by so many."""
    h, w = pictures.shape[-2:]
    return _along_both(pictures, _stepping, (times * h, times * w))


def halved(pictures: Tensor) -> Tensor:
    """Means of squares of 2 x 2."""
    return _along_both(pictures, _halving, (2, 2))


def box_blur(pictures: Tensor, radius: int) -> Tensor:
    """Mean over a (2 radius + 1) square window, borders repeated."""
    return _along_both(pictures, _blurring, (radius, radius))


def _along_both(
    x: Tensor, matrix: Callable[[int, int], Tensor], option_hw: tuple[int, int]
) -> Tensor:
    """The product with `matrix(length, option)` along rows and along columns."""
    rows, columns = (
        _placed(matrix, length, option, x.device)
        for length, option in zip(x.shape[-2:], option_hw, strict=True)
    )
    return rows @ (x @ columns.transpose(0, 1))


@functools.cache
def _placed(
    matrix: Callable[[int, int], Tensor], length: int, option: int, device: torch.device
) -> Tensor:
    """Made once on each device: no copies while a stream runs."""
    with torch.inference_mode(False), torch.no_grad():
        return matrix(length, option).to(device)


def _of_units(change: Callable[[Tensor], Tensor], length: int) -> Tensor:
    """The matrix of a linear map of rows (1, n, length): column k is what becomes of unit vector k."""
    return change(torch.eye(length)[None])[0].transpose(0, 1).contiguous()


def _rising(length: int, to: int) -> Tensor:
    return _of_units(lambda x: F.interpolate(x, size=to, mode="linear"), length)


def _stepping(length: int, to: int) -> Tensor:
    return _of_units(lambda x: F.interpolate(x, size=to, mode="nearest"), length)


def _halving(length: int, by: int) -> Tensor:
    return _of_units(lambda x: F.avg_pool1d(x, by), length)


def _blurring(length: int, radius: int) -> Tensor:
    def blur(x: Tensor) -> Tensor:
        return F.avg_pool1d(F.pad(x, (radius, radius), mode="replicate"), 2 * radius + 1, stride=1)

    return _of_units(blur, length)
