"""Wan's encoder and decoder: levels of residual blocks with resampling between them.

Wan 2.1 and 2.2 differ in the shortcut around a level and in the widths at the decoder's upsampling.
Shapes: as in `wan_blocks.py`.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from egostream.models.memory import Memory, Place
from egostream.models.shuffle import average_down, repeat_up
from egostream.models.wan_blocks import CausalConv, ChannelNorm, FrameAttention, ResidualBlock
from egostream.models.wan_config import WanCodecConfig
from egostream.models.wan_resample import Down, Up


class DownLevel(nn.Module):
    """Residual blocks, attention after each if asked for, then `down`; with Wan 2.2's shortcut if `residual`."""

    def __init__(self, config: WanCodecConfig, level: int, place: Place) -> None:
        super().__init__()
        width, self.width = config.encoder_widths[level : level + 2]
        self.frames, self.residual = place.frames, config.residual
        halves = level < config.num_levels - 1
        temporal = halves and config.temporal_down[level]
        self.factors = (2 if temporal else 1, 2 if halves else 1)
        if self.residual and width * self.factors[0] * self.factors[1] ** 2 % self.width:
            raise ValueError(f"level {level}: {width} channels cannot be averaged to {self.width}")
        self.blocks = nn.ModuleList()
        for _ in range(config.blocks_per_level):
            self.blocks.append(ResidualBlock(width, self.width, place))
            if config.has_attention(level):
                self.blocks.append(FrameAttention(self.width))
            width = self.width
        self.down = Down(self.width, place, temporal) if halves else None

    def forward(self, x_BCTHW: Tensor, memory: Memory) -> Tensor:
        x = x_BCTHW
        for block in self.blocks:
            x = block(x, memory)
        if self.down is not None:
            x = self.down(x, memory)
        if self.residual:
            if memory.alone:
                # Nothing comes before a first frame: zeros, as its group holds elsewhere.
                frames = F.pad(x_BCTHW, (0, 0, 0, 0, self.factors[0] - 1, 0))
            else:
                frames = memory.without(x_BCTHW, self.frames - 1)
            x = x + average_down(frames, self.width, *self.factors)
        return x


class UpLevel(nn.Module):
    """Residual blocks, one more than on the way down, then `up`; with Wan 2.2's shortcut if `residual`."""

    def __init__(self, config: WanCodecConfig, level: int, place: Place) -> None:
        super().__init__()
        width, self.width = config.decoder_widths[level : level + 2]
        doubles = level < config.num_levels - 1
        temporal = doubles and config.temporal_down[::-1][level]
        self.factors = (2 if temporal else 1, 2)
        self.residual = config.residual and doubles
        if self.residual and self.width * self.factors[0] * 4 % width:
            raise ValueError(f"level {level}: {width} channels cannot be repeated to {self.width}")
        if level > 0 and not config.residual:
            width //= 2  # Wan 2.1 halves the channels where it doubles the picture
        self.blocks = nn.ModuleList()
        for _ in range(config.blocks_per_level + 1):
            self.blocks.append(ResidualBlock(width, self.width, place))
            width = self.width
        self.up = None
        if doubles:
            self.up = Up(width, width if config.residual else width // 2, place, temporal)

    def forward(self, x_BCTHW: Tensor, memory: Memory) -> Tensor:
        x = x_BCTHW
        for block in self.blocks:
            x = block(x, memory)
        if self.up is not None:
            x = self.up(x, memory)
        if self.residual:
            # Of a fresh stream's first frame it is the last repeat that counts.
            repeats = repeat_up(x_BCTHW, self.width, *self.factors)
            x = x + (repeats[:, :, self.factors[0] - 1 :] if memory.alone else repeats)
        return x


def middle(width: int, place: Place) -> nn.ModuleList:
    """The blocks at the coarsest level."""
    first, last = (ResidualBlock(width, width, place) for _ in range(2))
    return nn.ModuleList([first, FrameAttention(width), last])


class Encoder(nn.Module):
    """Patches (B, C, T, H, W) in -1..1 to moments (B, 2 latent channels, T / stride_t, ...)."""

    def __init__(self, config: WanCodecConfig) -> None:
        super().__init__()
        place = Place(config.stride_t, config.patch)
        widths = config.encoder_widths
        self.conv_in = CausalConv(config.picture_channels, widths[0], place)
        self.levels = nn.ModuleList()
        for level in range(config.num_levels):
            stage = DownLevel(config, level, place)
            self.levels.append(stage)
            t, s = stage.factors
            place = Place(place.frames // t, place.pixels * s)
        self.middle = middle(widths[-1], place)
        self.norm_out = ChannelNorm(widths[-1], 3)
        self.conv_out = CausalConv(widths[-1], 2 * config.latent_channels, place)

    def forward(self, x_BCTHW: Tensor, memory: Memory) -> Tensor:
        x = self.conv_in(x_BCTHW, memory)
        for stage in (*self.levels, *self.middle):
            x = stage(x, memory)
        return self.conv_out(F.silu(self.norm_out(x)), memory)


class Decoder(nn.Module):
    """Latents (B, C, T, H, W) to patches (B, C, T stride_t, ...) around -1..1."""

    def __init__(self, config: WanCodecConfig) -> None:
        super().__init__()
        place = Place(1, config.stride_hw)
        widths = config.decoder_widths
        self.conv_in = CausalConv(config.latent_channels, widths[0], place)
        self.middle = middle(widths[0], place)
        self.levels = nn.ModuleList()
        for level in range(config.num_levels):
            stage = UpLevel(config, level, place)
            self.levels.append(stage)
            if stage.up is not None:
                t, s = stage.factors
                place = Place(place.frames * t, place.pixels // s)
        self.norm_out = ChannelNorm(widths[-1], 3)
        self.conv_out = CausalConv(widths[-1], config.picture_channels, place)

    def forward(self, x_BCTHW: Tensor, memory: Memory) -> Tensor:
        x = self.conv_in(x_BCTHW, memory)
        for stage in (*self.middle, *self.levels):
            x = stage(x, memory)
        return self.conv_out(F.silu(self.norm_out(x)), memory)
