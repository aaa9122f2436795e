"""Styles and weather stand still on a still picture, but for what falls; maps say what they should."""

from __future__ import annotations

import pytest
import torch

from distill.filters import FILTERS
from distill.maps import canny, in_reach, pose_picture

HW = (96, 128)
FALLING = ("autumn", "rain", "snow", "storm")


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_a_still_picture_stays_still(name: str) -> None:
    still = torch.rand(1, 1, 3, *HW).expand(1, 4, -1, -1, -1)
    edited = FILTERS[name](still, torch.tensor([30]))
    assert edited.isfinite().all() and 0 <= float(edited.min()) and float(edited.max()) <= 1
    flicker = float((edited[:, 1:] - edited[:, :-1]).abs().max())
    assert (flicker > 0.1) if name in FALLING else (flicker < 1e-5)


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_a_little_noise_changes_little(name: str) -> None:
    smooth = torch.nn.functional.interpolate(torch.rand(1, 3, 6, 8), HW, mode="bilinear")[None]
    noisy = (smooth + 0.004 * torch.randn_like(smooth)).clamp(0, 1)
    clean, other = (FILTERS[name](x, torch.tensor([30])) for x in (smooth, noisy))
    assert float((clean - other).abs().mean()) < 0.02


def test_edges_are_thin_and_white() -> None:
    x = torch.zeros(2, 3, *HW)
    x[1, :, 30:60, 40:90] = 0.8
    edges = canny(x)
    assert edges.shape == x.shape and set(edges.unique().tolist()) == {0.0, 1.0}
    assert not edges[0].any()
    assert 100 < float(edges[1, 0].sum()) < 240


def test_a_hand_is_drawn_where_its_joints_are() -> None:
    joints = torch.zeros(1, 2, 21, 2)
    joints[0, :, :, 0] = torch.linspace(20, 100, 21)
    joints[0, :, :, 1] = 50 + 20 * torch.sin(torch.arange(21.0))
    visible = torch.ones(1, 2, 21, dtype=torch.bool)
    visible[0, 1], visible[0, 0, 8] = False, False
    picture = pose_picture(joints, visible, HW)
    assert picture.shape == (1, 3, *HW) and picture.max() <= 1
    for k in range(21):
        x, y = joints[0, 0, k].round().int().tolist()
        assert (float(picture[0, 2, y, x]) > 0.5) == (k != 8)
    assert not pose_picture(joints, torch.zeros_like(visible), HW).any()
    far = joints.clone()
    far[0, 0, 3] = torch.tensor([1e9, -1e9])
    assert in_reach(far, HW).sum() == in_reach(joints, HW).sum() - 1 == 41
    assert pose_picture(far, visible, HW).isfinite().all()
