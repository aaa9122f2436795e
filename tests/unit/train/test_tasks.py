"""The editing tasks: each gives whole examples, changes what its words say, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from distill import wording
from distill.naming import INDEX
from distill.pairs import Mix, Pair, PairSource, only
from distill.tasks import TASKS
from distill.tasks.draw import Draw, target_of
from distill.tasks.made import Made
from distill.wording.words import PLACES
from distill.world.clips import ObjectInfo, load_clip, save_clip
from distill.world.compose import Array, ids_of
from distill.world.objects.facts import FACTS
from tests.unit.train.conftest import PAN, SIZE

HW = (48, 64)
CUP, BOTTLE, VASE, NOTHING = (INDEX[n] for n in ("cup", "bottle", "vase", "nothing"))
NAMED = {
    "recolor": (*wording.ALL_THINGS["cup"], *wording.ALL_THINGS["bottle"], *wording.HELD),
    "material": (*wording.ALL_THINGS["cup"], *wording.HELD),
    "shape": wording.ALL_THINGS["vase"],
    "remove": (*wording.ALL_THINGS["cup"], *wording.HELD),
    "add": wording.ALL_THINGS["cup"],
    "object_effect": (*wording.ALL_THINGS["cup"], *wording.ALL_THINGS["bottle"], *wording.HELD),
}


def pairs_of(folder: Path, task: str, count: int, latents: int = 1) -> list[Pair]:
    """The first `count` pairs of that task."""
    source = PairSource(folder, only(task))
    tried = (source.draw((9, i), latents, HW) for i in range(20 * count))
    pairs = [p for p, _ in zip((p for p in tried if p.task == task), range(count), strict=False)]
    assert len(pairs) == count, f"{len(pairs)} pairs of {task}"
    return pairs


def made_of(folder: Path, task: str, seeds: range) -> list[tuple[Draw, Made]]:
    """What a task makes of four pictures at the clips' own size, with what it drew."""
    source, found = PairSource(folder), []
    for seed in seeds:
        draw = Draw(np.random.default_rng(seed), np.random.default_rng(7), source._clip, 4, SIZE)
        made = TASKS[task](draw)
        if made is not None:
            found.append((draw, made))
    assert found
    return found


@pytest.mark.parametrize("latents", [1, 4])
@pytest.mark.parametrize("task", sorted(TASKS))
def test_every_task_gives_whole_examples(task: str, latents: int, clips: Path) -> None:
    for pair in pairs_of(clips / "train", task, 2, latents):
        assert pair.source.shape == pair.target.shape == (latents, 4, 3, *HW)
        assert pair.mask.shape == (latents, 4, 1, *HW)
        assert pair.seen.shape == (latents, 4, *HW)
        for values in (pair.source, pair.target, pair.mask):
            assert torch.isfinite(values).all()
            assert 0 <= float(values.min()) and float(values.max()) <= 1
        assert (task == "none") == torch.equal(pair.source, pair.target)
        assert (task == "none") == (not pair.mask.any())
        assert pair.text and not set("{}<>|()") & set(pair.text)


@pytest.mark.parametrize("task", sorted(NAMED))
def test_a_local_edit_names_its_thing(task: str, clips: Path) -> None:
    for pair in pairs_of(clips / "train", task, 6):
        assert any(word in pair.text.lower() for word in NAMED[task]), pair.text
        difference = (pair.source - pair.target).abs().amax(2, keepdim=True)
        assert float(difference[pair.mask == 0].max()) <= 2 / 255 + 1e-6
        assert 0.01 < float(pair.mask.mean()) < 0.95
        if task == "recolor":
            assert any(word in pair.text for word in wording.COLORS[pair.detail]), pair.text


