"""Exact edit pairs, composed on the fly: (source, target, instruction) from rendered layers and photographs.

Every sample is a function of its seed alone, so a run that resumes sees what it would have seen.
Shapes: T latent frames of F = 4 pictures each, (T, F, 3, h, w).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from distill import instructions
from distill.filters import FILTERS
from distill.naming import see, unknown
from distill.photos import pseudo_video
from distill.windows import Pictures, anywhere, cut_out, look_at, resize
from distill.world import palette
from distill.world.clips import ClipInfo, list_clips, load_clip
from distill.world.compose import color_table, compose
from egostream.models.change_codec import STRIDE_T, change_mask
from egostream.models.codec import group_frames

Seen = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Mix:
    """How often each task is drawn; the rest is "leave it alone"."""

    recolor: float = 0.48
    remove: float = 0.29
    whole: float = 0.14
    photo_share: float = 0.4


@dataclass(frozen=True, slots=True)
class Pair:
    """One example. `mask` (T, F, 1, h, w) says how much each pixel is edited, 0..1.

    `seen` (T, F, h, w): what the source shows there, as places in `distill.naming.NAMES`.
    """

    task: str
    text: str
    source: Tensor
    target: Tensor
    mask: Tensor
    clock: int
    seen: Tensor


class PairSource:
    """Draws pairs from a folder of rendered clips and from photographs."""

    def __init__(self, folder: Path, mix: Mix | None = None) -> None:
        self.folder = folder
        self.mix = mix or Mix()
        self._clips = list_clips(folder)
        if not self._clips:
            raise FileNotFoundError(
                f"no clips in {folder}; render some: python -m distill.world render --out {folder}"
            )
        self._infos: dict[Path, ClipInfo] = {}

    def refresh(self) -> int:
        """Look for clips rendered since; returns how many there are."""
        self._clips = list_clips(self.folder)
        return len(self._clips)

    def draw(
        self,
        seed: tuple[int, ...],
        num_latents: int,
        size_hw: tuple[int, int],
        only_filter: str | None = None,
    ) -> Pair:
        """A random pair of that many latent frames and size; edits of the whole picture of one kind."""
        rng = np.random.default_rng(seed)
        mix, u = self.mix, rng.random()
        # One latent frame alone is either in mid-stream (four pictures) or a still first one.
        still_first = num_latents > 1 or rng.random() < 0.15
        num_frames = STRIDE_T * (num_latents - 1) + 1 if still_first else STRIDE_T * num_latents
        clock = 0 if still_first else int(rng.integers(1, 2000))
        if u < mix.recolor + mix.remove:
            local = self._local(rng, u >= mix.recolor, num_frames, size_hw)
            if local is not None:
                task, text, source, target, seen = local
                return finish(rng, task, text, source, target, still_first, clock, seen)
        if u < mix.recolor + mix.remove + mix.whole and u >= mix.recolor + mix.remove:
            pictures, seen = self._plain(rng, num_frames, size_hw)
            name = only_filter or str(rng.choice(list(FILTERS)))
            text = instructions.global_edit(name, rng)
            return finish(rng, name, text, pictures, None, still_first, clock, seen)
        return self._leave_alone(rng, num_frames, size_hw, still_first, clock)

    def _clip(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], ClipInfo]:
        path = self._clips[int(rng.integers(len(self._clips)))]
        return load_clip(path)

    def _local(
        self, rng: np.random.Generator, remove: bool, num_frames: int, size_hw: tuple[int, int]
    ) -> tuple[str, str, Pictures, Pictures, Seen] | None:
        layers, info = self._clip(rng)
        kinds = [o.kind for o in info.objects]
        unique = [o for o in info.objects if kinds.count(o.kind) == 1 or o.id == info.target]
        choice = (
            info.target if remove or rng.random() < 0.5 else int(rng.choice([o.id for o in unique]))
        )
        first = int(rng.integers(layers.shape[0] - num_frames + 1))
        seg = np.asarray(layers[first : first + num_frames, ..., 6])
        window = look_at(rng, seg == choice, size_hw, first)
        if window is None:
            return None
        cut = cut_out(layers, window, num_frames)
        colors, names = _paint(info, rng)
        kind = info.object(choice).kind
        if any(
            o.id != choice and o.kind == kind and names[o.id] == names[choice] for o in info.objects
        ):
            return None  # two red cups: not even the colour says which one is meant
        thing = instructions.thing_word(kind, rng)
        if kinds.count(kind) > 1 or rng.random() < 0.15:
            thing = f"{instructions.color_word(names[choice], rng)} {thing}"
        elif info.held == choice and rng.random() < 0.2:
            thing = instructions.pick(instructions.HELD, rng)
        source = compose(cut[..., 0:3], cut[..., 3:6], cut[..., 6], color_table(colors))
        if remove:
            del colors[choice]
            target = compose(cut[..., 7:10], cut[..., 10:13], cut[..., 13], color_table(colors))
            text, task = instructions.remove(thing, rng), "remove"
        else:
            new = palette.other_name(names[choice], rng)
            colors[choice] = palette.jitter(new, rng, 0.5)
            target = compose(cut[..., 0:3], cut[..., 3:6], cut[..., 6], color_table(colors))
            text, task = instructions.recolor(thing, new, rng), "recolor"
        seen = see(cut[..., 6], info, size_hw, window.flip)
        return (
            task, text, resize(source, window, size_hw), resize(target, window, size_hw), seen,
        )  # fmt: skip

    def _plain(
        self, rng: np.random.Generator, num_frames: int, size_hw: tuple[int, int]
    ) -> tuple[Pictures, Seen]:
        if rng.random() < self.mix.photo_share:
            pictures = pseudo_video(rng, num_frames, size_hw)
            return pictures, unknown(num_frames, size_hw)
        pictures, seen, _ = self._scene(rng, num_frames, size_hw)
        return pictures, seen

    def _scene(
        self, rng: np.random.Generator, num_frames: int, size_hw: tuple[int, int]
    ) -> tuple[Pictures, Seen, set[str]]:
        """A composed clip, what it shows where, and the kinds of object in it."""
        layers, info = self._clip(rng)
        first = int(rng.integers(layers.shape[0] - num_frames + 1))
        window = anywhere(rng, (layers.shape[1], layers.shape[2]), size_hw, first)
        cut = cut_out(layers, window, num_frames)
        colors, _ = _paint(info, rng)
        pictures = compose(cut[..., 0:3], cut[..., 3:6], cut[..., 6], color_table(colors))
        seen = see(cut[..., 6], info, size_hw, window.flip)
        return resize(pictures, window, size_hw), seen, {o.kind for o in info.objects}

    def _leave_alone(
        self,
        rng: np.random.Generator,
        num_frames: int,
        size_hw: tuple[int, int],
        still_first: bool,
        clock: int,
    ) -> Pair:
        pictures, seen, kinds = self._scene(rng, num_frames, size_hw)
        absent = [k for k in instructions.THINGS if k not in kinds]
        if absent and rng.random() < 0.6:
            strange = rng.random() < 0.25
            kind = str(rng.choice(list(instructions.UNKNOWN_THINGS) if strange else absent))
            thing = instructions.thing_word(kind, rng)
            if rng.random() < 0.5:
                text = instructions.remove(thing, rng)
            else:
                text = instructions.recolor(thing, str(rng.choice(palette.NAMES)), rng)
        else:
            text = instructions.unsupported(str(rng.choice(list(instructions.THINGS))), rng)
        return finish(rng, "none", text, pictures, pictures, still_first, clock, seen)


def _paint(
    info: ClipInfo, rng: np.random.Generator
) -> tuple[dict[int, NDArray[np.float32]], dict[int, str]]:
    """A colour for every object, by id, and its name."""
    names = {
        o.id: o.default_color
        if rng.random() < 0.4 and o.default_color in palette.PALETTE
        else str(rng.choice(palette.NAMES))
        for o in info.objects
    }
    return {k: palette.jitter(n, rng) for k, n in names.items()}, names


def finish(
    rng: np.random.Generator,
    task: str,
    text: str,
    source: Pictures,
    target: Pictures | None,
    still_first: bool,
    clock: int,
    seen: Seen,
) -> Pair:
    """Camera look (gain, gamma, tint, noise) on both pictures alike; then the filter, if there is one."""
    gain = rng.uniform(0.75, 1.2) * rng.uniform(0.93, 1.07, 3)
    gamma = rng.uniform(0.8, 1.25)
    table = np.clip((np.arange(256)[:, None] / 255) ** gamma * gain, 0, 1).astype(np.float32)
    level = np.float32(rng.choice([0.0, 0.004, 0.012]))
    noise = level * rng.standard_normal(source.shape, dtype=np.float32)

    def look(pictures: Pictures) -> Tensor:
        channels = [table[:, c][pictures[..., c]] for c in range(3)]
        pixels = np.clip(np.stack(channels, axis=1) + noise.transpose(0, 3, 1, 2), 0, 1)
        return group_frames(torch.from_numpy(pixels)[None], STRIDE_T, still_first)[0]

    before = look(source)
    shown = group_frames(torch.from_numpy(seen)[None], STRIDE_T, still_first)[0]
    if target is not None:
        after = look(target)
        return Pair(task, text, before, after, change_mask(before, after), clock, shown)
    clocks = torch.arange(before.shape[0]) * STRIDE_T + (1 - STRIDE_T if still_first else clock)
    after = FILTERS[task](before, clocks)
    return Pair(task, text, before, after, torch.ones_like(before[:, :, :1]), clock, shown)
