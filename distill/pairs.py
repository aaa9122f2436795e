"""Exact edit pairs, composed on the fly: (source, target, instruction) from rendered layers and photographs.

Every sample is a function of its seed alone, so a run that resumes sees what it would have seen.
Shapes: T latent frames of F = 4 pictures each, (T, F, 3, h, w).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from distill.tasks import TASKS
from distill.tasks.draw import Clip, Draw, Shot
from distill.tasks.made import Made
from distill.windows import Pictures
from distill.wording import Vocabulary
from distill.world.clips import ClipInfo, list_clips, load_info, load_layers
from distill.world.compose import View
from distill.world.look import camera_look
from egostream.models.change_codec import STRIDE_T, change_mask
from egostream.models.codec import group_frames

# A clip may show too little of its object, or lack what a task needs: so often another is tried.
TRIES = 8
# Of the camera's look: some clips are as clean as a render, some worse than a small head camera.
STRENGTHS = (0.0, 0.5, 1.0, 1.6)
SHARES: dict[str, float] = {
    "recolor": 0.22, "remove": 0.15, "add": 0.06, "material": 0.07, "shape": 0.06,
    "object_effect": 0.09, "reasoning": 0.05, "combined": 0.05, "background": 0.05,
    "style": 0.06, "weather": 0.06, "camera": 0.01, "video_to_depth": 0.01,
    "video_to_sketch": 0.01, "video_to_pose": 0.01, "depth_to_video": 0.003,
    "sketch_to_video": 0.003, "pose_to_video": 0.003, "none": 0.06,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mix:
    """How often each task is drawn (shares need not sum to 1), and how often a photograph is the source
    of a style or weather; `bent` is how often a clip is seen through a wide lens, `staged` how often another
    place is behind its things and hands (see `backdrops`). `egocentric` is the share of first-person clips that
    are used at all: those with a hand, seen from the head; clips seen from a desk or without hands always are.
    `world` weighs the rendered world against what else is trained on.
    """

    shares: Mapping[str, float] = field(default_factory=lambda: dict(SHARES))
    photo_share: float = 0.3
    bent: float = 0.35
    staged: float = 0.4
    egocentric: float = 1.0
    world: float = 1.0


def only(task: str, photo_share: float = 0.0) -> Mix:
    """That task alone, of clips as they were rendered (and photographs)."""
    return Mix({task: 1.0}, photo_share, bent=0.0, staged=0.0)


@dataclass(frozen=True, slots=True)
class Pair:
    """One example. `mask` (T, F, 1, h, w) says how much each pixel is edited, 0..1.

    `seen` (T, F, h, w): what the source shows there, as places in `distill.naming.NAMES`. `detail` is the
    style, effect, colour, … of a task that has several; `shot` where in which clip it was taken, if in one; the
    target moves like the clip's view `motion`.
    """

    task: str
    text: str
    source: Tensor
    target: Tensor
    mask: Tensor
    clock: int
    seen: Tensor
    detail: str = ""
    shot: Shot | None = None
    motion: View | None = None


def is_egocentric(info: ClipInfo) -> bool:
    """Seen from the head of someone whose hand is there."""
    return info.view == "table" and info.hand != "none"


class PairSource:
    """Draws pairs from a folder of rendered clips and from photographs.

    `vocabulary` "heldout" words them as training never does; `unseen` takes only combinations (a lime toaster,
    a cake on fire) that training leaves out; `sub` fixes the style, effect, … of a task that has several.
    """

    def __init__(
        self,
        folder: Path,
        mix: Mix | None = None,
        vocabulary: Vocabulary = "train",
        unseen: bool = False,
        sub: str | None = None,
    ) -> None:
        self.folder = folder
        self.mix = mix or Mix()
        unknown = set(self.mix.shares) - set(TASKS)
        if unknown:
            raise ValueError(f"no such tasks: {sorted(unknown)}; there are {sorted(TASKS)}")
        self._vocabulary: Vocabulary = vocabulary
        self._unseen, self._sub = unseen, sub
        total = sum(self.mix.shares.values())
        self._tasks = list(self.mix.shares)
        self._odds = [self.mix.shares[t] / total for t in self._tasks]
        self._infos: dict[Path, ClipInfo] = {}
        if not self.refresh():
            raise FileNotFoundError(
                f"no clips in {folder}; render some: python -m distill.world render --out {folder}"
            )

    def refresh(self) -> int:
        """Look for clips rendered since; returns how many there are."""
        self._clips = [path for path in list_clips(self.folder) if self._used(path)]
        return len(self._clips)

    def _used(self, path: Path) -> bool:
        if self.mix.egocentric >= 1 or not is_egocentric(self._info(path)):
            return True
        return zlib.crc32(path.stem.encode()) / 2**32 < self.mix.egocentric

    def _info(self, path: Path) -> ClipInfo:
        if path not in self._infos:
            self._infos[path] = load_info(path)
        return self._infos[path]

    def _clip(self, rng: np.random.Generator) -> Clip:
        path = self._clips[int(rng.integers(len(self._clips)))]
        return Clip(load_layers(path), self._info(path), path)

    def draw(self, seed: tuple[int, ...], num_latents: int, size_hw: tuple[int, int]) -> Pair:
        """A random pair of that many latent frames and size.

        Where the clips give no example of the task drawn, it is "leave it alone".
        """
        rng = np.random.default_rng(seed)
        # One latent frame alone is either in mid-stream (four pictures) or a still first one.
        still_first = num_latents > 1 or rng.random() < 0.15
        num_frames = STRIDE_T * (num_latents - 1) + 1 if still_first else STRIDE_T * num_latents
        clock = 0 if still_first else int(rng.integers(1, 2000))
        draw = Draw(
            rng, np.random.default_rng((*seed, 1)), self._clip, num_frames, size_hw,
            self.mix.photo_share, self.mix.bent, self.mix.staged, self._vocabulary, self._unseen,
            self._sub,
        )  # fmt: skip
        task = self._tasks[int(rng.choice(len(self._tasks), p=self._odds))]
        for attempt in range(TRIES + 1):
            made = TASKS[task if attempt < TRIES else "none"](draw)
            if made is not None:
                pair = finish(rng, made, still_first, clock)
                return replace(pair, shot=draw.last, motion=made.motion)
        raise RuntimeError(f"no clip in {self.folder} can be shown at {size_hw}")


def finish(rng: np.random.Generator, made: Made, still_first: bool, clock: int) -> Pair:
    """One camera sees both pictures; then the task does what it does to what was seen."""
    camera = camera_look(rng, float(rng.choice(STRENGTHS)))

    def look(pictures: Pictures) -> Tensor:
        seen = torch.from_numpy(camera.apply(pictures, first=clock))
        return seen.movedim(-1, 1).contiguous().float() / 255

    before = look(made.source)
    after = before if made.target is None else look(made.target)
    mask = None
    if made.finish is not None:
        after, mask = made.finish(after, clock)
        # What was changed before it counts too: the thing that was removed under a new style.
        if made.target is not None:
            mask = torch.ones_like(mask) if mask is not None else None
    if made.source_finish is not None:
        before, mask = made.source_finish(before, clock)
    if mask is None:
        mask = change_mask(before, after)
    grouped = (
        group_frames(x[None], STRIDE_T, still_first)[0]
        for x in (before, after, mask, torch.from_numpy(made.seen))
    )
    before, after, mask, seen = grouped
    return Pair(made.task, made.text, before, after, mask, clock, seen, made.detail)
