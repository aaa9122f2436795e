"""The codec: streamed equals whole, causality, zero is no change, the fit finds what it must."""

from __future__ import annotations

import functools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from egostream.models.bank import feature_bank, flakes
from egostream.models.change_codec import (
    FILL,
    FILL_UNIT,
    GATE,
    GATE_UNIT,
    MAP,
    MAP_UNIT,
    ChangeCodec,
    alone,
    apply_change,
    change_mask,
    encode_change,
    enlarge,
    following,
)
from egostream.models.codec import CodecState
from tests.unit.models.tiny import tiny_model


def clip(n: int, seed: int = 0) -> Tensor:
    g = torch.Generator().manual_seed(seed)
    small = torch.rand(n, 3, 6, 8, generator=g)
    return torch.nn.functional.interpolate(small, size=(48, 64), mode="bicubic").clamp(0, 1)[None]


def psnr(a: Tensor, b: Tensor) -> float:
    return float(-10 * torch.log10((a - b).square().mean()))


@functools.cache
def codec() -> ChangeCodec:
    return tiny_model().codec


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(1, 3), min_size=1, max_size=4))
def test_streamed_equals_whole(splits: list[int]) -> None:
    """Any division of a clip into chunks gives the same latents and the same pictures."""
    c = codec()
    n = 1 + 4 * (sum(splits) - 1)
    source, edited = clip(n), clip(n, 1)
    latents, _ = c.encode(source, CodecState())
    code, _ = c.encode(edited, CodecState(), source)
    pictures, _ = c.decode(code, CodecState(), source)
    assert pictures.shape == source.shape
    states = [CodecState()] * 3
    at, frame = 0, 0
    for size in splits:
        frames = 4 * size - (3 if frame == 0 else 0)
        cut = slice(frame, frame + frames)
        part, states[0] = c.encode(source[:, cut], states[0])
        change, states[1] = c.encode(edited[:, cut], states[1], source[:, cut])
        out, states[2] = c.decode(change, states[2], source[:, cut])
        for streamed, whole in ((part, latents), (change, code)):
            assert float((streamed - whole[:, at : at + size]).abs().max()) < 1e-4
        assert float((out - pictures[:, cut]).abs().max()) < 1e-4
        at, frame = at + size, frame + frames


def test_causality_to_the_bit() -> None:
    c, source = codec(), clip(9)
    before, _ = c.encode(source, CodecState())
    source[:, 5:] = 1 - source[:, 5:]
    after, _ = c.encode(source, CodecState())
    assert torch.equal(before[:, :2], after[:, :2])
    assert not torch.equal(before[:, 2], after[:, 2])


def test_the_encoder_sees_motion_across_chunks() -> None:
    """The state carries something: the same frames after another past give other latents."""
    c = codec()
    _, one = c.encode(clip(1, 1), CodecState())
    _, two = c.encode(clip(1, 2), CodecState())
    frames = clip(4, 3)
    assert not torch.equal(c.encode(frames, one)[0], c.encode(frames, two)[0])


def test_wrong_number_of_frames_is_an_error() -> None:
    with pytest.raises(ValueError, match="do not fill"):
        codec().encode(clip(3), CodecState())


def test_zero_code_touches_no_pixel() -> None:
    c, source = codec(), clip(5)
    code = torch.zeros(1, 2, c.code_channels, 3, 4)
    pictures, _ = c.decode(code, CodecState(), source)
    assert torch.equal(pictures, source)


def test_pixels_far_from_a_local_edit_are_untouched() -> None:
    c, source = codec(), clip(5)
    target = source.clone()
    target[..., 0:16, 0:16] = 1 - target[..., 0:16, 0:16]
    code, _ = c.encode(target, CodecState(), source)
    pictures, _ = c.decode(code, CodecState(), source)
    assert torch.equal(pictures[..., 32:, 32:], source[..., 32:, 32:])
    assert psnr(pictures[..., 2:14, 2:14], target[..., 2:14, 2:14]) > 25


@pytest.mark.parametrize(
    "matrix",
    [
        [[0.4, 0, 0], [0, 0.5, 0.1], [0, 0.2, 0.8]],
        [[0.3, 0.6, 0.1], [0.3, 0.6, 0.1], [0.3, 0.6, 0.1]],
    ],
)
def test_a_global_recolouring_is_coded_almost_exactly(matrix: list[list[float]]) -> None:
    c, source = codec(), clip(9)
    target = torch.einsum("bnchw,dc->bndhw", source, torch.tensor(matrix)) + 0.03
    code, _ = c.encode(target, CodecState(), source)
    # The tiny codec's gate is random: decode with an open one to test the fit alone.
    whole = torch.cat([source[:, :1].expand(-1, 4, -1, -1, -1), source[:, 1:]], 1)[0]
    bank = feature_bank(whole, torch.zeros(12, 1, 48, 64))
    change = enlarge(code[:, :, : MAP + FILL], (48, 64))
    near = (x.unflatten(0, (3, 4)) for x in (whole, bank, torch.ones(12, 1, 48, 64)))
    pictures = apply_change(change, *near)
    assert psnr(pictures.flatten(0, 1)[None, 3:], target) > 35


def test_what_the_source_does_not_hold_goes_into_the_fill() -> None:
    source = torch.full((1, 1, 4, 3, 48, 64), 0.5)
    target = source.clone()
    target[..., 16:32, 16:32] = torch.tensor([0.9, 0.1, 0.1])[:, None, None]
    code = encode_change(source, target, torch.zeros(1, 1))
    fill = code[0, 0, MAP : MAP + FILL, 1, 1]
    assert float(fill.abs().min()) > 0.5
    assert not code[0, 0, :, 2, 3].any()


