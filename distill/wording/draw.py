"""Instructions drawn: a form of the family, its slots filled, never longer than a text encoder reads."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from functools import cache

from distill.wording import effects, reasoning, words
from distill.wording.agree import fill, fits, size, without_article
from distill.wording.families import (
    BOOKS,
    PHRASING,
    REASONING,
    WORDS,
    Book,
    Family,
    Vocabulary,
)
from distill.wording.grammar import Grammar, Rng, choose, expand
from distill.wording.named import Named
from distill.wording.paraphrase import paraphrase
from distill.wording.things import ALL_THINGS, HELDOUT_THINGS

# Guessed word pieces, see `agree.size`.
MAX_SIZE = 23
COMMAND_SIZE = 10
WITHHELD_PERCENT = 8
OWN = 0.3
_ATTEMPTS = 12


def say(
    family: Family,
    slots: Mapping[str, str],
    rng: Rng,
    vocabulary: Vocabulary = "train",
    *,
    command: bool = False,
) -> str:
    """An instruction of that family.

    `slots` are those of `SLOTS`, as words: "mug", not "cup". Of `reasoning`, `use` and one of \
        color,
    material, effect, or none to remove the thing. `add` takes the thing with or without its \
        article,
    and as `where` "table", "hand", "", or words such as "next to the bottle".
    With `command` it is a short bare command, fit to be part of a combination.
    Raises `KeyError` for a slot, style, effect or move that is missing or not known.
    """
    book = BOOKS[family]
    grammar = _grammar(book, family, slots, vocabulary)
    limit = COMMAND_SIZE if command else MAX_SIZE
    # A name's own wordings are as new as its words: with a new phrasing alone, they are left out.
    own = 0 if vocabulary == "phrasing" else OWN
    for attempt in range(_ATTEMPTS):
        filled, named = _filled(book, family, slots, rng, vocabulary)
        if named is not None and named.own and not command and rng.random() < own:
            template = choose(named.own, rng)
        elif command or attempt > _ATTEMPTS // 2:
            template = grammar.command(rng)
        else:
            template = grammar.draw(rng)
        if vocabulary == "train" and attempt <= _ATTEMPTS // 2:
            other = paraphrase(template, rng, command=command)
            template = template if other in _unseen() else other
        if not fits(template, filled):
            continue
        text = fill(template, filled)
        if size(text) <= limit:
            return text
    return fill(_shortest(grammar, filled, command), filled)


@cache
def _unseen() -> frozenset[str]:
    """What no paraphrase may become: the held-out phrasings."""
    return frozenset(form for family in BOOKS for form in forms(family, "heldout"))


def _shortest(grammar: Grammar, slots: Mapping[str, str], command: bool) -> str:
    options = grammar.bare if command else grammar.forms
    return min((form for form in options if fits(form, slots)), key=len)


def _grammar(
    book: Book, family: Family, slots: Mapping[str, str], vocabulary: Vocabulary
) -> Grammar:
    grammars = book.grammars[PHRASING[vocabulary]]
    if family != "reasoning":
        return grammars[0]
    return grammars[next(i for i, slot in enumerate(REASONING) if not slot or slot in slots)]


def _filled(
    book: Book, family: Family, slots: Mapping[str, str], rng: Rng, vocabulary: Vocabulary
) -> tuple[dict[str, str], Named | None]:
    """All that templates of the family may ask for, and the words of what goes by a name."""
    filled = {slot: slots[slot] for slot in book.slots}
    named = None
    if book.names:
        named = book.names[WORDS[vocabulary]][filled[book.key] if book.key else ""]
    if family == "material":
        filled["made"] = words.MADE_OF.get(filled["material"], filled["material"])
    elif family == "shape":
        filled["other"] = without_article(filled["other"])
    elif family == "add":
        filled |= _added(filled, rng, vocabulary)
    elif family == "combined":
        filled |= {"a": filled["text_a"], "b": filled["text_b"]}
    elif family == "reasoning":
        filled |= {slot: slots[slot] for slot in REASONING if slot in slots}
        trained = WORDS[vocabulary] == "train"
        filled["ref"] = choose(reasoning.REFERENTS if trained else reasoning.HELDOUT_REFERENTS, rng)
        if "effect" in filled:
            table = effects.NAMES if trained else effects.NAMES_UNSEEN
            filled |= {k: choose(v, rng) for k, v in table[filled["effect"]].words.items()}
    if named is not None:
        filled |= {slot: choose(options, rng) for slot, options in named.words.items()}
    return filled, named


def _added(slots: Mapping[str, str], rng: Rng, vocabulary: Vocabulary) -> dict[str, str]:
    where = slots["where"]
    spots = words.WHERE if WORDS[vocabulary] == "train" else words.HELDOUT_WHERE
    spot = spots.get(where, {"at": (where,), "to": (where,)})
    at, to = (choose(spot[way], rng) for way in ("at", "to"))
    return {"phrase": without_article(slots["thing_phrase"]), "at": at, "to": to}


def count_forms(family: Family, vocabulary: Vocabulary = "train") -> int:
    """Distinct phrasings before slots are filled, not counting openers and closing clauses."""
    return len(forms(family, vocabulary))


def forms(
    family: Family, vocabulary: Vocabulary = "train", name: str | None = None
) -> tuple[str, ...]:
    """The phrasings of a family, or of one of its names, slots left open."""
    book = BOOKS[family]
    found = [form for grammar in book.grammars[PHRASING[vocabulary]] for form in grammar.forms]
    for key, named in book.names.get(WORDS[vocabulary], {}).items():
        if name is None or key == name:
            found += [form for own in named.own for form in expand(own)]
    return tuple(dict.fromkeys(found))


def _word(
    table: Mapping[str, tuple[str, ...]],
    unseen: Mapping[str, tuple[str, ...]],
    name: str,
    rng: Rng,
    vocabulary: Vocabulary,
    plain: float,
) -> str:
    options = table.get(name, (name,))
    if WORDS[vocabulary] == "heldout":
        return choose(unseen.get(name, options[:1]), rng)
    return options[0] if rng.random() < plain else choose(options, rng)


def thing(kind: str, rng: Rng, vocabulary: Vocabulary = "train") -> str:
    """A word for a kind of thing: mostly its own name; held out, one never trained on, if there is one."""
    return _word(ALL_THINGS, HELDOUT_THINGS, kind, rng, vocabulary, 0.45)


def color(name: str, rng: Rng, vocabulary: Vocabulary = "train") -> str:
    """A word for a palette colour."""
    return _word(words.COLORS, words.HELDOUT_COLORS, name, rng, vocabulary, 0.5)


def material(name: str, rng: Rng, vocabulary: Vocabulary = "train") -> str:
    """A word for one of `MATERIALS`."""
    return _word(words.MATERIALS, words.HELDOUT_MATERIALS, name, rng, vocabulary, 0.45)


def place(name: str, rng: Rng, vocabulary: Vocabulary = "train") -> str:
    """A word for one of `PLACES`, without its article."""
    return _word(words.PLACES, words.HELDOUT_PLACES, name, rng, vocabulary, 0.45)


def withheld(family: str, a: str, b: str) -> bool:
    """Whether training never sees this pair (kind and result), so that tests may ask for it."""
    # A checksum is linear; multiplied by a large odd number, its high bits are as good as random.
    number = zlib.crc32(f"{family}|{a}|{b}".encode()) * 0x9E3779B97F4A7C15 % 2**64
    return (number >> 32) % 100 < WITHHELD_PERCENT
