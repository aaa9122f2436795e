"""The published tiny decoder's layout, written out anew from its description, as the judge of ours.

Frame by frame: each walks down the list of layers, and where time is doubled it becomes two that walk on one after the
other. A block remembers the last frame that came to it. Frames (B, C, H, W).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from egostream.models.tiny_codec import TinyDecoderConfig
from egostream.models.tiny_load import published_shapes

# In the order of the published list, by their numbers in it.
KINDS = (
    "bend conv relu  block block block double split conv  block block block double split conv "
    "block block block double split conv  relu conv"
).split()
Weights = dict[str, Tensor]


def published_weights(config: TinyDecoderConfig, seed: int = 0) -> Weights:
    """Random ones that keep signals near 1 and most pixels within 0..1; of an encoder a layer, to be passed over."""
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for name, shape in published_shapes(config).items():
        values = torch.randn(shape, generator=generator)
        if len(shape) > 1:
            gain = 0.5 if name.endswith("conv.4.weight") else 1.4
            values = values * (gain / values[0].numel() ** 0.5)
        weights[name] = values if len(shape) > 1 else 0.1 * values
    weights["decoder.22.weight"] *= 0.06
    weights["decoder.22.bias"] += 0.5
    weights["encoder.0.weight"] = torch.randn(64, 3, 3, 3, generator=generator)
    return weights


class Published:
    """A stream of latent frames to pictures, all of them: also those that the public code drops at the beginning."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.seen: dict[int, Tensor] = {}

    def push(self, latent: Tensor) -> list[Tensor]:
        """The pictures of one more latent frame."""
        patch = (self.weights["decoder.22.bias"].shape[0] // 3) ** 0.5
        return [F.pixel_shuffle(x, int(patch)).clamp(0, 1) for x in self._walk(latent, 0)]

    def _walk(self, x: Tensor, number: int) -> list[Tensor]:
        if number == len(KINDS):
            return [x]
        kind, name = KINDS[number], f"decoder.{number}"
        if kind == "split":
            wide = F.conv2d(x, self.weights[f"{name}.conv.weight"])
            parts = wide.split(x.shape[1], dim=1)
            return [picture for part in parts for picture in self._walk(part, number + 1)]
        if kind == "bend":
            x = 3 * torch.tanh(x / 3)
        elif kind == "relu":
            x = x.relu()
        elif kind == "double":
            x = x.repeat_interleave(2, -1).repeat_interleave(2, -2)
        elif kind == "conv":
            x = self._conv(x, name)
        else:
            before = self.seen.get(number, torch.zeros_like(x))
            self.seen[number] = x
            h = self._conv(torch.cat([x, before], 1), f"{name}.conv.0").relu()
            h = self._conv(h, f"{name}.conv.2").relu()
            x = (self._conv(h, f"{name}.conv.4") + x).relu()
        return self._walk(x, number + 1)

    def _conv(self, x: Tensor, name: str) -> Tensor:
        bias = self.weights.get(f"{name}.bias")
        return F.conv2d(x, self.weights[f"{name}.weight"], bias, padding=1)
