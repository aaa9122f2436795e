"""Effects that follow a thing, as exact picture functions: the truth for "set the cup on fire", and so on.

Each takes pictures (F, 3, h, w) in 0..1, the mask (F, 1, h, w) of what is seen of the thing, the mask of the hands
in front of it, and the frame number of the first picture; it returns the edited pictures and how much each pixel
was changed, (F, 1, h, w) in 0..1. Functions of these alone, measured from each frame's own mask: where it is
empty nothing changes, and a thing twice as big gets twice the flames. Hands only catch the light.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from distill.effects.fire import fire, smoke
from distill.effects.light import glow, lightning, rainbow, sparkles

__all__ = ["EFFECTS", "Effect"]

Effect = Callable[[Tensor, Tensor, Tensor, int], tuple[Tensor, Tensor]]

EFFECTS: dict[str, Effect] = {
    "glow": glow,
    "fire": fire,
    "sparkles": sparkles,
    "smoke": smoke,
    "rainbow": rainbow,
    "lightning": lightning,
}
