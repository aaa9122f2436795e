"""The layers of Wan's video codec: causal convolution, channel norm, residual block, attention within a frame.

Written from the Wan report (arXiv 2503.20314, Wan-VAE) and the published models' behaviour.
Shapes: B batch, C channels, T frames at the layer's rate, H W the layer's grid, N = B T pictures.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from egostream.models.memory import Memory, Place


class CausalConv(nn.Module):
    """A convolution that sees its frame and those before it; the ones before the chunk come from memory."""

    def __init__(
        self,
        width_in: int,
        width_out: int,
        place: Place,
        kernel: tuple[int, int, int] = (3, 3, 3),
        stride_t: int = 1,
        lead: int | None = None,
    ) -> None:
        """`lead`: how many of a fresh stream's first frames it must not see; all but the group's last."""
        super().__init__()
        self.place = place
        self.span = kernel[0] - stride_t
        self.lead = place.frames - 1 if lead is None else lead
        self.conv = nn.Conv3d(
            width_in,
            width_out,
            kernel,
            stride=(stride_t, 1, 1),
            padding=(0, kernel[1] // 2, kernel[2] // 2),
        )

    def forward(self, x_BCTHW: Tensor, memory: Memory) -> Tensor:
        return self.conv(memory.extend(x_BCTHW, self.span, self.lead))


def memory_shapes(
    network: nn.Module, batch: int, frame_hw: tuple[int, int]
) -> list[tuple[int, int, int, int, int]]:
    """Shapes of what a network remembers for pictures of this size, in the order its convolutions run in."""
    height, width = frame_hw
    return [
        (
            batch,
            layer.conv.in_channels,
            layer.span,
            height // layer.place.pixels,
            width // layer.place.pixels,
        )
        for layer in network.modules()
        if isinstance(layer, CausalConv)
    ]


class ChannelNorm(nn.Module):
    """RMS norm over the channels (dimension 1) with a gain; lengths in float32, whatever the input's type."""

    def __init__(self, width: int, num_trailing: int) -> None:
        """`num_trailing`: dimensions after the channels."""
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(width, *(1,) * num_trailing))

    def forward(self, x: Tensor) -> Tensor:
        # No copy of `x` in float32: only its length is.
        length = torch.linalg.vector_norm(x, dim=1, keepdim=True, dtype=torch.float32)
        unit = x * (1 / length.clamp_min(1e-12)).to(x.dtype)
        return unit * (self.gamma * self.gamma.shape[0] ** 0.5)


class ResidualBlock(nn.Module):
    """Norm, SiLU, causal convolution, twice, around a shortcut."""

    def __init__(self, width_in: int, width_out: int, place: Place) -> None:
        super().__init__()
        self.norm1 = ChannelNorm(width_in, 3)
        self.conv1 = CausalConv(width_in, width_out, place)
        self.norm2 = ChannelNorm(width_out, 3)
        self.conv2 = CausalConv(width_out, width_out, place)
        self.skip = nn.Conv3d(width_in, width_out, 1) if width_in != width_out else nn.Identity()

    def forward(self, x_BCTHW: Tensor, memory: Memory) -> Tensor:
        h = self.conv1(F.silu(self.norm1(x_BCTHW)), memory)
        h = self.conv2(F.silu(self.norm2(h)), memory)
        return self.skip(x_BCTHW) + h


class FrameAttention(nn.Module):
    """One head of self-attention among the cells of each frame; frames do not see each other."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = ChannelNorm(width, 2)
        self.qkv = nn.Conv2d(width, 3 * width, 1)
        self.out = nn.Conv2d(width, width, 1)

    def forward(self, x_BCTHW: Tensor, memory: Memory) -> Tensor:
        """`memory` is left alone: it is there so that every layer of a level is called alike."""
        B, _, _, H, W = x_BCTHW.shape
        qkv_N3CHW = self.qkv(self.norm(as_pictures(x_BCTHW)))
        cells = qkv_N3CHW.flatten(2).transpose(1, 2)[:, None]
        seen = F.scaled_dot_product_attention(*cells.chunk(3, dim=-1))
        h_NCHW = seen[:, 0].transpose(1, 2).unflatten(2, (H, W))
        return x_BCTHW + as_video(self.out(h_NCHW), B)


def as_pictures(x_BCTHW: Tensor) -> Tensor:
    """(B, C, T, H, W) to (B T, C, H, W)."""
    return x_BCTHW.transpose(1, 2).flatten(0, 1)


def as_video(x_NCHW: Tensor, batch: int) -> Tensor:
    """The inverse of `as_pictures`."""
    return x_NCHW.unflatten(0, (batch, -1)).transpose(1, 2)
