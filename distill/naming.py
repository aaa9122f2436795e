"""A second task for training alone: name what every 8 x 8 pixels show, whatever the instruction says.

An instruction tells of one object; the renderer knows them all. Shapes: n pictures of h x w; cells h / 8 x w / 8.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from distill.wording import ALL_THINGS
from distill.world.clips import ClipInfo
from distill.world.compose import HAND, TWIN

CELL = 8
NOTHING, A_HAND = 0, 1
NAMES = ("nothing", "a hand", *ALL_THINGS)
UNKNOWN = -1
INDEX = {name: place for place, name in enumerate(NAMES)}


def name_table(info: ClipInfo) -> NDArray[np.int16]:
    """Object ids (256) to places in NAMES."""
    table = np.full(256, UNKNOWN, np.int16)
    table[0], table[HAND] = NOTHING, A_HAND
    for thing in info.objects:
        table[thing.id] = INDEX[thing.kind]
    if info.other is not None and info.other.thing is not None:
        table[TWIN] = INDEX[info.other.thing.kind]
    return table


def see(
    seg: NDArray[np.uint8], info: ClipInfo, size_hw: tuple[int, int], flip: bool
) -> NDArray[np.int16]:
    """What pictures of this size show that `seg` (n, H, W) is of: (n, h, w) places in NAMES."""
    (H, W), (h, w) = seg.shape[1:], size_hw
    rows = ((np.arange(h) + 0.5) * H / h).astype(np.int64)
    columns = ((np.arange(w) + 0.5) * W / w).astype(np.int64)
    seen = name_table(info)[seg[:, rows[:, None], columns]]
    return np.ascontiguousarray(seen[:, :, ::-1] if flip else seen)


def unknown(num_pictures: int, size_hw: tuple[int, int]) -> NDArray[np.int16]:
    """For pictures that nobody labelled."""
    return np.full((num_pictures, *size_hw), UNKNOWN, np.int16)


def name_cells(seen: Tensor) -> Tensor:
    """What is at the middle of each cell, (..., h / 8, w / 8), of (..., h, w)."""
    return seen[..., CELL // 2 :: CELL, CELL // 2 :: CELL].long()


class Naming(nn.Module):
    """A linear reading of the transformer's tokens half-way through."""

    def __init__(self, width: int, stride_hw: int) -> None:
        super().__init__()
        self.cells = stride_hw // CELL
        self.read = nn.Linear(width, self.cells**2 * len(NAMES))

    def forward(self, tokens_BTPD: Tensor, names_BThw: Tensor) -> Tensor:
        """Mean cross-entropy over cells, 0 for those without a name; "nothing" counts less, as it is everywhere."""
        h, w = (n // self.cells for n in names_BThw.shape[-2:])
        logits = F.layer_norm(tokens_BTPD, tokens_BTPD.shape[-1:])
        logits = self.read(logits).flatten(0, 1).unflatten(1, (h, w)).movedim(-1, 1)
        logits = F.pixel_shuffle(logits, self.cells).float()
        names = names_BThw.flatten(0, 1)
        weight = torch.ones(len(NAMES))
        weight[NOTHING] = 0.3
        total = F.cross_entropy(logits, names, weight, ignore_index=UNKNOWN, reduction="sum")
        return total / names.numel()
