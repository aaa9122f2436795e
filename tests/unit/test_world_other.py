"""The three views of a clip: the other one changes what it says and nothing else; nearness and joints fit it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.unit.drawing import why_not

if why_not():
    pytest.skip(why_not(), allow_module_level=True)

from distill import wording
from distill.world import render
from distill.world.clips import ClipInfo
from distill.world.compose import HAND, NEARNESS, TWIN, Array, ids_of, nearness, view_of
from distill.world.other import MATERIALS, MOVES, moved
from distill.world.places import PLACES
from distill.world.render import CHANGES, RenderConfig, render_clip
from distill.world.spatial import rotation

H, W = 48, 64
TINY = RenderConfig(num_frames=2, height=H, width=W)
SEED = 97  # a hand holds something over a table


@pytest.fixture(scope="module")
def changed() -> dict[str, tuple[Array, ClipInfo]]:
    """One scene, changed in every way."""
    found = {}
    for change in CHANGES:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(render, "CHANGE_ODDS", [float(c == change) for c in CHANGES])
            found[change] = render_clip(SEED, "train", TINY)
        other = found[change][1].other
        assert other is not None and other.change == change
    return found


def wider(mask: Array, by: int) -> Array:
    """A mask (T, H, W) and what lies within so many pixels of it."""
    square = np.ones((2 * by + 1, 2 * by + 1), np.uint8)
    return np.stack([cv2.dilate(m.astype(np.uint8), square) for m in mask]) > 0


def same(clip: Array, where: Array) -> float:
    """The share of the pixels there that are alike in the full and in the other view."""
    return float((view_of(clip, "full") == view_of(clip, "other")).all(-1)[where].mean())


def test_the_scene_is_the_same_whatever_changes(
    changed: dict[str, tuple[Array, ClipInfo]],
) -> None:
    first, info = changed["shape"]
    for clip, its in changed.values():
        assert np.array_equal(clip[..., :14], first[..., :14])
        assert np.array_equal(clip[..., NEARNESS], first[..., NEARNESS])
        assert its.objects == info.objects and np.array_equal(its.joints, info.joints)
    assert ids_of(first).max() == HAND and np.any(ids_of(first) == info.target)
    assert not np.any(ids_of(first, "bare") == info.target)
    assert not np.any(ids_of(first) == TWIN)


def test_another_thing_stands_in_the_targets_place(
    changed: dict[str, tuple[Array, ClipInfo]],
) -> None:
    clip, info = changed["shape"]
    full, other = ids_of(clip), ids_of(clip, "other")
    assert info.other is not None and info.other.thing is not None
    assert info.other.thing.kind == info.other.name not in {o.kind for o in info.objects}
    assert np.any(other == TWIN) and not np.any(other == info.target)
    near = wider((full == info.target) | (other == TWIN), 1)
    assert np.array_equal(full[~near], other[~near])
    assert np.mean(full == HAND) > 0.01
    # It is where the target was: the middles are not far apart.
    middles = [np.argwhere(ids == n).mean(0) for ids, n in ((full, info.target), (other, TWIN))]
    assert np.linalg.norm(middles[0] - middles[1]) < 12
    white, black = view_of(clip, "other")[..., :3], view_of(clip, "other")[..., 3:6]
    assert np.any(white[other == TWIN] != black[other == TWIN])  # it takes colours


def test_a_material_is_of_the_target_alone(changed: dict[str, tuple[Array, ClipInfo]]) -> None:
    clip, info = changed["material"]
    full, other = ids_of(clip), ids_of(clip, "other")
    assert info.other is not None and info.other.name in MATERIALS
    target = full == info.target
    # Through glass the thing behind is seen, in its own colour.
    assert np.array_equal(np.where(target, ids_of(clip, "bare"), full), other)
    view = view_of(clip, "other")
    inner = ~wider(~target, 1)
    opaque = MATERIALS[info.other.name].alpha == 1
    assert inner.any()
    assert not opaque or np.array_equal(view[inner][:, :3], view[inner][:, 3:6])
    assert same(clip, inner) < 0.1
    # What lets light through throws another shadow.
    assert same(clip, ~wider(target, 2)) > (0.999 if opaque else 0.7)


def test_another_place_keeps_things_and_hands(changed: dict[str, tuple[Array, ClipInfo]]) -> None:
    clip, info = changed["place"]
    full, other = ids_of(clip), ids_of(clip, "other")
    assert info.other is not None and info.other.name != info.place
    assert {info.other.name, info.place} <= set(PLACES)
    assert np.mean(full == other) > 0.97
    around = ~wider((full > 0) | (other > 0), 1)
    assert around.any() and same(clip, around) < 0.2


def test_another_eye_sees_the_same_things(changed: dict[str, tuple[Array, ClipInfo]]) -> None:
    clip, info = changed["camera"]
    full, other = ids_of(clip), ids_of(clip, "other")
    assert info.other is not None and info.other.name in MOVES
    assert np.any(other == info.target) and not np.any(other == TWIN)
    assert 0.005 < np.mean(full != other) < 0.5


@pytest.mark.parametrize(
    ("move", "to"),
    [
        ("left", (1, 0)), ("right", (-1, 0)), ("up", (0, 1)), ("down", (0, -1)),
        ("tilt_up", (0, 1)), ("tilt_down", (0, -1)), ("tilt_left", (-1, 1)), ("tilt_right", (1, -1)),
        ("closer", (1, 1)), ("farther", (-1, -1)),
    ],
)  # fmt: skip
def test_moves_go_where_their_names_say(move: str, to: tuple[int, int]) -> None:
    """Of a point below and to the right of the middle: which way it goes, right and down."""
    eye, rot = np.array([0.1, -0.6, 0.5]), rotation(np.array([0.6, 0.1, 0.2]), 0.9)
    point = eye + rot @ np.array([0.1, -0.1, -0.6])

    def seen(position: Array, axes: Array) -> Array:
        x, y, z = axes.T @ (point - position)
        return np.array([x, -y]) / -z

    step = seen(*moved(eye, rot, move)) - seen(eye, rot)
    for went, wanted in zip(step, to, strict=True):
        assert np.sign(round(float(went), 3)) == wanted or (wanted == 0 and abs(went) < 0.02)
    assert set(MOVES) == set(wording.MOVES)


def test_nearness_falls_with_depth(changed: dict[str, tuple[Array, ClipInfo]]) -> None:
    depths = np.linspace(0.05, 10, 400)
    levels = nearness(depths)
    assert (np.diff(levels.astype(int)) <= 0).all()
    assert levels[0] == 255 and levels[-1] > 0 == nearness(np.zeros(1))[0]
    assert len(set(nearness(np.linspace(0.2, 4, 4000)))) > 200
    clip, info = changed["shape"]
    # What a hand holds is nearer than most of what is behind it.
    near, target = clip[..., NEARNESS], ids_of(clip) == info.target
    assert near[target].mean() > near[ids_of(clip) == 0].mean()


def test_joints_lie_where_the_hand_is_seen(changed: dict[str, tuple[Array, ClipInfo]]) -> None:
    clip, info = changed["place"]
    joints = np.array(info.joints)
    assert joints.shape[0] == 2 and joints.shape[2:] == (21, 3)
    frame, hand, joint = np.nonzero(joints[..., 2])
    assert len(frame)
    x, y = np.rint(joints[frame, hand, joint, :2]).astype(int).T
    assert ((x >= 0) & (x < W) & (y >= 0) & (y < H)).all()
    # Rounded to a tenth of a pixel, a joint on the border may fall beside.
    assert wider(ids_of(clip) == HAND, 1)[frame, y, x].all()
