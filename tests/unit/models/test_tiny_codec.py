"""The tiny decoder: streamed equals whole, causal, an engine's shape, trainable, and far less work."""

from __future__ import annotations

import functools

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from egostream.models.codec import CodecState
from egostream.models.tiny_codec import TinyDecoder, TinyDecoderConfig, tiny_2_1, tiny_2_2
from egostream.models.wan_codec import WanCodec
from egostream.models.wan_config import WanCodecConfig, wan_2_1, wan_2_2
from egostream.networks import DecodePictures
from tests.unit.models.wan import noise

SMALL = TinyDecoderConfig(3, (8, 6, 4), (2, 2, 2), (True, True), head=2)


@functools.cache
def small(config: TinyDecoderConfig = SMALL) -> TinyDecoder:
    torch.manual_seed(0)
    return TinyDecoder(config).eval().requires_grad_(False)


@settings(max_examples=8, deadline=None)
@given(
    st.sampled_from(
        [
            SMALL,
            TinyDecoderConfig(3, (8, 4), (1, 1), (True,), head=4),
            TinyDecoderConfig(3, (6, 6, 4), (1, 2, 0), (False, True), head=1),
            TinyDecoderConfig(3, (6,), (2,), (), head=2),
        ]
    ),
    st.lists(st.integers(1, 3), min_size=1, max_size=4),
)
def test_streamed_equals_whole(config: TinyDecoderConfig, splits: list[int]) -> None:
    decoder, code = small(config), noise(2, sum(splits), 3, (3, 2))
    whole, _ = decoder.decode(code, CodecState())
    s, n = decoder.stride_hw, decoder.stride_t
    assert whole.shape == (2, 1 + n * (sum(splits) - 1), 3, 3 * s, 2 * s)
    state, parts = CodecState(), []
    for part in code.split(splits, dim=1):
        drawn, state = decoder.decode(part, state)
        parts.append(drawn)
    assert float((torch.cat(parts, 1) - whole).abs().max()) < 1e-4
    assert [m.shape for m in state.memory] == [
        m.shape for m in decoder.empty_memory(2, (3 * s, 2 * s))
    ]


def test_later_latents_leave_earlier_pictures_alone() -> None:
    code = noise(1, 3, 3, (2, 2))
    before, _ = small().decode(code, CodecState())
    code[:, 2] = -code[:, 2]
    after, _ = small().decode(code, CodecState())
    assert torch.equal(before[:, :5], after[:, :5])
    assert not torch.equal(before[:, 5], after[:, 5])


def test_a_flag_starts_a_row_afresh() -> None:
    """With the memory of another stream still in its place."""
    code = noise(2, 2, 3, (1, 2))
    decoder = small()
    _, memory = decoder.decode_groups(code[:, :1], decoder.empty_memory(2, (8, 16)), None)
    groups, _ = decoder.decode_groups(code[:, 1:], memory, torch.tensor([1.0, 0.0]))
    fresh, _ = decoder.decode_groups(code[:, 1:], (), torch.ones(2))
    whole, _ = decoder.decode_groups(code, (), torch.ones(2))
    assert torch.allclose(groups[0], fresh[0], atol=1e-5)
    assert torch.allclose(groups[1], whole[1, 1:], atol=1e-5)
    assert not torch.allclose(groups[1], fresh[1], atol=1e-3)


def test_a_foreign_state_is_an_error() -> None:
    _, state = small().decode(noise(1, 1, 3, (1, 1)), CodecState())
    with pytest.raises(ValueError, match="the state is of another"):
        small().decode(noise(1, 1, 3, (1, 2)), state)


def test_it_learns() -> None:
    """Gradients reach every weight, and a few steps draw one target better."""
    torch.manual_seed(0)
    decoder, code = TinyDecoder(SMALL), noise(1, 2, 3, (2, 2))
    target = torch.rand(1, 2, 4, 3, 4, 4).repeat_interleave(4, -1).repeat_interleave(4, -2)
    optimiser = torch.optim.Adam(decoder.parameters(), 1e-2)
    losses = []
    for _ in range(60):
        drawn, _ = decoder.decode_groups(code, (), torch.ones(1))
        loss = (drawn - target).square().mean()
        optimiser.zero_grad()
        loss.backward()
        assert all(bool(p.grad is not None and p.grad.any()) for p in decoder.parameters())
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize(
    ("config", "tiny"),
    [(wan_2_1(), tiny_2_1()), (wan_2_2(), tiny_2_2())],
    ids=["2.1", "2.2"],
)
def test_it_does_a_small_part_of_the_work(config: WanCodecConfig, tiny: TinyDecoderConfig) -> None:
    """At full size; counted without computing."""
    with torch.device("meta"):
        full, draft = WanCodec(config), TinyDecoder(tiny)
        code = torch.empty(1, 1, config.latent_channels, 8, 8)
        counts = []
        for decoder in (full, draft):
            with FlopCounterMode(display=False) as counter:
                groups, _ = decoder.decode_groups(code, (), None)
            counts.append(counter.get_total_flops())
    assert groups.shape == (1, 1, 4, 3, 8 * config.stride_hw, 8 * config.stride_hw)
    assert counts[0] > 25 * counts[1]


@pytest.mark.parametrize(
    "values", [{"widths": (8, 0, 4, 4)}, {"temporal_up": (True,)}, {"blocks": (1,)}]
)
def test_impossible_configurations(values: dict[str, tuple[int, ...]]) -> None:
    with pytest.raises(ValueError):
        TinyDecoderConfig(**values)


def test_it_is_exported_with_its_memory_as_tensors() -> None:
    """One graph for a stream's beginning and for what comes after: nothing in it depends on what is in a tensor."""
    decoder = small()
    module, nothing = DecodePictures(decoder), decoder.empty_memory(1, (16, 16))
    code = noise(1, 3, 3, (2, 2))
    program = torch.export.export(module, (code[:, :1], torch.ones(1), *nothing)).module()
    whole, _ = decoder.decode(code, CodecState())
    memory, drawn = nothing, []
    for i, latent in enumerate(code.split(1, dim=1)):
        groups, *kept = program(latent, torch.tensor([float(i == 0)]), *memory)
        memory = tuple(kept)
        drawn.append(groups.flatten(1, 2))
    assert torch.allclose(torch.cat(drawn, 1)[:, decoder.stride_t - 1 :], whole, atol=1e-5)
