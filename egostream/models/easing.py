"""How the change of a latent frame takes over from the one before, picture by picture.

A code holds for four frames. Shown as it is, every fourth frame jumps (2.5 times as much as the frames between, where
colours and outlines are predicted anew) and the eye sees a pulse. So a latent frame's first pictures still carry a
part of the last one's maps and fill, and the first one of its last picture's coverage. It costs no delay: the newest
code always weighs the most, and where things move it errs less than a step does, as a code fits its middle best.
"""

from __future__ import annotations

import torch
from torch import Tensor

# The share of its own code that each picture of a latent frame shows; the rest is the last code's.
OWN_SHARES = (0.5, 0.75, 1.0, 1.0)
OWN_COVERAGE = 0.5  # of the first picture


def before(code_BTCHW: Tensor, previous_B1CHW: Tensor | None) -> Tensor:
    """The code before each: `previous` before the first, which without one follows itself."""
    first = code_BTCHW[:, :1] if previous_B1CHW is None else previous_B1CHW
    return torch.cat([first, code_BTCHW[:, :-1]], dim=1)


def ease_change(now: Tensor, last: Tensor, picked: list[int] | None) -> Tensor:
    """Maps and fill (B, T, K, H, W) of each picture: (B, T, n, K, H, W); `picked`: see `ChangeCodec.show`."""
    frames = range(len(OWN_SHARES)) if picked is None else picked
    return torch.stack([last.lerp(now, OWN_SHARES[i]) for i in frames], dim=2)


def ease_coverage(now: Tensor, last: Tensor) -> Tensor:
    """Coverage (B, T, F cells, H, W), frame by frame, whose first frame follows the last one before."""
    frames = len(OWN_SHARES)
    own = now.unflatten(2, (frames, -1))
    end = last.unflatten(2, (frames, -1))[:, :, -1:]
    return torch.cat([end.lerp(own[:, :, :1], OWN_COVERAGE), own[:, :, 1:]], dim=2).flatten(2, 3)
