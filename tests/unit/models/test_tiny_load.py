"""The published tiny decoders' files: read, the same pictures whole and streamed; what is wrong with them is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from egostream.cli import main
from egostream.errors import BadCheckpoint
from egostream.models.codec import CodecState
from egostream.models.diffusers_load import load_diffusers
from egostream.models.parts import load_part, save_part
from egostream.models.tiny_codec import TinyDecoder, TinyDecoderConfig, tiny_2_1, tiny_2_2
from egostream.models.tiny_load import published_shapes
from egostream.models.wan_config import wan_2_1, wan_2_2
from egostream.parity import NoJudge, check
from tests.unit.models.published_tiny import Published, Weights, published_weights
from tests.unit.models.wan import noise

NARROW = TinyDecoderConfig(latent_channels=4, widths=(12, 8, 6, 5), blocks=(3, 3, 3, 0))


def saved(path: Path, weights: Weights) -> Path:
    if path.suffix == ".safetensors":
        save_file(weights, path)
    else:
        torch.save(weights, path)
    return path


def loaded(path: Path) -> TinyDecoder:
    decoder = load_diffusers(path)
    assert isinstance(decoder, TinyDecoder)
    return decoder


@pytest.mark.parametrize(
    ("config", "name"),
    [
        (tiny_2_1(), "taew2_1.pth"),
        (tiny_2_2(), "taew2_2.safetensors"),
        (NARROW, "narrow.pth"),
        (replace(NARROW, temporal_up=(True, False, True), head=2), "other.pth"),
    ],
    ids=["2.1", "2.2", "narrow", "other"],
)
@torch.no_grad()
def test_a_published_file_draws_the_same_pictures(
    config: TinyDecoderConfig, name: str, tmp_path: Path
) -> None:
    weights = published_weights(config)
    source, target = saved(tmp_path / name, weights), tmp_path / "tiny.safetensors"
    assert main(["convert", str(source), str(target)]) == 0
    decoder = load_part(target)
    assert isinstance(decoder, TinyDecoder) and decoder.config == config
    code = 2 * noise(2, 3, config.latent_channels, (3, 2))
    judge = Published(weights)
    frames = [picture for latent in code.unbind(1) for picture in judge.push(latent)]
    wanted = torch.stack(frames, 1)[:, config.stride_t - 1 :]
    assert float(wanted.std()) > 0.05 and float(((wanted > 0) & (wanted < 1)).float().mean()) > 0.5
    whole, _ = decoder.decode(code, CodecState())
    assert whole.shape == wanted.shape and float((whole - wanted).abs().max()) < 1e-4
    state, parts = CodecState(), []
    for latent in code.split(1, dim=1):
        drawn, state = decoder.decode(latent, state)
        parts.append(drawn)
    assert float((torch.cat(parts, 1) - wanted).abs().max()) < 1e-4


def test_the_published_sizes() -> None:
    """Those of the two files, by hand; they fit Wan's latents and pictures."""
    for config, channels, colours in ((tiny_2_1(), 16, 3), (tiny_2_2(), 48, 12)):
        shapes = published_shapes(config)
        assert shapes["decoder.1.weight"] == (256, channels, 3, 3)
        assert shapes["decoder.3.conv.0.weight"] == (256, 512, 3, 3)
        assert shapes["decoder.7.conv.weight"] == (256, 256, 1, 1)
        assert shapes["decoder.8.weight"] == (128, 256, 3, 3)
        assert shapes["decoder.13.conv.weight"] == (256, 128, 1, 1)
        assert shapes["decoder.19.conv.weight"] == (128, 64, 1, 1)
        assert shapes["decoder.20.weight"] == (64, 64, 3, 3)
        assert shapes["decoder.22.bias"] == (colours,)
        assert len(shapes) == 2 + 3 * (3 * 6 + 2) + 2
    for tiny, full in ((tiny_2_1(), wan_2_1()), (tiny_2_2(), wan_2_2())):
        assert (tiny.latent_channels, tiny.stride_t, tiny.stride_hw) == (
            full.latent_channels,
            full.stride_t,
            full.stride_hw,
        )


def test_half_precision_becomes_float32(tmp_path: Path) -> None:
    weights = {k: v.half() for k, v in published_weights(NARROW).items()}
    decoder = loaded(saved(tmp_path / "half.pth", weights))
    assert {p.dtype for p in decoder.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"decoder.8.weight": None}, ["missing decoder.8.weight"]),
        ({"decoder.16.conv.2.bias": None}, ["missing decoder.16.conv.2.bias"]),
        ({"decoder.1.weight": None, "decoder.22.bias": None}, ["decoder.1.w", "decoder.22.bias"]),
        (
            {"decoder.4.conv.0.weight": torch.zeros(12, 12, 3, 3)},
            ["decoder.4.conv.0.weight is (12, 12, 3, 3), not (12, 24, 3, 3)"],
        ),
        (
            {"decoder.13.conv.weight": torch.zeros(24, 8, 1, 1)},
            ["decoder.13.conv.weight is (24, 8, 1, 1), not (16, 8, 1, 1)"],
        ),
        ({"decoder.22.weight": torch.zeros(4, 5, 3, 3)}, ["(4, 5, 3, 3), not (3, 5, 3, 3)"]),
        ({"decoder.22.weight": torch.zeros(2, 5, 3, 3)}, ["impossible"]),
        ({"decoder.14.weight": torch.zeros(6, 8)}, ["decoder.14.weight is (6, 8), not a conv"]),
        ({"decoder.23.weight": torch.zeros(3)}, ["unexpected decoder.23.weight"]),
        ({"decoder.22.bias": torch.zeros(3, dtype=torch.int32)}, ["holds torch.int32"]),
        ({"decoder.22.bias": {}}, ["decoder.22.bias is no tensor"]),
        ({"decoder.0.weight": torch.zeros(8, 4, 1, 1)}, ["larger 'super' kind"]),
    ],
)
def test_what_is_wrong_with_a_file_is_listed(
    tmp_path: Path, changed: dict[str, Tensor | None], said: list[str]
) -> None:
    weights = {k: v for k, v in (published_weights(NARROW) | changed).items() if v is not None}
    with pytest.raises(BadCheckpoint) as error:
        load_diffusers(saved(tmp_path / "wrong.pth", weights))
    for words in (*said, "wrong.pth"):
        assert words in str(error.value)


def test_a_part_comes_back_and_no_half_of_it(tmp_path: Path) -> None:
    """What training writes and a converted file is, whatever its widths."""
    torch.manual_seed(0)
    ours = TinyDecoder(TinyDecoderConfig(3, (6, 4), (1, 2), (True,), head=2))
    path = tmp_path / "tiny.safetensors"
    save_part(path, ours)
    again = loaded(path)
    assert again.config == ours.config and not any(p.requires_grad for p in again.parameters())
    for name, value in ours.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name
    ours.head.conv.bias = None
    save_part(path, ours)
    with pytest.raises(BadCheckpoint, match="missing head.conv.bias"):
        load_part(path)


def test_there_is_no_judge_of_it(tmp_path: Path) -> None:
    path = saved(tmp_path / "tiny.pth", published_weights(NARROW))
    with pytest.raises(NoJudge, match="a tiny decoder, which diffusers knows nothing of"):
        check(path)
