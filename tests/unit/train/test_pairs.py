"""Edit pairs: exact, deterministic, and every task is what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from distill import instructions
from distill.filters import FILTERS
from distill.pairs import Mix, PairSource
from distill.world import palette
from distill.world.clips import ObjectInfo, load_clip, save_clip

HW = (48, 64)


def test_same_seed_same_pair(clips: Path) -> None:
    source = PairSource(clips / "train", Mix(0.5, 0.5, 0.0))
    a, b = (source.draw((1, 2), 1, HW) for _ in range(2))
    assert a.text == b.text and torch.equal(a.target, b.target) and torch.equal(a.source, b.source)
    other = source.draw((1, 3), 1, HW)
    assert not torch.equal(a.source, other.source)


@pytest.mark.parametrize("latents", [1, 4])
def test_recolour_changes_the_object_and_nothing_else(clips: Path, latents: int) -> None:
    source = PairSource(clips / "train", Mix(1.0, 0.0, 0.0))
    seen = 0
    for i in range(8):
        pair = source.draw((9, i), latents, HW)
        assert pair.source.shape == (latents, 4, 3, *HW)
        assert pair.mask.shape == (latents, 4, 1, *HW)
        if pair.task == "recolor":
            seen += 1
            untouched = (pair.mask == 0).expand_as(pair.source)
            difference = (pair.source - pair.target).abs()
            assert float(difference[untouched].max()) <= 2 / 255 + 1e-6
            assert 0.01 < float(pair.mask.mean()) < 0.7
            assert any(word in pair.text for word in instructions.THINGS["cup"])
    assert seen >= 4


def test_removal_takes_the_shadow_along(clips: Path) -> None:
    source = PairSource(clips / "train", Mix(0.0, 1.0, 0.0))
    pairs = [source.draw((4, i), 1, (96, 128)) for i in range(6)]
    removed = [p for p in pairs if p.task == "remove"]
    assert removed
    for pair in removed:
        columns = pair.mask[0, -1, 0].any(0).sum()
        assert int(columns) > 36  # wider than the square alone


def test_two_alike_are_not_told_apart(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two cups one is named by its colour; of two red cups neither can be."""
    layers, info = load_clip(PairSource(clips / "train")._clips[0])
    cups = (*info.objects, ObjectInfo(2, "cup", "cup", "blue", 0.1))
    save_clip(tmp_path, 0, layers, replace(info, objects=cups))
    source = PairSource(tmp_path, Mix(0.0, 1.0, 0.0))

    def removals() -> list[str]:
        pairs = [source.draw((5, i), 1, (96, 128)) for i in range(8)]
        return [p.text for p in pairs if p.task == "remove"]

    colors = {word for words in instructions.COLORS.values() for word in words}
    found = removals()
    assert found and all(any(c in text for c in colors) for text in found)
    monkeypatch.setattr(palette, "NAMES", ("blue",))
    alike = (replace(cups[0], default_color="blue"), cups[1])
    save_clip(tmp_path, 0, layers, replace(info, objects=alike))
    assert not removals()


def test_leaving_alone_is_exact(clips: Path) -> None:
    source = PairSource(clips / "train", Mix(0.0, 0.0, 0.0))
    for i in range(5):
        pair = source.draw((2, i), 1, HW)
        assert pair.task == "none" and torch.equal(pair.source, pair.target)
        assert not pair.mask.any()


def test_no_clips_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="distill.world render"):
        PairSource(tmp_path)


@pytest.mark.parametrize("name", sorted(FILTERS))
def test_filters(name: str) -> None:
    pictures = torch.rand(2, 4, 3, *HW)
    clock = torch.tensor([3, 900])
    edited = FILTERS[name](pictures, clock)
    assert edited.shape == pictures.shape
    assert 0 <= float(edited.min()) and float(edited.max()) <= 1
    assert float((edited - pictures).abs().mean()) > 0.02
    # A chunk is edited as the same frames within a longer clip would be.
    assert torch.allclose(FILTERS[name](pictures[:, 2:], clock + 2), edited[:, 2:], atol=1e-6)


def test_every_filter_has_words() -> None:
    rng = np.random.default_rng(0)
    assert set(instructions.GLOBAL) == set(FILTERS)
    assert all(instructions.global_edit(name, rng) for name in FILTERS)


def test_wordings_fill_their_templates() -> None:
    rng = np.random.default_rng(0)
    for _ in range(50):
        for text in (
            instructions.recolor("cup", "red", rng),
            instructions.remove("cup", rng),
            instructions.unsupported("cup", rng),
        ):
            assert text and "{" not in text
