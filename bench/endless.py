"""An endless egocentric video with the exact truth of one edit, made of short rendered clips.

A clip of 13 frames is played forwards and backwards, without a jump, until the scene changes. The scenes of a
minute are the same in every minute, so that what differs between minutes is the editor and not what it sees.
Everything is a function of the seed. The truth of a style or weather is its filter with the stream's own clock;
that of an edit of one thing is composed from the clip's layers.
"""

from __future__ import annotations

import zlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from distill import wording
from distill.filters import FILTERS
from distill.heldout import Example
from distill.tasks.draw import Clip, Draw, Shot
from distill.tasks.made import filtered
from distill.windows import MIN_AREA, Pictures
from distill.world import palette
from distill.world.clips import ClipInfo, list_clips, load_info, load_layers
from distill.world.compose import HAND, Array
from egostream.frames import Frame
from egostream.models.change_codec import change_mask

LOCAL = ("recolor", "remove")
EDITS = (*LOCAL, *FILTERS)
COLOR = "blue"  # what things are recoloured to
TRIES = 8  # a window that shows enough of the thing is drawn at random


class NoScene(Exception):
    """The clips show nothing that the edit could be asked for."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A clip and its edit: pictures (n, h, w, 3) uint8, hands (n, 1, h, w) in 0..1.

    `target` None: the truth is a filter of the source.
    """

    source: Pictures
    target: Pictures | None
    hand: Tensor
    fps: float


def there_and_back(number: int, length: int) -> int:
    """Where a ping-pong over `length` pictures is after `number` steps: 0, 1, … length - 1, … 1, 0, 1, …"""
    if length == 1:
        return 0
    at = number % (2 * length - 2)
    return min(at, 2 * length - 2 - at)


@dataclass(frozen=True, slots=True)
class Endless:
    """The video and its truth. Scenes follow one another every `scene_frames`, round and round."""

    edit: str
    text: str
    scenes: tuple[Scene, ...]
    scene_frames: int
    fps: float

    def at(self, number: int) -> tuple[Scene, int]:
        """The scene of a frame of the stream, and which of the scene's pictures it is."""
        turn, since = divmod(number, self.scene_frames)
        if len(self.scenes) == 1:
            since = number  # no cut, so no start anew either
        scene = self.scenes[turn % len(self.scenes)]
        return scene, there_and_back(round(since * scene.fps / self.fps), len(scene.source))

    def frame(self, number: int) -> Frame:
        """A frame as the editor takes it; its timestamp is its number."""
        scene, at = self.at(number)
        return Frame(np.ascontiguousarray(scene.source[at]), number)

    def example(self, first: int, count: int) -> Example:
        """`count` frames from `first` on with their truth."""
        places = [self.at(i) for i in range(first, first + count)]
        source = _tensor([scene.source[at] for scene, at in places])
        if self.edit in LOCAL:
            target = _tensor([s.target[at] for s, at in places if s.target is not None])
            mask = change_mask(source, target)
        else:
            target, whole = filtered(self.edit)(source, first)
            assert whole is not None
            mask = whole
        hand = torch.stack([scene.hand[at] for scene, at in places])
        return Example(self.edit, self.text, source, target, mask, hand, self.edit)

    def cut_within(self, first: int, count: int) -> bool:
        """Whether the scene changes between two of these frames."""
        return len(self.scenes) > 1 and (first // self.scene_frames) != (
            (first + count - 1) // self.scene_frames
        )


def _tensor(pictures: Sequence[Pictures]) -> Tensor:
    return torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2).float() / 255


def endless(
    folder: Path, edit: str, *, num_scenes: int, scene_frames: int, fps: float,
    size_hw: tuple[int, int], seed: int = 0,
) -> Endless:  # fmt: skip
    """The video of an edit, of `num_scenes` scenes in turn. Raises NoScene.

    Edits of a thing take clips that show one and only one of the kind that the most clips show, so that one
    instruction holds throughout. With fewer clips than scenes, clips come again with other colours.
    """
    if edit not in EDITS:
        raise ValueError(f"{edit!r} cannot be edited endlessly; known: {EDITS}")
    rng = np.random.default_rng((seed, zlib.crc32(edit.encode())))
    there = list_clips(folder)
    paths = [there[i] for i in rng.permutation(len(there))]
    kind = ""
    if edit in LOCAL:
        infos = {path: load_info(path) for path in paths}
        kind = _commonest(list(infos.values()), edit, num_scenes)
        paths = [path for path, info in infos.items() if _number(info, edit, kind)]
    scenes: list[Scene] = []
    tried = 0
    while len(scenes) < num_scenes and paths and tried < TRIES * num_scenes:
        made = _scene(paths[tried % len(paths)], edit, kind, size_hw, rng)
        scenes += [made] if made else []
        tried += 1
    if len(scenes) < num_scenes:
        raise NoScene(f"the clips in {folder} give no scenes to {edit}: render more of them")
    return Endless(edit, _say(edit, kind, rng), tuple(scenes), scene_frames, fps)


