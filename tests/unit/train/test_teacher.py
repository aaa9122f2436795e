"""The teacher: sees the whole clip, learns to do without the instruction, denoises to what it predicts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from distill import trainer
from distill.batch import Batch
from distill.chance import draw_chance
from distill.compare import compare
from distill.loss import FlowMatching
from distill.objective import Objective
from distill.pairs import PairSource
from distill.recipes import STAGES
from distill.sample import edit_clip
from distill.trainer import Trainer
from egostream.models.checkpoint import EditModel
from tests.unit.models.tiny import tiny_model, tiny_preset
from tests.unit.train.conftest import AnyText, any_text, draw_batch

HW = (48, 64)
TEACHER = Objective(bidirectional=True, at_noise=0.0, spread=1.0)


def batch(clips: Path, latents: int) -> Batch:
    return draw_batch(PairSource(clips / "train"), latents)


def text(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    return any_text(["", ""], seed)


def said(batch: Batch, seed: int) -> Batch:
    states, mask = text(seed)
    return replace(batch, text=states, text_mask=mask)


def test_a_clip_is_at_one_time() -> None:
    times = draw_chance(range(500), (3, 2, 1, 1), TEACHER).t
    assert torch.equal(times, times[:, :1].expand(500, 3))
    assert 0 < float(times.min()) and float(times.max()) < 1
    assert float(times.median()) == pytest.approx(0.5, abs=0.05)
    times = draw_chance(range(500), (3, 2, 1, 1), Objective(at_noise=0.3)).t
    assert float((times == 1).all(1).float().mean()) == pytest.approx(0.3, abs=0.07)
    assert float((times[:, 0] != times[:, 1]).float().mean()) > 0.6


def test_left_out_instructions_do_not_count(clips: Path) -> None:
    """With no instruction ever, all instructions are one; with them, they are not."""
    drawn = batch(clips, 2)
    for share, same in ((1.0, True), (0.0, False)):
        objective = Objective(bidirectional=True, null_share=share)
        loss = FlowMatching(tiny_model(), objective)
        a, b = (loss(said(drawn, seed))[0] for seed in (1, 2))
        assert bool(torch.isclose(a, b, atol=1e-7)) == same


def test_only_the_teacher_sees_the_future(clips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = batch(clips, 3)
    later = drawn.source.clone()
    later[:, 2] = later[:, 2].flip(-1)
    seen: dict[bool, list[torch.Tensor]] = {True: [], False: []}
    for bidirectional, kept in seen.items():
        objective = Objective(bidirectional=bidirectional, at_noise=1.0, context_noise=0.0)
        loss = FlowMatching(tiny_model(), objective)

        def keep(codec, predicted, *rest, kept=kept, **more):  # type: ignore[no-untyped-def]
            kept.append(predicted[:, 0].clone())
            return compare(codec, predicted, *rest, **more)

        monkeypatch.setattr("distill.compare.compare", keep)
        for source in (drawn.source, later):
            loss(replace(drawn, source=source))
    assert torch.equal(*seen[False])
    assert not torch.equal(*seen[True])


def test_euler_ends_at_what_is_predicted() -> None:
    """A fresh model predicts "no change" at every time: forty noisy steps end at the source itself."""
    torch.manual_seed(0)
    model = EditModel(tiny_preset()).eval()
    source = torch.rand(9, 3, *HW)
    states, mask = text(1)
    for guidance in (1.0, 3.0):
        edited = edit_clip(
            model, source, (states[:1], mask[:1]), AnyText().nothing(), 40, guidance, seed=3
        )
        assert float((edited - source).abs().max()) < 1e-3


def test_guidance_pushes_away_from_no_instruction() -> None:
    model, source = tiny_model(), torch.rand(5, 3, *HW)
    words = tuple(x[:1] for x in text(1))
    nothing = (words[0], torch.zeros_like(words[1]))

    def edited(guidance: float, said: tuple[torch.Tensor, ...]) -> torch.Tensor:
        return edit_clip(model, source, said, nothing, 2, guidance, seed=1)  # type: ignore[arg-type]

    plain, without = edited(1.0, words), edited(1.0, nothing)
    assert torch.allclose(edited(0.0, words), without, atol=2e-3)
    assert float((plain - without).abs().mean()) > 1e-4
    assert not torch.allclose(edited(4.0, words), plain, atol=1e-4)
    assert torch.equal(edited(4.0, words), edited(4.0, words))


def test_the_teacher_trains(clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "get_preset", lambda name: tiny_preset())
    recipe = STAGES["teacher"]["smoke"]()
    (row,) = Trainer(recipe, clips, tmp_path).train(1)
    assert recipe.objective.bidirectional and row["loss"] > 0
    assert recipe.examples_before(3) == 3 * 2
