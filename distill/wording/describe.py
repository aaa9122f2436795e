"""What a scene shows, in a few words: the description that a depth map or a sketch is turned into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from distill.wording.agree import fill, size
from distill.wording.families import PHRASING, Half, Vocabulary
from distill.wording.grammar import Rng, choose

MAX_SIZE = 15
_HELD: dict[Half, tuple[str, ...]] = {
    "train": ("a hand holding {held}", "my hand holding {held}", "{held} in my hand"),
    "heldout": ("fingers gripping {held}", "{held} carried by my fingers"),
}
_WITH: dict[Half, tuple[str, ...]] = {
    "train": (" with {rest}", " and {rest}"),
    "heldout": (" near {rest}", " alongside {rest}"),
}
_ON_TABLE: dict[Half, tuple[str, ...]] = {
    "train": (" on a table", " on the table", ""),
    "heldout": (" upon a tabletop", " atop a counter"),
}
_PLACE: dict[Half, tuple[str, ...]] = {
    "train": (" in <a:place> {place}",),
    "heldout": (" within <a:place> {place}",),
}
_VIEW: dict[Half, tuple[str, ...]] = {
    "train": (", first-person view", ", seen from the front"),
    "heldout": (", egocentric", ", facing the wearer"),
}


class Seen(NamedTuple):
    """A thing as words: ("red", "mug"); `color` may be empty."""

    color: str
    thing: str


def _phrase(seen: Seen) -> str:
    words = f"{seen.color} {seen.thing}".strip()
    return fill("<a:thing> {words}", {"thing": seen.thing, "words": words})


def describe(
    things: Sequence[Seen],
    rng: Rng,
    *,
    held: Seen | None = None,
    place: str = "",
    view: str = "",
    vocabulary: Vocabulary = "train",
) -> str:
    """Such as "a hand holding a red mug and a blue plate on a table in a kitchen".

    `things` are those not held, the most visible first; `place` a word such as `draw.place` gives;
    `view` "table" (first person) or "frontal", or nothing. At most `MAX_SIZE` by `agree.size`: \
        what does not
    fit, the last things first, is left out.
    """
    half = PHRASING[vocabulary]
    head = choose(_HELD[half], rng).format(held=_phrase(held)) if held else ""
    where = fill(choose(_PLACE[half], rng), {"place": place}) if place else ""
    look = _VIEW[half][view == "frontal"] if view and rng.random() < 0.3 else ""
    order = list(things)
    for count in range(min(len(order), 3), -1, -1):
        rest = " and ".join(_phrase(seen) for seen in order[:count])
        joint = choose(_WITH[half], rng).format(rest=rest) if head and rest else rest
        table = choose(_ON_TABLE[half], rng) if rest or not head else ""
        text = f"{head}{joint or ('' if head else 'an empty place')}{table} {where}"
        text = " ".join(text.split())
        for full in (text + look, text):
            if size(full) <= MAX_SIZE:
                return full
    return text
