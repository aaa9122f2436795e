"""Training examples out of video files: pairs of a dataset, and clips alone for edits that can be computed.

Implements `mixture.PairDrawer`. Frames are taken one after another at the file's own rate; a clip that is too
short holds its last frame, and an image becomes a still that the camera moves over.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np

from distill import wording
from distill.datasets.mixture import Shuffle
from distill.datasets.read import IMAGES, VIDEOS, Clip, Dataset, Edit, probe
from distill.datasets.tables import BadDataset
from distill.naming import unknown
from distill.pairs import Pair, finish
from distill.photos import pan
from distill.tasks.made import Made, filtered
from distill.windows import Pictures, Window, anywhere, cut_out, resize
from egostream.errors import BadVideo
from egostream.models.change_codec import STRIDE_T
from egostream.video_reader import VideoReader

log = logging.getLogger(__name__)
T = TypeVar("T")

FAMILIES: tuple[tuple[wording.Family, tuple[str, ...]], ...] = (
    ("style", wording.STYLES),
    ("weather", wording.WEATHERS),
)
DETOURS = 20  # videos that cannot be read before a run gives up
STILL_FIRST = 0.15  # how often a single latent frame is a stream's first


def read_frames(clip: Clip, first: int, count: int) -> Pictures:
    """(count, H, W, 3): consecutive frames, the last repeated where the file ends. Raises BadVideo."""
    rate = clip.rate
    start_s = max(0.0, (first - 0.5) / float(rate)) if rate else 0.0
    with VideoReader(clip.path, start_s) as reader:
        frames = [f.frame.rgb for f in islice(reader, count)]
    frames += [frames[-1]] * (count - len(frames))
    return np.stack(frames)


def _timing(rng: np.random.Generator, num_latents: int) -> tuple[int, bool, int]:
    """How many frames, whether they begin a stream, and the clock of the first."""
    still_first = num_latents > 1 or rng.random() < STILL_FIRST
    if still_first:
        return STRIDE_T * (num_latents - 1) + 1, True, 0
    return STRIDE_T * num_latents, False, int(rng.integers(1, 2000))


def _take(
    rng: np.random.Generator, clips: list[Clip], num_frames: int, size_hw: tuple[int, int]
) -> list[Pictures]:
    """The same stretch and region of clips that show the same scene."""
    longest = max(c.num_frames for c in clips)
    if longest == 1:
        stills = [read_frames(c, 0, 1)[0] for c in clips]
        H, W = stills[0].shape[:2]
        return pan(rng, [_to_size(s, (H, W)) for s in stills], num_frames, size_hw)
    first = int(rng.integers(max(1, longest - num_frames + 1)))
    window: Window | None = None
    taken = []
    for clip in clips:
        frames = read_frames(clip, first, num_frames)
        if window is None:
            window = anywhere(rng, (frames.shape[1], frames.shape[2]), size_hw, 0)
            full = (frames.shape[1], frames.shape[2])
        frames = np.stack([_to_size(f, full) for f in frames])
        taken.append(resize(cut_out(frames, window, num_frames), window, size_hw))
    return taken


def _readable(take: Callable[[int], T], first: int, count: int) -> T:
    """What `take` gives for item `first`, or for the next one that can be read: a download may have broken off.

    Raises BadDataset after `DETOURS` items: the same number always takes the same way.
    """
    for number in range(first, first + DETOURS):
        try:
            return take(number % count)
        except BadVideo as error:
            log.warning("left out: %s", error)
    raise BadDataset(f"{DETOURS} videos one after the other cannot be read")


def _to_size(picture: Pictures, size_hw: tuple[int, int]) -> Pictures:
    h, w = size_hw
    if picture.shape[:2] == size_hw:
        return picture
    return cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA).astype(np.uint8)


class DatasetPairs:
    """The pairs of a dataset. Raises BadDataset where there are none."""

    def __init__(self, dataset: Dataset, seed: int = 0) -> None:
        self.edits = [e for e in dataset.edits if e.target is not None]
        if not self.edits:
            raise BadDataset(f"{dataset.folder} has no pair to train on: {dataset.summary()}")
        self._order = Shuffle(len(self.edits), seed)

    def refresh(self) -> int:
        """Datasets do not grow."""
        return len(self.edits)

    def draw(self, seed: tuple[int, ...], num_latents: int, size_hw: tuple[int, int]) -> Pair:
        """See `mixture.PairDrawer`."""
        rng = np.random.default_rng(seed)
        num_frames, still_first, clock = _timing(rng, num_latents)

        def take(number: int) -> tuple[Edit, list[Pictures]]:
            edit = self.edits[number]
            assert edit.target is not None
            return edit, _take(rng, [edit.source, edit.target], num_frames, size_hw)

        edit, (source, target) = _readable(take, self._order[seed[-1]], len(self.edits))
        seen = unknown(num_frames, size_hw)
        task = edit.task or "edit"
        return finish(rng, Made(task, edit.instruction, source, target, seen), still_first, clock)


class Unpaired:
    """Videos and images of a folder, for the edits of the whole picture. Raises BadDataset."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in VIDEOS | IMAGES)
        self.clips, self.problems = list[Clip](), dict[Path, str]()
        for path in paths:
            try:
                self.clips.append(probe(path))
            except ValueError as error:
                self.problems[path] = str(error)
        if not self.clips:
            raise BadDataset(f"no video or image in {folder} can be read")
        self._order = Shuffle(len(self.clips), seed)

    def refresh(self) -> int:
        """Folders are read once."""
        return len(self.clips)

    def draw(self, seed: tuple[int, ...], num_latents: int, size_hw: tuple[int, int]) -> Pair:
        """See `mixture.PairDrawer`."""
        rng = np.random.default_rng(seed)
        num_frames, still_first, clock = _timing(rng, num_latents)

        def take(number: int) -> Pictures:
            return _take(rng, [self.clips[number]], num_frames, size_hw)[0]

        source = _readable(take, self._order[seed[-1]], len(self.clips))
        family, names = FAMILIES[int(rng.integers(len(FAMILIES)))]
        name = str(rng.choice(names))
        text = wording.say(family, {"name": name}, rng)
        made = Made(
            family, text, source, None, unknown(num_frames, size_hw), filtered(name), detail=name
        )
        return finish(rng, made, still_first, clock)
