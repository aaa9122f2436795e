"""What people type, for callers that know no families; the words are `distill.wording`'s."""

from __future__ import annotations

from distill import wording
from distill.wording import (
    ALL_THINGS,
    COLORS,
    HELD,
    THINGS,
    UNKNOWN_THINGS,
)
from distill.wording import color as color_word
from distill.wording import thing as thing_word
from distill.wording.grammar import Rng
from distill.wording.grammar import choose as pick
from distill.wording.things import MORE_THINGS

# The filters there are, each with its family.
_FAMILIES: dict[str, wording.Family] = {
    "sketch": "style",
    "night": "weather",
    "sunset": "weather",
    "snow": "weather",
    "black_and_white": "style",
    "sepia": "style",
    "pixel_art": "style",
    "cartoon": "style",
    "invert": "style",
    "warm": "weather",
    "cold": "weather",
    "fog": "weather",
    "vintage": "style",
    "underwater": "weather",
    "night_vision": "style",
    "vivid": "weather",
    "brighter": "weather",
    "darker": "weather",
    "blurred": "weather",
}
GLOBAL: tuple[str, ...] = tuple(_FAMILIES)

__all__ = [
    "ALL_THINGS", "COLORS", "GLOBAL", "HELD", "MORE_THINGS", "THINGS", "UNKNOWN_THINGS",
    "color_word", "global_edit", "pick", "recolor", "remove", "thing_word", "unsupported",
]  # fmt: skip


def global_edit(name: str, rng: Rng) -> str:
    """An instruction for a filter of that name."""
    return wording.say(_FAMILIES[name], {"name": name}, rng)


def recolor(thing: str, color: str, rng: Rng) -> str:
    """An instruction to give a thing another colour."""
    return wording.say("recolor", {"thing": thing, "color": color_word(color, rng)}, rng)


def remove(thing: str, rng: Rng) -> str:
    """An instruction to remove a thing."""
    return wording.say("remove", {"thing": thing}, rng)


def unsupported(thing: str, rng: Rng) -> str:
    """An instruction that must leave the video as it is."""
    family: wording.Family = ("unsupported", "chatter", "no_op")[int(rng.integers(3))]
    slots = {"thing": thing} if family == "unsupported" else {}
    return wording.say(family, slots, rng)