@pytest.mark.parametrize(
    ("task", "reach"), [("recolor", 1), ("material", 1), ("shape", 6), ("remove", 6)]
)
def test_a_local_edit_leaves_the_rest_to_the_bit(task: str, reach: int, clips: Path) -> None:
    """All but the thing with its smoothed border, and its shadow where its outline changes."""
    for draw, made in made_of(clips / "train", task, range(8)):
        assert draw.last is not None and made.target is not None
        changed = (made.source != made.target).any(-1)
        cup = draw.last.seen() == INDEX[draw.last.info.objects[0].kind]
        thing = cup if draw.last.number != 2 else draw.last.seen() == BOTTLE
        wide = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
        near = np.stack([cv2.dilate(t.astype(np.uint8), wide) for t in thing]) > 0
        assert not changed[~near].any()
        assert changed[thing].mean() > (0.2 if task == "shape" else 0.9)
        if reach > 1:  # the shadow goes along
            assert task == "shape" or changed[near & (draw.last.seen() == NOTHING)].mean() > 0.1


def test_adding_is_removing_backwards(clips: Path) -> None:
    """Of the same draw."""
    both = zip(
        *(made_of(clips / "train", task, range(12)) for task in ("remove", "add")), strict=True
    )
    for (_, removed), (_, put) in both:
        assert removed.target is not None
        assert np.array_equal(put.source, removed.target)
        assert np.array_equal(removed.source, put.target)
        assert not (put.seen == CUP).any() and (removed.seen == CUP).any()


def test_a_shape_is_changed_both_ways(clips: Path, spoken: list[dict[str, str]]) -> None:
    ways = set()
    for draw, made in made_of(clips / "train", "shape", range(12)):
        slots, shot = spoken.pop(0), draw.last
        assert shot is not None and made.target is not None
        cup, vase = shot.picture(), shot.picture("other")
        if slots["other"] in wording.ALL_THINGS["vase"]:
            assert np.array_equal(made.source, cup) and np.array_equal(made.target, vase)
            assert (made.seen == CUP).any() and not (made.seen == VASE).any()
        else:
            assert slots["other"] in wording.ALL_THINGS["cup"]
            assert slots["thing"] in wording.ALL_THINGS["vase"]
            assert np.array_equal(made.source, vase) and np.array_equal(made.target, cup)
            assert (made.seen == VASE).any() and not (made.seen == CUP).any()
        ways.add(slots["other"] in wording.ALL_THINGS["vase"])
    assert ways == {True, False} and not spoken


def shifted(source: Array, target: Array, by: int) -> bool:
    """Whether the target is the source moved to the right by so many pixels."""
    inner = np.s_[:, :, 2 * PAN : -2 * PAN]
    return float((np.roll(source, by, axis=2)[inner] == target[inner]).mean()) > 0.95


def test_the_camera_goes_where_the_words_say(clips: Path, spoken: list[dict[str, str]]) -> None:
    """In mirrored excerpts too: an eye that moves to the left sees everything move to the right."""
    seen = set()
    for draw, made in made_of(clips / "train", "camera", range(16)):
        assert draw.last is not None and made.target is not None
        move = spoken.pop(0)["move"]
        assert move == made.detail in ("left", "right")
        assert shifted(made.source, made.target, PAN if move == "left" else -PAN)
        seen.add((draw.last.mirrored, move))
    assert len(seen) == 4


def test_a_background_is_that_of_the_other_place(clips: Path, spoken: list[dict[str, str]]) -> None:
    seen = set()
    for draw, made in made_of(clips / "train", "background", range(12)):
        assert draw.last is not None and made.target is not None
        assert spoken.pop(0)["place"] in PLACES[made.detail]
        there = draw.last.picture("other" if made.detail == "kitchen" else "full")
        assert np.array_equal(made.target, there)
        changed = (made.source != made.target).any(-1)
        assert changed[made.seen == NOTHING].mean() > 0.8
        # Things and hands stay, but for their smoothed borders.
        assert changed[made.seen != NOTHING].mean() < 0.1
        seen.add(made.detail)
    assert seen == {"kitchen", "room"}


