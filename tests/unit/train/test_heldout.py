"""Held-out examples: entries for all of the benchmark's tasks, and the true motion of targets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bench.scores import warp_error
from distill import heldout
from distill.heldout import BY_NAME, ENTRIES, examples, true_motion
from distill.pairs import PairSource, only
from distill.tasks import TASKS
from distill.world.clips import joints_array, save_clip
from distill.world.compose import NUM_CHANNELS, View, view_of
from distill.world.truth import Hands, Motion, Truth
from tests.unit.train.conftest import SIZE, describe_clip

STEP = (3, -2)  # pixels a frame, x and y, that all of the clip moves by
LATENTS = 4


def panned(folder: Path) -> Path:
    """A clip that an eye pans over, with its truth; a cup in it, that only the full view has."""
    h, w = SIZE
    rng = np.random.default_rng(3)
    world = np.zeros((h + 60, w + 60, NUM_CHANNELS), np.uint8)
    ground = np.kron(rng.integers(30, 220, (h // 4 + 15, w // 4 + 15, 3)), np.ones((4, 4, 1)))
    views: tuple[View, ...] = ("full", "bare", "other")
    for view in views:
        layers = view_of(world, view)
        layers[..., 0:3] = layers[..., 3:6] = ground
        if view != "bare":
            layers[50:90, 60:110] = [200, 200, 200, 20, 20, 20, 1]
    frames = [world[t * 2 + 4 :, 50 - 3 * t :][:h, :w] for t in range(13)]
    flow = np.broadcast_to(np.array(STEP, np.float32), (12, h, w, 2)).copy()
    valid = np.zeros((12, h, w), bool)
    valid[:, 2:, :-3] = True
    motion = Motion(np.ones((13, h, w), np.float32), flow, valid)
    poses = np.tile(np.eye(4), (13, 1, 1))
    no_hands = Hands(
        np.zeros((13, 0, 21, 3)), np.zeros((13, 0, 21, 2)), np.zeros((13, 0, 21), bool), np.zeros(0)
    )
    truth = Truth(motion, motion, poses, np.ones(4), no_hands)
    info = replace(describe_clip(0), held=0, hand="none", other=None, joints=joints_array([]))
    info = replace(info, objects=info.objects[:1])
    save_clip(folder, 0, np.stack(frames), info, truth)
    return folder


def test_the_entries_are_tasks_that_there_are() -> None:
    assert {e.task for e in ENTRIES} == set(TASKS)
    assert len(BY_NAME) == len(ENTRIES)
    assert len({e.group for e in ENTRIES} - {"none"}) == 15


@pytest.mark.parametrize("task", ["recolor", "remove", "add"])
def test_a_target_moves_as_its_flow_says(task: str, tmp_path: Path) -> None:
    """In mirrored excerpts too. What is left is grain and the camera's slow changes, if it has any."""
    source = PairSource(panned(tmp_path), only(task))
    seen, least = set(), np.inf
    for i in range(16):
        pair = source.draw((8, i), LATENTS, SIZE)
        if pair.task != task:
            continue
        flow, valid = true_motion(pair)
        assert flow is not None and valid is not None and pair.shot is not None
        assert flow.shape == (12, 2, *SIZE) and valid.shape == (12, 1, *SIZE)
        pictures = pair.target.flatten(0, 1)[3:]
        right = warp_error(pictures, flow, valid)
        assert right < 0.7 * warp_error(pictures, torch.zeros_like(flow), valid)
        assert right < 0.7 * warp_error(
            pictures, flow * torch.tensor([-1, 1])[:, None, None], valid
        )
        seen.add(pair.shot.mirrored)
        least = min(least, right)
    assert seen == {False, True} and least < 0.01


def test_motion_is_told_only_where_it_is_known(clips: Path, tmp_path: Path) -> None:
    def of(folder: Path, task: str, hw: tuple[int, int]) -> object:
        source = PairSource(folder, only(task))
        return true_motion(source.draw((8, 1), LATENTS, hw))[0]

    folder = panned(tmp_path)
    assert of(folder, "recolor", SIZE) is not None
    assert of(folder, "recolor", (48, 64)) is None  # scaled: so would the flow have to be
    assert of(folder, "video_to_depth", SIZE) is None
    assert of(clips / "heldout", "recolor", SIZE) is None  # no truth beside these


def test_examples_are_fixed_and_whole(clips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heldout, "FULL_HW", SIZE)
    for name in ("material", "fire", "night", "camera"):
        entry = BY_NAME[name]
        first, again, other = (
            list(examples(clips / "heldout", entry, 2, words))
            for words in ("train", "train", "heldout")
        )
        assert len(first) == len(again) == len(other) == 2
        for a, b, c in zip(first, again, other, strict=True):
            assert a.source.shape == (13, 3, *SIZE) and a.hand.shape == (13, 1, *SIZE)
            assert a.task == entry.task and (entry.sub is None or a.detail == entry.sub)
            assert a.text == b.text and torch.equal(a.target, b.target)
            assert torch.equal(a.source, c.source) and torch.equal(a.target, c.target)
