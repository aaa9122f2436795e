"""Edits of one thing: its colour, its absence or presence, an effect on it, and riddles about it."""

from __future__ import annotations

import torch
from torch import Tensor

from distill import wording
from distill.effects import EFFECTS
from distill.tasks.draw import Draw, Shot, target_of
from distill.tasks.made import Finish, Made
from distill.windows import Pictures
from distill.world import palette
from distill.world.clips import ClipInfo
from distill.world.compose import HAND
from distill.world.objects.facts import FACTS

SIDES = ("on the left", "in the middle", "on the right")


def any_object(draw: Draw, info: ClipInfo) -> int:
    """The target half the time, else any object."""
    others = [o.id for o in info.objects]
    return info.target if draw.rng.random() < 0.5 else int(draw.rng.choice(others))


def repainted(draw: Draw, shot: Shot) -> tuple[str, str, Pictures]:
    """Another colour for the thing meant, its word, and the pictures in which it has it."""
    name = palette.other_name(shot.names[shot.number], draw.rng)
    colors = shot.colors | {shot.number: palette.jitter(name, draw.rng, 0.5)}
    return name, wording.color(name, draw.words, draw.vocabulary), shot.picture(colors=colors)


def recolor(draw: Draw) -> Made | None:
    """ "Make the cup red"."""
    shot = draw.shot(choice=lambda info: any_object(draw, info))
    thing = shot.refer(draw) if shot else None
    if shot is None or thing is None:
        return None
    name, color, after = repainted(draw, shot)
    if not draw.fits("recolor", shot.thing.kind, name):
        return None
    text = draw.say("recolor", thing=thing, color=color)
    return Made("recolor", text, shot.picture(), after, shot.seen(), detail=name)


def remove(draw: Draw) -> Made | None:
    """ "Remove the cup"."""
    shot = draw.shot(choice=target_of)
    thing = shot.refer(draw) if shot else None
    if shot is None or thing is None or not draw.fits("remove", shot.thing.kind, shot.info.place):
        return None
    text = draw.say("remove", thing=thing)
    return Made("remove", text, shot.picture(), shot.picture("bare"), shot.seen(), motion="bare")


def add(draw: Draw) -> Made | None:
    """ "Add a red cup on the left": where it stood before it was taken away."""
    shot = draw.shot(choice=target_of)
    if shot is None or not draw.fits("add", shot.thing.kind, shot.names[shot.number]):
        return None
    color = wording.color(shot.names[shot.number], draw.words, draw.vocabulary)
    thing = f"{color} {wording.thing(shot.thing.kind, draw.words, draw.vocabulary)}"
    where = "hand"
    if shot.info.held != shot.number:
        where = "table" if draw.rng.random() < 0.4 else side_of(shot.mask(shot.number))
    text = draw.say("add", thing_phrase=thing, where=where)
    return Made("add", text, shot.picture("bare"), shot.picture(), shot.seen("bare"))


def side_of(mask: Tensor) -> str:
    """Which third of the picture a thing is in."""
    columns = mask.sum((0, 1, 2))
    middle = float((columns * torch.arange(len(columns))).sum() / columns.sum().clamp(min=1e-6))
    return SIDES[min(2, int(3 * middle / len(columns)))]


def following(shot: Shot, effect: str) -> Finish:
    """The effect on the thing meant, behind hands that are before it."""
    thing, front = shot.mask(shot.number), shot.mask(HAND)
    return lambda x, clock: EFFECTS[effect](x, thing, front, clock)


def object_effect(draw: Draw) -> Made | None:
    """ "Set the cup on fire"."""
    effect = draw.one_of(tuple(EFFECTS))
    shot = draw.shot(choice=lambda info: any_object(draw, info))
    thing = shot.refer(draw) if shot else None
    if shot is None or thing is None or not draw.fits("object_effect", shot.thing.kind, effect):
        return None
    text = draw.say("object_effect", effect=effect, thing=thing)
    return Made(
        "object_effect", text, shot.picture(), None, shot.seen(), following(shot, effect),
        detail=effect,
    )  # fmt: skip


def reasoning(draw: Draw) -> Made | None:
    """An edit of "the thing used for drinking": of the only one that is."""
    clip = draw.clip(draw.rng)
    info = clip.info
    known = {o.id: set(FACTS[o.kind][1]) for o in info.objects}
    riddles = [
        (number, use)
        for number, uses in known.items()
        for use in sorted(uses)
        if sum(use in other for other in known.values()) == 1
    ]
    goal = draw.one_of(("recolor", "remove", "object_effect"))
    if goal == "remove":
        riddles = [r for r in riddles if r[0] == info.target]
    if not riddles:
        return None
    number, use = riddles[int(draw.rng.integers(len(riddles)))]
    shot = draw.shot(clip, lambda _: number)
    if shot is None:
        return None
    before, seen, kind = shot.picture(), shot.seen(), shot.thing.kind
    if goal == "remove":
        if not draw.may("remove", kind, info.place):
            return None
        text = draw.say("reasoning", use=use)
        return Made(
            "reasoning", text, before, shot.picture("bare"), seen, detail=goal, motion="bare"
        )
    if goal == "recolor":
        name, color, after = repainted(draw, shot)
        if not draw.may("recolor", kind, name):
            return None
        text = draw.say("reasoning", use=use, color=color)
        return Made("reasoning", text, before, after, seen, detail=goal)
    effect = str(draw.rng.choice(tuple(EFFECTS)))
    if not draw.may("object_effect", kind, effect):
        return None
    text = draw.say("reasoning", use=use, effect=effect)
    return Made("reasoning", text, before, None, seen, following(shot, effect), detail=goal)
