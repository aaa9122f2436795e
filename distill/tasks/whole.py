"""Edits of the whole picture, and of a thing and the whole picture together."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from distill import wording
from distill.naming import unknown
from distill.photos import pseudo_video
from distill.tasks.draw import Draw, target_of
from distill.tasks.local import any_object, following, repainted
from distill.tasks.made import Made, both, filtered
from distill.world.compose import View


def _plain(draw: Draw) -> Made | None:
    """Any pictures, of the world or photographed, not edited yet."""
    if draw.rng.random() < draw.photo_share:
        pictures = pseudo_video(draw.rng, draw.num_frames, draw.size_hw)
        return Made("", "", pictures, None, unknown(draw.num_frames, draw.size_hw))
    shot = draw.shot()
    return Made("", "", shot.picture(), None, shot.seen()) if shot else None


def style(draw: Draw) -> Made | None:
    """ "Turn it into a pencil sketch"."""
    return _whole(draw, "style", draw.one_of(wording.STYLES))


def weather(draw: Draw) -> Made | None:
    """ "Make it night", "let it snow"."""
    return _whole(draw, "weather", draw.one_of(wording.WEATHERS))


def _whole(draw: Draw, task: Literal["style", "weather"], name: str) -> Made | None:
    made = _plain(draw)
    if made is None:
        return None
    return replace(
        made, task=task, text=draw.say(task, name=name), finish=filtered(name), detail=name
    )


def combined(draw: Draw) -> Made | None:
    """ "Make the cup red and turn it into a cartoon": an edit of a thing, and one of everything."""
    name = str(draw.rng.choice(wording.STYLES + wording.WEATHERS))
    goal = draw.one_of(("recolor", "remove", "object_effect"))
    shot = draw.shot(choice=target_of if goal == "remove" else lambda i: any_object(draw, i))
    thing = shot.refer(draw) if shot else None
    if shot is None or thing is None or not draw.fits("combined", goal, name):
        return None
    then, detail = filtered(name), f"{goal}+{name}"
    whole: Literal["style", "weather"] = "style" if name in wording.STYLES else "weather"
    last = draw.say(whole, command=True, name=name)
    before, after, seen, kind = shot.picture(), None, shot.seen(), shot.thing.kind
    if goal == "recolor":
        what, color, after = repainted(draw, shot)
        first = draw.say("recolor", command=True, thing=thing, color=color)
    elif goal == "remove":
        what, after = shot.info.place, shot.picture("bare")
        first = draw.say("remove", command=True, thing=thing)
    else:
        what = str(draw.rng.choice(wording.EFFECTS))
        first = draw.say("object_effect", command=True, thing=thing, effect=what)
        then = both(following(shot, what), then)
    if not draw.may(goal, kind, what):
        return None
    text = draw.say("combined", text_a=first, text_b=last)
    motion: View = "bare" if goal == "remove" else "full"
    return Made("combined", text, before, after, seen, then, detail=detail, motion=motion)
