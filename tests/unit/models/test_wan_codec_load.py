"""Published Wan codecs: what diffusers and Wan write is read; what is wrong is named; nothing is loaded half."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers.loaders.single_file_utils import convert_wan_vae_to_diffusers
from safetensors.torch import load_file, save_file
from torch import Tensor

from egostream.errors import BadCheckpoint
from egostream.models.wan_codec import WanCodec
from egostream.models.wan_codec_load import config_from_diffusers, load_wan_codec
from egostream.models.wan_config import wan_2_1
from tests.unit.models.wan import DIFFUSERS_2_1, DIFFUSERS_2_2, Options, as_named, judge, pair

WEIGHTS = "diffusion_pytorch_model.safetensors"
INDEX = f"{WEIGHTS}.index.json"
PUBLISHED_SHAPE: Options = DIFFUSERS_2_1 | {"num_res_blocks": 2}


def same(a: WanCodec, b: WanCodec) -> bool:
    x, y = a.state_dict(), b.state_dict()
    units = torch.equal(a.mean, b.mean) and torch.equal(a.std, b.std)
    return a.config == b.config and units and all(torch.equal(x[k], y[k]) for k in x.keys() | y)


def folder(path: Path, options: Options = DIFFUSERS_2_1) -> Path:
    judge(options).save_pretrained(path)
    return path


@pytest.mark.parametrize("options", [DIFFUSERS_2_1 | {"attn_scales": [0.5]}, DIFFUSERS_2_2])
@pytest.mark.parametrize("shard_size", ["1GB", "40KB"])
def test_a_folder_that_diffusers_wrote(tmp_path: Path, options: Options, shard_size: str) -> None:
    judge(options).save_pretrained(tmp_path, max_shard_size=shard_size)
    assert (tmp_path / INDEX).exists() == (shard_size != "1GB")
    codec = load_wan_codec(tmp_path)
    assert same(codec, pair(options)[0])
    assert not codec.training and not any(p.requires_grad for p in codec.parameters())


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
@pytest.mark.parametrize("options", [PUBLISHED_SHAPE, DIFFUSERS_2_2])
def test_a_file_with_wans_own_names(tmp_path: Path, options: Options, suffix: str) -> None:
    codec, _ = pair(options)
    path = tmp_path / f"Wan_VAE.{suffix}"
    weights = {name: value.half() for name, value in as_named(codec, "wan").items()}
    torch.save(weights, path) if suffix == "pth" else save_file(weights, path)
    loaded = load_wan_codec(path, codec.config)
    for name, value in loaded.state_dict().items():
        assert value.dtype == torch.float32
        assert torch.equal(value, codec.state_dict()[name].half().float()), name


def test_wans_own_names_are_those_diffusers_converts() -> None:
    """A converter written by others, for the published shape, finds every tensor of ours under its name."""
    codec, vae = pair(PUBLISHED_SHAPE)
    converted = convert_wan_vae_to_diffusers(as_named(codec, "wan"))
    assert converted.keys() == vae.state_dict().keys()
    assert all(torch.equal(converted[k], v) for k, v in vae.state_dict().items())


def test_wan_2_2_names_its_parts_level_by_level() -> None:
    """Names read in `wan/modules/vae2_2.py` of Wan 2.2."""
    names = as_named(pair(DIFFUSERS_2_2 | {"num_res_blocks": 2})[0], "wan")
    for name in (
        "conv1.weight",
        "conv2.bias",
        "encoder.conv1.weight",
        "encoder.downsamples.0.downsamples.0.residual.0.gamma",
        "encoder.downsamples.1.downsamples.0.shortcut.weight",
        "encoder.downsamples.1.downsamples.2.resample.1.weight",
        "encoder.downsamples.2.downsamples.2.time_conv.bias",
        "encoder.downsamples.3.downsamples.1.residual.6.weight",
        "encoder.middle.1.to_qkv.weight",
        "encoder.head.0.gamma",
        "decoder.middle.2.residual.3.gamma",
        "decoder.upsamples.0.upsamples.2.residual.2.bias",
        "decoder.upsamples.0.upsamples.3.time_conv.weight",
        "decoder.upsamples.2.upsamples.0.shortcut.weight",
        "decoder.upsamples.2.upsamples.3.resample.1.weight",
        "decoder.head.2.weight",
    ):
        assert name in names, name
    assert not any("upsamples.3.upsamples.3" in name for name in names)


def test_a_published_file_is_recognised_by_its_latents(tmp_path: Path) -> None:
    """Then the first thing that does not fit is said, here the widths."""
    path = tmp_path / "Wan2.1_VAE.pth"
    weights = as_named(pair(PUBLISHED_SHAPE)[0], "wan")
    weights["conv2.weight"] = torch.zeros(16, 16, 1, 1, 1)
    torch.save(weights, path)
    with pytest.raises(BadCheckpoint, match=r"conv1.bias is \(6,\), not \(32,\)"):
        load_wan_codec(path)
    weights["conv2.weight"] = torch.zeros(7, 7, 1, 1, 1)
    torch.save(weights, path)
    with pytest.raises(BadCheckpoint, match="7 latent channels"):
        load_wan_codec(path)


@pytest.mark.parametrize("suffix", ["pth", "safetensors"])
def test_diffusers_weights_without_their_folder(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"vae.{suffix}"
    weights = as_named(pair(DIFFUSERS_2_1)[0], "diffusers")
    torch.save(weights, path) if suffix == "pth" else save_file(weights, path)
    with pytest.raises(BadCheckpoint, match="give its folder"):
        load_wan_codec(path)


def test_problems_are_listed_by_the_files_names(tmp_path: Path) -> None:
    weights = load_file(folder(tmp_path) / WEIGHTS)
    del weights["decoder.up_blocks.1.upsamplers.0.time_conv.weight"]
    weights["extra"] = torch.zeros(1)
    weights["quant_conv.bias"] = torch.zeros(2)
    save_file(weights, tmp_path / WEIGHTS)
    with pytest.raises(BadCheckpoint) as caught:
        load_wan_codec(tmp_path)
    for words in (
        "missing decoder.up_blocks.1.upsamplers.0.time_conv.weight",
        "unexpected extra",
        "quant_conv.bias is (2,), not (6,)",
    ):
        assert words in str(caught.value)


def test_a_long_list_of_problems_is_cut(tmp_path: Path) -> None:
    save_file({"x": torch.zeros(1)}, folder(tmp_path) / WEIGHTS)
    with pytest.raises(BadCheckpoint, match=r"and \d+ more$"):
        load_wan_codec(tmp_path)


def changed(path: Path, **changes: Any) -> None:
    config = json.loads((path / "config.json").read_text())
    (path / "config.json").write_text(json.dumps(config | changes))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"_class_name": "AutoencoderKL"}, "of a AutoencoderKL, not of an AutoencoderKLWan"),
        ({"z_dim": "many"}, "no AutoencoderKLWan configuration"),
        ({"dim_mult": [1, 2]}, "temporal flags"),
        ({"base_dim": -1}, "must be positive"),
        ({"patch_size": 2}, "make 12"),
        ({"is_residual": True, "dim_mult": [1, 2, 4, 7]}, "impossible configuration"),
        ({"base_dim": 10**30}, "impossible configuration"),
        ({"base_dim": 8}, r"decoder.conv_in.bias is \(16,\), not \(32,\)"),
        ({"num_res_blocks": 2}, "missing"),
    ],
)
def test_a_configuration_that_does_not_fit(
    tmp_path: Path, changes: dict[str, Any], message: str
) -> None:
    changed(folder(tmp_path), **changes)
    with pytest.raises(BadCheckpoint, match=message):
        load_wan_codec(tmp_path)


def test_what_is_not_said_has_diffusers_defaults() -> None:
    """Wan 2.1's config.json says little more than this."""
    assert config_from_diffusers({"dropout": 0.0, "scale_factor_spatial": 8}) == wan_2_1()


