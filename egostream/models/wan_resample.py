"""Halving and doubling of space and time in Wan's video codec.

A stream's first frame has no partner: it passes the temporal layers as it is. When halving it is the first
thing the next pair sees; when doubling it is never seen, the convolution starts from zeros behind it.
Shapes: as in `wan_blocks.py`.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from egostream.models.memory import Memory, Place
from egostream.models.wan_blocks import CausalConv, as_pictures, as_video


class Down(nn.Module):
    """Half the height and width, and half the frames if `temporal`."""

    def __init__(self, width: int, place: Place, temporal: bool) -> None:
        super().__init__()
        self.frames = place.frames
        self.space = nn.Conv2d(width, width, 3, stride=2)
        self.time = None
        if temporal:
            half = Place(place.frames, 2 * place.pixels)
            self.time = CausalConv(width, width, half, kernel=(3, 1, 1), stride_t=2)

    def forward(self, x_BCTHW: Tensor, memory: Memory) -> Tensor:
        # Room on the right and below only, as the published weights expect.
        padded = F.pad(as_pictures(x_BCTHW), (0, 1, 0, 1))
        x = as_video(self.space(padded), x_BCTHW.shape[0])
        if self.time is None:
            return x
        if memory.alone:
            memory.keep(x, self.time.span)
            first, more = x[:, :, :1], x.shape[2] > 1
            return torch.cat([first, self.time.conv(x)], dim=2) if more else first
        n = self.frames
        return memory.start_with(self.time(x, memory), x[:, :, n - 1 : n], at=n // 2 - 1)


class Up(nn.Module):
    """Twice the height and width, and twice the frames if `temporal`."""

    def __init__(self, width: int, width_out: int, place: Place, temporal: bool) -> None:
        super().__init__()
        self.frames = place.frames
        self.time = None
        if temporal:
            self.time = CausalConv(width, 2 * width, place, kernel=(3, 1, 1), lead=place.frames)
        self.space = nn.Conv2d(width, width_out, 3, padding=1)

    def forward(self, x_BCTHW: Tensor, memory: Memory) -> Tensor:
        x = x_BCTHW
        if self.time is not None and memory.alone:
            first, rest = x[:, :, :1], x[:, :, 1:]
            longer = memory.extend(rest, self.time.span, lead=0)
            more = rest.shape[2] > 0
            x = torch.cat([first, in_pairs(self.time.conv(longer))], dim=2) if more else first
        elif self.time is not None:
            n = self.frames
            doubled = in_pairs(self.time(x, memory))
            x = memory.start_with(doubled, x[:, :, n - 1 : n], at=2 * n - 1)
        # For a factor of two the same as "nearest-exact", and every engine knows it.
        larger = F.interpolate(as_pictures(x), scale_factor=2.0, mode="nearest")
        return as_video(self.space(larger), x_BCTHW.shape[0])


def in_pairs(x_BCTHW: Tensor) -> Tensor:
    """Half the channels, twice the frames: each frame's first half, then its second."""
    return x_BCTHW.unflatten(1, (2, -1)).permute(0, 2, 3, 1, 4, 5).flatten(2, 3)
