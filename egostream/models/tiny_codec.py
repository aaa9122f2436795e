"""A tiny decoder for Wan's latents: a draft of what the full one draws, at about a tenth of the work or less.

In the spirit of TAEHV (madebyollin/taehv): residual blocks that see their frame and the one before it, few
channels, and space and time doubled by pixel shuffle, so that nothing wide runs at full size. To be trained
against the full decoder's pictures; the full encoder stays, a tiny one blurs motion.
A stream's first latent frame is drawn in full and its last frame shown, so no convolution is masked here.
Shapes: see `codec.py`; F = stride_t frames a latent frame, groups (B, T, F, 3, h, w).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from egostream.models.codec import CodecState, ungroup_frames
from egostream.models.memory import Memory, Place
from egostream.models.shuffle import spread
from egostream.models.wan_blocks import CausalConv, memory_shapes
from egostream.models.wan_codec import check_memory, fresh_rows
from egostream.models.wan_config import RGB

SOFT_LIMIT = 3.0  # normalised latents hardly exceed it; what does is bent back, not followed


@dataclass(frozen=True, slots=True)
class TinyDecoderConfig:
    """`widths`: channels of the levels, coarsest first; between two of them space is doubled, and time too
    where `temporal_up` says so. `head`: pixels along a side that the last layer draws for one cell.

    The default is for Wan 2.1 (8 x 8: two doublings and 2); for Wan 2.2 take 48 channels and a head of 4.
    """

    latent_channels: int = 16
    widths: tuple[int, ...] = (256, 160, 96)
    blocks_per_level: int = 3
    temporal_up: tuple[bool, ...] = (True, True)
    head: int = 2

    def __post_init__(self) -> None:
        """Raises ValueError for numbers that no decoder can have."""
        if min(self.latent_channels, *self.widths, self.blocks_per_level, self.head) < 1:
            raise ValueError("channels, widths, blocks and head must be positive")
        if len(self.temporal_up) != len(self.widths) - 1:
            raise ValueError(
                f"{len(self.widths)} levels need {len(self.widths) - 1} temporal flags between "
                f"them, not {len(self.temporal_up)}"
            )

    @property
    def stride_t(self) -> int:
        """Frames a latent frame."""
        return 1 << sum(self.temporal_up)

    @property
    def stride_hw(self) -> int:
        """Pixels along one side of a latent cell."""
        return self.head << (len(self.widths) - 1)


class MemoryBlock(nn.Module):
    """Three convolutions with ReLU around a shortcut; the first also sees the frame before."""

    def __init__(self, width: int, place: Place) -> None:
        super().__init__()
        self.conv1 = CausalConv(width, width, place, kernel=(2, 3, 3), lead=0)
        self.conv2 = within_frame(width, width)
        self.conv3 = within_frame(width, width)

    def forward(self, x_BCTHW: Tensor, memory: Memory) -> Tensor:
        h = self.conv2(F.relu(self.conv1(x_BCTHW, memory)))
        return F.relu(x_BCTHW + self.conv3(F.relu(h)))


class Grow(nn.Module):
    """A convolution to `t` frames and `s` x `s` cells for each one."""

    def __init__(self, width: int, width_out: int, t: int, s: int) -> None:
        super().__init__()
        self.factors = (t, s)
        self.conv = within_frame(width, width_out * t * s * s)

    def forward(self, x_BCTHW: Tensor, memory: Memory) -> Tensor:
        """`memory` is left alone: it is there so that every layer is called alike."""
        return spread(self.conv(x_BCTHW), *self.factors)


def within_frame(width: int, width_out: int) -> nn.Conv3d:
    """A 3 x 3 convolution of each frame by itself."""
    return nn.Conv3d(width, width_out, (1, 3, 3), padding=(0, 1, 1))


class TinyDecoder(nn.Module):
    """See the module's docstring. Has the decoding half of `codec.Codec`."""

    def __init__(self, config: TinyDecoderConfig) -> None:
        super().__init__()
        self.config = config
        self.stride_t, self.stride_hw = config.stride_t, config.stride_hw
        self.code_channels = config.latent_channels
        place = Place(1, config.stride_hw)
        self.conv_in = within_frame(config.latent_channels, config.widths[0])
        self.layers = nn.ModuleList()
        for level, width in enumerate(config.widths):
            self.layers += [MemoryBlock(width, place) for _ in range(config.blocks_per_level)]
            if level < len(config.widths) - 1:
                t = 2 if config.temporal_up[level] else 1
                self.layers.append(Grow(width, config.widths[level + 1], t, 2))
                place = Place(place.frames * t, place.pixels // 2)
        self.layers.append(Grow(config.widths[-1], RGB, 1, config.head))

    def decode(
        self, latents: Tensor, state: CodecState, source: Tensor | None = None
    ) -> tuple[Tensor, CodecState]:
        """See `codec.Codec`; `source` is ignored. Raises ValueError for a foreign state."""
        B, _, _, H, W = latents.shape
        check_memory(self, state, B, (H * self.stride_hw, W * self.stride_hw))
        groups, memory = self.decode_groups(latents, state.memory, fresh_rows(latents, state))
        frames = ungroup_frames(groups, state.fresh).clamp(0, 1)
        return frames, CodecState(memory, state.num_frames + frames.shape[1])

    def decode_groups(
        self, latents: Tensor, memory: tuple[Tensor, ...], fresh_B: Tensor | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Groups (B, T, F, 3, h, w) of latents (B, T, C, H, W), and the memory for the next call.

        As `WanCodec.decode_groups`, but not clamped: a loss must see what lies outside 0..1.
        """
        past = Memory(memory, fresh_B)
        z_BCTHW = SOFT_LIMIT * torch.tanh(latents.transpose(1, 2) / SOFT_LIMIT)
        x = F.relu(self.conv_in(z_BCTHW))
        for layer in self.layers:
            x = layer(x, past)
        return x.transpose(1, 2).unflatten(1, (-1, self.stride_t)), past.kept

    def empty_memory(self, batch: int, frame_hw: tuple[int, int]) -> tuple[Tensor, ...]:
        """Zeros in the shapes that decoding pictures of this size remembers."""
        like = self.conv_in.weight
        return tuple(like.new_zeros(shape) for shape in memory_shapes(self, batch, frame_hw))
