"""Small grammars: templates with choices, expanded once into forms, from which a draw takes one.

"(make|turn) the {thing} {color}" has two forms. Braces are slots, to be filled later; markers such
as `<is>` agree with what fills them, see `agree`. A grammar tells commands, which may follow "can
you", from statements and from mere fragments ("red mug"), which stand alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

Rng = np.random.Generator
# The choices of one template.
Line = tuple[str, ...]
Option = TypeVar("Option")

_GROUP = re.compile(r"\(([^()]*)\)")
# How often something stands before a command, behind it, or both.
OPENED, CLOSED, BOTH = 0.18, 0.10, 0.03
COMMAND, STATEMENT = 0.68, 0.88
PLAIN = 0.45


def expand(template: str) -> Line:
    """All the forms of a template, blanks put right."""
    return tuple(dict.fromkeys(tidy(form) for form in _expand(template)))


def tidy(text: str) -> str:
    """Single blanks, none before a comma or a question mark."""
    return " ".join(text.split()).replace(" ,", ",").replace(" ?", "?")


def _expand(template: str) -> Iterator[str]:
    group = _GROUP.search(template)
    if group is None:
        yield template
        return
    for option in group[1].split("|"):
        yield from _expand(template[: group.start()] + option + template[group.end() :])


def lines(text: str) -> tuple[str, ...]:
    """The templates of a block, one a line."""
    return tuple(line.strip() for line in text.strip().splitlines() if line.strip())


def choose(options: tuple[Option, ...], rng: Rng) -> Option:
    """One of the options."""
    # Several times as fast as `integers`, and of a few options each is as likely as any other.
    return options[int(rng.random() * len(options))]


@dataclass(frozen=True)
class Grammar:
    """The ways to say one kind of edit; blocks of templates, the plainest lines first."""

    commands: str
    statements: str = ""
    fragments: str = ""
    openers: tuple[str, ...] = ()
    closers: str = ""

    @cached_property
    def _commands(self) -> tuple[Line, ...]:
        return tuple(expand(line) for line in lines(self.commands))

    @cached_property
    def _statements(self) -> tuple[Line, ...]:
        return tuple(expand(line) for line in lines(self.statements))

    @cached_property
    def _fragments(self) -> tuple[Line, ...]:
        return tuple(expand(line) for line in lines(self.fragments))

    @cached_property
    def _closers(self) -> tuple[Line, ...]:
        return tuple(expand(line) for line in lines(self.closers))

    @cached_property
    def forms(self) -> tuple[str, ...]:
        """Every form, without what may stand before and behind it."""
        parts = (*self._commands, *self._statements, *self._fragments)
        return tuple(dict.fromkeys(form for line in parts for form in line))

    @cached_property
    def bare(self) -> tuple[str, ...]:
        """The forms that are commands."""
        return tuple(form for line in self._commands for form in line)

    def command(self, rng: Rng) -> str:
        """A bare command: "make the {thing} {color}"."""
        count = len(self._commands)
        line = int(rng.random() * (min(2, count) if rng.random() < PLAIN else count))
        return choose(self._commands[line], rng)

    def draw(self, rng: Rng) -> str:
        """A form, now and then with an opener or a closing clause; plain ones more often."""
        which = rng.random()
        if which >= STATEMENT and self._fragments:
            return choose(choose(self._fragments, rng), rng)
        if which >= COMMAND and self._statements:
            return choose(choose(self._statements, rng), rng)
        text = self.command(rng)
        frame = rng.random()
        if frame < CLOSED and self._closers and ":" not in text:
            tail = choose(choose(self._closers, rng), rng)
            text += tail if tail[0] in ",;" else f" {tail}"
        if CLOSED - BOTH < frame < CLOSED + OPENED and self.openers:
            opener = choose(self.openers, rng)
            if "please" in opener:
                text = text.removesuffix(" please")
            text = f"{opener} {text}"
            if opener.split()[0] in ASKING and rng.random() < 0.5 and text[-1] not in "?.!":
                text += "?"
        return text


ASKING = ("can", "could", "would", "will")
OPENERS = (
    "please", "please", "can you", "could you", "can you please", "could you please",
    "I want you to", "I'd like you to", "now", "go ahead and", "hey,", "ok,", "just",
)  # fmt: skip
HELDOUT_OPENERS = (
    "would you", "will you", "kindly", "I need you to", "I would love you to", "try to", "next,",
    "alright,", "would you be so kind as to",
)  # fmt: skip
LOCAL_CLOSERS = """
and (leave|keep) (everything else|the rest) (the same|as it is|unchanged)
, but keep (the rest|everything else|my hand) (as it is|the same)
and leave my hand alone
and (don't touch anything|change nothing) else
while I (keep moving|move|hold) <it>
(right now|now|please)
"""
HELDOUT_LOCAL_CLOSERS = """
without (altering|affecting) (the background|my hand|anything else)
; everything around <it> stays
and preserve (the rest|all other things)
"""
GLOBAL_CLOSERS = """
and keep (the movement|everything in its place|all the things)
, but (leave|keep) every object where it is
(from now on|right now|please)
"""
HELDOUT_GLOBAL_CLOSERS = """
without (altering|losing) the motion
, start to finish
and preserve the layout
"""


def trained(
    commands: str, statements: str, fragments: str, closers: str = LOCAL_CLOSERS
) -> Grammar:
    """A grammar of training."""
    return Grammar(commands, statements, fragments, OPENERS, closers)


def unseen(
    commands: str, statements: str, fragments: str, closers: str = HELDOUT_LOCAL_CLOSERS
) -> Grammar:
    """A grammar of the held-out vocabulary."""
    return Grammar(commands, statements, fragments, HELDOUT_OPENERS, closers)
