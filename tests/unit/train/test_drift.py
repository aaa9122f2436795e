"""The drift bench: its endless video against clips composed by hand, and editors that are known to drift or not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from bench import drift
from bench.drift import Plan, run_edit
from bench.drift_report import trend
from bench.endless import Endless, NoScene, endless, there_and_back
from distill.filters import FILTERS
from distill.report import to_rgb
from distill.world.clips import ClipInfo, ObjectInfo, save_clip
from distill.world.compose import NUM_CHANNELS, VIEW_CHANNELS
from egostream.contract import EditedChunk, Instruction
from egostream.editor import Editor
from egostream.frames import Frame
from egostream.models.text import TextEncoder
from tests.unit.models.tiny import tiny_model

HW = (48, 64)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clips in which a cup moves over a ground of its own, two pixels a frame."""
    folder = tmp_path_factory.mktemp("clips")
    for number in range(2):
        rng = np.random.default_rng(number)
        layers = np.zeros((13, *HW, NUM_CHANNELS), np.uint8)
        ground = rng.integers(60, 200, (*HW, 3), dtype=np.uint8)
        for first in (0, 3, VIEW_CHANNELS, VIEW_CHANNELS + 3):
            layers[..., first : first + 3] = ground
        for t in range(13):
            cup = (t, slice(10, 34), slice(8 + 2 * t, 28 + 2 * t))
            layers[(*cup, slice(0, 3))], layers[(*cup, slice(3, 6))], layers[(*cup, 6)] = 220, 10, 1
        things = (ObjectInfo(1, "cup", "cup", "red", 0.15),)
        info = ClipInfo(number, "heldout", "table", 1, 0, "none", 24.0, 0.15, things)
        save_clip(folder, number, layers, info)
    return folder


def video(folder: Path, edit: str, num_scenes: int = 2, fps: float = 24) -> Endless:
    return endless(folder, edit, num_scenes=num_scenes, scene_frames=48, fps=fps, size_hw=HW)


def test_there_and_back() -> None:
    assert [there_and_back(i, 4) for i in range(9)] == [0, 1, 2, 3, 2, 1, 0, 1, 2]
    assert there_and_back(5, 1) == 0


def test_the_video_goes_on_without_a_jump_and_is_the_same_again(folder: Path) -> None:
    one = video(folder, "recolor", num_scenes=1)
    frames = np.stack([one.frame(i).rgb for i in range(200)])
    change = np.abs(np.diff(frames.astype(np.int16), axis=0)).mean((1, 2, 3))
    # The cup moves in every frame, across the ends of the clip and of its turn (48 frames) too.
    assert 0 < change.min() and change.max() < 1.3 * change.min()
    again = video(folder, "recolor", num_scenes=1)
    assert one.text == again.text
    assert all(np.array_equal(again.frame(i).rgb, frames[i]) for i in (0, 7, 48, 199))
    # Half as many frames a second see every other picture.
    assert np.array_equal(video(folder, "recolor", 1, 12).frame(3).rgb, frames[6])
    # Two scenes take turns, each from its beginning.
    two = video(folder, "recolor")
    assert np.array_equal(two.frame(1).rgb, two.frame(97).rgb)
    assert not np.array_equal(two.frame(0).rgb, two.frame(48).rgb)
    assert two.cut_within(44, 8) and not two.cut_within(40, 8) and not one.cut_within(44, 8)


def test_truth_is_what_the_layers_and_filters_say(folder: Path) -> None:
    removed = video(folder, "remove", num_scenes=1).example(20, 8)
    cup, ground = removed.mask > 0.5, removed.target
    assert 0.1 < float(cup.float().mean()) < 0.3
    # Nothing is left but the ground, which stands still, and around the cup it was there before.
    assert torch.equal(ground[0], ground[-1])
    assert torch.equal(*(torch.where(removed.mask == 0, x, 0) for x in (removed.source, ground)))

    blue = video(folder, "recolor", num_scenes=1).example(3, 8)
    inside = blue.target.movedim(1, -1)[(blue.mask > 0.5)[:, 0]].mean(0)
    assert inside[2] > 2 * inside[0] and inside[2] > 2 * inside[1]
    assert any(word in blue.text for word in ("cup", "mug", "tumbler"))

    stream = video(folder, "snow")
    shown = stream.example(1234, 8)
    frames = torch.stack([torch.from_numpy(stream.frame(1234 + i).rgb) for i in range(8)])
    source = frames.movedim(-1, 1).float() / 255
    assert torch.equal(shown.source, source)
    # With the stream's clock, so its flakes are where the editor's are.
    assert torch.equal(shown.target, FILTERS["snow"](source[None], torch.tensor([1234]))[0])
    assert not torch.equal(shown.target, FILTERS["snow"](source[None], torch.tensor([0]))[0])


def test_no_scene_is_an_error_that_says_so(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NoScene, match="no clip shows"):
        video(tmp_path, "remove")
    with pytest.raises(ValueError, match="sing"):
        video(folder, "sing")


