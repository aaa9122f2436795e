"""Training says more and more, and still nothing that is kept for the held-out vocabulary."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from distill import wording
from distill.wording import noise, things, words
from distill.wording.examples import random_slots
from distill.wording.families import BOOKS
from distill.wording.paraphrase import paraphrase, swaps

# Words and phrases that only the held-out vocabulary has; whoever widens training keeps them out.
KEPT = (Path(__file__).parent / "heldout_words.txt").read_text().splitlines()
_WORD = re.compile(r"[a-z0-9][a-z0-9'-]*")


def plain(text: str) -> str:
    """The words of a text, slots and markers left out, with a blank on either side."""
    said = _WORD.findall(re.sub(r"<[^>]*>|{\w+}", " ", text).lower())
    return f" {' '.join(said)} "


def named(vocabulary: wording.Vocabulary) -> list[str]:
    """The words by which names are called."""
    return [
        word
        for book in BOOKS.values()
        for entry in book.names.get(vocabulary, {}).values()
        for options in entry.words.values()
        for word in options
    ]


@cache
def trained() -> frozenset[str]:
    """Everything training can say: forms, words, their synonyms, and a lot of draws."""
    rng = np.random.default_rng(11)
    texts = [text for swap in swaps() for text in swap.instead]
    texts += [*noise.FILLERS, *noise.TAILS, *things.HELD, *things.UNKNOWN_THINGS, *named("train")]
    texts += [word for options in noise._SLIPS.values() for word in options]
    for table in (wording.ALL_THINGS, words.COLORS, words.MATERIALS, words.PLACES):
        texts += [word for options in table.values() for word in options]
    texts += [w for ways in words.WHERE.values() for options in ways.values() for w in options]
    for family, book in BOOKS.items():
        texts += wording.forms(family)
        for grammar in book.grammars["train"]:
            texts += [*grammar.openers, *grammar.closers.splitlines()]
        texts += [wording.say(family, random_slots(family, rng), rng) for _ in range(300)]
    return frozenset(plain(text) for text in texts)


def test_nothing_held_out_is_said_in_training() -> None:
    everything = "\n".join(trained())
    assert not [kept for kept in KEPT if f" {kept} " in everything]


def test_what_is_kept_out_is_still_held_out() -> None:
    rng = np.random.default_rng(5)
    texts = [*wording.HELDOUT_THINGS.values(), wording.HELDOUT_HELD, wording.HELDOUT_UNKNOWN_THINGS]
    said = [word for options in texts for word in options] + named("heldout")
    for family, book in BOOKS.items():
        said += wording.forms(family, "heldout")
        for grammar in book.grammars["heldout"]:
            said += [*grammar.openers, *re.split(r"[(|)\n]", grammar.closers)]
        said += [
            wording.say(family, random_slots(family, rng, "heldout"), rng, "heldout")
            for _ in range(100)
        ]
    everything = "\n".join(plain(text) for text in said)
    assert np.mean([f" {kept} " in everything for kept in KEPT]) > 0.9


@pytest.mark.parametrize("family", wording.FAMILIES)
def test_a_family_is_said_in_many_ways_and_often_as_it_was(family: wording.Family) -> None:
    rng = np.random.default_rng(2)
    forms = wording.forms(family)
    drawn = [(form, paraphrase(form, rng)) for form in forms for _ in range(4)]
    assert 0.4 < np.mean([form == other for form, other in drawn]) < 0.85
    count = len({other for _, other in drawn})
    assert count > 1.5 * len(forms)


def test_the_slots_of_a_form_outlive_its_paraphrase() -> None:
    rng = np.random.default_rng(3)
    for family in wording.FAMILIES:
        for form in wording.forms(family):
            for text in {paraphrase(form, rng) for _ in range(4)}:
                said = re.findall(r"\{(\w+)\}", text)
                assert set(said) == set(re.findall(r"\{(\w+)\}", form)), (form, text)


def test_every_exchange_is_of_use() -> None:
    grammars = [grammar for book in BOOKS.values() for grammar in book.grammars["train"]]
    forms = [form for family in wording.FAMILIES for form in wording.forms(family)]
    forms += [f"{opener} make the {{thing}} {{color}}" for g in grammars for opener in g.openers]
    forms += [f"move {closer}" for g in grammars for line in g._closers for closer in line]
    idle = [
        swap.found.pattern
        for swap in swaps()
        if not any(
            swap.found.search(form)
            and (swap.when is None or (swap.when.search(form) is not None) == swap.wanted)
            for form in dict.fromkeys(forms)
        )
    ]
    assert not idle


def test_a_command_gets_nothing_before_or_behind_it() -> None:
    rng = np.random.default_rng(4)
    tails = tuple(noise.TAILS)
    for _ in range(300):
        text = paraphrase("make the {thing} {color}", rng, command=True)
        assert text.endswith("{color}") and not text.endswith(tails)
