"""Wan's transformer: ours against diffusers' with the same random weights, and what loading refuses."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import WanTransformer3DModel
from safetensors.torch import load_file, save_file
from torch import Tensor

from egostream.errors import BadCheckpoint
from egostream.models.component import read_component
from egostream.models.transformer import Transformer
from egostream.models.wan_load import load_transformer

SMALL: dict[str, Any] = {
    "patch_size": (1, 2, 2), "num_attention_heads": 2, "attention_head_dim": 12, "in_channels": 4,
    "out_channels": 4, "text_dim": 20, "freq_dim": 16, "ffn_dim": 40, "num_layers": 2,
}  # fmt: skip
WEIGHTS = "diffusion_pytorch_model.safetensors"


def saved(folder: Path, **changed: Any) -> tuple[WanTransformer3DModel, Path]:
    torch.manual_seed(0)
    theirs = WanTransformer3DModel(**(SMALL | changed)).eval()
    for parameter in theirs.parameters():
        # Norms' weights too: ones would hide a wrong order.
        torch.nn.init.normal_(parameter, std=0.2)
    theirs.save_pretrained(folder)
    return theirs, folder


def loaded(path: Path) -> Transformer:
    return load_transformer(read_component(path))


@torch.no_grad()
def difference(
    theirs: WanTransformer3DModel, ours: Transformer, hw: tuple[int, int], T: int
) -> float:
    """Largest difference on random inputs, at one time for all latent frames."""
    config, c = ours.config, theirs.config
    generator = torch.Generator().manual_seed(1)

    def random(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator)

    noisy = random(2, T, config.code_channels, *hw)
    source = random(2, T, config.source_channels, *hw)
    text, t = random(2, 7, config.text_width), torch.tensor([0.25, 0.9])
    both = noisy if c.in_channels == c.out_channels else torch.cat([noisy, source], 2)
    wanted = theirs(both.transpose(1, 2), 1000 * t, text, return_dict=False)[0].transpose(1, 2)
    found = ours(noisy, source, t[:, None].expand(2, T), text, torch.ones(2, 7)).prediction
    assert float(wanted.std()) > 0.01
    return float((found - wanted).abs().max())


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"in_channels": 8},  # the source is there already
        {"num_attention_heads": 3, "attention_head_dim": 16, "ffn_dim": 24, "num_layers": 1},
        {"cross_attn_norm": False, "eps": 1e-3},
        {"patch_size": (1, 1, 1), "attention_head_dim": 20, "freq_dim": 32, "text_dim": 8},
    ],
)
@pytest.mark.parametrize(("hw", "T"), [((4, 6), 3), ((8, 4), 1)])
def test_the_same_as_diffusers(
    tmp_path: Path, changed: dict[str, Any], hw: tuple[int, int], T: int
) -> None:
    theirs, folder = saved(tmp_path, **changed)
    assert difference(theirs, loaded(folder), hw, T) < 1e-4


# Wan's own names of a transformer's parts, with diffusers' of the same tensors.
OUTSIDE = {
    "patch_embedding": "patch_embedding",
    "text_embedding.0": "condition_embedder.text_embedder.linear_1",
    "text_embedding.2": "condition_embedder.text_embedder.linear_2",
    "time_embedding.0": "condition_embedder.time_embedder.linear_1",
    "time_embedding.2": "condition_embedder.time_embedder.linear_2",
    "time_projection.1": "condition_embedder.time_proj",
    "head.head": "proj_out",
}
IN_A_BLOCK = {
    "self_attn.q": "attn1.to_q", "self_attn.k": "attn1.to_k", "self_attn.v": "attn1.to_v",
    "self_attn.o": "attn1.to_out.0", "cross_attn.q": "attn2.to_q", "cross_attn.k": "attn2.to_k",
    "cross_attn.v": "attn2.to_v", "cross_attn.o": "attn2.to_out.0", "norm3": "norm2",
    "ffn.0": "ffn.net.0.proj", "ffn.2": "ffn.net.2",
}  # fmt: skip
NORMS_IN_A_BLOCK = {
    "self_attn.norm_q": "attn1.norm_q", "self_attn.norm_k": "attn1.norm_k",
    "cross_attn.norm_q": "attn2.norm_q", "cross_attn.norm_k": "attn2.norm_k",
}  # fmt: skip


def original_names(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """One block's transformer as Wan's own files have it; nothing is left over."""
    layers = OUTSIDE | {f"blocks.0.{k}": f"blocks.0.{v}" for k, v in IN_A_BLOCK.items()}
    names = {f"{k}.{part}": f"{v}.{part}" for k, v in layers.items() for part in ("weight", "bias")}
    names |= {f"blocks.0.{k}.weight": f"blocks.0.{v}.weight" for k, v in NORMS_IN_A_BLOCK.items()}
    names |= {"head.modulation": "scale_shift_table"}
    names |= {"blocks.0.modulation": "blocks.0.scale_shift_table"}
    assert set(names.values()) == set(tensors)
    return {theirs: tensors[key] for theirs, key in names.items()}


def test_wans_own_files_and_those_of_training_runs(tmp_path: Path) -> None:
    head = {"num_attention_heads": 1, "attention_head_dim": 128, "num_layers": 1}
    theirs, folder = saved(tmp_path / "d", **head)
    tensors = original_names(load_file(folder / WEIGHTS))
    plain = tmp_path / "wan.safetensors"
    save_file(tensors, plain)
    assert difference(theirs, loaded(plain), (4, 4), 2) < 1e-4
    run = tmp_path / "run.pt"
    wrapped = {f"model._fsdp_wrapped_module.{k}": v for k, v in tensors.items()}
    worse = {k: torch.zeros_like(v) for k, v in wrapped.items()}
    torch.save({"generator": worse, "generator_ema": wrapped}, run)
    assert difference(theirs, loaded(run), (4, 4), 2) < 1e-4


def test_each_tensor_keeps_its_precision(tmp_path: Path) -> None:
    """Published files have tables and norms in float32 among weights in bfloat16."""
    theirs, folder = saved(tmp_path)
    tensors = load_file(folder / WEIGHTS)
    mixed = {k: v if "table" in k or "norm" in k else v.bfloat16() for k, v in tensors.items()}
    save_file(mixed, folder / WEIGHTS)
    ours = loaded(folder)
    assert ours.blocks[0].table.dtype == torch.float32 == ours.table_out.dtype
    assert ours.patch_target.weight.dtype == torch.bfloat16 == ours.patch_source.weight.dtype
    assert difference(theirs, ours.float(), (4, 4), 2) < 0.2


def test_shards_are_put_together(tmp_path: Path) -> None:
    theirs, whole = saved(tmp_path / "whole")
    shards = tmp_path / "shards"
    theirs.save_pretrained(shards, max_shard_size="20KB")
    assert len(list(shards.glob("*.safetensors"))) > 1
    assert difference(theirs, loaded(shards), (4, 4), 2) < 1e-4
    lost = sorted(shards.glob("*.safetensors"))[0]
    lost.unlink()
    with pytest.raises(BadCheckpoint, match=lost.name):
        loaded(shards)


def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    _, folder = saved(tmp_path / "good")
    good = load_file(folder / WEIGHTS)

    def changed(tensors: dict[str, Tensor] | None = None, **config: Any) -> Path:
        bad = tmp_path / "bad"
        shutil.rmtree(bad, ignore_errors=True)
        shutil.copytree(folder, bad)
        if tensors is not None:
            save_file(tensors, bad / WEIGHTS)
        values = json.loads((bad / "config.json").read_text()) | config
        (bad / "config.json").write_text(json.dumps(values))
        return bad

    missing = {k: v for k, v in good.items() if k != "blocks.1.attn2.to_v.bias"}
    with pytest.raises(BadCheckpoint, match="missing blocks.1.attn2.to_v.bias"):
        loaded(changed(missing))
    with pytest.raises(BadCheckpoint, match="unexpected lora"):
        loaded(changed(good | {"lora.up": torch.zeros(1)}))
    with pytest.raises(BadCheckpoint, match=r"mlp.0.weight is \(40, 24\), not \(48, 24\)"):
        loaded(changed(ffn_dim=48))
    with pytest.raises(BadCheckpoint, match="missing blocks.2"):
        loaded(changed(num_layers=3))
    with pytest.raises(BadCheckpoint, match="image_dim is 1280"):
        loaded(changed(image_dim=1280))
    with pytest.raises(BadCheckpoint, match="patch_size"):
        loaded(changed(patch_size=[2, 2, 2]))
    with pytest.raises(BadCheckpoint, match="depth is '2', not a whole number"):
        loaded(changed(num_layers="2"))
    with pytest.raises(BadCheckpoint, match="num_heads is 0"):
        loaded(changed(num_attention_heads=0))
    with pytest.raises(BadCheckpoint, match="4 channels in and gives 8"):
        loaded(changed(out_channels=8))
    with pytest.raises(BadCheckpoint, match="scale_shift_table of \\(\\)"):
        loaded(changed(good | {"scale_shift_table": torch.tensor(1.0)}))
    with pytest.raises(BadCheckpoint, match="eps|float"):
        loaded(changed(eps="small"))
    with pytest.raises(BadCheckpoint, match="lacks 'num_layers'"):
        config = json.loads((folder / "config.json").read_text())
        del config["num_layers"]
        bad = changed()
        (bad / "config.json").write_text(json.dumps(config))
        loaded(bad)
    (changed() / WEIGHTS).write_bytes(b"half a file")
    with pytest.raises(BadCheckpoint, match="cannot be read"):
        loaded(tmp_path / "bad")
    with pytest.raises(BadCheckpoint, match="no file or folder"):
        loaded(tmp_path / "nowhere")
    with pytest.raises(BadCheckpoint, match="no config.json"):
        loaded(tmp_path)
