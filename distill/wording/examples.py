"""Slots drawn at random: what an instruction of each family could be about."""

from __future__ import annotations

from distill.wording import words
from distill.wording.describe import Seen, describe
from distill.wording.draw import color, material, place, say, thing
from distill.wording.families import EFFECTS, MOVES, STYLES, WEATHERS, WORDS, Family, Vocabulary
from distill.wording.grammar import Rng, choose
from distill.wording.things import ALL_THINGS, HELD, HELDOUT_HELD

_KINDS = tuple(ALL_THINGS)
_USES = ("used for drinking", "that burns with a small flame", "that drives on a road")
# Pairs that go together: a change of one thing and one of the whole picture, or of two things.
_LOCAL: tuple[Family, ...] = ("recolor", "material", "remove", "object_effect", "shape", "add")
_WHOLE: tuple[Family, ...] = ("style", "weather", "background", "camera")


def random_slots(family: Family, rng: Rng, vocabulary: Vocabulary = "train") -> dict[str, str]:
    """Slots for `say`."""

    def a_thing() -> str:
        return thing(choose(_KINDS, rng), rng, vocabulary)

    def a_color() -> str:
        return color(choose(tuple(words.COLORS), rng), rng, vocabulary)

    def a_material() -> str:
        return material(choose(tuple(words.MATERIALS), rng), rng, vocabulary)

    held = HELD if WORDS[vocabulary] == "train" else HELDOUT_HELD
    meant = choose(held, rng) if rng.random() < 0.15 else a_thing()
    meant = f"{a_color()} {meant}" if rng.random() < 0.1 and meant not in held else meant
    if family == "recolor":
        return {"thing": meant, "color": a_color()}
    if family == "material":
        return {"thing": meant, "material": a_material()}
    if family == "shape":
        return {"thing": meant, "other": a_thing()}
    if family == "object_effect":
        return {"effect": choose(EFFECTS, rng), "thing": meant}
    if family == "add":
        where = choose(("table", "hand", "", f"next to the {a_thing()}"), rng)
        return {"thing_phrase": f"{a_color()} {a_thing()}", "where": where}
    if family in ("remove", "unsupported"):
        return {"thing": meant}
    if family == "background":
        return {"place": place(choose(tuple(words.PLACES), rng), rng, vocabulary)}
    if family in ("style", "weather"):
        return {"name": choose(STYLES if family == "style" else WEATHERS, rng)}
    if family == "camera":
        return {"move": choose(MOVES, rng)}
    if family == "reasoning":
        extra = {"color": a_color(), "material": a_material(), "effect": choose(EFFECTS, rng)}
        task = choose(("color", "material", "effect", ""), rng)
        return {"use": choose(_USES, rng)} | ({task: extra[task]} if task else {})
    if family == "combined":
        first, second = choose_two(rng)
        both = (
            say(part, random_slots(part, rng, vocabulary), rng, vocabulary, command=True)
            for part in (first, second)
        )
        return dict(zip(("text_a", "text_b"), both, strict=True))
    if family.endswith("to_video"):
        things = [Seen(a_color(), a_thing()) for _ in range(int(rng.integers(1, 4)))]
        inside = place(choose(tuple(words.PLACES), rng), rng, vocabulary)
        in_hand = things.pop() if rng.random() < 0.7 else None
        text = describe(
            things, rng, held=in_hand, place=inside, view="table", vocabulary=vocabulary
        )
        return {"description": text}
    return {}


def choose_two(rng: Rng) -> tuple[Family, Family]:
    """Two families that may be asked for in one sentence."""
    pool = _WHOLE if rng.random() < 0.6 else _LOCAL
    first = _LOCAL[int(rng.integers(len(_LOCAL)))]
    return first, pool[int(rng.integers(len(pool)))]
