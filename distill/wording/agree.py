"""Slots filled and made to agree: a or an, one thing or several.

Markers of a template, with the slot they agree with (`thing` if none is told):
`<a>` a/an by what follows · `<a:thing>` a/an/some · `<bare:other>` a/an, nothing for several ·
`<one:color>` "a red one", "red ones" · `<my>` my, where that can be said · `<is>` is/are ·
`<was>` was/were · `<has>` has/have · `<it>` it/them · `<its>` its/their · `<that>` that/those ·
`<this>` this/these · `<s>` the s of a verb.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from distill.wording.grammar import tidy
from distill.wording.words import COLORS, HELDOUT_COLORS

_TOKEN = re.compile(r"<(\w+)(?::(\w+))?>|\{(\w+)\}")
_ARTICLE = re.compile(r"@ (?=(\S+))")
_END_OF_HEAD = re.compile(r" (?:of|in|on|at|I|I'm|I've|my|that|used|made|filled|with|next)\b")
_WORDS = re.compile(r"\w+|[^\w\s]")
_PLURAL = frozenset(
    "scissors glasses grapes fries chips pliers headphones earphones spectacles eyeglasses "
    "sparkles flames stars bolts sparks colours fumes rays shears pincers tongs frites clouds puffs "
    "thunderbolts flashes arcs dots stripes colors".split()
)
_MASS = frozenset("bread cheese tape".split())
_PAIRS = {
    "is": ("is", "are"),
    "was": ("was", "were"),
    "has": ("has", "have"),
    "it": ("it", "them"),
    "its": ("its", "their"),
    "that": ("that", "those"),
    "this": ("this", "these"),
    "s": ("s", ""),
}
_MEANT = ("thing ", "object ", "item ", "one ")
_PAINTED = tuple(f"{w} " for t in (COLORS, HELDOUT_COLORS) for words in t.values() for w in words)
# What can be said of a thing only by its bare name: "a red {thing}" of a mug, not of a blue mug.
_NEEDS_NAME = re.compile(r"<a:thing>|<my>|\} \{thing\}")


@lru_cache(maxsize=4096)
def plural(phrase: str) -> bool:
    """Whether a thing is spoken of as several: scissors, not a pair of scissors."""
    return _END_OF_HEAD.split(phrase, maxsplit=1)[0].rsplit(" ", 1)[-1] in _PLURAL


@lru_cache(maxsize=4096)
def mass(phrase: str) -> bool:
    """Whether one says "some" of it: bread, not a loaf of bread."""
    return _END_OF_HEAD.split(phrase, maxsplit=1)[0].rsplit(" ", 1)[-1] in _MASS


@lru_cache(maxsize=4096)
def is_name(phrase: str) -> bool:
    """Whether it is a thing's bare name: neither "thing in my hand" nor "blue mug"."""
    return not phrase.startswith(_MEANT) and not phrase.startswith(_PAINTED)


@lru_cache(maxsize=1 << 14)
def _needs_name(template: str) -> bool:
    return _NEEDS_NAME.search(template) is not None


def fits(template: str, slots: Mapping[str, str]) -> bool:
    """Whether the template can be said of this thing."""
    return is_name(slots.get("thing", "")) or not _needs_name(template)


def a_or_an(word: str) -> str:
    """The article before a word."""
    if word.startswith(("uni", "use", "uku", "one", "eu", "ewer")):
        return "a"
    return "an" if word.startswith(tuple("aeiouAEIO8")) or word.startswith("hour") else "a"


def size(text: str) -> int:
    """About how many word pieces a text encoder reads: rare words, which are long, in several."""
    return sum(1 + len(word) // 7 for word in _WORDS.findall(text))


def without_article(phrase: str) -> str:
    """ "red mug" of "a red mug"."""
    first, _, rest = phrase.partition(" ")
    return rest if rest and first in ("a", "an", "some", "the") else phrase


def fill(template: str, slots: Mapping[str, str]) -> str:
    """The sentence. A slot that is missing is a `KeyError`."""

    def one(match: re.Match[str]) -> str:
        marker, of, slot = match.groups()
        if slot:
            return slots[slot]
        if marker == "a" and of is None:
            return "@"
        if marker == "one" and of:
            what = slots[of]
            return f"{what} ones" if plural(slots["thing"]) else f"{a_or_an(what)} {what} one"
        whom = slots[of or "thing"]
        if marker == "a":
            return "some" if plural(whom) or mass(whom) else "@"
        if marker == "bare":
            return "" if plural(whom) or mass(whom) else "@"
        if marker == "my":
            return "my"
        return _PAIRS[marker][plural(whom)]

    text = _TOKEN.sub(one, template)
    if "@" in text:
        text = _ARTICLE.sub(lambda m: f"{a_or_an(m[1])} ", text)
    return tidy(text)
