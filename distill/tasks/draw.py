"""One draw: the chances of an example, and the shot of a clip that it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from distill import wording
from distill.backdrops import backdrop, stand_before
from distill.naming import see
from distill.tasks.made import Seen
from distill.windows import Pictures, Window, anywhere, cut_out, look_at, resize
from distill.wording import Family, Vocabulary
from distill.world import palette
from distill.world.clips import ClipInfo, ObjectInfo
from distill.world.compose import NEARNESS, TWIN, Array, View, color_table, compose_view, ids_of
from distill.world.lens import STRONGEST, Bend
from egostream.errors import EgostreamError


class ShortClip(EgostreamError):
    """A clip has fewer frames than what is asked for."""


class Clip(NamedTuple):
    """A rendered clip: layers (T, H, W, 22), what they show, and where its files are."""

    layers: NDArray[np.uint8]
    info: ClipInfo
    path: Path


HELD_WORDS = 0.15


@dataclass(slots=True)
class Draw:
    """`clip` gives a random clip; `unseen` asks for combinations of words that training leaves out.
    `words` is what wordings are drawn with: another vocabulary does not change the pictures.

    `last` is the shot taken last. `sub` fixes the style, effect and so on of a task that has several. `staged` is
    how often another place is behind what a shot shows.
    """

    rng: np.random.Generator
    words: np.random.Generator
    clip: Callable[[np.random.Generator], Clip]
    num_frames: int
    size_hw: tuple[int, int]
    photo_share: float = 0.0
    bent: float = 0.0
    staged: float = 0.0
    vocabulary: Vocabulary = "train"
    unseen: bool = False
    sub: str | None = None
    last: Shot | None = field(default=None, init=False)

    def say(self, family: Family, *, command: bool = False, **slots: str) -> str:
        return wording.say(family, slots, self.words, self.vocabulary, command=command)

    def one_of(self, names: tuple[str, ...]) -> str:
        """`sub`, or any of the names."""
        return self.sub if self.sub in names else str(self.rng.choice(names))

    def fits(self, family: Family, a: str, b: str) -> bool:
        """Whether a combination is for this draw, and not for tests (or for training) alone."""
        return wording.withheld(family, a, b) == self.unseen

    def may(self, family: str, a: str, b: str) -> bool:
        """Whether a combination may be part of a larger edit: training must not see it there either."""
        return self.unseen or not wording.withheld(family, a, b)

    def shot(
        self,
        clip: Clip | None = None,
        choice: Callable[[ClipInfo], int] | None = None,
        view: View = "full",
        own_place: bool = False,
    ) -> Shot | None:
        """An excerpt of a clip; with a choice, one that shows this object well, or None.

        `own_place`: the edit is of the place or the eye, so the clip's own surroundings must stay.
        """
        clip = clip or self.clip(self.rng)
        layers, info, path = clip
        if layers.shape[0] < self.num_frames:
            raise ShortClip(
                f"{path.name} has {layers.shape[0]} frames where {self.num_frames} are needed: render "
                f"it again, into an empty folder, with --frames {self.num_frames} or more"
            )
        first = int(self.rng.integers(layers.shape[0] - self.num_frames + 1))
        number = choice(info) if choice else 0
        if number:
            ids = np.asarray(ids_of(layers[first : first + self.num_frames], view))
            window = look_at(self.rng, ids == number, self.size_hw, first)
            if window is None:
                return None
        else:
            window = anywhere(self.rng, (layers.shape[1], layers.shape[2]), self.size_hw, first)
        cut = cut_out(layers, window, self.num_frames)
        lens = None
        if self.bent and self.rng.random() < self.bent:
            lens = Bend(float(self.rng.uniform(0, STRONGEST)), *self.size_hw)
        self.last = Shot(clip, cut, window, self.size_hw, number, *paint(info, self.rng), lens)
        if self.staged and not own_place and self.rng.random() < self.staged:
            self.last.behind = backdrop(self.rng, self.num_frames, (window.h, window.w))
        return self.last


@dataclass(slots=True)
class Shot:
    """An excerpt of a clip, and the colours its objects have this time. `number` is the object meant; `behind`
    are the surroundings, (n, window's h, w, 3), if they are not the clip's own.
    """

    clip: Clip
    layers: NDArray[np.uint8]
    window: Window
    size_hw: tuple[int, int]
    number: int
    colors: dict[int, Array]
    names: dict[int, str]
    lens: Bend | None = None
    behind: Pictures | None = None
    kinds: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self.kinds = [o.kind for o in self.info.objects]

    @property
    def info(self) -> ClipInfo:
        return self.clip.info

    @property
    def thing(self) -> ObjectInfo:
        """The object meant."""
        return self.info.object(self.number)

    @property
    def mirrored(self) -> bool:
        return self.window.flip

    def picture(self, view: View = "full", colors: dict[int, Array] | None = None) -> Pictures:
        """(n, h, w, 3) uint8, in these colours or its own."""
        table = color_table(self.colors if colors is None else colors)
        picture = compose_view(self.layers, view, table)
        if self.behind is not None:
            picture = stand_before(picture, ids_of(self.layers, view), self.behind)
        return self._shown(picture)

    def _shown(self, pictures: Pictures) -> Pictures:
        """Of the excerpt's size, mirrored if it is, and through the lens if there is one."""
        shown = resize(pictures, self.window, self.size_hw)
        return self.lens.pictures(shown) if self.lens else shown

    def _soft(self, values: NDArray[np.uint8]) -> Tensor:
        """Masks and the like (n, H, W) as they are shown, (n, 1, h, w) in 0..1."""
        shown = self._shown(values[..., None].repeat(3, -1))[..., 0]
        return torch.from_numpy(np.ascontiguousarray(shown))[:, None].float() / 255

    def seen(self, view: View = "full") -> Seen:
        """What is where, see `naming.see`."""
        names = see(ids_of(self.layers, view), self.info, self.size_hw, self.window.flip)
        return self.lens.nearest(names) if self.lens else names

    def mask(self, number: int, view: View = "full") -> Tensor:
        """Where an object (or `HAND`) is seen, (n, 1, h, w) in 0..1."""
        return self._soft(np.asarray(ids_of(self.layers, view) == number, np.uint8) * 255)

    def nearness(self) -> Tensor:
        """How near everything is, (n, 1, h, w) in 0..1."""
        return self._soft(self.layers[..., NEARNESS])

    def joints(self) -> NDArray[np.float32]:
        """Hands' joints in pixels of the excerpt, (n, hands, 21, 2), whatever is before them."""
        window, (h, w) = self.window, self.size_hw
        rows = self.info.joints[window.first : window.first + len(self.layers)]
        found = np.asarray(rows, np.float32).reshape(len(rows), -1, 21, 3)
        at = (found[..., :2] - [window.x, window.y] + 0.5) * [w / window.w, h / window.h] - 0.5
        if window.flip:
            at[..., 0] = w - 1 - at[..., 0]
        if self.lens:
            at = self.lens.points(at)
        return at.astype(np.float32)

    def refer(self, draw: Draw, number: int | None = None) -> str | None:
        """Words for an object that mean it alone, after "the"; None where there are none."""
        number = self.number if number is None else number
        kind = self.info.object(number).kind
        word = wording.thing(kind, draw.words, draw.vocabulary)
        if self.kinds.count(kind) > 1:
            alike = [o.id for o in self.info.objects if o.kind == kind and o.id != number]
            if any(self.names[o] == self.names[number] for o in alike):
                return None
            return f"{wording.color(self.names[number], draw.words, draw.vocabulary)} {word}"
        if self.info.held == number and draw.words.random() < HELD_WORDS:
            words = (
                wording.HELD if wording.WORDS[draw.vocabulary] == "train" else wording.HELDOUT_HELD
            )
            return str(draw.words.choice(words))
        if draw.words.random() < 0.12:
            return f"{wording.color(self.names[number], draw.words, draw.vocabulary)} {word}"
        return word


def paint(info: ClipInfo, rng: np.random.Generator) -> tuple[dict[int, Array], dict[int, str]]:
    """A colour for every object, by id, and its name; the twin has the target's."""
    names = {
        o.id: o.default_color
        if rng.random() < 0.4 and o.default_color in palette.PALETTE
        else str(rng.choice(palette.NAMES))
        for o in info.objects
    }
    colors = {k: palette.jitter(n, rng) for k, n in names.items()}
    colors[TWIN], names[TWIN] = colors[info.target], names[info.target]
    return colors, names


def target_of(info: ClipInfo) -> int:
    """A choice: the object that the bare view leaves out."""
    return info.target
