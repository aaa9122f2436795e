"""A second task for training alone: name what every 8 x 8 pixels show, whatever the instruction says.

An instruction tells of one object; the renderer knows them all. Shapes: n pictures of h x w; cells h / 8 x w / 8.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from distill.instructions import THINGS
from distill.world.clips import ClipInfo
from distill.world.compose import HAND

CELL = 8
NAMES = ("nothing", "a hand", *THINGS)
UNKNOWN = -1


def name_table(info: ClipInfo) -> NDArray[np.int64]:
    """Object ids (256) to places in NAMES."""
    table = np.full(256, UNKNOWN, np.int64)
    table[0], table[HAND] = NAMES.index("nothing"), NAMES.index("a hand")
    for thing in info.objects:
        table[thing.id] = NAMES.index(thing.kind) if thing.kind in THINGS else UNKNOWN
    return table


def name_cells(
    seg: NDArray[np.uint8], info: ClipInfo, size_hw: tuple[int, int], flip: bool
) -> Tensor:
    """What is at the middle of each cell of pictures that show `seg` (n, H, W) at this size."""
    (H, W), (h, w) = seg.shape[1:], size_hw
    rows = ((np.arange(h // CELL) + 0.5) * CELL * H / h).astype(np.int64)
    columns = ((np.arange(w // CELL) + 0.5) * CELL * W / w).astype(np.int64)
    names = name_table(info)[seg[:, rows[:, None], columns]]
    return torch.from_numpy(np.ascontiguousarray(names[:, :, ::-1] if flip else names))


def unknown_cells(num_pictures: int, size_hw: tuple[int, int]) -> Tensor:
    """For pictures that nobody labelled."""
    shape = (num_pictures, size_hw[0] // CELL, size_hw[1] // CELL)
    return torch.full(shape, UNKNOWN, dtype=torch.int64)


class Naming(nn.Module):
    """A linear reading of the transformer's tokens half-way through."""

    def __init__(self, width: int, stride_hw: int) -> None:
        super().__init__()
        self.cells = stride_hw // CELL
        self.read = nn.Linear(width, self.cells**2 * len(NAMES))

    def forward(self, tokens_BTPD: Tensor, names_BThw: Tensor) -> Tensor:
        """Mean cross-entropy of the cells whose name is known; "nothing" counts less, there is much of it."""
        h, w = (n // self.cells for n in names_BThw.shape[-2:])
        logits = F.layer_norm(tokens_BTPD, tokens_BTPD.shape[-1:])
        logits = self.read(logits).flatten(0, 1).unflatten(1, (h, w)).movedim(-1, 1)
        logits = F.pixel_shuffle(logits, self.cells).float()
        names = names_BThw.flatten(0, 1)
        weight = torch.ones(len(NAMES))
        weight[0] = 0.3
        total = F.cross_entropy(logits, names, weight, ignore_index=UNKNOWN, reduction="sum")
        return total / (names != UNKNOWN).sum().clamp(min=1)
