"""How the change of a latent frame takes over from the one before, picture by picture.

A code holds for four frames. Shown as it is, every fourth frame jumps (2.5 times as much as the frames between, where
colours and outlines are predicted anew) and the eye sees a pulse. So a latent frame's first pictures still carry a
part of the last one's maps and fill, and the first one of its last picture's coverage. It costs no delay: no picture
shows more of the old code than of the new one, and where things move it errs less than a step does, as a code fits
its middle best.
"""

from __future__ import annotations

import torch
from torch import Tensor

# The share of its own code that each picture of a latent frame shows; the rest is the last code's.
OWN_SHARES = (0.5, 0.75, 1.0, 1.0)
OWN_COVERAGE = 0.5  # of the first picture


def before(code_BTCHW: Tensor, previous_B1CHW: Tensor) -> Tensor:
    """The code before each; `previous` before the first."""
    return torch.cat([previous_B1CHW, code_BTCHW[:, :-1]], dim=1)


def alike(picked: list[int] | None) -> list[tuple[float, slice]]:
    """Shares of the own code, and the places of pictures that have them, in order; `picked`: which pictures of each
    latent frame there are (all).
    """
    shares = [OWN_SHARES[frame] for frame in picked or range(len(OWN_SHARES))]
    ends = {share: end for end, share in enumerate(shares, 1)}
    return [(share, slice(end - shares.count(share), end)) for share, end in ends.items()]


def ease_coverage(now: Tensor, last: Tensor) -> Tensor:
    """Coverage (B, T, F cells, H, W), frame by frame, whose first frame follows the last one before."""
    own, old = _frames(now), _frames(last)
    first = old[:, :, -1:].lerp(own[:, :, :1], OWN_COVERAGE)
    return torch.cat([first, own[:, :, 1:]], dim=2).flatten(2, 3)


def as_if_steady(coverage: Tensor) -> Tensor:
    """The coverage that a chunk takes over from when nothing was shown before: its own first picture's, all through."""
    own = _frames(coverage)
    return own[:, :, :1].expand_as(own).flatten(2, 3)


def _frames(coverage: Tensor) -> Tensor:
    return coverage.unflatten(2, (len(OWN_SHARES), -1))
