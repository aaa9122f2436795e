"""The quality bench's figures: each against a case whose answer is known, and the whole on small clips."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from bench import quality
from bench.frechet import WIDTH, Cloud, features, frechet_distance
from bench.scores import score
from bench.ways import OtherModel, parse_model
from distill import heldout
from distill.heldout import Example
from distill.pretrained import load_backbone
from egostream.editor import Editor
from egostream.models.backbone import Backbone
from egostream.models.checkpoint import save_checkpoint
from egostream.models.text import TextEncoder
from tests.unit.models.tiny import tiny_model


def cloud(points: torch.Tensor) -> Cloud:
    found = Cloud()
    for part in points.split(100):
        found.add(part)
    return found


def test_frechet_distance_of_known_gaussians() -> None:
    """Shifted by d: |d|^2. Stretched from 1 to s in each of n directions: n (s - 1)^2."""
    g = torch.Generator().manual_seed(0)
    points = torch.randn(4000, WIDTH, generator=g, dtype=torch.float64)
    points = (points - points.mean(0)) @ torch.linalg.inv(torch.linalg.cholesky(points.T.cov())).T
    shift = torch.zeros(WIDTH, dtype=torch.float64)
    shift[3] = 2.0
    assert frechet_distance(cloud(points), cloud(points)) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(cloud(points), cloud(points + shift)) == pytest.approx(4, rel=0.01)
    assert frechet_distance(cloud(points), cloud(3 * points)) == pytest.approx(4 * WIDTH, rel=0.01)


def test_a_blur_does_not_win_by_features() -> None:
    """It wins by error in pixels against grain elsewhere of the same strength, not by features."""
    backbone = Backbone().eval()
    load_backbone(backbone)
    g = torch.Generator().manual_seed(1)
    grain = 0.25 * torch.randn(2, 4, 3, 96, 128, generator=g)
    flat = torch.full((4, 3, 96, 128), 0.5)
    truth, other = ((flat + n).clamp(0, 1) for n in grain)
    assert (flat - truth).square().mean() < (other - truth).square().mean()
    target = cloud(features(backbone, truth))
    sharp = frechet_distance(cloud(features(backbone, other)), target)
    assert sharp < 0.5 * frechet_distance(cloud(features(backbone, flat)), target)


def example(hand_in_edit: bool) -> Example:
    g = torch.Generator().manual_seed(2)
    source = torch.rand(5, 3, 48, 64, generator=g)
    mask, hand = torch.zeros(2, 5, 1, 48, 64).unbind(0)
    mask[..., :32] = 1
    hand[..., :24, :32] = 1
    if not hand_in_edit:
        hand = hand.flip(-1)
    target = torch.where(mask > 0, 1 - source, source)
    return Example("recolor", "text", source, target, mask, hand)


@pytest.mark.parametrize("text", ["teacher", "teacher=x", "codec=x:4", "dmd=:4", "dmd=x:four"])
def test_a_model_to_compare_is_named_in_full(text: str) -> None:
    assert parse_model("dmd=a:b/c:4") == OtherModel("dmd", Path("a:b/c"), 4)
    with pytest.raises(argparse.ArgumentTypeError, match="STAGE=CHECKPOINT:STEPS"):
        parse_model(text)


def test_scores_of_known_edits() -> None:
    known = example(hand_in_edit=False)
    copied, perfect = score(known, known.source), score(known, known.target)
    assert copied["error_closed"] == 0 and perfect["error_closed"] == 1
    assert copied["unedited_ssim"] == pytest.approx(1) == perfect["unedited_ssim"]
    spilled = known.target.clone()
    spilled[..., 24:, 32:] += 0.1  # not on the hand
    found = score(known, spilled)
    assert found["hands_psnr_db"] == perfect["hands_psnr_db"] == 70
    assert found["unedited_psnr_db"] == pytest.approx(20 + 3.01, abs=0.1)
    assert found["unedited_ssim"] < 0.995
    assert "hands_psnr_db" not in score(example(hand_in_edit=True), spilled)


def test_the_bench_from_end_to_end(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    editor = Editor(tiny_model(), engine="eager", text_encoder=TextEncoder())
    monkeypatch.setattr(quality, "load_editor", lambda *a, **k: editor)
    monkeypatch.setattr(heldout, "FULL_HW", (96, 128))
    out = tmp_path / "quality.json"
    words = [
        "--data",
        str(clips / "heldout"),
        "--count",
        "2",
        "--other-count",
        "1",
        "--baselines",
        "--out",
        str(out),
    ]
    tasks = ["--tasks", "recolor", "night", "none"]
    assert quality.main([*words, "--plain", "--tasks", "jazz"]) == 2
    assert "no task is called jazz; there are recolor" in capsys.readouterr().err
    assert quality.main([*words, *tasks]) == 0
    rows: dict[str, Any] = {r["name"]: r for r in json.loads(out.read_text())["rows"]}
    assert list(rows) == ["copy", "flat", "oracle", "no-cache", "causal-1"]
    assert rows["copy"]["error_closed"] == 0 < 0.8 < rows["oracle"]["error_closed"]
    # What is left alone is left alone to the bit by these two.
    for name in ("copy", "oracle"):
        assert rows[name]["tasks"]["none"]["unedited_psnr_db"] == 70
    assert rows["oracle"]["frechet"] < rows["copy"]["frechet"]
    assert {t: f["num_examples"] for t, f in rows["causal-1"]["tasks"].items()} == {
        "recolor": 2, "night": 2, "none": 2,
    }  # fmt: skip
    # Models alone are asked in other words and for other combinations; nothing but the words differs.
    assert not {"heldout_wording", "unseen_combinations"} & rows["oracle"].keys()
    for key in ("heldout_phrasing", "heldout_words", "heldout_wording", "unseen_combinations"):
        asked = rows["causal-1"][key]
        assert asked["num_examples"] == (1 if key == "unseen_combinations" else 2)
        assert asked["lost"] == pytest.approx(asked["usual"] - asked["otherwise"])
    other = tmp_path / "other.safetensors"
    save_checkpoint(other, tiny_model(3))
    models = [f"{stage}={other}:2" for stage in ("teacher", "dmd", "self-forcing")]
    plain = [*words[:-1], str(tmp_path / "plain.json"), *tasks[:2], "--plain", "--engine", "eager"]
    assert quality.main([*plain, *(w for m in models for w in ("--model", m))]) == 0
    assert "heldout_wording" not in (tmp_path / "plain.json").read_text()
    found = {r["name"]: r for r in json.loads((tmp_path / "plain.json").read_text())["rows"]}
    names = ["causal-1", "teacher-2", "dmd-2", "self-forcing-2"]
    assert list(found)[-4:] == names
    assert len({found[n]["error_closed"] for n in names}) == 4
    for name in ("quality.md", "quality.png", "quality_plot.png"):
        assert (tmp_path / name).stat().st_size > 100
    assert "| oracle |" in out.with_suffix(".md").read_text()
    assert "causal-1" in capsys.readouterr().out
