"""Checkpoints: what is saved comes back; what is wrong is named; nothing is loaded half."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from egostream.errors import BadCheckpoint, UnknownPreset
from egostream.models.checkpoint import load_checkpoint, save_checkpoint
from egostream.models.presets import Preset, get_preset, nano
from tests.unit.models.tiny import tiny_model


def test_round_trip(tmp_path: Path) -> None:
    model = tiny_model()
    path = tmp_path / "a" / "m.safetensors"
    save_checkpoint(path, model, dtype=torch.float32)
    loaded = load_checkpoint(path)
    assert loaded.preset == model.preset
    for key, value in model.state_dict().items():
        assert torch.equal(value, loaded.state_dict()[key])
    assert not list(path.parent.glob(".*"))


def test_preset_survives_json() -> None:
    assert Preset.from_dict(json.loads(json.dumps(nano().to_dict()))) == nano()


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(BadCheckpoint, match="no weights at"):
        load_checkpoint(tmp_path / "none.safetensors")


@pytest.mark.parametrize("keep", [0, 10, 300])
def test_truncated_file(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "m.safetensors"
    save_checkpoint(path, tiny_model())
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(BadCheckpoint, match="cannot be read"):
        load_checkpoint(path)


def test_foreign_file(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save_file({"x": torch.zeros(1)}, path)
    with pytest.raises(BadCheckpoint, match="is not an egostream-1 checkpoint"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("key", "value"),
    [("num_heads", 0), ("width", -4), ("depth", "two"), ("depth", 2**64)],
)
def test_impossible_shapes(tmp_path: Path, key: str, value: object) -> None:
    path = tmp_path / "m.safetensors"
    preset = tiny_model().preset.to_dict()
    preset["transformer"][key] = value
    header = {"format": "egostream-1", "preset": json.dumps(preset)}
    save_file({"x": torch.zeros(1)}, path, metadata=header)
    with pytest.raises(BadCheckpoint, match="cannot be read"):
        load_checkpoint(path)


def test_a_giant_model_takes_no_memory(tmp_path: Path) -> None:
    """What the header asks for is compared with what is there before any of it is made."""
    path = tmp_path / "m.safetensors"
    preset = tiny_model().preset.to_dict()
    preset["transformer"]["mlp_width"] = 10**10
    header = {"format": "egostream-1", "preset": json.dumps(preset)}
    save_file({str(i): torch.zeros(1) for i in range(9)}, path, metadata=header)
    with pytest.raises(BadCheckpoint, match="missing"):
        load_checkpoint(path)


def test_problems_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save_checkpoint(path, tiny_model())
    with safe_open(path, framework="pt") as file:
        header = file.metadata()
        tensors = {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118
    del tensors["transformer.head.bias"]
    tensors["extra"] = torch.zeros(1)
    tensors["transformer.null_token"] = torch.zeros(3)
    save_file(tensors, path, metadata=header)
    with pytest.raises(BadCheckpoint) as caught:
        load_checkpoint(path)
    for word in ("missing transformer.head.bias", "unexpected extra", "null_token is (3,)"):
        assert word in str(caught.value)


def test_unknown_preset_lists_the_known() -> None:
    with pytest.raises(UnknownPreset, match="nano"):
        get_preset("huge")
