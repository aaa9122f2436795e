"""Pictures of what is seen rather than of how it looks: edges and hands. Exact targets, frame by frame.

Shapes: F frames; pictures (F, 3, h, w) in 0..1, black where there is nothing to say.
"""

from __future__ import annotations

import colorsys

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

CANNY_LOW, CANNY_HIGH = 40, 100
BONE, DOT = 2, 1.5  # pixels: thickness of a bone, radius of a joint
DOT_COLOR = (0.25, 0.35, 1.0)
SUBPIXEL_BITS = 4
NUM_FINGERS, FINGER_JOINTS = 5, 4


def canny(x: Tensor) -> Tensor:
    """White edges on black, one pixel wide, as OpenCV's Canny draws them."""
    pixels = (x.detach().permute(0, 2, 3, 1) * 255).round().byte().numpy()
    edges = []
    for rgb in pixels:
        calm = cv2.GaussianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (3, 3), 0)
        edges.append(cv2.Canny(calm, CANNY_LOW, CANNY_HIGH, L2gradient=True))
    lines = torch.from_numpy(np.stack(edges)).float() / 255
    return lines[:, None].expand(-1, 3, -1, -1)


def pose_picture(joints: Tensor, visible: Tensor, size_hw: tuple[int, int]) -> Tensor:
    """Hands as sticks, a colour a finger, with dots at the joints.

    `joints` (F, hands, 21, 2) x and y in pixels, integers at pixel centres, in the order of
    `distill.world.hand.JOINTS`; `visible` (F, hands, 21): what is not is left out, with its bones.
    """
    pictures = [
        _draw_hands(*frame, size_hw) for frame in zip(joints.numpy(), visible.numpy(), strict=True)
    ]
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)


def in_reach(joints: Tensor, size_hw: tuple[int, int]) -> Tensor:
    """Which joints (..., 2) lie in the picture or so near that bones to them cross its border: bool (...).

    As `visible` of `pose_picture` it draws hands whole, as pose estimators do: also joints behind the hand's
    own flesh, which the world's truth calls hidden.
    """
    half = torch.tensor([size_hw[1], size_hw[0]]) / 2
    return ((joints - half).abs() < 2 * half).all(-1)


def _draw_hands(
    joints: NDArray[np.float32], visible: NDArray[np.bool_], size_hw: tuple[int, int]
) -> NDArray[np.float32]:
    picture = np.zeros((*size_hw, 3), np.uint8)
    # Far beyond the border OpenCV's fixed-point numbers would overflow.
    at = np.rint(joints.clip(-2000, 2000) * 2**SUBPIXEL_BITS).astype(int)
    for points, seen in zip(at, visible, strict=True):
        for finger in range(NUM_FINGERS):
            hue = colorsys.hsv_to_rgb(finger / NUM_FINGERS, 1.0, 1.0)
            first = 1 + FINGER_JOINTS * finger
            chain = [0, *range(first, first + FINGER_JOINTS)]
            for a, b in zip(chain, chain[1:], strict=False):
                if seen[a] and seen[b]:
                    ends = (points[a].tolist(), points[b].tolist())
                    cv2.line(picture, *ends, _bytes(hue), BONE, cv2.LINE_AA, SUBPIXEL_BITS)
        for point in points[seen].tolist():
            radius = round(DOT * 2**SUBPIXEL_BITS)
            cv2.circle(picture, point, radius, _bytes(DOT_COLOR), -1, cv2.LINE_AA, SUBPIXEL_BITS)
    return picture.astype(np.float32) / np.float32(255)


def _bytes(rgb: tuple[float, float, float]) -> tuple[int, int, int]:
    red, green, blue = (round(255 * c) for c in rgb)
    return red, green, blue
