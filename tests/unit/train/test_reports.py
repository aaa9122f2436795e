"""Sheets, scores and cards: what they show is true, and what they cannot do they say in one line."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bench import quality, quality_report, showcase
from distill import card, report
from distill.pairs import Mix, PairSource
from distill.recipe import recipe_from
from distill.recipes import STAGES
from egostream.errors import BadVideo
from egostream.frames import Frame
from egostream.models.checkpoint import load_checkpoint, save_checkpoint
from egostream.models.presets import get_preset
from tests.unit.models.tiny import tiny_model, tiny_preset
from tests.unit.train.conftest import AnyText


def test_a_picture_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    for path in (tmp_path / "none" / "a.png", tmp_path / "no_ending"):
        with pytest.raises(OSError, match=str(path)):
            report.write_picture(path, picture)


def test_sheets_show_no_training_photographs(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mixes: list[Mix | None] = []

    class Watched(PairSource):
        def __init__(self, folder: Path, mix: Mix | None = None) -> None:
            mixes.append(mix)
            super().__init__(folder, mix)

    monkeypatch.setattr(report, "PairSource", Watched)
    monkeypatch.setattr(report, "FULL", (48, 64))

    report.sheet(tiny_model(), clips / "heldout", AnyText(), tmp_path, 3, count=4)
    assert (tmp_path / "sheet_000003.png").is_file()
    assert {t for m in mixes if m is not None for t in m.shares} == set(report.SHOWN)
    assert all(m is not None and m.photo_share == 0 for m in mixes)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--preset", "identity"], "identity has no model"),
        (["--count", "0"], "at least 1"),
        (["--steps", "0"], "at least 1"),
        (["--data", "EMPTY"], "no held-out clips"),
    ],
)
def test_quality_refuses_in_one_line(
    more: list[str],
    message: str,
    clips: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = [str(tmp_path) if word == "EMPTY" else word for word in more]
    try:
        code: Any = quality.main(["--data", str(clips / "heldout"), *words])
    except SystemExit as stop:
        code = stop.code
    assert code == 2
    assert message in capsys.readouterr().err


def test_quality_counts_what_it_found() -> None:
    rows = [{"error_closed": 0.5}, {"error_closed": 0.7}]
    row = quality_report.summarise("x", {"night": rows, "none": [{"unedited_psnr_db": 40.0}]})
    assert {t: f["num_examples"] for t, f in row["tasks"].items()} == {"night": 2, "none": 1}
    assert row["error_closed_global"] == pytest.approx(0.6)
    assert row["error_closed_local"] is None and row["unedited_psnr_db"] == 40


def test_the_mean_is_of_the_benchmarks_tasks() -> None:
    """Six effects are one task, and however many weathers there are, each of the fifteen counts once."""
    assert len(quality_report.GROUPS) == 15
    closed = {"fire": 0.2, "smoke": 0.4, "recolor": 0.6, "remove": 0.8, "rain": 0.0, "snow": 0.2}
    row = quality_report.summarise("x", {n: [{"error_closed": v}] for n, v in closed.items()})
    groups = {g: v for g, v in row["groups"].items() if v is not None}
    assert groups == pytest.approx({"change_object": 0.45, "remove": 0.8, "add_effect": 0.1})
    assert row["error_closed"] == pytest.approx((0.45 + 0.8 + 0.1) / 3)
    assert row["error_closed_local"] == pytest.approx((0.3 + 0.6 + 0.8) / 3)
    table = quality_report.markdown([row])
    assert "| change object | 0.450 |" in table and "| camera | – |" in table


def test_what_is_lost_is_of_what_both_have() -> None:
    usual = {
        "recolor": [{"error_closed": 0.9}, {"error_closed": 0.7}],
        "add": [{"error_closed": 0.1}],
    }
    other = {"recolor": [{"error_closed": 0.5}], "remove": [{"error_closed": 0.3}]}
    found = quality_report.compare(usual, other)
    assert found == pytest.approx({"usual": 0.8, "otherwise": 0.5, "lost": 0.3, "num_examples": 2})
    nothing = quality_report.compare(usual, {"remove": [{"error_closed": 0.3}]})
    assert nothing == {"usual": None, "otherwise": None, "lost": None, "num_examples": 1}


class _Stream:
    """Chunks of 1, 4, 4, ... frames; gives back what it gets."""

    num_frames_wanted = 1

    def push(self, frames: list[Frame]) -> list[Frame]:
        assert len(frames) == self.num_frames_wanted
        self.num_frames_wanted = 4
        return frames


class _Editor:
    def open(self, instruction: str) -> _Stream:
        return _Stream()

    def encode_instruction(self, text: str) -> str:
        return text


@pytest.mark.parametrize("count", [1, 2, 5, 8])
def test_showcase_takes_any_number_of_frames(count: int) -> None:
    frames = [np.full((2, 2, 3), i, np.uint8) for i in range(count)]
    edited = showcase.edit(_Editor(), frames, "none")  # type: ignore[arg-type]
    assert np.array_equal(np.stack(edited), np.stack(frames))


def test_showcase_names_a_bad_clip(tmp_path: Path) -> None:
    clip = showcase.REPOSITORY / "tests" / "data" / "cup.mp4"
    assert len(showcase.read(clip, (48, 64), 2, 3)) == 3
    with pytest.raises(BadVideo, match="not 5"):
        showcase.read(clip, (48, 64), 100_000, 5)
    with pytest.raises(BadVideo, match="missing.mp4"):
        showcase.read(tmp_path / "missing.mp4", (48, 64), 0, 5)


def test_the_card_keeps_the_model_and_tells_where_it_was_trained(
    clips: Path, tmp_path: Path
) -> None:
    run, package = tmp_path / "run", tmp_path / "package"
    save_checkpoint(run / "model.safetensors", tiny_model(preset=tiny_preset(num_window=2)))
    rows = [{"step": 1, "seconds": 1, "cores": 77, "machine": "abacus"}, {"step": 2, "seconds": 36}]
    (run / "log.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    scores = run / "quality.json"
    row = quality_report.summarise("nano", {"night": [{"error_closed": 0.5}] * 3})
    scores.write_text(json.dumps({"rows": [row]}))
    text = card.ship(STAGES["causal"]["smoke"](), run, clips, package, scores).read_text()
    assert "77 CPU cores (abacus)" in text and "| night | 3 | 0.5 |" in text
    preset = load_checkpoint(package / "nano.safetensors").preset
    assert preset == tiny_preset(num_window=2)


def test_the_card_tells_of_the_run_as_it_was(clips: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    save_checkpoint(run / "model.safetensors", tiny_model())
    (run / "log.jsonl").write_text(json.dumps({"step": 1, "seconds": 1}) + "\n")
    taken = replace(STAGES["codec"]["smoke"](), seed=77, mix=Mix({"remove": 3.0, "night": 1.0}))
    assert (
        recipe_from(asdict(taken)) == taken
        and recipe_from(asdict(STAGES["causal"]["smoke"]())) == STAGES["causal"]["smoke"]()
    )
    state = {"recipe": asdict(taken), "added": [["data/kitchen", 0.5]]}
    torch.save(state, run / "state.pt")
    text = card.ship(
        STAGES["causal"]["smoke"](), run, clips, tmp_path / "package", None
    ).read_text()
    assert "seed 77" in text and "2 tasks, with their shares: remove 75.0%, night 25.0%" in text
    assert "kitchen (0.5)" in text and "No real video" not in text


def test_the_card_of_a_distilled_student_shows_all_stages(clips: Path, tmp_path: Path) -> None:
    runs = []
    for name, recipe, loss in (
        ("causal", STAGES["causal"]["smoke"](), {"loss": 2.0}),
        ("teacher", STAGES["teacher"]["smoke"](), {"loss": 1.0}),
        ("student", STAGES["self-forcing"]["smoke"](), {"critic": 0.5}),
    ):
        run = tmp_path / name
        save_checkpoint(run / "model.safetensors", tiny_model())
        rows = [{"step": 1, "seconds": 1, **loss}, {"step": 4, "seconds": 7200, "loss": 0.3}]
        (run / "log.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
        torch.save({"recipe": asdict(recipe)}, run / "state.pt")
        runs.append(run)
    *before, last = runs
    scores = tmp_path / "quality.json"
    found = {"night": [{"error_closed": 0.5}]}, {"night": [{"error_closed": 0.25}]}
    named = zip((f"self-forcing-{get_preset('nano').num_steps}", "teacher-40"), found, strict=True)
    scores.write_text(json.dumps({"rows": [quality_report.summarise(n, f) for n, f in named]}))
    package = tmp_path / "package"
    text = card.ship(
        STAGES["causal"]["smoke"](), last, clips, package, scores, before=before
    ).read_text()
    assert "stages: causal, teacher, self-forcing" in text and "Plain flow" not in text
    assert "| night | 1 | 0.5 |" in text  # its own row, whatever comes after it
    for stage in ("causal", "teacher", "self-forcing"):
        assert f"| {stage} | 2 | 2 |" in text
    assert "| 2.00 |" in text and "](nano.png)" in text
    assert (package / "nano.png").stat().st_size > 5000


def test_the_card_tells_what_was_done_to_the_weights(clips: Path, tmp_path: Path) -> None:
    run, package = tmp_path / "run", tmp_path / "package"
    save_checkpoint(run / "model.safetensors", tiny_model())
    (run / "log.jsonl").write_text(json.dumps({"step": 1, "seconds": 1}) + "\n")
    text = card.ship(
        STAGES["causal"]["smoke"](), run, clips, package, None, "A note.", gate_bias=0.5
    ).read_text()
    assert "\nA note.\n" in text
    before, after = (
        load_checkpoint(folder).codec.state_dict()
        for folder in (run / "model.safetensors", package / "nano.safetensors")
    )
    changed = [k for k in before if not torch.equal(before[k], after[k])]
    assert changed == ["gate_net.6.bias"]
    assert float(after[changed[0]] - before[changed[0]]) == pytest.approx(0.5, abs=0.01)
