"""What things are: the trunk of EfficientNet-Lite0 (Tan & Le 2019; TensorFlow's "lite" variant), frozen.

Trained on ImageNet, it knows cups and hands that no small procedural world can teach. Batch norms are folded
into the convolutions, so it is plain arithmetic for every engine. Where its weights come from:
`distill/pretrained.py`.
Shapes: G pictures (G, 3, h, w) in 0..1, sides multiples of 16.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Expansion, kernel, stride, channels, repeats.
STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
)
STEM = 32
FINE, COARSE = 40, 112  # channels at stride 8 and at stride 16
SIGHT = 4 * FINE + COARSE  # values a 16 x 16 token


class Conv(nn.Module):
    """A convolution padded as TensorFlow does ("same": the odd pixel goes right and below)."""

    def __init__(
        self, inputs: int, outputs: int, kernel: int, stride: int, groups: int, relu: bool
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, groups=groups)
        total = kernel - stride
        self.pad = (total // 2, total - total // 2) * 2
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        if any(self.pad):
            x = F.pad(x, self.pad)
        x = self.conv(x)
        return F.relu6(x) if self.relu else x


class MobileBlock(nn.Module):
    """Expand, convolve each channel, project (MobileNetV2's inverted residual)."""

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.expand = Conv(inputs, wide, 1, 1, 1, True) if expansion > 1 else nn.Identity()
        self.depthwise = Conv(wide, wide, kernel, stride, wide, True)
        self.project = Conv(wide, outputs, 1, 1, 1, False)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.project(self.depthwise(self.expand(x)))
        return x + y if self.residual else y


class Backbone(nn.Module):
    """See the module's docstring."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = Conv(3, STEM, 3, 2, 1, True)
        width, stages = STEM, []
        for expansion, kernel, stride, out, repeats in STAGES:
            blocks = []
            for i in range(repeats):
                blocks.append(MobileBlock(width, out, expansion, kernel, stride if i == 0 else 1))
                width = out
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList(stages)
        self.requires_grad_(False)

    def forward(self, rgb: Tensor) -> Tensor:
        """(G, SIGHT, h / 16, w / 16): two levels, each brought to unit size pixel by pixel."""
        x = self.stem(2 * rgb - 1)
        levels = []
        for stage in self.stages:
            x = stage(x)
            levels.append(x)
        fine, coarse = (_unit(levels[i]) for i in (2, 4))
        return torch.cat([F.pixel_unshuffle(fine, 2), coarse], dim=1)


def _unit(x: Tensor) -> Tensor:
    """Mean 0, variance 1 over the channels of each pixel."""
    return F.layer_norm(x.movedim(1, -1), (x.shape[1],), eps=1e-3).movedim(-1, 1)