def test_a_riddle_has_one_answer(clips: Path, spoken: list[dict[str, str]]) -> None:
    """A cup and a bottle are both used for drinking: that is never asked."""
    assert set(FACTS["cup"][1]) & set(FACTS["bottle"][1])
    for draw, _ in made_of(clips / "train", "reasoning", range(24)):
        use, shot = spoken.pop(0)["use"], draw.last
        assert shot is not None
        assert [o.id for o in shot.info.objects if use in FACTS[o.kind][1]] == [shot.number]


def test_two_alike_are_not_told_apart(clips: Path, tmp_path: Path) -> None:
    """Of two cups one is named by its colour; of two of one colour neither can be."""
    layers, info = load_clip(PairSource(clips / "train")._clips[0])
    cups = (info.objects[0], ObjectInfo(2, "cup", "cup", "blue", 0.1))
    save_clip(tmp_path, 0, layers, replace(info, objects=cups))
    colors = {word for words in wording.COLORS.values() for word in words}
    same = 0
    for seed in range(80):
        source = PairSource(tmp_path)
        draw = Draw(np.random.default_rng(seed), np.random.default_rng(7), source._clip, 4, SIZE)
        made, shot = TASKS["remove"](draw), draw.last
        assert shot is not None
        if shot.names[1] == shot.names[2]:
            assert made is None
            same += 1
        else:
            assert made is not None and any(c in made.text for c in colors), made
    assert same


def test_poses_are_where_the_hands_are(clips: Path) -> None:
    drawn = 0
    for pair in pairs_of(clips / "train", "video_to_pose", 6):
        lit = pair.target.amax(2) > 0.5
        drawn += bool(lit.any())  # a wrist alone has no joint
        # Sticks and dots reach a pixel beyond the row of joints.
        hand = (pair.seen == INDEX["a hand"]).float()
        near = torch.nn.functional.max_pool2d(hand, 9, 1, 4) > 0
        assert not lit[~near].any()
    assert drawn >= 3


@pytest.fixture
def spoken(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The slots of all that is said."""
    found: list[dict[str, str]] = []
    say = wording.say

    def listen(family: Any, slots: Any, *rest: Any, **options: Any) -> str:
        found.append(dict(slots))
        return say(family, slots, *rest, **options)

    monkeypatch.setattr(wording, "say", listen)
    return found


def test_another_place_can_be_behind_things_and_hands(clips: Path) -> None:
    """The surroundings change, in source and target alike; things, hands and what was edited stay."""
    usual, staged = (
        PairSource(clips / "train", Mix({"recolor": 1}, bent=0, staged=share)) for share in (0, 1)
    )
    changed = 0
    for seed in range(12):
        draws = [
            Draw(
                np.random.default_rng(seed),
                np.random.default_rng(7),
                s._clip,
                4,
                SIZE,
                staged=s.mix.staged,
            )
            for s in (usual, staged)
        ]
        shots = [draw.shot(choice=target_of) for draw in draws]
        if shots[0] is None or shots[1] is None:
            assert shots == [None, None]
            continue
        ids, own = ids_of(shots[0].layers), shots[0].picture()
        again = shots[1].picture()
        flip = slice(None, None, -1 if shots[0].mirrored else 1)
        # Well inside things and hands; and well outside, where only the place is.
        near = np.stack([cv2.blur((i != 0).astype(np.float32), (5, 5)) for i in ids])[:, :, flip]
        assert np.array_equal(own[near > 0.999], again[near > 0.999])
        behind = shots[1].behind
        assert behind is not None and len(behind) == len(own)
        assert np.array_equal(again[near == 0], behind[:, :, flip][near == 0])
        changed += int((again[near == 0] != own[near == 0]).any())
        kept = draws[1].shot(own_place=True)
        assert kept is not None and kept.behind is None
    assert changed > 3
    first, second = (staged.draw((5, 1), 1, HW) for _ in range(2))
    assert torch.equal(first.source, second.source) and torch.equal(first.target, second.target)
