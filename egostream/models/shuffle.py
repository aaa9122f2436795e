"""Space and time into channels and back, for video tensors (B, C, T, H, W).

Channels count colour first, then time, then rows, then columns, as in `F.pixel_shuffle`.
"""

from __future__ import annotations

from torch import Tensor


def fold(x_BCTHW: Tensor, t: int, s: int) -> Tensor:
    """(B, C, T, H, W) to (B, C t s s, T / t, H / s, W / s)."""
    B, C, T, H, W = x_BCTHW.shape
    cells = x_BCTHW.reshape(B, C, T // t, t, H // s, s, W // s, s)
    return cells.permute(0, 1, 3, 5, 7, 2, 4, 6).reshape(B, -1, T // t, H // s, W // s)


def spread(x_BCTHW: Tensor, t: int, s: int) -> Tensor:
    """(B, C t s s, T, H, W) to (B, C, T t, H s, W s): the inverse of `fold`."""
    B, _, T, H, W = x_BCTHW.shape
    cells = x_BCTHW.reshape(B, -1, t, s, s, T, H, W)
    return cells.permute(0, 1, 5, 2, 6, 3, 7, 4).reshape(B, -1, T * t, H * s, W * s)


def average_down(x_BCTHW: Tensor, width: int, t: int, s: int) -> Tensor:
    """Folded by t and s, then averaged in groups to `width` channels (the shortcut of DC-AE, arXiv 2410.10733)."""
    folded = fold(x_BCTHW, t, s)
    return folded.unflatten(1, (width, -1)).mean(2)


def repeat_up(x_BCTHW: Tensor, width: int, t: int, s: int) -> Tensor:
    """Every channel repeated so that spreading by t and s leaves `width` (the shortcut of DC-AE)."""
    copies = width * t * s * s // x_BCTHW.shape[1]
    return spread(x_BCTHW.repeat_interleave(copies, dim=1), t, s)
