"""What people type: many phrasings a family, two vocabularies that share nothing, never too long."""

from __future__ import annotations

import re
import time
from functools import cache

import numpy as np
import pytest

from distill import wording
from distill.wording import words
from distill.wording.agree import fill, size
from distill.wording.examples import random_slots
from distill.wording.families import BOOKS, Half
from distill.world import palette
from egostream.models.text import MAX_TOKENS, TextEncoder

FAMILIES = wording.FAMILIES
VOCABULARIES: tuple[Half, ...] = ("train", "heldout")
# Those of start and end, and none left empty: else the encoder warns of a cut.
TOKENS = MAX_TOKENS - 2


@cache
def samples(
    family: wording.Family, vocabulary: wording.Vocabulary, count: int = 200
) -> list[tuple[dict[str, str], str]]:
    rng = np.random.default_rng(7)
    found = []
    for _ in range(count):
        slots = random_slots(family, rng, vocabulary)
        found.append((slots, wording.say(family, slots, rng, vocabulary)))
    return found


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_has_many_forms_of_which_none_is_held_out(family: wording.Family) -> None:
    train, heldout = (set(wording.forms(family, vocabulary)) for vocabulary in VOCABULARIES)
    assert len(train) >= 200 and len(heldout) >= 30
    assert not train & heldout
    assert wording.count_forms(family) == len(train)


def test_no_text_is_drawn_from_both_vocabularies() -> None:
    train, heldout = (
        {text for family in FAMILIES for _, text in samples(family, vocabulary)}
        for vocabulary in VOCABULARIES
    )
    assert not train & heldout


@pytest.mark.parametrize("vocabulary", ["phrasing", "words"])
def test_half_of_what_is_held_out_can_be_asked_for(vocabulary: wording.Vocabulary) -> None:
    rng = np.random.default_rng(3)
    slots = {"thing": "cup", "color": "red"}
    texts = {wording.say("recolor", slots, rng, vocabulary, command=True) for _ in range(60)}
    new, usual = set(wording.forms("recolor", vocabulary)), set(wording.forms("recolor"))
    assert (vocabulary == "words") == (new == usual)
    assert texts <= {fill(form, slots) for form in new}
    colors = {wording.color("red", rng, vocabulary) for _ in range(60)}
    assert colors <= set((words.HELDOUT_COLORS if vocabulary == "words" else words.COLORS)["red"])
    # A name's own wordings are words as much as phrasing: they come with its words.
    texts = {wording.say("style", {"name": "sketch"}, rng, vocabulary) for _ in range(200)}
    own = {half: set(BOOKS["style"].names[half]["sketch"].own) for half in VOCABULARIES}
    assert not texts & own["train"]
    assert bool(texts & own["heldout"]) == (vocabulary == "words")


def test_the_words_of_the_vocabularies_are_disjoint_and_mean_one_thing() -> None:
    for known, unseen in (
        (wording.ALL_THINGS, wording.HELDOUT_THINGS),
        (words.COLORS, words.HELDOUT_COLORS),
        (words.MATERIALS, words.HELDOUT_MATERIALS),
        (words.PLACES, words.HELDOUT_PLACES),
    ):
        assert set(unseen) <= set(known)
        every = [
            word for table in (known, unseen) for options in table.values() for word in options
        ]
        assert len(every) == len(set(every))
    assert len(wording.HELDOUT_THINGS) >= 40
    assert set(wording.COLORS) == set(palette.NAMES)


@pytest.mark.parametrize("family", ["style", "weather", "object_effect", "camera"])
def test_names_have_words_of_their_own(family: wording.Family) -> None:
    book = BOOKS[family]
    assert set(book.names["train"]) == set(book.names["heldout"])
    owners: dict[str, str] = {}
    for vocabulary in VOCABULARIES:
        for name, named in book.names[vocabulary].items():
            assert len(wording.forms(family, vocabulary, name)) >= 25
            for text in {*named.own, *(w for options in named.words.values() for w in options)}:
                assert owners.setdefault(text, f"{vocabulary} {name}") == f"{vocabulary} {name}"


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder()


