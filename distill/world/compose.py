"""Pictures and edit pairs out of layers. Numpy only, cheap enough for a training loop on crops.

Shapes: T frames, H W pixels. A clip is ``uint8 (T, H, W, 14)``:
W (0:3) every object white, B (3:6) every object black, seg (6), and the same three with the
target hidden, W0 (7:10), B0 (10:13), seg0 (13). seg holds 0 for surroundings, 1…N for an
object, 255 for a hand or arm.

Light is linear in albedo and the renderer works in display values, so an object of colour c shows
``B + c·(W − B)``. Around objects W == B, hence any owner may be given to those pixels: ids are
spread by a pixel or two so that anti-aliased borders get their object's colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
HAND = 255
NUM_CHANNELS = 14


def split_layers(clip: Array) -> tuple[Array, Array, Array, Array, Array, Array]:
    """(..., 14) → W, B (..., 3), seg (...), W0, B0 (..., 3), seg0 (...), all views."""
    assert clip.shape[-1] == NUM_CHANNELS, clip.shape
    full = clip[..., 0:3], clip[..., 3:6], clip[..., 6]
    bare = clip[..., 7:10], clip[..., 10:13], clip[..., 13]
    return *full, *bare


def _shift_max(owner: Array, free: Array, dy: int, dx: int) -> None:
    """Gives pixels that are free in `free` the id of their neighbour at (dy, dx), in place."""
    h, w = owner.shape[-2:]
    to = (..., slice(max(0, -dy), h - max(0, dy)), slice(max(0, -dx), w - max(0, dx)))
    of = (..., slice(max(0, dy), h - max(0, -dy)), slice(max(0, dx), w - max(0, -dx)))
    source = free[of]
    np.copyto(owner[to], source, where=(owner[to] == 0) & (source != 0))


def owners(seg: Array, radius: int = 1) -> Array:
    """Id maps (..., H, W) with the objects' ids spread `radius` px into what is not an object."""
    owner = np.where(seg == HAND, 0, seg).astype(np.uint8)
    for _ in range(radius):
        before = owner.copy()
        # The four sides before the diagonals: the nearest object wins.
        for dy, dx in ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1)):
            _shift_max(owner, before, dy, dx)
    return owner


def color_table(colors: Mapping[int, Array]) -> Array:
    """{id: (3,) colour in 0…1} → look-up table (256, 3); ids not named are white."""
    table = np.ones((256, 3), np.float32)
    for number, value in colors.items():
        table[number] = value
    return table


def compose(
    white: Array, black: Array, seg: Array, colors: Mapping[int, Array] | Array, radius: int = 1
) -> Array:
    """The picture with the given object colours, uint8 (..., H, W, 3).

    `white`, `black` uint8 (..., H, W, 3), `seg` uint8 (..., H, W); `colors` maps id → (3,) in
    0…1, or is a (256, 3) table. Crops are fine: only a rim of `radius` px sees the cut.
    """
    table = colors if isinstance(colors, np.ndarray) else color_table(colors)
    paint = table.astype(np.float32)[owners(seg, radius)]
    picture = white.astype(np.float32)
    picture -= black
    picture *= paint
    picture += black
    picture += 0.5
    return np.clip(picture, 0, 255, out=picture).astype(np.uint8)


def compose_full(clip: Array, colors: Mapping[int, Array] | Array) -> Array:
    """(..., H, W, 14) layers → the scene as it is, uint8 (..., H, W, 3)."""
    white, black, seg, *_ = split_layers(clip)
    return compose(white, black, seg, colors)


def compose_without(clip: Array, colors: Mapping[int, Array] | Array) -> Array:
    """(..., H, W, 14) layers → the scene without its target, uint8 (..., H, W, 3)."""
    *_, white, black, seg = split_layers(clip)
    return compose(white, black, seg, colors)


def soft_mask(clip: Array, target: int) -> Array:
    """Where the target is seen, bool (..., H, W); its shadow is not in it."""
    return np.asarray(clip[..., 6] == target)
