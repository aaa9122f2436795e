"""Held-out examples at full size: fixed clips, fixed instructions, exact truth. For scores and sheets."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from distill import wording
from distill.naming import A_HAND
from distill.pairs import Pair, PairSource, only
from distill.wording import Vocabulary
from distill.world.clips import list_clips
from distill.world.truth import load_truth, truth_path
from egostream.errors import EgostreamError

SEED = 424_242
LATENTS = 4
FULL_HW = (192, 256)


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the bench: a task, or one style, weather or effect of it; `group` is EgoEditBench's task."""

    name: str
    task: str
    group: str
    sub: str | None = None


# The fifteen tasks of EgoEditBench (arXiv 2512.06065, section 4.4).
ENTRIES: tuple[Entry, ...] = (
    Entry("recolor", "recolor", "change_object"),
    Entry("material", "material", "change_object"),
    Entry("shape", "shape", "change_object"),
    *(Entry(e, "object_effect", "change_object", e) for e in wording.EFFECTS),
    Entry("add", "add", "add"),
    Entry("remove", "remove", "remove"),
    Entry("background", "background", "background"),
    Entry("camera", "camera", "camera"),
    *(Entry(w, "weather", "add_effect", w) for w in wording.WEATHERS),
    *(Entry(s, "style", "style", s) for s in wording.STYLES),
    Entry("reasoning", "reasoning", "reasoning"),
    Entry("combined", "combined", "combined"),
    *(
        Entry(name, name, name)
        for name in (
            "depth_to_video", "sketch_to_video", "pose_to_video",
            "video_to_depth", "video_to_sketch", "video_to_pose",
        )
    ),
    Entry("none", "none", "none"),
)  # fmt: skip
BY_NAME = {e.name: e for e in ENTRIES}
GLOBAL = tuple(e.name for e in ENTRIES if e.group in ("add_effect", "style"))
LOCAL = tuple(e.name for e in ENTRIES if e.group in ("change_object", "add", "remove", "reasoning"))


class NoClips(EgostreamError):
    """There is nothing to draw examples from."""


def need_clips(folder: Path) -> None:
    """Raises NoClips, which tells how to make some, where there are none."""
    if not list_clips(folder):
        raise NoClips(
            f"no held-out clips in {folder}; render them: python -m distill.world render "
            f"--out {folder} --clips 64 --split heldout --truth"
        )


@dataclass(frozen=True, slots=True)
class Example:
    """A clip of 13 frames: pictures (13, 3, h, w), masks of the edit and of hands (13, 1, h, w).

    Where the target's motion is known: `flow` (12, 2, h, w), pixels x and y to the next frame, and `valid`
    (12, 1, h, w) where the point is seen there too.
    """

    task: str
    text: str
    source: Tensor
    target: Tensor
    mask: Tensor
    hand: Tensor
    detail: str = ""
    flow: Tensor | None = None
    valid: Tensor | None = None


def _flat(pair: Pair) -> Example:
    hand = (pair.seen == A_HAND).unsqueeze(2)
    source, target, mask, hand = (
        x.flatten(0, 1)[3:] for x in (pair.source, pair.target, pair.mask, hand)
    )
    motion = true_motion(pair)
    return Example(pair.task, pair.text, source, target, mask, hand, pair.detail, *motion)


def true_motion(pair: Pair) -> tuple[Tensor | None, Tensor | None]:
    """`Example.flow` and `.valid`, from the truth beside the clip; of excerpts of the clip's own size."""
    shot = pair.shot
    if shot is None or pair.motion is None or not truth_path(shot.clip.path).exists():
        return None, None
    truth, window = load_truth(shot.clip.path), shot.window
    if shot.size_hw != (window.h, window.w) or shot.size_hw != truth.full.depth.shape[1:]:
        return None, None
    motion = truth.bare if pair.motion == "bare" else truth.full
    steps = slice(window.first, window.first + len(shot.layers) - 1)
    moved, valid = motion.flow[steps], motion.valid[steps]
    if window.flip:
        moved, valid = moved[:, :, ::-1] * np.array([-1, 1], np.float32), valid[:, :, ::-1]
    if shot.lens is not None:
        moved, valid = shot.lens.flow(moved), shot.lens.nearest(valid)
    flow = torch.from_numpy(np.ascontiguousarray(moved, np.float32)).permute(0, 3, 1, 2)
    return flow, torch.from_numpy(np.ascontiguousarray(valid))[:, None]


def examples(
    folder: Path,
    entry: Entry,
    count: int,
    vocabulary: Vocabulary = "train",
    unseen: bool = False,
) -> Iterator[Example]:
    """`count` examples; worded as in training or not, of combinations seen in training or not."""
    source = PairSource(folder, only(entry.task), vocabulary, unseen, entry.sub)
    rng = np.random.default_rng((SEED, zlib.crc32(entry.name.encode())))
    found = tried = 0
    while found < count and tried < 40 * count:
        seed = (SEED, int(rng.integers(2**31)))
        pair = source.draw(seed, LATENTS, FULL_HW)
        tried += 1
        # A draw falls back to "leave it alone" where a clip shows too little of its object.
        if pair.task == entry.task:
            found += 1
            yield _flat(pair)
