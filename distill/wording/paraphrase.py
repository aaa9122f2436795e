"""Other words for what a form says: verbs, nouns and frames exchanged for synonyms before slots are filled.

A line of `synonyms.SWAPS` is "found => other | another", with the regular expression of what it
may take the place of; "when ~ found => ..." asks for something else in the form, "when" negated by
a leading "!". Macros in capitals stand for what many lines share. An expression sees the form with
its slots and markers, so the same word is exchanged in one frame and left alone in another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from distill.wording.grammar import Rng, choose, lines, tidy
from distill.wording.noise import noisy
from distill.wording.synonyms import MACROS, SWAPS

# How many draws are reworded at all, and how many of the places found in those.
REWORDED, EXCHANGED = 0.5, 0.65
# A literal, or what stands there and what may stand there instead.
Part = str | tuple[str, ...]


@dataclass(frozen=True)
class Swap:
    """One exchange: forms it is for, what it takes out, and what it puts in."""

    when: re.Pattern[str] | None
    wanted: bool
    found: re.Pattern[str]
    instead: tuple[str, ...]


def _swap(line: str) -> Swap:
    found, instead = line.split(" => ")
    when, _, found = found.rpartition(" ~ ")
    return Swap(
        re.compile(when.removeprefix("!")) if when else None,
        not when.startswith("!"),
        re.compile(found),
        tuple(option.strip() for option in instead.split(" | ")),
    )


@cache
def swaps() -> tuple[Swap, ...]:
    """All exchanges, those that come first preferred where two overlap."""
    text = SWAPS.replace("\n    ", " ")
    for name, meaning in MACROS.items():
        text = re.sub(rf"\b{name}\b", meaning.replace("\\", r"\\"), text)
    return tuple(_swap(line) for line in lines(text))


@lru_cache(maxsize=1 << 15)
def _parts(form: str) -> tuple[Part, ...]:
    """The form cut into what stays and what may be exchanged."""
    spans: list[tuple[int, int, tuple[str, ...]]] = []
    for swap in swaps():
        if swap.when is not None and (swap.when.search(form) is not None) != swap.wanted:
            continue
        for match in swap.found.finditer(form):
            begin, end = match.span()
            if all(end <= other[0] or begin >= other[1] for other in spans):
                blank = " " * match[0].endswith(" ")
                spans.append((begin, end, tuple(match.expand(t) + blank for t in swap.instead)))
    parts: list[Part] = []
    done = 0
    for begin, end, instead in sorted(spans):
        parts += [form[done:begin], (form[begin:end], *instead)]
        done = end
    return (*parts, form[done:])


def paraphrase(form: str, rng: Rng, *, command: bool = False) -> str:
    """The form in other words, or, about every second time, as it is.

    With `command` nothing is put before or behind it, as it becomes a part of a combination.
    """
    if rng.random() >= REWORDED:
        return form
    said = tidy("".join(_said(part, rng) for part in _parts(form)))
    return said if command else noisy(said, rng)


def _said(part: Part, rng: Rng) -> str:
    if isinstance(part, str):
        return part
    return choose(part[1:], rng) if rng.random() < EXCHANGED else part[0]
