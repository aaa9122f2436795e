"""Effects follow the thing that their mask shows, and leave everything else alone."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from distill.effects import EFFECTS, Effect

H, W = 96, 128
each_effect = pytest.mark.parametrize("effect", EFFECTS.values(), ids=EFFECTS.keys())


def scene(y: int, x: int, size: int, count: int = 4) -> tuple[Tensor, Tensor, Tensor]:
    """Grey pictures with a dark block (half as wide as high), a strip of it behind a finger."""
    pictures = torch.full((count, 3, H, W), 0.55)
    thing, front = torch.zeros(2, count, 1, H, W)
    thing[..., y : y + size, x : x + size // 2] = 1
    front[..., y + size // 2 : y + size // 2 + 4, x - 6 : x + size // 2] = 1
    thing = thing * (1 - front)
    return torch.where(thing > 0, 0.25, pictures), thing, front


@each_effect
def test_an_effect_is_a_function_of_what_it_is_given(effect: Effect) -> None:
    given = scene(40, 50, 36)
    edited, mask = effect(*given, 7)
    assert edited.shape == given[0].shape and mask.shape == given[1].shape
    assert edited.isfinite().all() and 0 <= float(edited.min()) and float(edited.max()) <= 1
    again = effect(*given, 7)
    assert torch.equal(edited, again[0]) and torch.equal(mask, again[1])
    # A chunk is edited as the same frames within a longer clip would be.
    late = effect(*(t[2:] for t in given), 9)
    assert torch.allclose(late[0], edited[2:], atol=1e-5)
    on_thing = (edited - given[0]).abs().mean(1, keepdim=True)[given[1] > 0].mean()
    assert float(on_thing) > 0.03
    assert not (mask == 0)[(edited - given[0]).abs().amax(1, keepdim=True) > 0.02].any()


@each_effect
def test_no_thing_no_change(effect: Effect) -> None:
    pictures, _, front = scene(40, 50, 36)
    edited, mask = effect(pictures, torch.zeros_like(front), front, 11)
    assert torch.equal(edited, pictures) and not mask.any()


@each_effect
def test_an_effect_moves_with_the_thing(effect: Effect) -> None:
    here, there = (effect(*scene(44, x, 30), 5)[0] for x in (44, 60))
    assert torch.allclose(here[..., 20:90, 20:90], there[..., 20:90, 36:106], atol=0.02)


@each_effect
def test_an_effect_grows_with_the_thing(effect: Effect) -> None:
    # Lightning is drawn with lines of whole pixels, so only its reach can be compared.
    small, large = (effect(*scene(y, x, s), 5)[1] for y, x, s in ((60, 60, 16), (60, 58, 32)))
    assert 2.0 < float(large.sum() / small.sum()) < 7.0


@each_effect
def test_hands_in_front_only_catch_light(effect: Effect) -> None:
    pictures, thing, front = scene(40, 50, 36)
    edited, _ = effect(pictures, thing, front, 3)
    change = (edited - pictures).abs().mean(1, keepdim=True)
    assert float(change[front > 0].mean()) < 0.5 * float(change[thing > 0].mean())


@each_effect
def test_a_finger_across_does_not_break_the_effect(effect: Effect) -> None:
    pictures, thing, front = scene(40, 50, 36)
    whole = (thing + front[..., :, :] * (torch.arange(W) >= 50)).clamp(0, 1)
    away = (torch.arange(H) < 34)[:, None].expand(H, W)  # above the thing: flames, smoke
    broken = effect(pictures, thing, front, 3)[0][..., away]
    unbroken = effect(pictures, whole, torch.zeros_like(front), 3)[0][..., away]
    assert float((broken - unbroken).abs().mean()) < 0.01


@each_effect
def test_an_effect_moves_smoothly(effect: Effect) -> None:
    pictures, thing, front = scene(40, 50, 36, count=48)
    edited, mask = effect(pictures, thing, front, 100)
    step = (edited[1:] - edited[:-1]).abs().mean((1, 2, 3))
    change = (edited - pictures).abs().mean((1, 2, 3))
    assert 0 < float(step.mean()) and float(step.max()) < 0.6 * float(change.mean())


@each_effect
def test_a_thing_at_the_border_is_no_trouble(effect: Effect) -> None:
    for y, x in ((0, 0), (80, 110)):
        edited, _ = effect(*scene(y, x, 36), 3)
        assert edited.isfinite().all()
