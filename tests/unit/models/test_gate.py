"""Low precisions: calibrated on a real stream, judged by its worst chunk."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from egostream import gate
from egostream.cli import main
from egostream.editor import Editor
from egostream.errors import BadVideo, EngineError
from egostream.fixed_stream import (
    INSTRUCTIONS,
    MAX_CALLS,
    Recorder,
    edit_all,
    psnr_db,
    read_clip,
    sample_clip,
)
from egostream.gate import Verdict, judge, open_calibrated
from egostream.loading import load_editor
from egostream.model_choice import ModelChoice
from egostream.models.checkpoint import save_checkpoint
from egostream.models.text import TextEncoder
from tests.unit.models.tiny import tiny_model, tiny_preset

HW = (48, 64)


def test_psnr_is_of_all_pictures_together() -> None:
    grey = np.full((4, 5, 3), 100, np.uint8)
    assert psnr_db([grey], [grey]) == 100
    off = grey + np.uint8(10)
    assert psnr_db([grey], [off]) == pytest.approx(20 * np.log10(25.5), abs=1e-4)
    assert psnr_db([grey, grey], [off, grey]) == pytest.approx(
        20 * np.log10(25.5) + 10 * np.log10(2), abs=1e-4
    )


def test_the_worst_chunk_decides() -> None:
    grey = np.full((4, 5, 3), 100, np.uint8)
    wrong = grey + np.uint8(60)
    verdict = judge([[grey]] * 5, [[grey]] * 4 + [[wrong]])
    assert verdict.worst_db == pytest.approx(psnr_db([grey], [wrong]))
    assert not verdict.passed and "worst of 5 chunks 12.6 dB" in str(verdict)
    assert Verdict((30.0, 45.0)).passed and not Verdict((29.9, 99.0)).passed


def test_the_fixed_stream_is_whole_and_the_same(text_encoder: TextEncoder) -> None:
    # A window of three, five chunks more.
    frames = read_clip(sample_clip(), tiny_preset())
    assert {f.rgb.shape for f in frames} == {(*HW, 3)} and len(frames) == 33
    frames = frames[:10]
    editor = Editor(tiny_model(), engine="eager", precision="fp32", text_encoder=text_encoder)
    first, second = edit_all(editor, frames), edit_all(editor, frames)
    # One frame, then fours; what is left does not fill a chunk.
    assert [len(chunk) for chunk in first] == [1, 4, 4] * len(INSTRUCTIONS)
    assert judge(first, second).worst_db == 100
    with pytest.raises(BadVideo):
        read_clip(Path("nowhere.mp4"), tiny_preset())
    with pytest.raises(BadVideo, match=r"has \d+ frames; judging nano takes 4021"):
        read_clip(sample_clip(), tiny_preset(num_window=1000))


def test_a_recorder_keeps_a_few_calls_from_all_over() -> None:
    recorder = Recorder(lambda name, module, examples: module)
    run = recorder("echo", torch.nn.Identity(), ())
    for i in range(1000):
        assert run(torch.tensor([i])).item() == i
    kept = [int(inputs[0]) for inputs in recorder.seen["echo"]]
    assert MAX_CALLS // 2 <= len(kept) <= MAX_CALLS
    steps = set(np.diff(kept).tolist())
    assert len(steps) == 1 and kept[0] == 0 and kept[-1] > 900


def test_int8_runs_where_it_is_good_enough_and_else_says_so(
    text_encoder: TextEncoder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    model = tiny_model()
    how = {"engine": "openvino", "precision": "int8", "text_encoder": text_encoder}
    editor, verdict = open_calibrated(model, cache_dir=tmp_path, **how)  # type: ignore[arg-type]
    assert verdict.passed and verdict.worst_db < 100
    assert isinstance(editor, Editor)
    kept = sorted(tmp_path.rglob("*.json"))
    _, same = open_calibrated(model, cache_dir=tmp_path, **how)  # type: ignore[arg-type]
    # Calibrated alike, so that what was kept is found.
    assert same == verdict and sorted(tmp_path.rglob("*.json")) == kept
    monkeypatch.setattr(gate, "LIMIT_DB", 99.0)
    monkeypatch.setattr(gate, "judge", lambda a, b: Verdict(judge(a, b).chunks_db, 99.0))
    with pytest.raises(EngineError, match=r"int8 changes what nano shows: worst of \d+ chunks"):
        open_calibrated(model, cache_dir=tmp_path, **how)  # type: ignore[arg-type]
    _, forced = open_calibrated(model, cache_dir=tmp_path, force=True, **how)  # type: ignore[arg-type]
    assert not forced.passed


def test_build_prints_what_it_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("EGOSTREAM_CACHE", str(tmp_path / "engines"))
    weights = tmp_path / "tiny.safetensors"
    save_checkpoint(weights, tiny_model())
    build = ["build", "--weights", str(weights), "--backend", "openvino", "eager"]
    assert main([*build, "--precision", "fp32", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [b["backend"] for b in found] == ["openvino", "eager"]
    for built in found:
        assert {n["name"] for n in built["networks"]} == {"encode", "denoise", "decode"}
        assert all(n["ms"] > 0 and n["error"] < 1e-3 for n in built["networks"])
        assert built["verdict"]["passed"] and built["fps"] > 0 and built["problem"] is None
    assert found[0]["networks"][0]["size_bytes"] > 0
    assert main([*build, "--precision", "fp32"]) == 0
    shown = capsys.readouterr().out
    assert "(kept)" in shown and "denoise" in shown and "fps; worst of" in shown
    # What a backend cannot do is said, and the rest is done.
    assert main([*build[:3], "--backend", "eager", "--precision", "fp16", "fp32"]) == 1
    assert "eager fp16: " in capsys.readouterr().out
    assert main([*build[:3], "--backend", "steam"]) == 2
    assert "there is no engine 'steam'" in capsys.readouterr().err
    # What was built by the command is what `serve` and `edit` then run.
    load_editor(ModelChoice(weights=weights, engine="openvino", precision="fp32"))
