"""The budget: counts against arithmetic, against PyTorch's own counter, and what follows from them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import torch.nn.functional as F
from torch.utils.flop_counter import FlopCounterMode

from bench.budget import H100, H200, Budget, as_dict, as_markdown, main
from bench.budget_count import count_stages, num_text, pass_parts
from bench.work import Work, count
from egostream.models.presets import Preset
from egostream.models.transformer import Transformer
from egostream.networks import Denoise
from egostream.rollout import new_cache
from tests.unit.models.tiny import tiny_preset, tiny_wan_preset

PRESETS = {"nano": tiny_preset(num_sink=1), "wan": tiny_wan_preset()}


def test_products_are_counted_and_views_are_free() -> None:
    x, weight = torch.zeros(2, 3, 8), torch.zeros(5, 8)
    linear = count(F.linear, [x, weight])
    assert linear.flops == 2 * 6 * 8 * 5
    assert linear.product_bytes == 4 * (6 * 8 + 5 * 8 + 6 * 5) == linear.eager_bytes
    assert count(lambda x: x.transpose(0, 1)[1:].unsqueeze(0), [x]) == Work()
    added = count(torch.add, [x, x])
    assert (added.flops, added.product_bytes, added.eager_bytes) == (0, 0, 3 * 4 * 48)
    q, k = torch.zeros(1, 2, 4, 8), torch.zeros(1, 2, 6, 8)
    seen = count(F.scaled_dot_product_attention, [q, k, k])
    assert seen.flops == 2 * 2 * 2 * 4 * 6 * 8
    pictures, kernel = torch.zeros(1, 3, 4, 6, 6), torch.zeros(5, 3, 3, 3, 3)
    assert count(F.conv3d, [pictures, kernel]).flops == 2 * 5 * 3 * 27 * 2 * 4 * 4


@pytest.mark.parametrize("latents", [1, 2])
@pytest.mark.parametrize("name", PRESETS)
def test_a_pass_is_the_sum_of_its_parts(name: str, latents: int) -> None:
    """By arithmetic, as counted in the served network, and as PyTorch counts it on the meta device."""
    preset = PRESETS[name]
    stages = count_stages(preset, latents)
    parts = pass_parts(preset, latents)
    assert sum(parts.values()) == pytest.approx(stages.denoise.flops, rel=1e-9)
    assert stages.denoise.flops == _counted_by_torch(preset, latents)
    assert stages.denoise.product_bytes < stages.denoise.eager_bytes
    assert stages.tiny_decode is None  # none is published for such latents


def _counted_by_torch(preset: Preset, latents: int) -> int:
    c = preset.transformer
    h, w = (side // preset.codec.stride_hw for side in preset.frame_hw)
    with torch.device("meta"), torch.no_grad():
        network = Denoise(Transformer(c), full=True)
        ring = new_cache(preset, (h, w), device="meta").view()
        given = [torch.empty(1, latents, n, h, w) for n in (c.code_channels, c.source_channels)]
        text = torch.empty(1, num_text(c), c.text_width), torch.empty(1, num_text(c))
        with FlopCounterMode(display=False) as counter:
            network(
                *given, torch.empty(1, latents), *text,
                ring.keys_YBNSPE, ring.values_YBNSPE, ring.age_BS,
            )  # fmt: skip
    return counter.get_total_flops()


def test_default_types_are_left_as_they_were() -> None:
    count_stages(PRESETS["wan"], 1)
    assert torch.get_default_dtype() == torch.float32
    assert isinstance(torch.zeros(1) + 1, torch.Tensor)


def test_floors_follow_from_the_slower_of_both_ceilings() -> None:
    assert Work(1e12, 1e9).floor_ms(1e15, 1e12) == pytest.approx(1.0)
    assert Work(1e12, 4e9).floor_ms(1e15, 1e12, 0.5) == pytest.approx(8.0)
    budget = Budget.of(PRESETS["wan"], 2)
    assert budget.frames == 8 and budget.num_passes(4) == 5
    last = Budget(replace(budget.preset, context="last"), 2, budget.stages)
    assert last.num_passes(4) == 4
    assert budget.fps(H100, 2, False) > budget.fps(H100, 4, False)
    assert budget.fps(H200, 4, False) >= budget.fps(H100, 4, False)
    # A first chunk is one latent frame, and no pass over it waits for the cache to be written.
    one = Budget.of(PRESETS["wan"], 1)
    assert budget.first_frame_ms(H100, 4, False) < one.chunk_ms(H100, 4, False)
    assert budget.fps(H100, 4, False, 0.5) == pytest.approx(budget.fps(H100, 4, False) / 2)


def test_tables_name_every_stage() -> None:
    budgets = [Budget.of(preset, 1) for preset in PRESETS.values()]
    table = as_markdown(budgets)
    for preset in PRESETS.values():
        for stage in ("encode", "pass", "decode"):
            assert f"| {preset.name} | 1 | {stage} |" in table
    for part in table.split("\n\n"):
        assert len({line.count("|") for line in part.splitlines()}) == 1
    found = as_dict(budgets)["budgets"][0]
    assert found["stages"]["pass"]["flops"] == sum(found["pass_flops"].values())


def test_the_command_prints_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--preset", "nano", "--latents", "1"]) == 0
    assert "| nano | 1 | pass |" in capsys.readouterr().out
