"""The bench of instruction switches: scenes that differ in their edit alone, and figures that mean what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from bench import switch
from bench.endless import Endless, NoScene, same_scenes
from distill.world.clips import save_clip
from egostream.editor import Editor
from egostream.models.text import TextEncoder
from tests.unit.models.tiny import tiny_model
from tests.unit.train.conftest import describe_clip, draw_clip

HW = (48, 64)


def scene(clips: Path) -> dict[str, Endless]:
    path = sorted((clips / "heldout").glob("*.json"))[0]
    videos = same_scenes(path, ("night", "recolor", "remove"), fps=24, size_hw=HW)
    return {v.edit: v for v in videos}


def test_the_same_pictures_for_every_edit(clips: Path) -> None:
    videos = scene(clips)
    sources = [v.frame(7).rgb for v in videos.values()]
    assert all(np.array_equal(s, sources[0]) for s in sources)
    targets = [v.example(7, 1).target for v in videos.values()]
    assert not torch.equal(targets[0], targets[1]) and not torch.equal(targets[1], targets[2])
    assert videos["night"].text != videos["recolor"].text


def test_figures_of_known_switches(clips: Path) -> None:
    videos = scene(clips)
    first, second = videos["recolor"], videos["remove"]
    wanted = second.example(21, 24)
    perfect = switch.judge(wanted.target, wanted.target, first, second, 21)
    assert perfect["first_closed"] == 1 and perfect["behind_db"] == 0
    assert perfect["chunks_to_full"] == 1
    late = torch.cat([first.example(21, 8).target, wanted.target[8:]])
    found = switch.judge(late, wanted.target, first, second, 21)
    assert found["chunks_to_full"] == 3 and found["rest_closed"] < 1 and found["behind_db"] > 20
    night = videos["night"].example(21, 24).target
    left = switch.judge(night, wanted.target, videos["night"], second, 21)
    assert left["residue_db"] < perfect.get("residue_db", 70)


def test_the_bench_from_end_to_end(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = Editor(tiny_model(), engine="eager", precision="fp32", text_encoder=TextEncoder())
    monkeypatch.setattr(switch, "load_editor", lambda *a, **k: editor)
    monkeypatch.setattr(switch, "PAIRS", (("night", "recolor"), ("recolor", "remove")))
    monkeypatch.setattr(switch, "BEFORE", 3)
    monkeypatch.setattr(switch, "AFTER", 2)
    out = tmp_path / "switch.json"
    words = ["--data", str(clips / "heldout"), "--scenes", "1", "--out", str(out)]
    assert switch.main(words) == 0
    rows = {r["way"]: r for r in json.loads(out.read_text())["rows"]}
    assert list(rows) == ["alone", "keep", "drop", "rebuild"]
    assert rows["alone"]["behind_db"] == 0 and rows["alone"]["chunks_to_full"] == 1
    curves = [tuple(r["psnr_db_by_frame"]) for r in rows.values()]
    assert len(set(curves)) == 4 and all(len(c) == 8 for c in curves)
    assert "| rebuild |" in out.with_suffix(".md").read_text()
    assert out.with_suffix(".png").stat().st_size > 5000


def test_no_scene_is_an_error_that_says_so(tmp_path: Path) -> None:
    info = describe_clip(0, "heldout")
    tiny = replace(info.objects[0], mean_area=0.001)
    path = save_clip(tmp_path, 0, draw_clip(0), replace(info, objects=(tiny, *info.objects[1:])))
    with pytest.raises(NoScene, match="does not show one thing"):
        same_scenes(path, ("remove",), fps=24, size_hw=HW)
