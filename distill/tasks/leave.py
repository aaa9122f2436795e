"""What must be left alone: things that are not there, small talk, and what no editor here can do."""

from __future__ import annotations

from distill import wording
from distill.effects import EFFECTS
from distill.tasks.draw import Draw
from distill.tasks.made import Made
from distill.wording import Family
from distill.world import palette

ABSENT = 0.6


def none(draw: Draw) -> Made | None:
    """The video as it is, whatever was said."""
    shot = draw.shot()
    if shot is None:
        return None
    rng = draw.rng
    picture = shot.picture()
    if rng.random() < ABSENT:
        kinds = [k for k in wording.ALL_THINGS if k not in shot.kinds]
        strange = rng.random() < 0.2
        kind = str(rng.choice(kinds))
        thing = _strange(draw) if strange else wording.thing(kind, draw.words, draw.vocabulary)
        goal = rng.choice(["recolor", "remove", "material", "object_effect"])
        if goal == "recolor":
            name = str(rng.choice(palette.NAMES))
            text = draw.say(
                "recolor", thing=thing, color=wording.color(name, draw.words, draw.vocabulary)
            )
        elif goal == "remove":
            text = draw.say("remove", thing=thing)
        elif goal == "material":
            name = str(rng.choice(tuple(wording.MATERIALS)))
            word = wording.material(name, draw.words, draw.vocabulary)
            text = draw.say("material", thing=thing, material=word)
        else:
            effect = str(rng.choice(tuple(EFFECTS)))
            text = draw.say("object_effect", thing=thing, effect=effect)
    else:
        families: tuple[Family, ...] = ("unsupported", "unsupported", "chatter", "no_op")
        family = families[int(rng.integers(len(families)))]
        kind = str(rng.choice(shot.kinds))
        text = draw.say(family, thing=wording.thing(kind, draw.words, draw.vocabulary))
    return Made("none", text, picture, picture, shot.seen())


def _strange(draw: Draw) -> str:
    """A thing that no clip shows."""
    trained = wording.WORDS[draw.vocabulary] == "train"
    names = wording.UNKNOWN_THINGS if trained else wording.HELDOUT_UNKNOWN_THINGS
    return str(draw.words.choice(names))
