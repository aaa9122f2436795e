"""The stages at Wan's shape: a codec of pictures, velocities, 512 tokens; only the transformer learns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from distill import recipes_wan, report, trainer
from distill.__main__ import check_start
from distill.batch import Batch
from distill.chance import draw_chance
from distill.coding import coding_of
from distill.generate import Draws
from distill.heldout import BY_NAME, examples
from distill.loss import FlowMatching
from distill.matching import DistributionMatching
from distill.objective import Matching, Objective, Stage
from distill.pairs import PairSource
from distill.recipe import Recipe, adjusted
from distill.recipes import STAGES
from distill.stages import make_loss, teacher_for
from distill.start import start_from_scratch
from distill.trainer import Trainer
from egostream import flow
from egostream.errors import BadCheckpoint, EgostreamError
from egostream.loading import load_editor
from egostream.model_choice import ModelChoice
from egostream.models.checkpoint import EditModel, load_checkpoint, save_checkpoint
from egostream.models.codec import CodecState
from egostream.models.presets import Preset, get_preset
from egostream.models.umt5 import ENVIRONMENT, Umt5Encoder
from tests.unit.models.tiny import tiny_model, tiny_umt5, tiny_wan_preset
from tests.unit.train.conftest import draw_batch

HW = (48, 64)


@pytest.fixture(scope="module")
def umt5(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_umt5(tmp_path_factory.mktemp("wan"))


@pytest.fixture
def tiny(umt5: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainer, "get_preset", lambda name: tiny_wan_preset())
    monkeypatch.setenv(ENVIRONMENT, str(umt5))


def wan(seed: int = 0) -> EditModel:
    return tiny_model(seed, tiny_wan_preset())


def drawn(clips: Path, umt5: Path, latents: int) -> Batch:
    batch = draw_batch(PairSource(clips / "train"), latents)
    encoder = Umt5Encoder(umt5, dtype=torch.float32)
    states, mask = encoder(["make it night", "the red"])
    nothing = encoder.nothing()
    return replace(batch, text=states, text_mask=mask, no_text=nothing[0], no_text_mask=nothing[1])


def recipe_of(stage: Stage) -> Recipe:
    recipe = STAGES[stage]["wan2.1-1.3b"]()
    phases = tuple(
        replace(p, steps=2, batch=2, num_latents=3, size_hw=HW, warmup=1) for p in recipe.phases
    )
    objective = recipe.objective
    if isinstance(objective, Matching):
        objective = replace(objective, student_every=1)
    return replace(recipe, phases=phases, objective=objective, precision="fp32", checkpoint_every=1)


@pytest.mark.parametrize("stage", ["teacher", "causal", "dmd", "self-forcing"])
def test_every_stage_moves_the_transformer_alone_and_resumes(
    tiny: None, clips: Path, tmp_path: Path, stage: Stage
) -> None:
    path, recipe = tmp_path / "start.safetensors", recipe_of(stage)
    save_checkpoint(path, wan(), dtype=torch.float32)
    teacher = path if stage in ("dmd", "self-forcing") else None

    def started(name: str) -> Trainer:
        (tmp_path / name).mkdir(exist_ok=True)
        return Trainer(recipe, clips, tmp_path / name, init=path, teacher=teacher)

    whole = started("whole")
    before = {k: v.clone() for k, v in whole.model.state_dict().items()}
    rows = list(whole.train(2))
    moved = {k for k, v in whole.model.state_dict().items() if not torch.equal(v, before[k])}
    assert moved and all(k.startswith("transformer.") for k in moved)
    first = started("parts")
    found = list(first.train(1))
    first.save()
    second = started("parts")
    found += list(second.train(1))
    for key in ("loss", "grad_norm"):
        assert [r[key] for r in found] == [r[key] for r in rows]
    for key, value in whole.model.state_dict().items():
        assert torch.equal(second.model.state_dict()[key], value), key
    made = load_checkpoint(tmp_path / "parts" / "model.safetensors").preset
    assert made.prediction == "velocity" and made.codec == tiny_wan_preset().codec
    assert made.context == ("last" if stage == "self-forcing" else "clean")


def test_the_loss_is_that_of_a_velocity(clips: Path, umt5: Path) -> None:
    """The mean square of prediction - (noise - latents), as EgoEdit and Wan are trained."""
    model, batch = wan(), drawn(clips, umt5, 3)
    objective = Objective(bidirectional=True, at_noise=0.0, spread=1.0)
    loss, parts = FlowMatching(model, objective, "fp32")(batch)
    frames = torch.cat([batch.target[:, 0, -1:], batch.target[:, 1:].flatten(1, 2)], 1)
    latents, _ = model.codec.encode(frames, CodecState())
    sources = torch.cat([batch.source[:, 0, -1:], batch.source[:, 1:].flatten(1, 2)], 1)
    seen, _ = model.codec.encode(sources, CodecState())
    B, T, C, H, W = latents.shape
    chance = draw_chance(batch.seeds, (T, C, H, W), objective)
    x_t = flow.interpolate(latents, chance.noise, chance.t)
    out = model.transformer(x_t, seen, chance.t, batch.text, batch.text_mask).prediction
    wanted = (out - (chance.noise - latents)).square().mean()
    assert float(loss) == pytest.approx(float(wanted), rel=1e-4)
    assert float(parts["code"]) > 0 and "naming" not in parts


def test_no_instruction_is_the_empty_one(clips: Path, umt5: Path) -> None:
    batch = drawn(clips, umt5, 1)
    text, mask = batch.instructed(torch.tensor([[1.0], [0.0]]))
    assert torch.equal(text[0], batch.text[0]) and torch.equal(text[1], batch.no_text[0])
    assert not torch.equal(text[1], batch.text[1]) and bool((mask == 1).all())


def test_pictures_come_back_from_their_latents(clips: Path, umt5: Path) -> None:
    model, batch = wan(), drawn(clips, umt5, 2)
    coding = coding_of(model.codec)
    shown = coding.pictures(coding.truth(batch), batch.source, batch.clocks)
    assert shown.shape == batch.source.shape and torch.equal(shown[:, 0, 0], shown[:, 0, 3])
    frames = torch.cat([batch.target[:, 0, -1:], batch.target[:, 1:].flatten(1, 2)], 1)
    latents, _ = model.codec.encode(frames, CodecState())
    decoded, _ = model.codec.decode(latents, CodecState(), frames)
    assert torch.allclose(shown[:, 1:].flatten(1, 2), decoded[:, 1:], atol=1e-4)


def test_clips_are_coded_in_pieces_as_they_are_whole(
    clips: Path, umt5: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And in float32 whatever training computes in: what is not edited has the source's own latents."""
    model, batch = wan(), drawn(clips, umt5, 3)
    coding, ones = coding_of(model.codec), torch.ones(2)
    whole, _ = model.codec.encode_groups(batch.source, (), ones)
    seen, _ = model.codec.decode_groups(whole, (), ones)
    for piece in (1, 2, 4):
        monkeypatch.setattr("distill.coding.PIECE", piece)
        with torch.autocast("cpu", torch.bfloat16):
            latents = coding.source(batch.source)
        assert latents.dtype == torch.float32 and torch.allclose(latents, whole, atol=1e-4)
        shown = coding.pictures(whole, batch.source, batch.clocks)
        assert torch.allclose(shown[:, 1:], seen[:, 1:], atol=1e-4)
    assert torch.equal(
        coding.truth(replace(batch, target=batch.source)), coding.source(batch.source)
    )


