"""The dry run: its counts against arithmetic by hand and against a real pass, its errors, its command."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from distill.matching import DistributionMatching
from distill.objective import Matching
from distill.pairs import PairSource
from distill.plan.measure import count, parameters_by_part
from distill.plan.shapes import BadPlan, distilling, get_shape
from distill.plan.table import GIB, Wanted, as_text, plan
from egostream.errors import UnknownPreset
from egostream.models.transformer import Transformer
from tests.unit.models.tiny import tiny_model
from tests.unit.train.conftest import draw_batch

ROOT = Path(__file__).parents[3]
CLIP = Wanted(preset="nano", stage="teacher", frames=13, size_wh=(256, 192))


def test_operations_are_those_of_arithmetic() -> None:
    """Matrices times tokens and attention's two products, as in EgoEdit's own grid: 768 tokens a latent frame."""
    shape = get_shape("wan2.1-1.3b")
    grid = shape.grid(81, (512, 384))
    assert grid == (21, 48, 64)
    with torch.device("meta"):
        parts = parameters_by_part(Transformer(shape.transformer))
    assert sum(parts.values()) == pytest.approx(1.42e9, rel=0.01)
    # Blocks are alike: two of them count as well as thirty.
    shape = replace(shape, transformer=replace(shape.transformer, depth=2))
    c = shape.transformer
    counts = count(shape, grid, doubled=False)
    L, M, D, T = 21 * 768, 512, c.width, 21
    block = 2 * L * (4 * D * D + 2 * D * D + 2 * D * c.mlp_width) + 2 * M * 2 * D * D
    attention = 4 * L * L * D + 4 * L * M * D
    ends = 2 * L * 3 * D * 16 * 4 + 2 * M * (c.text_width + D) * D
    time = 2 * T * (c.time_width * D + D * D + 6 * D * D)
    wanted = c.depth * (block + attention) + ends + time
    assert counts.forward_flops == pytest.approx(wanted, rel=1e-6)
    assert counts.backward_flops == pytest.approx(2 * wanted, rel=2e-3)


def test_bytes_are_those_of_a_real_pass() -> None:
    """Of nano itself: what autograd keeps, against the dry run's base and blocks."""
    shape = get_shape("nano")
    shape = replace(shape, transformer=replace(shape.transformer, depth=3))
    grid = shape.grid(9, (128, 96))
    counts = count(shape, grid, doubled=False)
    model, kept = Transformer(shape.transformer), dict[int, int]()
    own = {p.untyped_storage().data_ptr() for p in model.parameters()}

    def keep(x: torch.Tensor) -> torch.Tensor:
        storage = x.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
        return x

    T, H, W = grid
    c = shape.transformer
    with (
        torch.autograd.graph.saved_tensors_hooks(keep, lambda x: x),
        torch.autocast("cpu", torch.bfloat16),
    ):
        out = model(
            torch.randn(1, T, c.code_channels, H, W),
            torch.randn(1, T, c.source_channels, H, W),
            torch.rand(1, T),
            torch.randn(1, shape.num_text, c.text_width),
            torch.ones(1, shape.num_text),
        )
        loss = out.prediction.float().square().mean()
    assert loss.requires_grad
    expected = counts.base_bytes + 3 * counts.block_bytes
    assert sum(kept.values()) == pytest.approx(expected, rel=0.02)


def test_more_gpus_hold_less_each_and_recomputing_holds_less() -> None:
    one, eight = (plan(replace(CLIP, gpus=n, batch=8)) for n in (1, 8))
    kept = [f["memory_gib"]["kept"] for f in (one, eight)]
    for part in ("weights", "gradients", "optimizer", "activations"):
        assert kept[0][part] == pytest.approx(8 * kept[1][part])
    assert kept[1]["weights"] * GIB == pytest.approx(4 * eight["num_parameters"] / 8)
    again = eight["memory_gib"]["recomputed"]
    assert again["activations"] < 0.5 * kept[1]["activations"]
    seconds = eight["seconds_per_step"]
    ratio = seconds["recomputed"]["at_utilisation"] / seconds["kept"]["at_utilisation"]
    assert ratio == pytest.approx(4 / 3, rel=0.01)
    assert kept[0]["keys_and_values"] == 0
    assert plan(replace(CLIP, stage="self-forcing"))["memory_gib"]["kept"]["keys_and_values"] > 0
    assert one["pflop_per_step"] == pytest.approx(eight["pflop_per_step"])
    assert f"{eight['num_parameters'] / 1e6:.1f} M" in as_text(eight)


@pytest.mark.parametrize("stage", ["dmd", "self-forcing"])
def test_passes_are_those_that_distillation_makes(
    clips: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    """Over a cycle of turns: those with gradients, and those without, on average over the steps' draws."""
    objective = Matching(
        streaming=stage == "self-forcing", student_every=2, num_steps=(2,), long_share=0.0
    )
    loss = DistributionMatching(
        tiny_model(1).requires_grad_(True), objective, tiny_model(2), "fp32"
    )
    batch = draw_batch(PairSource(clips / "train"), 1)
    made: Counter[bool] = Counter()
    for part in (loss.model.transformer, loss.critic, loss.teacher.transformer):
        forward = part.forward

        def counted(*args: Any, forward: Any = forward, **more: Any) -> Any:
            made[torch.is_grad_enabled()] += 1
            return forward(*args, **more)

        monkeypatch.setattr(part, "forward", counted)
    cycles = 12
    for number in range(2 * cycles):
        for turn in loss.turns(number):
            loss(replace(batch, number=number), turn)
    planned = distilling(objective)
    assert made[True] / cycles == pytest.approx(planned.passes)
    assert made[False] / cycles == pytest.approx(planned.forwards, abs=0.6)


def test_what_cannot_be_planned_is_said() -> None:
    for change, message in (
        ({"batch": 9}, "cannot be shared by 8 GPUs"),
        ({"size_wh": (250, 192)}, "250x192 is not a multiple of 16"),
        ({"frames": 12}, "12 frames are not 1 \\+ 4 k"),
    ):
        with pytest.raises(BadPlan, match=message):
            plan(replace(CLIP, **change))  # type: ignore[arg-type]
    with pytest.raises(UnknownPreset):
        get_shape("nothing")


def test_the_command_prints_json() -> None:
    words = "plan --preset nano --frames 13 --size 256x192 --stage dmd --json".split()
    run = subprocess.run(
        [sys.executable, "-m", "distill", *words], cwd=ROOT, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    figures = json.loads(run.stdout)
    assert figures["latent_grid"] == [4, 12, 16] and figures["stage"] == "dmd"