@pytest.mark.parametrize("damage", ["no config", "no json", "no weights", "cut", "none"])
def test_damaged_folders(tmp_path: Path, damage: str) -> None:
    path = folder(tmp_path / "vae")
    if damage == "no config":
        (path / "config.json").unlink()
    elif damage == "no json":
        (path / "config.json").write_text("[1")
    elif damage == "no weights":
        (path / WEIGHTS).unlink()
    elif damage == "cut":
        (path / WEIGHTS).write_bytes((path / WEIGHTS).read_bytes()[:1000])
    else:
        path = tmp_path / "elsewhere"
    with pytest.raises(BadCheckpoint, match=str(path)):
        load_wan_codec(path)


@pytest.mark.parametrize("damage", ["absent", "outside", "no map", "partial"])
def test_damaged_shards(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "vae"
    judge(DIFFUSERS_2_1).save_pretrained(path, max_shard_size="40KB")
    index = json.loads((path / INDEX).read_text())
    shard = sorted(set(index["weight_map"].values()))[0]
    if damage == "absent":
        (path / shard).unlink()
    elif damage == "outside":
        (path / shard).rename(tmp_path / shard)
        index["weight_map"] = dict.fromkeys(index["weight_map"], f"../{shard}")
    elif damage == "no map":
        del index["weight_map"]
    else:
        weights = load_file(path / shard)
        weights.popitem()
        save_file(weights, path / shard)
    (path / INDEX).write_text(json.dumps(index))
    words = {"no map": "names no shards", "partial": "missing"}
    with pytest.raises(BadCheckpoint, match=words.get(damage, "lacks shards")):
        load_wan_codec(path)


class Trap:
    """What a malicious pickle would run."""

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return (Path.touch, (Path("sprung"),))


@pytest.mark.parametrize("content", [Trap(), {"conv2.weight": 3}, [1], b"", "text"])
def test_files_that_hold_no_tensors(
    tmp_path: Path, content: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "Wan2.1_VAE.pth"
    path.write_bytes(content if isinstance(content, bytes) else pickle.dumps(content, 2))
    with pytest.raises(BadCheckpoint, match=str(path)):
        load_wan_codec(path)
    assert not (tmp_path / "sprung").exists()


def test_a_file_with_other_tensors(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    weights: dict[str, Tensor] = {"x": torch.zeros(1)}
    save_file(weights, path)
    with pytest.raises(BadCheckpoint, match="missing conv2.weight"):
        load_wan_codec(path)
