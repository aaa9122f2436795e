"""A tiny decoder for Wan's latents: a draft of what the full one draws, at a small part of the work.

The network of TAEHV (madebyollin/taehv, MIT): residual blocks that see their frame and the one before it, few
channels, and between levels space and time doubled by one convolution, so that hardly anything runs at full size. Its
published weights are read by `tiny_load`; `python -m distill codec` trains it against the full decoder's pictures.
The full encoder stays: a tiny one blurs motion.
A stream's first latent frame is drawn in full and its last frame shown, so no convolution is masked here.
Shapes: see `codec.py`; F = stride_t frames a latent frame, groups (B, T, F, 3, h, w).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
GREY = 0.5  # what an untrained decoder draws, nearly


@dataclass(frozen=True, slots=True)
class TinyDecoderConfig:
    """`widths` and `blocks`: channels of the levels and their blocks, coarsest first; between two of them space is
    doubled, and time too where `temporal_up` says so. `head`: pixels along a side that the last layer draws for one
    cell.

    The default is the published decoder of Wan 2.1's latents.
    """

    latent_channels: int = 16
    widths: tuple[int, ...] = (256, 128, 64, 64)
    blocks: tuple[int, ...] = (3, 3, 3, 0)
    temporal_up: tuple[bool, ...] = (False, True, True)
    head: int = 1

    def __post_init__(self) -> None:
        """Raises ValueError for numbers that no decoder can have."""
        if min(self.latent_channels, *self.widths, self.head) < 1 or min(self.blocks) < 0:
            raise ValueError("channels, widths and head must be positive, blocks not negative")
        levels = len(self.widths)
        if (len(self.blocks), len(self.temporal_up)) != (levels, levels - 1):
            raise ValueError(
                f"{levels} levels need {levels} numbers of blocks and {levels - 1} temporal flags "
                f"between them, not {len(self.blocks)} and {len(self.temporal_up)}"
            )

    @property
    def stride_t(self) -> int:
        """Frames a latent frame."""
        return 1 << sum(self.temporal_up)

    @property
    def stride_hw(self) -> int:
        """Pixels along one side of a latent cell."""
        return self.head << (len(self.widths) - 1)


def tiny_2_1() -> TinyDecoderConfig:
    """For the latents of Wan 2.1 (4 x 8 x 8, 16 channels): the shape of the published `taew2_1`."""
    return TinyDecoderConfig()


def tiny_2_2() -> TinyDecoderConfig:
    """For those of Wan 2.2 TI2V-5B (4 x 16 x 16, 48 channels): the shape of the published `taew2_2`."""
    return TinyDecoderConfig(latent_channels=48, head=2)


def tiny_from_dict(values: Mapping[str, Any]) -> TinyDecoderConfig:
    """The configuration that `dataclasses.asdict` made these of. Raises TypeError for foreign ones."""
    made: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    return TinyDecoderConfig(**made)


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
            self.layers += [MemoryBlock(width, place) for _ in range(config.blocks[level])]
            if level < len(config.widths) - 1:
                t = 2 if config.temporal_up[level] else 1
                self.layers.append(Grow(width, config.widths[level + 1], t, 2))
                place = Place(place.frames * t, place.pixels // 2)
        self.head = Grow(config.widths[-1], RGB, 1, config.head)
        assert self.head.conv.bias is not None
        nn.init.constant_(self.head.conv.bias, GREY)

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
        x = self.head(F.relu(x), past)
        return x.transpose(1, 2).unflatten(1, (-1, self.stride_t)), past.kept

    def empty_memory(self, batch: int, frame_hw: tuple[int, int]) -> tuple[Tensor, ...]:
        """Zeros in the shapes that decoding pictures of this size remembers."""
        like = self.conv_in.weight
        return tuple(like.new_zeros(shape) for shape in memory_shapes(self, batch, frame_hw))
