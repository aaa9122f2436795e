"""`egostream convert`: published networks become egostream's files, compared with diffusers on the way."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from diffusers import WanTransformer3DModel
from safetensors.torch import load_file, save_file

from egostream import parity
from egostream.cli import EXIT_BAD_INPUT, EXIT_DIFFERENT, main
from egostream.errors import BadCheckpoint
from egostream.models.checkpoint import load_checkpoint
from egostream.models.diffusers_load import load_diffusers, preset_of
from egostream.models.parts import load_part
from egostream.models.presets import get_preset
from egostream.models.transformer import Transformer
from egostream.models.wan_codec import WanCodec
from tests.unit.models.tiny import tiny_umt5
from tests.unit.models.wan import DIFFUSERS_2_1, DIFFUSERS_2_2, as_named, judge, pair

SMALL = {
    "patch_size": (1, 2, 2), "num_attention_heads": 2, "attention_head_dim": 12, "in_channels": 3,
    "out_channels": 3, "text_dim": 20, "freq_dim": 16, "ffn_dim": 40, "num_layers": 2,
}  # fmt: skip
WEIGHTS = "diffusion_pytorch_model.safetensors"


def saved_transformer(folder: Path, **changed: object) -> Path:
    torch.manual_seed(0)
    theirs = WanTransformer3DModel(**(SMALL | changed))
    for parameter in theirs.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    theirs.save_pretrained(folder)
    return folder


def saved_codec(folder: Path, options: dict[str, object] = DIFFUSERS_2_1) -> Path:
    judge(options).save_pretrained(folder)
    return folder


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = main(["convert", *map(str, words)])
    out, errors = capsys.readouterr()
    return code, out, errors


@pytest.mark.parametrize("changed", [{}, {"in_channels": 6}, {"num_layers": 1, "ffn_dim": 24}])
def test_a_transformer_is_compared_and_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changed: dict[str, object]
) -> None:
    source, target = (
        saved_transformer(tmp_path / "transformer", **changed),
        tmp_path / "t.safetensors",
    )
    code, out, errors = run(capsys, source, target, "--check")
    found = json.loads(out)
    assert code == 0 and found["equal"] and 0 < found["max_abs_diff"] < 1e-4
    assert found["component"] == "WanTransformer3DModel" and "a Transformer" in errors
    ours, again = load_diffusers(source), load_part(target)
    assert isinstance(ours, Transformer) and isinstance(again, Transformer)
    assert again.config == ours.config
    for key, value in ours.state_dict().items():
        assert torch.equal(again.state_dict()[key], value), key


@pytest.mark.parametrize("options", [DIFFUSERS_2_1, DIFFUSERS_2_2])
def test_a_codec_is_compared_whole_and_streamed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: dict[str, object]
) -> None:
    source, target = saved_codec(tmp_path / "vae", options), tmp_path / "codec"
    code, out, _ = run(capsys, source, target, "--check")
    found = json.loads(out)
    assert code == 0 and found["max_abs_diff"] < 1e-4
    assert set(found["parts"]) == {"encode", "encode streamed", "decode", "decode streamed"}
    again = load_part(target / "model.safetensors")
    assert isinstance(again, WanCodec) and again.config == load_diffusers(source).config  # type: ignore[union-attr]
    latents = torch.randn(1, 2, again.code_channels, 2, 2)
    mean = again.mean.flatten()
    assert mean.tolist() == pytest.approx(options["latents_mean"])
    assert bool(again.decode_groups(latents, (), torch.ones(1))[0].isfinite().all())


def test_a_wrong_network_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the two differ, the exit code says so and there is no file."""
    source, target = saved_transformer(tmp_path / "transformer"), tmp_path / "t.safetensors"

    def damaged(path: Path) -> Transformer:
        model = load_diffusers(path)
        assert isinstance(model, Transformer)
        model.head.bias += 0.01
        return model

    monkeypatch.setattr(parity, "load_diffusers", damaged)
    code, out, errors = run(capsys, source, target, "--check")
    assert code == EXIT_DIFFERENT and json.loads(out)["max_abs_diff"] == pytest.approx(
        0.01, rel=0.1
    )
    assert "not converted" in errors and not target.exists()


def test_a_pipeline_becomes_a_model_to_train(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved_transformer(tmp_path / "wan" / "transformer")
    saved_codec(tmp_path / "wan" / "vae")
    code, _, errors = run(capsys, tmp_path / "wan", tmp_path / "wan.safetensors")
    assert code == 0 and "preset wan-24x2" in errors
    model = load_checkpoint(tmp_path / "wan.safetensors")
    assert model.preset.prediction == "velocity" and isinstance(model.codec, WanCodec)
    assert not model.transformer.patch_source.weight.any()
    # Latents of another codec.
    saved_transformer(tmp_path / "wan" / "transformer", in_channels=4, out_channels=4)
    code, _, errors = run(capsys, tmp_path / "wan", tmp_path / "other.safetensors")
    assert code == EXIT_BAD_INPUT and "latents of 4 channels, the codec has 3" in errors


def test_published_shapes_are_presets() -> None:
    for name in ("wan2.1-1.3b", "wan2.2-5b"):
        preset = get_preset(name)
        with torch.device("meta"):
            transformer, codec = Transformer(preset.transformer), WanCodec(preset.codec)  # type: ignore[arg-type]
        assert preset_of(transformer, codec) == preset


def test_files_of_wan_itself_are_told_apart(tmp_path: Path) -> None:
    ours, _ = pair(DIFFUSERS_2_1)
    save_file(as_named(ours, "wan"), tmp_path / "codec.safetensors")
    # Of three latent channels none was published: the codec is recognised, its shape is not.
    with pytest.raises(BadCheckpoint, match="has 3 latent channels"):
        load_diffusers(tmp_path / "codec.safetensors")
    torch.save(
        {
            "generator": {
                "blocks.0.self_attn.q.weight": torch.zeros(1),
                "patch_embedding.weight": torch.zeros(1),
            }
        },
        tmp_path / "run.pt",
    )
    with pytest.raises(BadCheckpoint, match="is no Wan transformer"):
        load_diffusers(tmp_path / "run.pt")


def test_what_is_not_wan_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tiny_umt5(tmp_path / "wan") / "text_encoder"
    with pytest.raises(BadCheckpoint, match="set EGOSTREAM_UMT5 to"):
        load_diffusers(text)
    folder = saved_transformer(tmp_path / "good")
    lacking = shutil.copytree(folder, tmp_path / "lacking")
    tensors = load_file(lacking / WEIGHTS)
    del tensors["proj_out.bias"]
    save_file(tensors, lacking / WEIGHTS)
    for source, message in (
        (tmp_path / "nowhere", "no file or folder"),
        (lacking, "missing proj_out.bias"),
        (tmp_path, "no config.json"),
    ):
        for check in ((), ("--check",)):
            code, _, errors = run(capsys, source, tmp_path / "x.safetensors", *check)
            assert code == EXIT_BAD_INPUT and message in errors
    assert not (tmp_path / "x.safetensors").exists()
    (tmp_path / "foreign.safetensors").write_bytes(b"nothing")
    with pytest.raises(BadCheckpoint, match="cannot be read"):
        load_part(tmp_path / "foreign.safetensors")
    save_file(tensors, tmp_path / "plain.safetensors")
    with pytest.raises(BadCheckpoint, match="is not an egostream-part-1 file"):
        load_part(tmp_path / "plain.safetensors")
