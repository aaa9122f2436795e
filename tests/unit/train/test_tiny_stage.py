"""The codec's stage at Wan's sizes: a tiny decoder learns the full one's pictures; as a run, as all others."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from distill import heldout, report, samples, trainer
from distill.__main__ import main
from distill.codec_loss import charbonnier
from distill.objective import Redrawing, stage_of
from distill.pairs import PairSource
from distill.recipe import objective_from
from distill.recipes import STAGES
from distill.tiny_loss import TinyRedrawing
from distill.trainer import STATE, Trainer
from egostream.errors import BadCheckpoint, EgostreamError
from egostream.models import presets
from egostream.models.codec import CodecState
from egostream.models.diffusers_load import load_diffusers
from egostream.models.parts import save_part
from egostream.models.presets import get_preset
from egostream.models.tiny_codec import TinyDecoder
from tests.unit.models.published_tiny import published_weights
from tests.unit.models.wan import DIFFUSERS_2_1, DIFFUSERS_2_2, pair
from tests.unit.train.conftest import draw_batch
from tests.unit.train.tiny_run import HW, TINY_DECODER, tiny_preset_of, tiny_redrawing

CODEC = pair(DIFFUSERS_2_1)[0]


@pytest.fixture
def full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The full codec's file, and presets as small as it is."""
    monkeypatch.setattr(trainer, "get_preset", tiny_preset_of)
    monkeypatch.setattr(presets, "get_preset", tiny_preset_of)
    monkeypatch.setattr(trainer, "threads_of", lambda place: 1)
    monkeypatch.setitem(STAGES["codec"], "wan2.1-1.3b", tiny_redrawing)
    path = tmp_path / "vae.safetensors"
    save_part(path, CODEC)
    return path


def losses(run: Trainer, steps: int) -> list[float]:
    return [row["loss"] for row in run.train(steps)]


def command(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["distill", "codec", "--workers", "1", *map(str, words)])
    return main()


def test_it_learns_to_draw_what_the_full_decoder_draws(
    clips: Path, tmp_path: Path, full: Path
) -> None:
    """On held-out clips, from their latents alone; nothing of the full codec moves."""
    run = Trainer(tiny_redrawing(num_steps=40), clips, tmp_path / "run", teacher=full)
    held_out = draw_batch(PairSource(clips / "heldout"), 2, count=4)

    def errors(decoder: TinyDecoder) -> dict[str, float]:
        with torch.no_grad():
            parts = TinyRedrawing(decoder, CODEC, Redrawing(), "fp32")(held_out)[1]
        return {k: float(v) for k, v in parts.items()}

    assert isinstance(run.model, TinyDecoder)
    before = errors(run.model)
    losses(run, 40)
    after = errors(run._filled(run.ema))  # type: ignore[arg-type]
    assert after["pixels"] < 0.6 * before["pixels"] and after["db"] > before["db"] + 3
    assert after["edges"] < 0.9 * before["edges"] and after["motion"] < 0.9 * before["motion"]
    assert isinstance(run.loss, TinyRedrawing)
    for name, value in CODEC.state_dict().items():
        assert torch.equal(run.loss.teacher.state_dict()[name], value), name


def test_a_stopped_run_goes_on_with_the_same_numbers(
    clips: Path, tmp_path: Path, full: Path
) -> None:
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    whole = Trainer(tiny_redrawing(), clips, tmp_path / "whole", teacher=full)
    wanted = losses(whole, 4)
    first = Trainer(tiny_redrawing(), clips, tmp_path / "parts", teacher=full)
    found = losses(first, 2)
    first.save()
    state = torch.load(tmp_path / "parts" / STATE, weights_only=True)
    assert state["model"].keys() == first.model.state_dict().keys() and not state["heads"]
    second = Trainer(tiny_redrawing(), clips, tmp_path / "parts", teacher=full)
    assert found + losses(second, 2) == wanted
    for name, value in whole.ema.items():
        assert torch.equal(second.ema[name], value), name
    wider = Redrawing(decoder=replace(TINY_DECODER, widths=(32, 16, 12, 12)))
    with pytest.raises(EgostreamError, match="a run of another tiny decoder; name another"):
        Trainer(replace(tiny_redrawing(), objective=wider), clips, tmp_path / "parts", teacher=full)


