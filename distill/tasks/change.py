"""Edits that the other view of a clip shows: another thing, another material, another place, another eye."""

from __future__ import annotations

from distill import wording
from distill.tasks.draw import Draw, Shot, target_of
from distill.tasks.made import Made
from distill.world.clips import Change, ClipInfo
from distill.world.compose import TWIN
from distill.world.other import MOVES

TRIES = 40


def _shot(draw: Draw, change: Change, local: bool, backwards: bool = False) -> Shot | None:
    """A shot of a clip whose other view changes this; few clips do."""
    for _ in range(TRIES):
        clip = draw.clip(draw.rng)
        if clip.info.other is not None and clip.info.other.change == change:
            if not local:
                return draw.shot(clip, own_place=True)
            if backwards:
                return draw.shot(clip, _twin, "other")
            return draw.shot(clip, target_of)
    return None


def _twin(_: ClipInfo) -> int:
    return TWIN


def shape(draw: Draw) -> Made | None:
    """ "Turn the cup into a lantern", of the same colour; or the lantern into the cup."""
    backwards = bool(draw.rng.random() < 0.5)
    shot = _shot(draw, "shape", True, backwards)
    if shot is None or shot.info.other is None or shot.info.other.thing is None:
        return None
    old, new = shot.info.object(shot.info.target).kind, shot.info.other.thing.kind
    if backwards:
        word = wording.thing(new, draw.words, draw.vocabulary)
        old, new = new, old
    else:
        found = shot.refer(draw)
        if found is None:
            return None
        word = found
    if not draw.fits("shape", old, new):
        return None
    other = wording.thing(new, draw.words, draw.vocabulary)
    text = draw.say("shape", thing=word, other=other)
    if backwards:
        return Made(
            "shape", text, shot.picture("other"), shot.picture(), shot.seen("other"), motion=None
        )
    return Made("shape", text, shot.picture(), shot.picture("other"), shot.seen(), motion=None)


def material(draw: Draw) -> Made | None:
    """ "Make the cup out of wood"."""
    shot = _shot(draw, "material", True)
    thing = shot.refer(draw) if shot else None
    if shot is None or thing is None or shot.info.other is None:
        return None
    name = shot.info.other.name
    if not draw.fits("material", shot.thing.kind, name):
        return None
    word = wording.material(name, draw.words, draw.vocabulary)
    text = draw.say("material", thing=thing, material=word)
    return Made(
        "material", text, shot.picture(), shot.picture("other"), shot.seen(), detail=name
    )  # fmt: skip


def background(draw: Draw) -> Made | None:
    """ "Change the background to a kitchen": all but the things and the hands."""
    shot = _shot(draw, "place", False)
    if shot is None or shot.info.other is None:
        return None
    here, there = shot.info.place, shot.info.other.name
    views = (shot.picture(), shot.picture("other"))
    backwards = bool(draw.rng.random() < 0.5)
    if backwards:
        there, views = here, (views[1], views[0])
    text = draw.say("background", place=wording.place(there, draw.words, draw.vocabulary))
    seen = shot.seen("other" if backwards else "full")
    return Made("background", text, *views, seen, detail=there, motion=None)


_MIRRORED = {"left": "right", "right": "left", "tilt_left": "tilt_right", "tilt_right": "tilt_left"}
_UNDONE = _MIRRORED | {
    "up": "down", "down": "up", "closer": "farther", "farther": "closer",
    "tilt_up": "tilt_down", "tilt_down": "tilt_up",
}  # fmt: skip


def camera(draw: Draw) -> Made | None:
    """ "Move the camera to the left"; or back from there."""
    shot = _shot(draw, "camera", False)
    if shot is None or shot.info.other is None:
        return None
    move = shot.info.other.name
    assert move in MOVES, move
    views = (shot.picture(), shot.picture("other"))
    backwards = bool(draw.rng.random() < 0.5)
    if backwards:
        move, views = _UNDONE[move], (views[1], views[0])
    if shot.mirrored:
        move = _MIRRORED.get(move, move)
    seen = shot.seen("other" if backwards else "full")
    return Made("camera", draw.say("camera", move=move), *views, seen, detail=move, motion=None)