def test_gradients_reach_the_code_through_the_decoder() -> None:
    c, source = codec(), clip(5)
    target = 1 - source
    code, _ = c.encode(target, CodecState(), source)
    code = (0.5 * code).requires_grad_(True)
    pictures, _ = c.decode(code, CodecState(), source)
    loss = (pictures - target).square().mean()
    (gradient,) = torch.autograd.grad(loss, code)
    step = 0.05 / gradient.norm()
    with torch.no_grad():
        better, _ = c.decode(code - step * gradient, CodecState(), source)
    gained = float(loss.detach() - (better - target).square().mean())
    assert gained == pytest.approx(0.05 * float(gradient.norm()), rel=0.2)


def test_a_change_takes_over_softly_and_a_steady_one_stays() -> None:
    """A wall that is lightened more from the second latent frame on: four small steps, not one."""
    c = codec()
    wall = torch.full((1, 3, 4, 3, 48, 64), 0.3)
    code = torch.zeros(1, 3, MAP + FILL + GATE, 3, 4)
    code[:, :, MAP + FILL :] = 1 / GATE_UNIT
    code[:, 1:, MAP : MAP + FILL] = 0.4 / FILL_UNIT
    falling = torch.zeros(12, 1, 48, 64)
    shown, logits = c.show(code, wall, falling, following(code))
    gate, _ = c.gate(code[:, :, MAP + FILL :], wall)
    added = (shown - wall).flatten(0, 2) / gate
    levels = added.mean((1, 2, 3))
    assert torch.allclose(levels[:4], torch.zeros(4), atol=1e-4)
    assert torch.allclose(levels[4:], torch.tensor([0.2, 0.3] + [0.4] * 6), atol=1e-3)
    # Frames that training leaves out change nothing for those that it takes.
    part, _ = c.show(
        code,
        wall[:, :, [1, 3]],
        falling.reshape(3, 4, 1, 48, 64)[:, [1, 3]].flatten(0, 1),
        following(code),
        [1, 3],
    )
    assert torch.allclose(part, shown[:, :, [1, 3]], atol=1e-6)
    # An outline's first picture follows the last one before; nothing is shown before a stream's first.
    code[:, 1, MAP + FILL :] = 0
    opened = c.show(code, wall, falling, following(code))[1].unflatten(0, (3, 4)).mean((2, 3, 4))
    closed = c.show(code[:, 1:2], wall[:, :1], falling[:4])[1].mean()
    assert opened[0, 0] > opened[1, 0] > opened[1, 1] and torch.allclose(opened[1, 1], closed)
    # Where nothing was shown before, its own coverage holds from the first picture on.
    moving = code[:, 2:].clone()
    moving[:, :, MAP + FILL :] = torch.rand(1, 1, GATE, 3, 4) / GATE_UNIT
    once = c.show(moving, wall[:, :1], falling[:4])[0]
    assert torch.allclose(
        c.show(moving, wall[:, :1], falling[:4], alone(moving))[0], once, atol=1e-6
    )
    assert not torch.allclose(c.show(moving, wall[:, :1], falling[:4], moving)[0], once, atol=1e-3)
    # A row whose edit begins in mid-clip takes over from nothing there, the other one from what it showed.
    codes = torch.randn(2, 3, MAP + FILL + GATE, 3, 4)
    begins = torch.tensor([[False, True, False], [False, False, False]])
    last = following(codes, begins)
    assert torch.equal(last[0, 1], alone(codes)[0, 1]) and torch.equal(last[1, 1], codes[1, 0])
    assert torch.equal(last[:, 2], codes[:, 1]) and torch.equal(last[:, 0], alone(codes)[:, 0])


def test_change_mask_is_soft_and_colour_blind() -> None:
    a = torch.full((1, 3, 2, 2), 0.5)
    b = a.clone()
    b[0, 2, 0, 0] += 0.5
    b[0, 1, 0, 1] += 6 / 255
    mask = change_mask(a, b)[0, 0]
    assert mask[0, 0] == 1 and 0 < mask[0, 1] < 1 and not mask[1].any()


def test_flakes_fall_without_a_seam() -> None:
    """Frame k of a chunk is frame 0 of the stream k frames later; time wraps, for ever."""
    run = flakes(torch.tensor([7]), 5, (48, 64))
    assert torch.equal(run[:, 3], flakes(torch.tensor([10]), 1, (48, 64))[:, 0])
    assert torch.equal(run, flakes(torch.tensor([7 + 256 * 1000]), 5, (48, 64)))
    assert 0.001 < float(run.mean()) < 0.1


def test_faint_flakes_vanish_and_snow_stays() -> None:
    """A twentieth of a flake would be a dot on every plain wall; three quarters of one are snow."""
    wall = torch.full((4, 3, 48, 64), 0.3)
    falling = flakes(torch.zeros(1), 4, (48, 64)).flatten(0, 1)

    def shown(weight: float) -> float:
        """How far the brightest flake stands out of the wall."""
        code = torch.zeros(1, 1, MAP + FILL, 3, 4)
        code[:, :, MAP - 3 : MAP] = weight / MAP_UNIT
        bank = feature_bank(wall, falling)[None]
        edited = apply_change(
            enlarge(code, (48, 64)), wall[None], bank, torch.ones(1, 4, 1, 48, 64)
        )
        return float((edited - wall).amax())

    assert shown(0.05) < 0.2 * 0.05
    assert shown(0.6) > 0.9 * 0.6
