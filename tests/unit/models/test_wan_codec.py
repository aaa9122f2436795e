"""Wan's codecs: equal to diffusers' AutoencoderKLWan, streamed equals whole, state a value, causal."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import Any

import pytest
import torch
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from egostream.models.codec import Codec, CodecState, group_frames
from egostream.models.wan_blocks import memory_shapes
from egostream.models.wan_codec import WanCodec
from egostream.models.wan_codec_names import layer_names, name_in_file
from egostream.models.wan_config import WanCodecConfig, wan_2_1, wan_2_2
from tests.unit.models.wan import DIFFUSERS_2_1, DIFFUSERS_2_2, Options, clip, noise, pair

VARIANTS = {"2.1": DIFFUSERS_2_1, "2.2": DIFFUSERS_2_2}
SIX = {"z_dim": 6, "latents_mean": [0.1] * 6, "latents_std": [1.0, 2.0, 0.5, 1.0, 1.5, 0.7]}
# Options of AutoencoderKLWan, cells of the latent grid, latent frames.
CASES: dict[str, tuple[Options, tuple[int, int], int]] = {
    "2.1-published-but-thin": (DIFFUSERS_2_1 | {"num_res_blocks": 2}, (2, 3), 4),
    "2.1-attention": (DIFFUSERS_2_1 | {"attn_scales": [1.0, 0.25]}, (1, 2), 3),
    "2.1-time-first": (
        DIFFUSERS_2_1 | {"dim_mult": [1, 1, 2], "temperal_downsample": [True, True]},
        (5, 3),
        3,
    ),
    "2.1-wide-decoder": (DIFFUSERS_2_1 | SIX | {"decoder_base_dim": 6}, (3, 1), 2),
    "2.1-stride-2": (DIFFUSERS_2_1 | {"temperal_downsample": [False, True, False]}, (2, 1), 5),
    "2.2-published-but-thin": (DIFFUSERS_2_2 | {"num_res_blocks": 2}, (2, 3), 4),
    "2.2-three-levels": (
        DIFFUSERS_2_2 | SIX | {"dim_mult": [1, 2, 2], "temperal_downsample": [True, True]},
        (3, 4),
        3,
    ),
    "2.2-no-patches": (
        DIFFUSERS_2_2
        | {"patch_size": None, "in_channels": 3, "out_channels": 3}
        | {"temperal_downsample": [True, False, True]},
        (3, 1),
        2,
    ),
}


def num_frames(latents: int, stride_t: int) -> int:
    return 1 + stride_t * (latents - 1)


def worst(a: Tensor, b: Tensor) -> float:
    assert a.shape == b.shape, (a.shape, b.shape)
    return float((a - b).abs().max())


def differences(
    options: Options, grid: tuple[int, int], latents: int, *, lively: bool = False
) -> tuple[float, float]:
    """How far encoding and decoding are from diffusers', at worst, for a batch of two.

    `lively`: see to it that there is a signal, and little of it clamped, without which it proves nothing.
    """
    codec, vae = pair(options)
    size = (grid[0] * codec.stride_hw, grid[1] * codec.stride_hw)
    frames = clip(2, num_frames(latents, codec.stride_t), size)
    posterior = vae.encode(2 * frames.transpose(1, 2) - 1).latent_dist
    theirs = (posterior.mode().transpose(1, 2) - codec.mean) / codec.std
    ours, _ = codec.encode(frames, CodecState())
    assert not lively or float(ours.std()) > 0.05
    code = noise(2, latents, codec.code_channels, grid)
    drawn = vae.decode((code * codec.std + codec.mean).transpose(1, 2)).sample
    pictures, _ = codec.decode(code, CodecState(), frames)
    assert not lively or float(((pictures > 0) & (pictures < 1)).float().mean()) > 0.7
    return worst(ours, theirs), worst(pictures, 0.5 * drawn.transpose(1, 2) + 0.5)


@pytest.mark.parametrize("case", CASES)
def test_equals_diffusers(case: str) -> None:
    encoding, decoding = differences(*CASES[case], lively=True)
    assert encoding < 1e-4 and decoding < 1e-4, (encoding, decoding)


@st.composite
def random_cases(draw: st.DrawFn) -> tuple[Options, tuple[int, int], int]:
    residual = draw(st.booleans())
    multiples = draw(st.sampled_from([[1, 2, 2], [1, 1, 1], [2, 1, 1], [1, 2, 4, 4]]))
    flags = draw(st.permutations([True, True, False][: len(multiples) - 1]))
    channels = draw(st.integers(1, 5))
    values = st.lists(st.floats(0.3, 3), min_size=channels, max_size=channels)
    options = (DIFFUSERS_2_2 if residual else DIFFUSERS_2_1) | {
        "base_dim": draw(st.integers(2, 5)),
        "decoder_base_dim": draw(st.integers(2, 5)),
        "dim_mult": multiples,
        "temperal_downsample": flags,
        "num_res_blocks": draw(st.integers(1, 2)),
        "attn_scales": draw(st.lists(st.sampled_from([1.0, 0.5, 0.25]), unique=True)),
        "z_dim": channels,
        "latents_mean": draw(values),
        "latents_std": draw(values),
    }
    grid = (draw(st.integers(1, 3)), draw(st.integers(1, 3)))
    return options, grid, draw(st.integers(1, 3))


@settings(max_examples=8, deadline=None)
@given(random_cases())
def test_equals_diffusers_in_any_shape(case: tuple[Options, tuple[int, int], int]) -> None:
    encoding, decoding = differences(*case)
    assert encoding < 1e-4 and decoding < 1e-4


@pytest.mark.parametrize(
    ("config", "options"),
    [
        (wan_2_1(), {}),
        (
            wan_2_2(),
            DIFFUSERS_2_2
            | {"base_dim": 160, "decoder_base_dim": 256, "z_dim": 48, "num_res_blocks": 2},
        ),
    ],
    ids=["2.1", "2.2"],
)
def test_the_published_sizes(config: WanCodecConfig, options: Options) -> None:
    """At full size, without memory for weights: every tensor has its place, and 4 x 8 x 8 or 4 x 16 x 16."""
    with torch.device("meta"):
        codec, vae = WanCodec(config), AutoencoderKLWan(**options)
        layers = layer_names(config, "diffusers")
        ours = {name_in_file(k, layers): v.shape for k, v in codec.state_dict().items()}
        assert ours == {k: v.shape for k, v in vae.state_dict().items()}
        groups = torch.empty(1, 2, 4, 3, 32, 64)
        latents, memory = codec.encode_groups(groups, (), torch.ones(1))
        assert [m.shape for m in memory] == memory_shapes(codec.encoder, 1, (32, 64))
        s = codec.stride_hw
        assert latents.shape == (1, 2, config.latent_channels, 32 // s, 64 // s)
        pictures, memory = codec.decode_groups(latents, (), torch.ones(1))
        assert [m.shape for m in memory] == memory_shapes(codec.decoder, 1, (32, 64))
        assert pictures.shape == groups.shape
    if not options:
        assert list(config.latents_mean) == vae.config.latents_mean
        assert list(config.latents_std) == vae.config.latents_std


@settings(max_examples=6, deadline=None)
@given(st.sampled_from(sorted(VARIANTS)), st.lists(st.integers(1, 3), min_size=1, max_size=4))
def test_streamed_equals_whole(variant: str, splits: list[int]) -> None:
    """Any division of a clip into chunks gives the same latents and the same pictures."""
    codec: Codec = pair(VARIANTS[variant])[0]
    s, total = codec.stride_hw, sum(splits)
    frames = clip(1, num_frames(total, 4), (2 * s, s))
    latents, _ = codec.encode(frames, CodecState())
    code = noise(1, total, codec.code_channels, (2, 1))
    pictures, _ = codec.decode(code, CodecState(), frames)
    assert pictures.shape == frames.shape
    encoding, decoding, at, frame = CodecState(), CodecState(), 0, 0
    for size in splits:
        cut = slice(frame, frame + 4 * size - (3 if frame == 0 else 0))
        part, encoding = codec.encode(frames[:, cut], encoding)
        drawn, decoding = codec.decode(code[:, at : at + size], decoding, frames[:, cut])
        assert worst(part, latents[:, at : at + size]) < 1e-4
        assert worst(drawn, pictures[:, cut]) < 1e-4
        at, frame = at + size, cut.stop
    assert encoding.num_frames == decoding.num_frames == frames.shape[1]


@pytest.mark.parametrize("variant", VARIANTS)
def test_two_streams_in_turn_do_not_touch_each_other(variant: str) -> None:
    """Chunks of two streams, taken in turn, give to the bit what each gives alone; states are not written to."""
    codec, _ = pair(VARIANTS[variant])
    s = codec.stride_hw
    streams = [clip(1, 9, (s, 2 * s), seed) for seed in (1, 2)]
    codes = [noise(1, 3, codec.code_channels, (1, 2), seed) for seed in (1, 2)]
    cuts = (slice(0, 1), slice(1, 5), slice(5, 9))

    def step(which: int, i: int, states: tuple[CodecState, CodecState]) -> Any:
        before = [t.clone() for state in states for t in state.memory]
        latents, encoding = codec.encode(streams[which][:, cuts[i]], states[0])
        frames, decoding = codec.decode(codes[which][:, i : i + 1], states[1])
        after = [t for state in states for t in state.memory]
        assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
        return (latents, frames), (encoding, decoding)

    alone: list[list[tuple[Tensor, Tensor]]] = [[], []]
    turns: list[list[tuple[Tensor, Tensor]]] = [[], []]
    for which in range(2):
        states = (CodecState(), CodecState())
        for i in range(3):
            out, states = step(which, i, states)
            alone[which].append(out)
    both = [(CodecState(), CodecState())] * 2
    for i in range(3):
        for which in range(2):
            out, both[which] = step(which, i, both[which])
            turns[which].append(out)
    for one, other in zip(chain(*alone), chain(*turns), strict=True):
        assert torch.equal(one[0], other[0]) and torch.equal(one[1], other[1])


@pytest.mark.parametrize("variant", VARIANTS)
def test_later_frames_leave_earlier_outputs_alone(variant: str) -> None:
    codec, _ = pair(VARIANTS[variant])
    s = codec.stride_hw
    frames, code = clip(1, 9, (s, s)), noise(1, 3, codec.code_channels, (1, 1))
    latents, pictures = (
        codec.encode(frames, CodecState())[0],
        codec.decode(code, CodecState())[0],
    )
    frames[:, 5:], code[:, 2:] = 1 - frames[:, 5:], -code[:, 2:]
    after = codec.encode(frames, CodecState())[0], codec.decode(code, CodecState())[0]
    assert torch.equal(after[0][:, :2], latents[:, :2])
    assert torch.equal(after[1][:, :5], pictures[:, :5])
    assert not torch.equal(after[0][:, 2], latents[:, 2])
    assert not torch.equal(after[1][:, 5], pictures[:, 5])


class Step(nn.Module):
    """One direction of a codec as an engine takes it: tensors in, tensors out."""

    def __init__(self, codec: WanCodec, encode: bool) -> None:
        super().__init__()
        self.codec, self.encode = codec, encode

    def forward(self, x: Tensor, fresh: Tensor, *memory: Tensor) -> tuple[Tensor, ...]:
        run = self.codec.encode_groups if self.encode else self.codec.decode_groups
        y, kept = run(x, memory, fresh)
        return (y, *kept)


@pytest.mark.parametrize("variant", VARIANTS)
def test_one_graph_serves_streams_of_every_age(variant: str) -> None:
    """Exported once, at fixed shapes, a step serves first and later chunks, also side by side in a batch."""
    # Every kind of layer, no more: exporting takes long.
    shallow = {"dim_mult": [1, 2, 2], "temperal_downsample": [True, True]}
    codec, _ = pair(VARIANTS[variant] | shallow)
    size = (codec.stride_hw, 2 * codec.stride_hw)
    frames, code = clip(2, 9, size), noise(2, 3, codec.code_channels, (1, 2))
    latents = codec.encode(frames, CodecState())[0]
    groups, drawn = (
        group_frames(x, 4, fresh=True) for x in (frames, codec.decode(code, CodecState())[0])
    )
    for encode, chunks, whole in ((True, groups, latents), (False, code, drawn)):
        state = codec.empty_memory(2, size)[0 if encode else 1]
        examples = (chunks[:, :1], torch.ones(2), *state)
        graph = torch.export.export(Step(codec, encode), examples).module()
        # Row 1 is at first an earlier stream's, so that its place is not clean; then it is a call behind.
        for call, at in enumerate(((0, 2), (1, 0), (2, 1))):
            x = torch.stack([chunks[row, i : i + 1] for row, i in enumerate(at)])
            y, *state = graph(x, torch.tensor([call < 1, call < 2]).float(), *state)
            for row, i in enumerate(at):
                counts = slice(3, None) if i == 0 and not encode else slice(None)
                if (call, row) != (0, 1):
                    assert worst(y[row, 0, counts], whole[row, i, counts]) < 1e-4


@pytest.mark.parametrize("variant", VARIANTS)
def test_bfloat16_streams_near_float32(variant: str) -> None:
    codec, _ = pair(VARIANTS[variant])
    low = WanCodec(codec.config)
    low.load_state_dict(codec.state_dict())
    low.bfloat16().eval().requires_grad_(False)
    s = codec.stride_hw
    frames, code = clip(1, 5, (s, 2 * s)), noise(1, 2, codec.code_channels, (1, 2))
    for run, quick, whole_input, cuts in (
        (codec.encode, low.encode, frames, (1, 4)),
        (codec.decode, low.decode, code, (1, 1)),
    ):
        whole, _ = run(whole_input, CodecState())
        state, parts = CodecState(), []
        for part in whole_input.bfloat16().split(cuts, dim=1):
            out, state = quick(part, state)
            parts.append(out)
        error = torch.cat(parts, 1).float() - whole
        assert all(t.dtype == torch.bfloat16 for t in (out, *state.memory))
        assert float(error.square().mean().sqrt()) < 0.05


def test_an_edit_is_coded_as_its_picture_and_drawn_without_the_source() -> None:
    codec, _ = pair(DIFFUSERS_2_1)
    frames, source = clip(1, 5, (8, 8)), clip(1, 5, (8, 8), 1)
    edit, _ = codec.encode(frames, CodecState(), source)
    assert torch.equal(edit, codec.encode(frames, CodecState())[0])
    drawn = [codec.decode(edit, CodecState(), s)[0] for s in (frames, source)]
    assert torch.equal(*drawn)
    assert 0 <= float(drawn[0].min()) and float(drawn[0].max()) <= 1


def test_wrong_frames_and_foreign_states_are_errors() -> None:
    codec, _ = pair(DIFFUSERS_2_1)
    with pytest.raises(ValueError, match="do not fill"):
        codec.encode(clip(1, 3, (8, 8)), CodecState())
    with pytest.raises(ValueError, match="no multiples of 8"):
        codec.encode(clip(1, 1, (8, 12)), CodecState())
    _, state = codec.encode(clip(1, 1, (8, 8)), CodecState())
    for foreign in (
        lambda: codec.decode(noise(1, 1, 3, (1, 1)), state),
        lambda: codec.encode(clip(1, 4, (8, 16)), state),
        lambda: codec.encode(clip(1, 4, (8, 8)), CodecState(num_frames=1)),
    ):
        with pytest.raises(ValueError, match="the state is of another"):
            foreign()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"base_width": 0}, "must be positive"),
        ({"temporal_down": (True,)}, "temporal flags"),
        ({"latents_mean": (0.0,)}, "16 values"),
        ({"latents_std": (0.0,) * 16}, "std must be positive"),
        ({"decoder_base_width": 1}, "at least 2"),
        ({"residual": True, "width_multiples": (1, 2, 4, 5)}, "cannot be averaged"),
    ],
)
def test_impossible_configurations(change: dict[str, Any], message: str) -> None:
    with torch.device("meta"), pytest.raises(ValueError, match=message):
        WanCodec(replace(wan_2_1(), **change))
