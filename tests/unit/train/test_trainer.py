"""Training: the loss knows copying from editing, a run resumes exactly, two workers are one."""

from __future__ import annotations

import logging
import math
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from distill import trainer
from distill.__main__ import check_init, share_evenly
from distill.batch import collate
from distill.compare import FAR, compare, edit_weight
from distill.pairs import PairSource, only
from distill.recipe import Recipe
from distill.recipes import STAGES
from distill.resume import differences, forget_after, only_trainer
from distill.trainer import MOST_SKIPPED, Trainer
from egostream.errors import BadCheckpoint, EgostreamError
from egostream.models.change_codec import FILL, GATE, MAP, encode_change
from egostream.models.checkpoint import load_checkpoint, save_checkpoint
from egostream.models.text import TextEncoder
from tests.unit.models.tiny import tiny_model, tiny_preset

HW = (48, 64)


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "get_preset", lambda name: tiny_preset())


def recipe() -> Recipe:
    phases = tuple(
        replace(p, steps=2, batch=2, size_hw=HW) for p in STAGES["causal"]["smoke"]().phases
    )
    return replace(STAGES["causal"]["smoke"](), phases=phases, checkpoint_every=1)


def one_phase() -> Recipe:
    return replace(recipe(), phases=recipe().phases[:1])


def losses(run: Trainer, steps: int) -> list[float]:
    return [row["loss"] for row in run.train(steps)]


