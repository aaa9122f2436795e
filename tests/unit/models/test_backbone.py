"""The backbone: each picture for itself, frozen, padded as the network it comes from was."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from egostream.models.backbone import SIGHT, Backbone, Conv
from tests.unit.models.tiny import tiny_model


def test_each_picture_is_seen_for_itself() -> None:
    torch.manual_seed(0)
    backbone = Backbone().eval()
    pictures = torch.rand(3, 3, 48, 64)
    together = backbone(pictures)
    assert together.shape == (3, SIGHT, 3, 4)
    assert torch.allclose(backbone(pictures[1:2]), together[1:2], atol=1e-4)


@pytest.mark.parametrize(
    ("kernel", "stride", "before", "after"),
    [(3, 2, 0, 1), (5, 2, 1, 2), (5, 1, 2, 2), (1, 1, 0, 0)],
)
def test_padding_is_tensorflows(kernel: int, stride: int, before: int, after: int) -> None:
    """As many outputs as inputs / stride; a pixel of padding that does not split evenly goes after."""
    conv = Conv(1, 1, kernel, stride, 1, False)
    nn.init.ones_(conv.conv.weight)
    assert conv.conv.bias is not None
    nn.init.zeros_(conv.conv.bias)
    seen = conv(torch.ones(1, 1, 16, 16))[0, 0]
    assert seen.shape == (16 // stride, 16 // stride)
    assert int(seen[0, 0]) == (kernel - before) ** 2
    reach = min(kernel, 16 - (16 // stride - 1) * stride + before)
    assert int(seen[-1, -1]) == reach**2 == (kernel - after) ** 2


def test_no_gradient_goes_into_it() -> None:
    model = tiny_model().train().requires_grad_(True)
    assert model.codec.backbone is not None
    pictures = torch.rand(1, 1, 4, 3, 48, 64, requires_grad=True)
    latents, _ = model.codec.encode_groups(pictures, None)
    latents.sum().backward()
    assert all(p.grad is None for p in model.codec.backbone.parameters())
    assert model.codec.now.weight.grad is not None


def test_it_sees_one_frame_of_each_group() -> None:
    """The third: what only the others show, the stem tells."""
    codec = tiny_model().codec
    groups = torch.rand(1, 1, 4, 3, 48, 64)
    other = groups.clone()
    other[:, :, [0, 1, 3]] = 0.5
    (a, _), (b, _) = codec.encode_groups(groups, None), codec.encode_groups(other, None)
    assert torch.equal(a[:, :, -SIGHT:], b[:, :, -SIGHT:])
    assert not torch.equal(a[:, :, :-SIGHT], b[:, :, :-SIGHT])
