"""The codec's stage: its decoder learns true edits, the rest stays; nothing is computed off the batch's device."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch

from distill import trainer
from distill.codec_loss import CodecReconstruction
from distill.loss import FlowMatching
from distill.objective import Objective, Reconstruction
from distill.pairs import PairSource
from distill.recipes import STAGES
from distill.trainer import Trainer
from egostream.models.checkpoint import EditModel
from tests.unit.models.tiny import tiny_model, tiny_preset
from tests.unit.train.conftest import draw_batch

HW = (48, 64)


def test_the_decoder_learns_true_edits(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eighty steps lower the held-out error of true edits through the codec; nothing else moves."""
    monkeypatch.setattr(trainer, "get_preset", lambda name: tiny_preset())
    recipe = STAGES["codec"]["smoke"]()
    phase = replace(recipe.phases[0], steps=80, batch=4, size_hw=HW, lr=1e-2, lr_end=1e-3)
    run = Trainer(replace(recipe, phases=(phase,), ema=0.9), clips, tmp_path)
    fixed = {k: v.clone() for k, v in run.model.state_dict().items()}
    held_out = draw_batch(PairSource(clips / "heldout"), 1, count=8)

    def error(model: EditModel) -> dict[str, float]:
        loss = CodecReconstruction(model, Reconstruction())
        with torch.no_grad():
            return {k: float(v) for k, v in loss(held_out)[1].items()}

    before = error(copy_of(run.model, fixed))
    for _ in run.train(80):
        pass
    after = error(copy_of(run.model, run.ema))
    assert after["pixels"] < 0.95 * before["pixels"]
    assert after["gate"] < before["gate"]
    moved = {k for k, v in run.model.state_dict().items() if not torch.equal(v, fixed[k])}
    assert moved and all(k.startswith("codec.gate_net.") for k in moved)


def copy_of(model: EditModel, weights: dict[str, torch.Tensor]) -> EditModel:
    copy = EditModel(model.preset)
    copy.load_state_dict(weights)
    return copy


@pytest.mark.parametrize("objective", [Objective(), Objective(bidirectional=True), None])
def test_a_loss_stays_on_its_batch_device(clips: Path, objective: Objective | None) -> None:
    """On a device without memory: a tensor left on the CPU could not be computed with."""
    batch = draw_batch(PairSource(clips / "train"), 3)
    values = {f.name: getattr(batch, f.name) for f in fields(batch)}
    tensors = {k: v.to("meta") for k, v in values.items() if isinstance(v, torch.Tensor)}
    there = replace(batch, **tensors)
    if objective is None:
        loss: torch.nn.Module = CodecReconstruction(tiny_model(), Reconstruction())
    else:
        loss = FlowMatching(tiny_model(), objective, "fp32")
    assert loss.to("meta")(there)[0].is_meta
