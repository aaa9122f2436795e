"""Pictures and edit pairs out of layers. Numpy only, cheap enough for a training loop on crops.

Shapes: T frames, H W pixels. A clip is ``uint8 (T, H, W, 22)``, three views of seven channels:
every object white (3), every object black (3), ids (1); first the scene as it is (``full``), then
with the target hidden (``bare``), then changed in one way that `clips.Other` names (``other``).
The last channel is how near the full view is, see `nearness`. Ids are 0 for surroundings,
1…N for an object, `TWIN` for the thing that stands in the target's place in the other view, 255
for a hand or arm.

Light is linear in albedo and the renderer works in display values, so an object of colour c shows
``B + c·(W − B)``. Around objects W == B, hence any owner may be given to those pixels: ids are
spread by a pixel or two so that anti-aliased borders get their object's colour.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
View = Literal["full", "bare", "other"]
VIEWS: tuple[View, ...] = ("full", "bare", "other")
HAND, TWIN = 255, 200
VIEW_CHANNELS = 7
NEARNESS = VIEW_CHANNELS * len(VIEWS)
NUM_CHANNELS = NEARNESS + 1
# Metres: what is nearer is white, what is farther DIMMEST; a fixed scale does not flicker.
NEAREST, FARTHEST, DIMMEST = 0.2, 4.0, 0.04
# Below 1: more of the scale for the room, less for what is within reach.
FALL = 0.75


def view_of(clip: Array, view: View) -> Array:
    """(..., 22) → the view's seven channels (..., 7), not copied."""
    assert clip.shape[-1] == NUM_CHANNELS, clip.shape
    first = VIEWS.index(view) * VIEW_CHANNELS
    return clip[..., first : first + VIEW_CHANNELS]


def ids_of(clip: Array, view: View = "full") -> Array:
    """The ids (...) of a view, not copied."""
    return view_of(clip, view)[..., 6]


def nearness(depth: Array) -> Array:
    """Metres (...), 0 where nothing is seen → uint8 (...): bright is near, much as 1 / depth falls."""
    near = 1 / np.clip(depth, NEAREST, FARTHEST) - 1 / FARTHEST
    share = (near / (1 / NEAREST - 1 / FARTHEST)) ** FALL
    level = DIMMEST + (1 - DIMMEST) * share
    return np.asarray(level * (depth > 0) * 255 + 0.5, np.uint8)


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
    owner = owners(seg, radius)
    # Most of a picture is surroundings, where white is what is seen.
    painted = owner != 0
    dark = black[painted].astype(np.float32)
    shown = white[painted] - dark
    shown *= table.astype(np.float32)[owner[painted]]
    shown += dark
    shown += 0.5
    picture = np.array(white)
    picture[painted] = np.clip(shown, 0, 255, out=shown)
    return picture


def compose_view(clip: Array, view: View, colors: Mapping[int, Array] | Array) -> Array:
    """(..., H, W, 22) layers → the picture of a view, uint8 (..., H, W, 3)."""
    layers = view_of(clip, view)
    return compose(layers[..., 0:3], layers[..., 3:6], layers[..., 6], colors)
