"""3D rotary position embedding over (time, height, width).

Axis split and pairing follow Wan 2.1 (head dimension d: d - 4 (d // 6) for time, 2 (d // 6) each for
height and width; neighbouring channels form a pair), so public checkpoints fit.
Shapes: B batch, T latent frames, H W latent grid after patchify, L = T H W tokens, N heads, E head width.
"""

from __future__ import annotations

import torch
from torch import Tensor

THETA = 10_000.0
Turns = tuple[Tensor, Tensor]


def axis_dims(head_dim: int) -> tuple[int, int, int]:
    """How many of a head's channels turn with time, height and width."""
    side = 2 * (head_dim // 6)
    return head_dim - 2 * side, side, side


def _frequencies(dim: int, device: torch.device) -> Tensor:
    exponent = torch.arange(0, dim, 2, dtype=torch.float32, device=device) / dim
    return THETA**-exponent


def rope_angles(positions_BT: Tensor, grid_hw: tuple[int, int], head_dim: int) -> Tensor:
    """Angles (B, T*H*W, E/2) for tokens at these times (in latent frames, any float) on this grid."""
    B, T = positions_BT.shape
    H, W = grid_hw
    device = positions_BT.device
    dt, dh, dw = axis_dims(head_dim)
    a_t = positions_BT.float()[..., None] * _frequencies(dt, device)
    a_h = torch.arange(H, device=device).float()[:, None] * _frequencies(dh, device)
    a_w = torch.arange(W, device=device).float()[:, None] * _frequencies(dw, device)
    angles = torch.cat(
        [
            a_t[:, :, None, None].expand(B, T, H, W, -1),
            a_h[None, None, :, None].expand(B, T, H, W, -1),
            a_w[None, None, None, :].expand(B, T, H, W, -1),
        ],
        dim=-1,
    )
    return angles.reshape(B, T * H * W, head_dim // 2)


def turns_of(angles_BLF: Tensor) -> Turns:
    """Cosines and sines (B, 1, L, F), once for all layers and heads."""
    return angles_BLF.cos()[:, None], angles_BLF.sin()[:, None]


def rotate(x_BNLE: Tensor, turns: Turns) -> Tensor:
    """Turn each pair of channels of `x` by its angle (F = E / 2), in float32.

    One product of complex numbers, which few compilers know: what is served turns by `rotate_halves`.
    """
    pairs = torch.view_as_complex(x_BNLE.float().unflatten(-1, (-1, 2)).contiguous())
    turned = torch.view_as_real(pairs * torch.complex(turns[0].float(), turns[1].float()))
    return turned.flatten(-2).to(x_BNLE.dtype)


def rotate_halves(x_BNLE: Tensor, turns: Turns) -> Tensor:
    """The same for channels in the order of `halves`, in the input's type: no strides either."""
    cos, sin = (turn.to(x_BNLE.dtype) for turn in turns)
    first, second = x_BNLE.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


def halves(head_dim: int) -> Tensor:
    """An order of a head's channels (E,): the first of all pairs, then the second of all."""
    return torch.arange(head_dim).reshape(-1, 2).T.flatten()
