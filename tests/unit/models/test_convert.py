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
from egostream.models.component import Component
from egostream.models.diffusers_load import load_diffusers, preset_of
from egostream.models.parts import load_part
from egostream.models.presets import get_preset
from egostream.models.transformer import Transformer
from egostream.models.wan_codec import WanCodec
from egostream.models.wan_load import load_transformer
from tests.unit.models.test_wan import original_names
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

    def mad(path: Path) -> Transformer:
        model = damaged(path)
        model.head.bias[0] = torch.nan
        return model

    monkeypatch.setattr(parity, "load_diffusers", mad)
    code, out, _ = run(capsys, source, target, "--check")
    assert code == EXIT_DIFFERENT and json.loads(out)["max_abs_diff"] is None


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
    alone = load_diffusers(tmp_path / "wan" / "transformer")
    assert isinstance(alone, Transformer)
    assert torch.equal(model.transformer.head.weight, alone.head.weight)  # float32, not rounded
    # Latents of another codec.
    saved_transformer(tmp_path / "wan" / "transformer", in_channels=4, out_channels=4)
    code, _, errors = run(capsys, tmp_path / "wan", tmp_path / "other.safetensors")
    assert code == EXIT_BAD_INPUT and "latents of 4 channels by a source of 4, but" in errors
    saved_transformer(tmp_path / "wan" / "transformer", in_channels=8)
    code, _, errors = run(capsys, tmp_path / "wan", tmp_path / "other.safetensors")
    assert code == EXIT_BAD_INPUT and "by a source of 5, but the codec's have 3" in errors
    (tmp_path / "wan" / "transformer_2").mkdir()
    code, _, errors = run(capsys, tmp_path / "wan", tmp_path / "other.safetensors")
    assert code == EXIT_BAD_INPUT and "transformer_2" in errors
    assert not (tmp_path / "other.safetensors").exists()


# `transformer/config.json` of Wan2.1-T2V-1.3B-Diffusers, Wan2.2-TI2V-5B-Diffusers and Lucy-Edit-Dev; the rest of each
# is diffusers' default.
PUBLISHED = {
    "wan2.1-1.3b": {"num_attention_heads": 12, "ffn_dim": 8960, "num_layers": 30},
    "wan2.2-5b": {"num_attention_heads": 24, "ffn_dim": 14336, "num_layers": 30, "in_channels": 48, "out_channels": 48},
    "lucy": {"num_attention_heads": 24, "ffn_dim": 14336, "num_layers": 30, "in_channels": 96, "out_channels": 48},
}  # fmt: skip


@pytest.mark.parametrize(
    ("published", "name"),
    [("wan2.1-1.3b", "wan2.1-1.3b"), ("wan2.2-5b", "wan2.2-5b"), ("lucy", "wan2.2-5b")],
)
def test_published_shapes_are_presets(published: str, name: str) -> None:
    preset = get_preset(name)
    with torch.device("meta"):
        theirs = WanTransformer3DModel(**PUBLISHED[published])
        component = Component(Path(published), dict(theirs.config), dict(theirs.state_dict()))
        transformer, codec = load_transformer(component), WanCodec(preset.codec)  # type: ignore[arg-type]
    assert preset_of(transformer, codec) == preset


def test_files_of_wan_itself_lie_beside_a_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which calls both WanModel; and a transformer with a codec's file is a whole model."""
    torch.manual_seed(0)
    theirs = WanTransformer3DModel(
        **SMALL | {"attention_head_dim": 128, "num_attention_heads": 1, "num_layers": 1}
    )
    repository = tmp_path / "wan"
    repository.mkdir()
    (repository / "config.json").write_text(json.dumps({"_class_name": "WanModel", "num_heads": 1}))
    save_file(original_names(theirs.state_dict()), repository / WEIGHTS)
    ours, _ = pair(DIFFUSERS_2_1)
    torch.save(as_named(ours, "wan"), repository / "Wan_VAE.pth")
    for source in (repository, repository / WEIGHTS):
        found = load_diffusers(source)
        assert isinstance(found, Transformer) and found.config.width == 128
        code, _, errors = run(capsys, source, tmp_path / "x.safetensors", "--check")
        assert code == EXIT_BAD_INPUT and "no configuration for diffusers" in errors
    with pytest.raises(BadCheckpoint, match="has 3 latent channels"):
        load_diffusers(repository / "Wan_VAE.pth")
    saved_codec(tmp_path / "vae")
    target = tmp_path / "whole.safetensors"
    code, _, errors = run(capsys, repository / WEIGHTS, target, "--codec", tmp_path / "vae")
    assert code == 0 and "an edit model of preset wan-128x1" in errors
    again = load_checkpoint(target)
    for key, value in ours.state_dict().items():
        assert torch.equal(again.codec.state_dict()[key], value), key  # float32, not rounded
    code, _, errors = run(capsys, tmp_path / "vae", target, "--codec", tmp_path / "vae")
    assert code == EXIT_BAD_INPUT and "is for a transformer" in errors
    # Parts that were converted before serve too.
    assert run(capsys, repository / WEIGHTS, tmp_path / "t.safetensors")[0] == 0
    assert run(capsys, tmp_path / "vae", tmp_path / "c.safetensors")[0] == 0
    words = (tmp_path / "t.safetensors", target, "--codec", tmp_path / "c.safetensors")
    assert run(capsys, *words)[0] == 0


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
    # A target that cannot be written; integers where weights should be.
    (tmp_path / "file").write_text("a file")
    code, _, errors = run(capsys, folder, tmp_path / "file" / "x.safetensors")
    assert code == EXIT_BAD_INPUT and "cannot be written" in errors
    code, _, errors = run(capsys, folder, tmp_path / "x.pt")
    assert code == EXIT_BAD_INPUT and "should end in .safetensors" in errors
    save_file(tensors | {"proj_out.bias": torch.zeros(12, dtype=torch.int64)}, lacking / WEIGHTS)
    code, _, errors = run(capsys, lacking, tmp_path / "x.safetensors")
    assert code == EXIT_BAD_INPUT and "head.bias holds torch.int64" in errors
    assert not list(tmp_path.glob(".*.tmp"))
    (tmp_path / "foreign.safetensors").write_bytes(b"nothing")
    with pytest.raises(BadCheckpoint, match="cannot be read"):
        load_part(tmp_path / "foreign.safetensors")
    save_file(tensors, tmp_path / "plain.safetensors")
    with pytest.raises(BadCheckpoint, match="is not an egostream-part-1 file"):
        load_part(tmp_path / "plain.safetensors")