def test_nothing_is_longer_than_the_encoder_reads(encoder: TextEncoder) -> None:
    texts = [text for f in FAMILIES for v in wording.VOCABULARIES for _, text in samples(f, v)]
    lengths = np.array([len(ids) for ids in encoder._tokenizer(texts)["input_ids"]])
    worst = texts[int(lengths.argmax())]
    assert lengths.max() <= TOKENS, worst
    words = np.array([len(text.split()) for text in texts])
    assert np.mean(words > 20) < 0.01 and np.median(words) <= 10


@pytest.mark.parametrize("vocabulary", wording.VOCABULARIES)
@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_asked_for_is_said(family: wording.Family, vocabulary: wording.Vocabulary) -> None:
    """Slots that are words appear; those that are names are said in words of the name."""
    names = {"effect", "name", "move", "where"}
    for slots, text in samples(family, vocabulary):
        assert (
            text
            and text == " ".join(text.split())
            and not re.search(r"[{}<>@|()]", text.replace(" -> ", " "))
        )
        for slot, word in slots.items():
            said = text
            if slot == "where" and word not in ("table", "hand"):
                continue
            if slot in ("text_a", "text_b"):
                assert word in text
            elif slot == "material":
                assert word in text or f"{word}en" in text
            elif slot not in names and family != "unsupported":
                assert word in said, (family, slots, text)


def test_number_and_article_agree() -> None:
    rng = np.random.default_rng(1)
    for word in ("scissors", "glasses", "fries"):
        for _ in range(400):
            for family, slots in (
                ("recolor", {"thing": word, "color": "orange"}),
                ("add", {"thing_phrase": f"some {word}", "where": "table"}),
                ("shape", {"thing": word, "other": word}),
            ):
                text = wording.say(family, slots, rng)
                assert not re.search(rf"\ban? (\w+ )?{word}\b|{word} (is|was|has)\b", text), text
    for _ in range(400):
        text = wording.say("recolor", {"thing": "hourglass", "color": "orange"}, rng)
        assert not re.search(r"\ba (orange|hourglass)|\ban (?!orange|hourglass)", text), text
        held = wording.say("recolor", {"thing": "thing in my hand", "color": "red"}, rng)
        assert not re.search(r"\b(my|a|red) thing in my hand", held), held


def test_a_draw_depends_on_its_generator_alone_and_is_cheap() -> None:
    def drawn(seed: int) -> list[str]:
        rng = np.random.default_rng(seed)
        return [wording.say(f, random_slots(f, rng), rng) for f in FAMILIES]

    assert drawn(3) == drawn(3) != drawn(4)
    rng, slots = np.random.default_rng(0), {"thing": "cup", "color": "red"}
    texts = set()
    begin = time.perf_counter()
    for _ in range(2000):
        texts.add(wording.say("recolor", slots, rng))
    assert (time.perf_counter() - begin) / 2000 < 500e-6
    assert len(texts) > 200


def test_a_command_is_fit_for_a_combination() -> None:
    rng = np.random.default_rng(0)
    for _ in range(100):
        text = wording.say("style", {"name": "sketch"}, rng, command=True)
        assert not text.endswith(("?", "please")) and len(text.split()) >= 3


def test_a_share_of_combinations_is_withheld() -> None:
    pairs = [(kind, color) for kind in wording.ALL_THINGS for color in palette.NAMES]
    withheld = [wording.withheld("recolor", *pair) for pair in pairs]
    assert 0.06 < np.mean(withheld) < 0.10
    assert withheld == [wording.withheld("recolor", *pair) for pair in pairs]
    assert withheld != [wording.withheld("material", *pair) for pair in pairs]
    # Every kind and every colour is met in training in some other combination.
    table = np.array(withheld).reshape(len(wording.ALL_THINGS), -1)
    assert not table.all(0).any() and not table.all(1).any()


def test_what_is_missing_or_unknown_is_an_error() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(KeyError):
        wording.say("recolor", {"thing": "cup"}, rng)
    with pytest.raises(KeyError):
        wording.say("style", {"name": "no such style"}, rng)


def test_descriptions_name_what_is_seen() -> None:
    rng = np.random.default_rng(0)
    cup, others = wording.Seen("red", "mug"), [wording.Seen("", "scissors")] * 5
    for _ in range(100):
        text = wording.describe(others, rng, held=cup, place="office", view="table")
        assert "a red mug" in text and "hand" in text and "an office" in text
        assert "a scissors" not in text and size(text) <= 15
    assert wording.describe([], rng, place="kitchen") != ""
