"""From video to maps (depth, edges, hands' pose) and from maps to video."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from distill import wording
from distill.maps import canny, in_reach, pose_picture
from distill.tasks.draw import Draw, Shot
from distill.tasks.made import Finish, Made
from distill.wording import Family
from distill.world.compose import HAND

# Of the picture: less than this is no hand whose pose one would draw.
MIN_HANDS = 0.01


def _depth(shot: Shot) -> Finish:
    near = shot.nearness().expand(-1, 3, -1, -1)
    return lambda x, clock: (near, torch.ones_like(near[:, :1]))


def _sketch(_: Shot) -> Finish:
    def finish(x: Tensor, clock: int) -> tuple[Tensor, Tensor]:
        edges = canny(x)
        return edges, torch.ones_like(edges[:, :1])

    return finish


def _pose(shot: Shot) -> Finish:
    joints = torch.from_numpy(shot.joints())
    drawn = pose_picture(joints, in_reach(joints, shot.size_hw), shot.size_hw)
    return lambda x, clock: (drawn, torch.ones_like(drawn[:, :1]))


def _described(draw: Draw, shot: Shot) -> str:
    """What the video shows, in few words: its largest things, the one in a hand, the place."""
    info = shot.info
    largest = sorted(info.objects, key=lambda o: (o.id != info.held, -o.mean_area))[:2]
    words = {
        o.id: wording.Seen(
            wording.color(shot.names[o.id], draw.words, draw.vocabulary),
            wording.thing(o.kind, draw.words, draw.vocabulary),
        )
        for o in largest
    }
    return wording.describe(
        [seen for number, seen in words.items() if number != info.held],
        draw.words,
        held=words.get(info.held),
        place=wording.place(info.place, draw.words, draw.vocabulary),
        view=info.view,
        vocabulary=draw.vocabulary,
    )


MAPS: dict[str, Callable[[Shot], Finish]] = {"depth": _depth, "sketch": _sketch, "pose": _pose}


def _sees_hands(shot: Shot) -> bool:
    return float(shot.mask(HAND).mean()) > MIN_HANDS


def _to_map(draw: Draw, name: str, family: Family) -> Made | None:
    shot = draw.shot(own_place=True)
    if shot is None or (name == "pose" and not _sees_hands(shot)):
        return None
    return Made(
        family, draw.say(family), shot.picture(), None, shot.seen(), MAPS[name](shot), motion=None
    )


def _from_map(draw: Draw, name: str, family: Family) -> Made | None:
    shot = draw.shot(own_place=True)
    if shot is None or (name == "pose" and not _sees_hands(shot)):
        return None
    text = draw.say(family, description=_described(draw, shot))
    picture = shot.picture()
    finish = MAPS[name](shot)
    return Made(family, text, picture, picture, shot.seen(), source_finish=finish)


def video_to_depth(draw: Draw) -> Made | None:
    """ "Turn the video into a depth map"."""
    return _to_map(draw, "depth", "video_to_depth")


def video_to_sketch(draw: Draw) -> Made | None:
    """ "Turn the video into a Canny edge map"."""
    return _to_map(draw, "sketch", "video_to_sketch")


def video_to_pose(draw: Draw) -> Made | None:
    """ "Turn the video into a map of the hands' pose"."""
    return _to_map(draw, "pose", "video_to_pose")


def depth_to_video(draw: Draw) -> Made | None:
    """ "Turn the depth map into a video of …"."""
    return _from_map(draw, "depth", "depth_to_video")


def sketch_to_video(draw: Draw) -> Made | None:
    """ "Turn the edges into a video of …"."""
    return _from_map(draw, "sketch", "sketch_to_video")


def pose_to_video(draw: Draw) -> Made | None:
    """ "Turn the pose into a video of …"."""
    return _from_map(draw, "pose", "pose_to_video")