def test_the_critic_learns_velocities(clips: Path, umt5: Path) -> None:
    """Its loss is the mean square of prediction - (noise - sample), at whatever time."""
    batch = drawn(clips, umt5, 2)
    objective = recipes_wan.self_forcing("wan2.1-1.3b").objective
    assert isinstance(objective, Matching)
    loss = DistributionMatching(wan(1), objective, wan(2), "fp32")
    made = loss._sample(batch, Draws(batch.seeds, 0, torch.device("cpu")))
    x_t, t, noise = loss._noised(made.sample, Draws(batch.seeds, 5, torch.device("cpu")))
    out = loss.critic(x_t, made.seen, t, batch.text, batch.text_mask).prediction
    wanted = (out - (noise - made.sample)).square().detach()
    found = loss._learn_samples(made, batch, Draws(batch.seeds, 5, torch.device("cpu"))).detach()
    counts = made.counts[:, :, None, None, None].expand_as(wanted)
    means = (wanted * counts).sum((1, 2, 3, 4)) / counts.sum((1, 2, 3, 4))
    assert float(found) == pytest.approx(float(means.mean()), rel=1e-4)
    assert loss.teacher.codec is loss.model.codec


@pytest.mark.parametrize("stage", ["teacher", "dmd", "self-forcing"])
def test_runs_show_sheets_and_samples(
    clips: Path, umt5: Path, tmp_path: Path, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two kinds of edit: those of all are drawn by the small models."""
    from distill.stages import editing, predicting

    monkeypatch.setattr(report, "SHOWN", dict(list(report.SHOWN.items())[:2]))
    objective, text = recipe_of(stage).objective, Umt5Encoder(umt5, dtype=torch.float32)
    scores = report.sheet(wan(), clips / "heldout", text, tmp_path, 1, 4, predicting(objective))
    assert (tmp_path / "sheet_000001.png").is_file() and any(k.endswith("-4") for k in scores)
    (example,) = examples(clips / "heldout", BY_NAME["night"], 1)
    edited = editing(objective)(wan(), text)(example)
    assert edited.shape == example.source.shape and bool(edited.isfinite().all())


def test_recipes_are_egoedits() -> None:
    for name in ("wan2.1-1.3b", "wan2.2-5b"):
        preset = get_preset(name)
        assert Preset.from_dict(preset.to_dict()) == preset and preset.frame_hw == recipes_wan.HW
        for stage in ("teacher", "causal", "dmd", "self-forcing"):
            recipe = STAGES[stage][name]()  # type: ignore[index]
            assert recipe.preset == name and recipe.recompute and not recipe.muon
            if isinstance(recipe.objective, Matching):
                assert recipe.objective.num_steps == (4,)
                with pytest.raises(EgostreamError, match="from its teacher alone"):
                    adjusted(recipe, matching=0.0)
    moves = {s: STAGES[s]["wan2.1-1.3b"]() for s in ("dmd", "self-forcing")}  # type: ignore[index]
    for stage, (each, number) in {"dmd": (5, 4500), "self-forcing": (10, 3500)}.items():
        objective = moves[stage].objective
        assert isinstance(objective, Matching)
        assert moves[stage].num_steps == each * number and objective.student_every == each


def test_what_wans_presets_cannot_do_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(BadCheckpoint, match="comes without weights: name yours with --weights"):
        load_editor(ModelChoice("wan2.1-1.3b"))
    with pytest.raises(BadCheckpoint, match="starts from weights that there are: --init"):
        start_from_scratch(wan())
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    recipe = recipes_wan.teacher("wan2.1-1.3b")
    with pytest.raises(BadCheckpoint, match="--init CHECKPOINT"):
        check_start(recipe, has_start=False)
    with pytest.raises(BadCheckpoint, match=f"set {ENVIRONMENT}"):
        check_start(recipe, has_start=True)
    with pytest.raises(BadCheckpoint, match="this needs nano's, of changes"):
        make_loss(wan(), STAGES["codec"]["nano"]().objective, "fp32")
    path = tmp_path / "nano.safetensors"
    save_checkpoint(path, tiny_model())
    with pytest.raises(BadCheckpoint, match="a teacher of other codes"):
        teacher_for(tiny_wan_preset(), path)
    save_checkpoint(path, wan())
    other = replace(tiny_wan_preset().codec, latents_std=(1.0, 2.0, 3.0))  # type: ignore[type-var]
    with pytest.raises(BadCheckpoint, match="with another codec"):
        teacher_for(replace(tiny_wan_preset(), codec=other), path)
