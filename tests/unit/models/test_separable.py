"""Products with fixed matrices do what the layers of the same name do."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from egostream.models.separable import box_blur, enlarged, halved, tiled


def test_they_equal_the_layers() -> None:
    x = torch.rand(2, 3, 12, 16, generator=torch.Generator().manual_seed(0))
    pairs = [
        (enlarged(x, (48, 80)), F.interpolate(x, size=(48, 80), mode="bilinear")),
        (tiled(x, 8), F.interpolate(x, scale_factor=8.0, mode="nearest")),
        (halved(x), F.avg_pool2d(x, 2)),
        (box_blur(x, 4), F.avg_pool2d(F.pad(x, (4,) * 4, mode="replicate"), 9, stride=1)),
    ]
    for ours, theirs in pairs:
        assert torch.allclose(ours, theirs, atol=1e-6), ours.shape


def test_they_take_part_in_training_though_first_used_in_inference() -> None:
    with torch.inference_mode():
        enlarged(torch.ones(1, 1, 5, 7), (10, 14))
    x = torch.ones(1, 1, 5, 7, requires_grad=True)
    enlarged(x, (10, 14)).sum().backward()
    assert x.grad is not None and torch.allclose(x.grad.sum(), torch.tensor(140.0))