def test_the_command_trains_shows_and_resumes(
    clips: Path, tmp_path: Path, full: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No text encoder is asked for; what it makes is loaded as any part, drawn with, and started from."""
    monkeypatch.setattr(report, "SHOWN", {"recolor": 0.05})
    monkeypatch.setattr(report, "FULL", HW)
    monkeypatch.setattr(report, "curves", lambda out: None)
    monkeypatch.setattr(heldout, "FULL_HW", HW)
    monkeypatch.setattr(samples, "TASKS", ("recolor",))
    out = tmp_path / "run"
    words = ("--recipe", "wan2.1-1.3b", "--data", clips, "--out", out, "--teacher", full)
    out.mkdir()
    first = Trainer(tiny_redrawing(), clips, out, teacher=full)
    losses(first, 2)
    first.save()
    assert command(monkeypatch, *words) == 0
    rows = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    assert [r["step"] for r in rows] == [3, 4] and rows[0]["db"] > 0
    (scores,) = (json.loads(line) for line in (out / "scores.jsonl").read_text().splitlines())
    assert scores["step"] == 4 and scores.keys() == {"step", "recolor-full", "recolor-tiny"}
    for name in ("sheet_000004.png", "samples/step_000004.mp4"):
        assert (out / name).stat().st_size > 1000
    made = load_diffusers(out / "model.safetensors")
    assert isinstance(made, TinyDecoder) and made.config == TINY_DECODER
    again = Trainer(tiny_redrawing(), clips, tmp_path, init=out / "model.safetensors", teacher=full)
    for name, value in made.state_dict().items():
        assert torch.equal(again.model.state_dict()[name], value), name


def test_the_loss_is_that_of_the_pictures_of_a_stream(clips: Path) -> None:
    batch = draw_batch(PairSource(clips / "train"), 2)
    torch.manual_seed(0)
    decoder = TinyDecoder(TINY_DECODER)
    parts = {}
    for number, groups in ((0, batch.source), (1, batch.target)):
        loss = TinyRedrawing(decoder, CODEC, Redrawing(scales=1), "fp32")
        parts = loss(replace(batch, number=number))[1]
        frames = torch.cat([groups[:, 0, -1:], groups[:, 1]], 1)
        code, _ = CODEC.encode(frames, CodecState())
        wanted, _ = CODEC.decode(code, CodecState())
        drawn, _ = decoder.decode_groups(code, (), torch.ones(2))
        error = drawn.detach().flatten(1, 2)[:, 3:] - wanted
        assert error.shape == frames.shape
        assert float(parts["pixels"]) == pytest.approx(float(charbonnier(error).mean()), rel=1e-4)
        motion = charbonnier(error[:, 1:] - error[:, :-1]).mean()
        assert float(parts["motion"]) == pytest.approx(float(motion), rel=1e-4)
    assert float(parts["loss"]) == pytest.approx(
        sum(float(parts[k]) for k in ("pixels", "edges", "motion")), rel=1e-5
    )
    still = TinyRedrawing(decoder, CODEC, Redrawing(), "fp32")(
        draw_batch(PairSource(clips / "train"), 1)
    )[1]
    assert float(still["motion"]) == 0 and bool(still["loss"].isfinite())


def test_what_cannot_be_learned_from_is_said(
    clips: Path, tmp_path: Path, full: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    other, tiny = tmp_path / "other.safetensors", tmp_path / "tiny.pth"
    save_part(other, pair(DIFFUSERS_2_2)[0])
    torch.save(published_weights(replace(TINY_DECODER, blocks=(3, 3, 3, 0))), tiny)
    wan = ("--recipe", "wan2.1-1.3b")
    for words, said in (
        (wan, "learns from the full one: --teacher CODEC"),
        ((*wan, "--teacher", other), "another codec than preset wan2.1-1.3b's"),
        ((*wan, "--teacher", tiny), "holds a TinyDecoder, not the full codec"),
        ((*wan, "--teacher", full, "--init", full), f"is learned from: --teacher {full}"),
        ((*wan, "--teacher", full, "--init", tiny), "another tiny decoder than the recipe's"),
        (("--recipe", "nano", "--teacher", full), "learns from clips alone: without --teacher"),
    ):
        assert command(monkeypatch, *words, "--data", clips, "--out", tmp_path / "run") == 2
        assert said in capsys.readouterr().err, words
    with pytest.raises(BadCheckpoint, match="cannot draw a codec's of"):
        TinyRedrawing(TinyDecoder(replace(TINY_DECODER, head=2)), CODEC, Redrawing())


@pytest.mark.parametrize("name", ["wan2.1-1.3b", "wan2.2-5b"])
def test_recipes_fit_their_codecs(name: str) -> None:
    recipe = STAGES["codec"][name]()
    objective, codec = recipe.objective, get_preset(name).codec
    assert isinstance(objective, Redrawing) and stage_of(objective) == "codec"
    tiny = objective.decoder
    assert (tiny.stride_t, tiny.stride_hw) == (codec.stride_t, codec.stride_hw)  # type: ignore[union-attr]
    assert tiny.latent_channels == codec.latent_channels  # type: ignore[union-attr]
    assert objective_from(asdict(objective)) == objective
    assert all(size % tiny.stride_hw == 0 for p in recipe.phases for size in p.size_hw)
