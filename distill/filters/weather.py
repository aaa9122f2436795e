"""Weather: what hangs or falls in the air (see the package)."""

from __future__ import annotations

import functools

import torch
from torch import Tensor

from distill.filters.pieces import blur, color, grey, mix, saturate, soften
from egostream.models.bank import TILE, flakes

# Of each layer of rain: how many streaks in a tile, their length and half width in pixels, fall a frame, strength.
STREAKS = ((46, 40, 1.2, 26, 1.0), (90, 24, 0.8, 17, 0.6))
SLANT = 0.25  # sideways for each pixel down
WET = ([[0.62, 0, 0], [0, 0.70, 0], [0, 0, 0.78]], [0.02, 0.035, 0.06])
GLOOM = ([[0.34, 0, 0], [0, 0.40, 0], [0, 0, 0.47]], [0.01, 0.02, 0.035])


def fog(x: Tensor, clock: Tensor) -> Tensor:
    veil = torch.tensor([0.80, 0.82, 0.84])[:, None, None]
    return 0.36 * (0.6 * blur(x, 1) + 0.4 * grey(x)) + 0.64 * veil


def snow(x: Tensor, clock: Tensor) -> Tensor:
    pale = 0.40 * x + 0.35 * grey(x) + torch.tensor([0.19, 0.21, 0.24])[:, None, None]
    falling = flakes(clock, x.shape[1], (x.shape[-2], x.shape[-1]))
    return (pale + 0.9 * falling).clamp(0, 1)


@functools.cache
def _streak_tiles() -> Tensor:
    """(layers, TILE, TILE) pictures of slanting streaks that fade at their ends; they wrap around."""
    generator = torch.Generator().manual_seed(1972)
    axis = torch.arange(TILE, dtype=torch.float32)
    tiles = []
    for count, length, half_width, _, strength in STREAKS:
        centre = torch.rand(count, 2, generator=generator) * TILE
        offset = (axis[None, None] - centre[:, :, None] + TILE / 2) % TILE - TILE / 2
        down, across = offset[:, 0, :, None], offset[:, 1, None, :]
        along = (1 - (2 * down / length).square()).clamp(0, 1)
        beside = (half_width + 0.6 - (across - SLANT * down).abs()).clamp(0, 1)
        tiles.append(strength * (along * beside).amax(0))
    return torch.stack(tiles)


def falling_rain(clock: Tensor, num_frames: int, size_hw: tuple[int, int]) -> Tensor:
    """Streaks (B, F, 1, h, w) in 0..1 for the frames from `clock` (B,) on."""
    time = clock[:, None].long() + torch.arange(num_frames)
    rows, columns = torch.arange(size_hw[0]), torch.arange(size_hw[1])
    picture = torch.zeros(*time.shape, *size_hw)
    for tile, (_, _, _, fall, _) in zip(_streak_tiles(), STREAKS, strict=True):
        y = (rows - fall * time[..., None]) % TILE
        x = (columns - round(SLANT * fall) * time[..., None]) % TILE
        picture = torch.maximum(picture, tile[y[..., :, None], x[..., None, :]])
    return picture[:, :, None]


def rain(x: Tensor, clock: Tensor) -> Tensor:
    wet = mix(saturate(0.7 * x + 0.3 * soften(x), 0.7), *WET)
    streaks = falling_rain(clock, x.shape[1], (x.shape[-2], x.shape[-1]))
    return wet + 0.34 * streaks * (color((0.86, 0.92, 1.0)) - wet)


def storm(x: Tensor, clock: Tensor) -> Tensor:
    dark = mix(saturate(x, 0.4) ** 1.2, *GLOOM)
    streaks = falling_rain(clock + 61, x.shape[1], (x.shape[-2], x.shape[-1]))
    return dark + 0.40 * streaks * (color((0.66, 0.74, 0.84)) - dark)


def autumn(x: Tensor, clock: Tensor) -> Tensor:
    """Green turns russet, the light mellow, and leaves fall."""
    red, green, blue = x.unbind(2)
    leaf = (2.5 * (green - torch.maximum(red, blue))).clamp(0, 1).unsqueeze(2)
    russet = grey(x) * color((1.75, 0.88, 0.22))
    turned = x + leaf * (russet - x)
    mellow = mix(turned, [[1.0, 0.05, 0.0], [0.07, 0.82, 0.0], [0.02, 0.06, 0.66]], [0.01, 0, 0])
    falling = flakes(clock, x.shape[1], (x.shape[-2], x.shape[-1]))
    return mellow + 0.85 * falling * (color((0.80, 0.34, 0.05)) - mellow)