def _number(info: ClipInfo, edit: str, kind: str) -> int:
    """The one thing of that kind in a clip, if it can be edited and is large enough; else 0."""
    found = [o for o in info.objects if o.kind == kind]
    if len(found) != 1 or found[0].mean_area < MIN_AREA:
        return 0
    return found[0].id if edit == "recolor" or found[0].id == info.target else 0


def _commonest(infos: Sequence[ClipInfo], edit: str, wanted: int) -> str:
    """The kind with clips for as many of the scenes as can be; of such, the one seen largest. Raises NoScene."""
    counts: Counter[str] = Counter()
    areas: dict[str, float] = defaultdict(float)
    for info in infos:
        for kind in {o.kind for o in info.objects}:
            if number := _number(info, edit, kind):
                counts[kind] += 1
                areas[kind] += info.object(number).mean_area
    if not counts:
        raise NoScene(f"no clip shows one thing that is large enough to {edit}")
    return max(sorted(counts), key=lambda k: (min(counts[k], wanted), areas[k] / counts[k]))


def same_scenes(
    path: Path, edits: Sequence[str], *, fps: float, size_hw: tuple[int, int], seed: int = 0
) -> list[Endless]:
    """One clip for ever, once for each of the edits; the pictures before are the same. Raises NoScene."""
    rng = np.random.default_rng((seed, zlib.crc32(path.stem.encode())))
    info = load_info(path)
    kind = next((o.kind for o in info.objects if o.id == info.target), "")
    number = _number(info, "remove", kind)
    for _ in range(TRIES if number else 0):
        shot = _shoot(path, number, size_hw, rng)
        if shot is not None:
            now = palette.jitter(COLOR, rng, 0.5)
            source = shot.picture()
            return [
                Endless(
                    edit, _say(edit, kind, rng),
                    (Scene(source, _after(shot, edit, now), shot.mask(HAND), info.fps),),
                    scene_frames=1, fps=fps,
                )
                for edit in edits
            ]  # fmt: skip
    raise NoScene(f"{path} does not show one thing that can be taken away, and large enough")


def _shoot(
    path: Path, number: int, size_hw: tuple[int, int], rng: np.random.Generator
) -> Shot | None:
    """The clip in random colours, the thing of that number (if not 0) not in `COLOR`; None where it is hardly seen."""
    clip = Clip(load_layers(path), load_info(path), path)
    draw = Draw(rng, rng, lambda _: clip, len(clip.layers), size_hw)
    shot = draw.shot(choice=(lambda _: number) if number else None)
    if shot is not None and number:
        shot.colors[number] = palette.jitter(palette.other_name(COLOR, rng), rng)
    return shot


def _scene(
    path: Path, edit: str, kind: str, size_hw: tuple[int, int], rng: np.random.Generator
) -> Scene | None:
    """The clip with its truth; None where the window shows too little of the thing."""
    info = load_info(path)
    number = _number(info, edit, kind) if edit in LOCAL else 0
    shot = _shoot(path, number, size_hw, rng)
    if shot is None:
        return None
    after = _after(shot, edit, palette.jitter(COLOR, rng, 0.5))
    return Scene(shot.picture(), after, shot.mask(HAND), info.fps)


def _after(shot: Shot, edit: str, color: Array) -> Pictures | None:
    """The pictures after an edit of a thing."""
    if edit == "remove":
        return shot.picture("bare")
    return shot.picture(colors=shot.colors | {shot.number: color}) if edit == "recolor" else None


def _say(edit: str, kind: str, rng: np.random.Generator) -> str:
    if edit == "remove":
        return wording.say("remove", {"thing": wording.thing(kind, rng)}, rng)
    if edit == "recolor":
        slots = {"thing": wording.thing(kind, rng), "color": wording.color(COLOR, rng)}
        return wording.say("recolor", slots, rng)
    return wording.say("style" if edit in wording.STYLES else "weather", {"name": edit}, rng)
