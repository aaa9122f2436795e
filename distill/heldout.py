"""Held-out examples at full size: fixed clips, fixed instructions, exact truth. For scores and sheets."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from torch import Tensor

from distill.filters import FILTERS
from distill.naming import A_HAND
from distill.pairs import Mix, Pair, PairSource

SEED = 424_242
LATENTS = 4
FULL_HW = (192, 256)
LOCAL = ("recolor", "remove")
# The edits that nano is asked for by name; the other filters only broaden its training.
GLOBAL = (
    "sketch", "night", "sunset", "snow", "black_and_white", "sepia", "pixel_art", "cartoon",
    "invert", "warm", "cold", "fog",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """A clip of 13 frames: pictures (13, 3, h, w), masks of the edit and of hands (13, 1, h, w)."""

    task: str
    text: str
    source: Tensor
    target: Tensor
    mask: Tensor
    hand: Tensor


def _flat(pair: Pair) -> Example:
    hand = (pair.seen == A_HAND).unsqueeze(2)
    frames = (x.flatten(0, 1)[3:] for x in (pair.source, pair.target, pair.mask, hand))
    return Example(pair.task, pair.text, *frames)


def examples(folder: Path, task: str, count: int) -> Iterator[Example]:
    """`count` examples of one task ("none" for what must be left alone)."""
    shares = {"recolor": Mix(1, 0, 0), "remove": Mix(0, 1, 0), "none": Mix(0, 0, 0)}
    source = PairSource(folder, shares.get(task, Mix(0, 0, 1, photo_share=0.0)))
    rng = np.random.default_rng((SEED, zlib.crc32(task.encode())))
    found = tried = 0
    while found < count and tried < 40 * count:
        seed = (SEED, int(rng.integers(2**31)))
        wanted = task if task in FILTERS else None
        pair = source.draw(seed, LATENTS, FULL_HW, only_filter=wanted)
        tried += 1
        # A draw falls back to "leave it alone" where a clip shows too little of its object.
        if pair.task == task:
            found += 1
            yield _flat(pair)