class Fading:
    """An editor that gives the truth, less of it and a brighter one with every frame: see `contract.EditorLike`."""

    name, frame_hw, chunk_frames = "fading", HW, 4

    def __init__(self, source: Endless, loss: float, gain: float = 0.0) -> None:
        self.source, self.loss, self.gain = source, loss, gain
        self.chunk_index, self.done = 0, 0

    def encode_instruction(self, text: str) -> Instruction:
        return Instruction(text)

    def open(self, instruction: Instruction, seed: int = 0) -> Fading:
        return self

    @property
    def num_frames_wanted(self) -> int:
        return 4 if self.done else 1

    def generate(self, frames: Sequence[Frame]) -> EditedChunk:
        assert [f.pts for f in frames] == list(range(self.done, self.done + self.num_frames_wanted))
        example = self.source.example(self.done, len(frames))
        self.done += len(frames)
        out = []
        for frame, x, y in zip(frames, example.source, example.target, strict=True):
            share = 1 - self.loss * frame.pts
            out.append(
                Frame(to_rgb(share * y + (1 - share) * x + self.gain * frame.pts), frame.pts)
            )
        return EditedChunk(out, 0, Instruction(example.text), {})

    def finalize(self) -> None:
        """Nothing is cached."""


def test_a_fading_editor_is_found_out_and_a_steady_one_is_not(folder: Path) -> None:
    source = video(folder, "night")
    plan = Plan(minutes=4, minute_frames=96, every_frames=24)
    bursts = list(plan.bursts())
    assert [first // 96 for first in bursts] == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4
    # Every minute scores the same pictures.
    assert [first - 288 for first in bursts[12:]] == bursts[:4]

    steady = trend(run_edit(Fading(source, 0.0), source, plan))
    assert steady["holds"] and steady["kept"] == pytest.approx(1, abs=1e-3)
    assert [m["num_bursts"] for m in steady["minutes"]] == [4] * 4
    assert all(abs(m["brightness_shift"]) < 0.5 for m in steady["minutes"])
    assert all(m["rss_mb"] > 10 and m["frame_ms"] > 0 for m in steady["minutes"])

    # Of what the truth changes, 1 - loss * frame is done: a share of 1 - (loss * frame)^2 of the squared error.
    found = trend(run_edit(Fading(source, 0.001), source, plan))
    for row in found["minutes"]:
        frames = [f for b in bursts if b // 96 == row["minute"] - 1 for f in range(b, b + 8)]
        known = 1 - np.mean([(0.001 * f) ** 2 for f in frames])
        assert row["error_closed"] == pytest.approx(known, abs=0.01)
    assert found["kept"] < 0.95 and not found["holds"] and found["slope"] < -0.02
    assert found["worst_minute"] == 4
    assert found["worst_error_closed"] == found["minutes"][3]["error_closed"]

    brighter = trend(run_edit(Fading(source, 0.0, gain=0.0002), source, plan))["minutes"]
    known = [255 * 0.0002 * (bursts[4 * m] + bursts[4 * m + 3] + 7) / 2 for m in (0, 3)]
    assert [brighter[m]["brightness_shift"] for m in (0, 3)] == pytest.approx(known, abs=0.7)
    assert brighter[3]["color_shift"] < 0.7


def test_what_closes_nothing_or_is_too_short_has_no_trend(folder: Path) -> None:
    source = video(folder, "night")
    copying = trend(run_edit(Fading(source, 0.0, 0.0), source, Plan(1, 96, 24)))
    assert copying["kept"] is None and copying["slope"] is None and copying["worst_minute"] == 1


def test_the_bench_from_end_to_end(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    editor = Editor(tiny_model(), engine="eager", text_encoder=TextEncoder())
    monkeypatch.setattr(drift, "load_editor", lambda *a, **k: editor)
    out = tmp_path / "drift.json"
    short = ["--minutes", "2", "--minute-s", "2", "--switch-s", "1", "--every-s", "0.5"]
    words = [
        "--data",
        str(folder),
        "--out",
        str(out),
        "--edits",
        "snow",
        "recolor",
        "remove",
        *short,
    ]
    assert drift.main(words) == 0
    report = json.loads(out.read_text())
    assert report["minute_s"] == 2 and report["scene_s"] == 1
    assert [row["edit"] for row in report["edits"]] == ["snow", "recolor", "remove"]
    for row in report["edits"]:
        assert [m["minute"] for m in row["minutes"]] == [1, 2]
        assert all(m["num_bursts"] == 4 and m["error_closed"] < 1 for m in row["minutes"])
    assert "| remove |" in out.with_suffix(".md").read_text()
    for name in ("drift.png", "drift_plot.png"):
        assert (tmp_path / name).stat().st_size > 1000
    assert "recolor" in capsys.readouterr().out


def test_other_memories_are_compared(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = Editor(tiny_model(), engine="eager", text_encoder=TextEncoder())
    monkeypatch.setattr(drift, "load_editor", lambda *a, **k: editor)
    out = tmp_path / "drift.json"
    words = f"--data {folder} --out {out} --edits night --engine eager --minutes 1 --minute-s 2 --every-s 0.5"
    assert drift.main([*words.split(), "--memory", "1+2", "--memory", "0+1"]) == 0
    rows = json.loads(out.read_text())["edits"]
    assert [r["edit"] for r in rows] == ["night, sink 1, window 2", "night, sink 0, window 1"]
    assert len({r["minutes"][0]["error_closed"] for r in rows}) == 2
    assert (editor.preset.num_sink, editor.preset.num_window) == (0, 3)
    for wrong in ("3", "1+0", "a+2"):
        with pytest.raises(SystemExit):
            drift.main([*words.split(), "--memory", wrong])


def test_without_clips_the_bench_says_how_to_make_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert drift.main(["--data", str(tmp_path)]) == 2
    assert "distill.world render" in capsys.readouterr().err
