"""Features of the source picture that the change codec mixes into an edit.

An edit is mostly the source seen differently: recoloured, smoothed, reduced to its lines or to its cells.
So the code of an edit is a local linear map over this bank; where the bank is at full resolution, so is
the edit. Causal and per frame, except the flakes, whose clock is the frame's own index.
Shapes: G pictures (batch and frames folded), (G, 3, h, w) in 0..1 to (G, NUM_FEATURES, h, w).
"""

from __future__ import annotations

import functools

import torch
from torch import Tensor

from egostream.models.separable import box_blur, enlarged, halved, tiled

NUM_FEATURES = 13
# Where features can stand in for each other the plain colours are preferred: a map that leans on cells
# or soft colours without need shows their blocks and halos. Weights of the ridge, feature by feature.
RELUCTANCE = (1.0,) * 3 + (4.0,) * 3 + (6.0,) * 3 + (4.0,) + (1.0,) * 3
CELL = 8
LUMA = (0.299, 0.587, 0.114)
TILE = 256
# Of each layer of flakes: how many in a tile, their radius in pixels, fall and sway in pixels a frame.
FLAKE_LAYERS = ((150, 1.0, 2, 1), (60, 1.7, 3, -1))


def luma(rgb: Tensor) -> Tensor:
    """Rec. 601 brightness (G, 1, h, w)."""
    return LUMA[0] * rgb[:, 0:1] + LUMA[1] * rgb[:, 1:2] + LUMA[2] * rgb[:, 2:3]


def quarter(rgb: Tensor) -> Tensor:
    """Quarter-size means. In two steps: a compiler sees that others take the first one too."""
    return halved(halved(rgb))


def smooth(rgb: Tensor) -> Tensor:
    """A soft picture: quarter-size means, blurred once, brought back up bilinearly."""
    small = box_blur(quarter(rgb), 1)
    return enlarged(small, (rgb.shape[-2], rgb.shape[-1]))


@functools.cache
def _flake_tiles() -> Tensor:
    """(layers, TILE, TILE) pictures of soft dots, the same for every stream; they wrap around."""
    generator = torch.Generator().manual_seed(2026)
    axis = torch.arange(TILE, dtype=torch.float32)
    tiles = []
    for count, radius, _, _ in FLAKE_LAYERS:
        centre = torch.rand(count, 2, generator=generator) * TILE
        offset = (axis[None, None] - centre[:, :, None] + TILE / 2) % TILE - TILE / 2
        distance = (offset[:, 0, :, None] ** 2 + offset[:, 1, None, :] ** 2).sqrt()
        tiles.append((radius + 0.7 - distance).clamp(0, 1).amax(0))
    return torch.stack(tiles)


def flakes(clock_B: Tensor, num_frames: int, size: tuple[int, int]) -> Tensor:
    """Falling dots (B, F, 1, h, w) in 0..1 for the frames from `clock_B` on (counted in frames)."""
    h, w = size
    tiles = _flake_tiles().to(clock_B.device)
    time = clock_B[:, None].long() + torch.arange(num_frames, device=clock_B.device)
    # Before a stream's first frame there are only copies of it, which fill its first group.
    time = time.clamp(min=0)
    rows = torch.arange(h, device=clock_B.device)
    columns = torch.arange(w, device=clock_B.device)
    picture = torch.zeros(*time.shape, h, w, device=clock_B.device)
    for tile, (_, _, fall, sway) in zip(tiles, FLAKE_LAYERS, strict=True):
        y = (rows - fall * time[..., None]) % TILE
        x = (columns + sway * time[..., None]) % TILE
        picture = torch.maximum(picture, tile[y[..., :, None], x[..., None, :]])
    return picture[:, :, None]


def feature_bank(rgb: Tensor, falling: Tensor) -> Tensor:
    """Colours (3), soft (3) and cell colours (3), stepped brightness, dark and light lines, flakes.

    `falling` is `flakes` for the same pictures, (G, 1, h, w): a texture for what no source holds.
    """
    soft = smooth(rgb)
    cells = tiled(halved(quarter(rgb)), CELL)
    # Five flat levels joined by short slopes: a staircase that gradients can climb.
    bright, around = luma(rgb), luma(soft)
    level = around * 5.0
    whole = torch.floor(level)
    steps = (whole + torch.sigmoid(14.0 * (level - whole - 0.5))) / 5.0
    ratio = bright / (around + 0.06) - around / (around + 0.06)
    lines = torch.cat([(-ratio).clamp(0, 1), ratio.clamp(0, 1)], dim=1)
    centred = torch.cat([rgb - 0.5, soft - 0.5, cells - 0.5, steps - 0.5], dim=1)
    return torch.cat([centred, 3.0 * lines, falling], dim=1)