def test_a_killed_run_goes_on_as_if_nothing_had_happened(clips: Path, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    uninterrupted = Trainer(recipe(), clips, tmp_path / "a")
    whole = losses(uninterrupted, 6)
    first = Trainer(recipe(), clips, tmp_path / "b")
    start = losses(first, 3)
    first.save()
    second = Trainer(recipe(), clips, tmp_path / "b")
    assert second.step == 3
    assert start + losses(second, 3) == whole
    assert second.ema.keys() == uninterrupted.ema.keys()
    for key, value in uninterrupted.ema.items():
        assert torch.equal(second.ema[key], value), key
    for ours, theirs in zip(second.loss.parameters(), uninterrupted.loss.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_recomputing_changes_no_number(clips: Path, tmp_path: Path) -> None:
    plain, again = (
        Trainer(replace(recipe(), recompute=recompute), clips, tmp_path)
        for recompute in (False, True)
    )
    assert losses(plain, 3) == losses(again, 3)


def test_a_changed_recipe_goes_on_and_says_so(
    clips: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = Trainer(recipe(), clips, tmp_path)
    losses(first, 1)
    first.save()
    with caplog.at_level(logging.WARNING):
        Trainer(recipe(), clips, tmp_path)
        assert not caplog.messages
        longer = (replace(recipe().phases[0], steps=3), *recipe().phases[1:])
        changed = replace(recipe(), phases=longer, weight_decay=0.5, muon_scale=9.0)
        second = Trainer(changed, clips, tmp_path)
    (message,) = caplog.messages
    for part in (
        "recipe.phases.0.steps was 2, is 3",
        "recipe.weight_decay was 0.01, is 0.5",
        "recipe.muon_scale was 2.0, is 9.0",
    ):
        assert part in message
    assert "seed" not in message and second.step == 1
    muon, adam = second.optimizers
    assert [(g["lr_scale"], g["weight_decay"]) for g in muon.param_groups] == [(9.0, 0.5)]
    assert [g["weight_decay"] for g in adam.param_groups] == [0.5, 0.0]
    assert differences({"world": 2}, {"world": 1}) == ["world was 2, is 1"]


def test_a_checkpoint_of_before_still_resumes(
    clips: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It says nothing of its recipe, so there is nothing to compare."""
    first = Trainer(recipe(), clips, tmp_path)
    losses(first, 1)
    first.save()
    state = torch.load(tmp_path / "state.pt", weights_only=True)
    assert state["recipe"] == asdict(recipe())
    del state["recipe"], state["world"]
    heads = state.pop("heads")
    state["naming"] = {k.removeprefix("naming."): torch.ones_like(v) for k, v in heads.items()}
    torch.save(state, tmp_path / "state.pt")
    with caplog.at_level(logging.WARNING):
        again = Trainer(recipe(), clips, tmp_path)
    assert again.step == 1
    assert all(bool((p == 1).all()) for p in again.loss.naming.parameters())
    assert not caplog.messages


def test_a_gradient_that_is_no_number_moves_nothing(
    clips: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = Trainer(
        replace(one_phase(), phases=(replace(recipe().phases[0], steps=12),)), clips, tmp_path
    )
    row = next(run.train(1))
    assert math.isfinite(row["grad_norm"]) and run.num_skipped["student"] == 0
    before = {k: v.clone() for k, v in run.model.state_dict().items()}
    averaged = {k: v.clone() for k, v in run.ema.items()}
    bad = next(p for p in run.loss.parameters() if p.requires_grad)
    spoil = bad.register_hook(lambda grad: grad * math.nan)
    for number in range(1, MOST_SKIPPED):
        assert math.isnan(next(run.train(1))["grad_norm"]) and run.num_skipped["student"] == number
    assert run.step == MOST_SKIPPED and "is skipped" in caplog.text
    for key, value in run.model.state_dict().items():
        assert torch.equal(value, before[key]) and torch.equal(run.ema[key], averaged[key]), key
    with pytest.raises(EgostreamError, match="5 steps in a row"):
        next(run.train(1))
    spoil.remove()
    next(run.train(1))
    assert run.num_skipped["student"] == 0


def test_a_failing_sheet_ends_no_run_and_the_last_one_is_made_later(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shown: list[int] = []

    def fail(*_: object) -> None:
        shown.append(1)
        raise OSError("no room")

    monkeypatch.setattr(trainer.Journal, "show", fail)
    short = replace(one_phase(), sheet_every=1)
    Trainer(short, clips, tmp_path).run()
    assert len(shown) == 2 and "no room" in caplog.text
    Trainer(short, clips, tmp_path).run()
    assert len(shown) == 3
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "step_000002.mp4").touch()
    Trainer(short, clips, tmp_path).run()
    assert len(shown) == 3


def test_one_trainer_in_a_folder(tmp_path: Path) -> None:
    with (
        only_trainer(tmp_path / "run"),
        pytest.raises(EgostreamError, match="another process; .*name another folder"),
        only_trainer(tmp_path / "run"),
    ):
        pass
    with only_trainer(tmp_path / "run"):
        pass


def test_a_run_of_another_stage_is_not_resumed(clips: Path, tmp_path: Path) -> None:
    first = Trainer(recipe(), clips, tmp_path)
    first.save()
    for other, name in (
        (STAGES["teacher"]["smoke"](), "teacher"),
        (STAGES["codec"]["smoke"](), "codec"),
    ):
        with pytest.raises(EgostreamError, match=f"another stage .causal, not {name}"):
            Trainer(other, clips, tmp_path)
    with pytest.raises(EgostreamError, match="preset nano, not other"):
        Trainer(replace(recipe(), preset="other"), clips, tmp_path)


def test_other_data_and_a_recipe_that_is_over_are_told(
    clips: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    first = Trainer(recipe(), clips, tmp_path)
    losses(first, 3)
    first.added = ((Path("more"), 0.5),)
    first.save()
    Trainer(one_phase(), clips, tmp_path)
    assert "added.0.0 was more, is None" in caplog.text
    assert "past the recipe's end" in caplog.text


def test_rows_of_steps_that_are_taken_again_go(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"step": 1}\n{"step": 2}\n{"step": 3}\n{"st')
    forget_after(path, 2)
    assert path.read_text() == '{"step": 1}\n{"step": 2}\n'
    forget_after(tmp_path / "none.jsonl", 2)
    assert [p.name for p in tmp_path.iterdir()] == ["log.jsonl"]


def test_init_starts_from_a_checkpoint_and_resuming_wins_over_it(
    clips: Path, tmp_path: Path
) -> None:
    path = tmp_path / "init.safetensors"
    save_checkpoint(path, tiny_model(seed=5))
    wanted = load_checkpoint(path).state_dict()
    run = Trainer(recipe(), clips, tmp_path, init=path)
    for key, value in run.model.state_dict().items():
        assert torch.equal(value, wanted[key]) and torch.equal(run.ema[key], wanted[key]), key
    frozen = {n for n, p in run.model.named_parameters() if not p.requires_grad}
    assert frozen == {n for n, _ in run.model.named_parameters() if ".backbone." in n}
    losses(run, 1)
    run.save()
    again = Trainer(recipe(), clips, tmp_path, init=path)
    assert again.step == 1
    for key, value in run.model.state_dict().items():
        assert torch.equal(again.model.state_dict()[key], value), key


def test_init_of_another_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tiny.safetensors"
    save_checkpoint(path, tiny_model())
    with pytest.raises(BadCheckpoint, match="another model than preset nano"):
        check_init(path, STAGES["causal"]["nano"]())


@pytest.mark.parametrize(("asked", "given"), [(0, 1), (1, 1), (2, 2), (3, 2), (7, 4), (64, 8)])
def test_workers_share_every_batch_evenly(asked: int, given: int) -> None:
    phases = tuple(
        replace(STAGES["causal"]["smoke"]().phases[0], batch=batch) for batch in (32, 8, 24)
    )
    assert share_evenly(replace(STAGES["causal"]["smoke"](), phases=phases), asked) == given


def test_phases_follow_each_other(clips: Path, tmp_path: Path) -> None:
    run = Trainer(recipe(), clips, tmp_path)
    wanted = [p.num_latents for p in run.recipe.phases for _ in range(p.steps)]
    steps = range(run.recipe.num_steps)
    assert [run.recipe.at(i)[0].num_latents for i in steps] == wanted
    with pytest.raises(IndexError):
        run.recipe.at(run.recipe.num_steps)


def test_copying_costs_one_and_the_truth_costs_little(
    clips: Path, text_encoder: TextEncoder
) -> None:
    model = tiny_model()
    source = PairSource(clips / "train", only("weather"), sub="night")
    pairs = [source.draw((3, i), 1, HW) for i in range(4)]
    batch = collate(pairs, text_encoder)
    code = encode_change(batch.source, batch.target, batch.clocks, batch.mask)
    _, copied = compare(model.codec, torch.zeros_like(code), code, batch)
    _, perfect = compare(model.codec, code, code, batch)
    assert 0.9 < float(copied["pixel_in"]) <= 1.0
    assert float(perfect["pixel_in"]) < 0.1
    assert float(perfect["code"]) == 0 < float(copied["code"])


def test_codes_count_near_edits_and_coverage_everywhere(
    clips: Path, text_encoder: TextEncoder
) -> None:
    """One value that is wrong costs a tenth far from the edit, unless it says where the edit is."""
    model = tiny_model()
    batch = collate([PairSource(clips / "train").draw((3, 0), 1, HW)], text_encoder)
    mask = torch.zeros_like(batch.mask)
    mask[..., :16, :16] = 1
    batch = replace(batch, mask=mask)
    code = torch.zeros(1, 1, model.codec.code_channels, HW[0] // 16, HW[1] // 16)

    def cost(channel: int, row: int, weight: float = 0.0) -> tuple[float, float]:
        wrong = code.clone()
        wrong[0, 0, channel, row, -1 if row else 0] = 3.0
        total, parts = compare(model.codec, wrong, code, batch, code_weight=weight)
        return float(parts["code"]), float(total)

    first_of = {"map": 0, "fill": MAP, "coverage": MAP + FILL}
    near = {part: cost(channel, 0)[0] for part, channel in first_of.items()}
    far = {part: cost(channel, -1)[0] for part, channel in first_of.items()}
    assert {k: far[k] / near[k] for k in near} == pytest.approx(
        {"map": FAR, "fill": FAR, "coverage": 1.0}
    )
    assert near["coverage"] == pytest.approx(2 * 9 / GATE / 12)
    part, without = cost(0, 0)
    assert cost(0, 0, 0.6)[1] - without == pytest.approx(0.6 * part, rel=1e-3)


def test_a_thing_weighs_the_same_in_a_crop_and_in_the_whole_picture() -> None:
    thing = torch.tensor([300.0, 1200.0, 9000.0])  # pixels
    crop, whole = 96 * 128, 192 * 256
    weights = [edit_weight(thing / size, size) for size in (crop, whole)]
    assert torch.allclose(*weights) and bool((weights[0].diff() > 0).all())
    # Edits of the whole picture count one at any size, also below that of a crop.
    assert [float(edit_weight(torch.ones(1), n)) for n in (48 * 64, crop, whole)] == [1, 1, 1]
