"""Where pairs come from: the same from a seed, never what is kept for tests, and worded apart from pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from distill import wording
from distill.pairs import SHARES, Mix, Pair, PairSource, is_egocentric, only
from distill.tasks import TASKS
from distill.world.clips import ObjectInfo, Other, list_clips, load_clip, load_info, save_clip

HW = (48, 64)


def same_pictures(a: Pair, b: Pair) -> bool:
    return torch.equal(a.source, b.source) and torch.equal(a.target, b.target)


def test_an_example_is_a_function_of_its_seed(clips: Path) -> None:
    """A run that resumes has drawn nothing before."""
    first = PairSource(clips / "train")
    drawn = [first.draw((1, i), 1, HW) for i in range(6)]
    resumed = PairSource(clips / "train")
    for i in (4, 2):
        again = resumed.draw((1, i), 1, HW)
        assert again.text == drawn[i].text and same_pictures(again, drawn[i])
        assert (again.task, again.clock, again.detail) == (
            drawn[i].task, drawn[i].clock, drawn[i].detail,
        )  # fmt: skip
    assert not same_pictures(drawn[0], drawn[1])


def test_a_mix_is_of_known_tasks(clips: Path) -> None:
    assert set(SHARES) == set(TASKS)
    with pytest.raises(ValueError, match="no such tasks: .*'juggle'"):
        PairSource(clips / "train", Mix({"juggle": 1.0}))
    source = PairSource(clips / "train", Mix({"add": 3.0, "remove": 1.0}))
    tasks = [source.draw((2, i), 1, HW).task for i in range(24)]
    assert tasks.count("add") > tasks.count("remove") > 0


def test_other_words_leave_the_pictures_alone(clips: Path) -> None:
    """To the bit, of every task: what a model loses with words it never saw is due to the words."""
    told_otherwise = set()
    for task in TASKS:
        usual, other = (
            PairSource(clips / "train", only(task), words) for words in ("train", "heldout")
        )
        for i in range(4):
            a, b = usual.draw((3, i), 1, HW), other.draw((3, i), 1, HW)
            assert a.task == b.task and same_pictures(a, b), a.task
            if a.text != b.text:
                told_otherwise.add(task)
    assert told_otherwise == set(TASKS)


def rare_clips(clips: Path, folder: Path) -> Path:
    """Bottles instead of cups, with changes of which training must not see the half."""
    bottle, cup = ObjectInfo(1, "bottle", "bottle", "red", 0.1), ObjectInfo(2, "cup", "cup", "blue")
    others = (
        Other("shape", "xylophone", ObjectInfo(200, "xylophone", "xylophone", "red", 0.1)),
        Other("material", "steel"),
        Other("shape", "vase", ObjectInfo(200, "vase", "vase", "red", 0.1)),
        Other("material", "wood"),
    )
    for i, other in enumerate(others):
        layers, info = load_clip(list_clips(clips / "train")[i % 2])
        place = "room" if i < 2 else "kitchen"
        changed = replace(info, objects=(bottle, cup), other=other, place=place)
        save_clip(folder, i, layers, changed)
    return folder


def combination(pair: Pair) -> tuple[str, str, str]:
    """What may be withheld: (family, kind or first edit, result)."""
    assert pair.shot is not None and pair.shot.info.other is not None
    shot, detail = pair.shot, pair.detail
    info = shot.info
    if pair.task == "combined":
        goal, _, name = detail.partition("+")
        return "combined", goal, name
    if pair.task == "shape":
        kinds = info.object(info.target).kind, info.other.name
        return ("shape", *(kinds if shot.number == info.target else kinds[::-1]))
    kind = shot.thing.kind
    if pair.task == "add":
        return "add", kind, shot.names[shot.number]
    return pair.task, kind, info.place if pair.task == "remove" else detail


@pytest.mark.parametrize(
    "task", ["recolor", "material", "shape", "object_effect", "remove", "add", "combined"]
)
def test_unseen_combinations_are_for_tests_alone(task: str, clips: Path, tmp_path: Path) -> None:
    folder = rare_clips(clips, tmp_path)
    for unseen in (False, True):
        source = PairSource(folder, only(task), unseen=unseen)
        drawn = [p for i in range(14) if (p := source.draw((5, i), 1, HW)).task == task]
        assert drawn, unseen
        for pair in drawn:
            assert wording.withheld(*combination(pair)) == unseen, combination(pair)


def test_training_sees_no_withheld_edit_as_a_part(clips: Path, tmp_path: Path) -> None:
    """Neither in a riddle nor beside another edit: a bottle in a plain room is never removed."""
    assert wording.withheld("remove", "bottle", "room")
    folder = rare_clips(clips, tmp_path)
    for task in ("reasoning", "combined"):
        drawn = []
        for unseen in (False, True):
            source = PairSource(folder, only(task), unseen=unseen, sub="remove")
            drawn += [p for i in range(16) if (p := source.draw((6, i), 1, HW)).task == task]
            places = {p.shot.info.place for p in drawn if p.shot is not None}
            assert ("room" in places) == unseen and "kitchen" in places


def test_a_share_of_first_person_clips(clips: Path, tmp_path: Path) -> None:
    """Without them, clips seen from a desk or without a hand are left; half of them is always the same half."""
    for i, (view, hand) in enumerate((("table", "none"), ("frontal", "hold"))):
        layers, info = load_clip(list_clips(clips / "train")[i])
        save_clip(tmp_path, 10 + i, layers, replace(info, view=view, hand=hand))
    for i in range(8):
        save_clip(tmp_path, i, *load_clip(list_clips(clips / "train")[i % 4]))
    used = {share: PairSource(tmp_path, Mix(egocentric=share))._clips for share in (0.0, 0.5, 1.0)}
    assert len(used[1.0]) == 10 and len(used[0.0]) == 2
    assert not any(is_egocentric(load_info(p)) for p in used[0.0])
    assert 2 < len(used[0.5]) < 10 and set(used[0.0]) < set(used[0.5])
    with pytest.raises(FileNotFoundError, match="render"):
        PairSource(clips / "train", Mix(egocentric=0))


def test_no_clips_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="distill.world render"):
        PairSource(tmp_path)
