"""What a run writes down: scalars once each over a resume, videos that play, logs without TensorBoard."""

from __future__ import annotations

import importlib.util
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from distill import report, samples
from distill.heldout import Example
from distill.journal import Journal
from distill.recipes import STAGES
from egostream.models.text import TextEncoder
from egostream.video_reader import VideoReader
from tests.unit.models.tiny import tiny_model


def write_rows(out: Path, after: int, upto: int) -> None:
    with Journal(out, after) as journal:
        journal.note({"cores": 2})
        for step in range(after + 1, upto + 1):
            journal.row({"step": step, "loss": step + 0.5 * after})


def board(out: Path) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(out / "tensorboard"), size_guidance={"images": 0})
    events.Reload()
    return events


def test_a_resumed_run_logs_every_step_once(tmp_path: Path) -> None:
    write_rows(tmp_path, 0, 5)
    write_rows(tmp_path, 3, 6)
    rows = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    wanted = [(1, 1.0), (2, 2.0), (3, 3.0), (4, 5.5), (5, 6.5), (6, 7.5)]
    assert [(r["step"], r["loss"]) for r in rows] == wanted
    assert [r["step"] for r in rows if "cores" in r] == [1, 4]
    assert [(s.step, s.value) for s in board(tmp_path).Scalars("train/loss")] == wanted


def test_a_run_that_starts_anew_forgets_what_was_logged_before(tmp_path: Path) -> None:
    """Killed before its first checkpoint, then stopped earlier than before."""
    write_rows(tmp_path, 0, 5)
    write_rows(tmp_path, 0, 3)
    wanted = [(1, 1.0), (2, 2.0), (3, 3.0)]
    assert [(s.step, s.value) for s in board(tmp_path).Scalars("train/loss")] == wanted


def test_a_kill_takes_no_scalar_from_before_the_checkpoint(tmp_path: Path) -> None:
    with Journal(tmp_path, 0) as journal:
        for step in (1, 2, 3):
            journal.row({"step": step, "loss": 1.0})
        journal.flush()  # as before every checkpoint
        assert [s.step for s in board(tmp_path).Scalars("train/loss")] == [1, 2, 3]


def test_samples_show_source_truth_and_edit(clips: Path, tmp_path: Path) -> None:
    def truth(example: Example) -> Any:
        return example.target

    pictures = samples.draw(truth, clips / "heldout")
    n, height, width, _ = pictures.shape
    assert (n, width, height % 192) == (13, 3 * 256, 0) and height >= 2 * 192
    source, target, edit = np.split(pictures[:, 24:170].astype(np.float32), 3, axis=2)
    assert np.array_equal(target, edit) and not np.array_equal(source, target)
    samples.write_mp4(tmp_path / "samples" / "step_000007.mp4", pictures)
    with VideoReader(tmp_path / "samples" / "step_000007.mp4") as reader:
        frames = [f.frame.rgb for f in reader]
    assert len(frames) == n
    assert np.abs(frames[-1].astype(np.float32) - pictures[-1]).mean() < 8
    with Journal(tmp_path, 0) as journal:
        samples.add_gif(journal._board, "samples", pictures, 7)
    (found,) = board(tmp_path).Images("samples")
    with Image.open(io.BytesIO(found.encoded_image_string)) as gif:
        assert found.step == 7 and gif.size == (width, height)
        assert getattr(gif, "n_frames", 1) == n


@pytest.mark.parametrize("stage", ["causal", "teacher", "codec"])
def test_every_stage_shows_what_it_learned(
    stage: str,
    clips: Path,
    text_encoder: TextEncoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report, "SHOWN", {"recolor": 0.05, "style": 0.05})
    monkeypatch.setattr(samples, "TASKS", ("recolor",))
    with Journal(tmp_path, 0) as journal:
        journal.row({"step": 1, "loss": 0.5})
        journal.row({"step": 2, "loss": math.nan, "gate": 0.5})
        assert journal.lacks(2)
        for _ in range(2):  # the second time as after a kill
            objective = STAGES[stage]["smoke"]().objective
            journal.show(tiny_model(), objective, clips / "heldout", text_encoder, 2)
        assert not journal.lacks(2)
    (scores,) = (json.loads(x) for x in (tmp_path / "scores.jsonl").read_text().splitlines())
    assert scores["step"] == 2 and len(scores) > 1
    for name in ("sheet_000002.png", "curves.png", "samples/step_000002.mp4"):
        assert (tmp_path / name).stat().st_size > 1000


def test_without_tensorboard_the_rest_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found = importlib.util.find_spec

    def none(name: str, package: str | None = None) -> Any:
        return None if name == "tensorboard" else found(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", none)
    write_rows(tmp_path, 0, 2)
    assert "pip install tensorboard" in caplog.text
    assert len((tmp_path / "log.jsonl").read_text().splitlines()) == 2
    assert not (tmp_path / "tensorboard").exists()
