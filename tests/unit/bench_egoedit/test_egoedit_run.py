"""Editing the bench: every item once, every bad row named, a stopped run goes on, other runs are kept apart.

Run: pytest tests/unit/bench_egoedit/test_egoedit_run.py
"""

from __future__ import annotations

import fcntl
import json
import shutil
from fractions import Fraction
from pathlib import Path

import pytest

from bench.egoedit import inference
from bench.egoedit.__main__ import main
from bench.egoedit.errors import BadRun
from bench.egoedit.inference import RunSettings, fitting, header_of, run_bench
from bench.egoedit.journal import read_journal
from bench.egoedit.run_folder import load_run, video_name
from bench.egoedit.selection import select
from bench.egoedit.tasks import NUM_ITEMS, canonical
from distill.datasets.read import open_dataset, probe
from distill.datasets.tables import BadDataset
from distill.datasets.write import DatasetWriter, encode
from egostream.errors import UnknownPreset
from egostream.identity import IdentityEditor
from tests.unit.bench_egoedit.conftest import ITEMS, NUM_FRAMES, RATE, video


def test_every_source_becomes_an_output(
    bench: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    command = ["run", "--bench", str(bench), "--out", str(run), "--preset", "identity", "--quiet"]
    assert main(command) == 3
    said = capsys.readouterr()
    assert "4 edited (48 frames), 0 done before, 0 failed, of 4 items; 2 bad rows" in said.out
    assert "blue: the table says that its download failed" in said.err and "e-lost" in said.err
    done = load_run(run)
    assert {i.edit_id for i in done.edited} == {i[0] for i in ITEMS}
    assert {i.task for i in done.items} == {"Add Object", "Change Object", "Video-to-Depth"}
    for item in done.edited:
        made = probe(item.output)
        assert (made.num_frames, made.rate, made.size_hw) == (NUM_FRAMES, RATE, (48, 64))
        assert item.source.is_file() and item.output.parent == run / "videos"


def test_a_stopped_run_goes_on(bench: Path, tmp_path: Path) -> None:
    data = open_dataset(bench)

    class Stops(IdentityEditor):
        opened = 0

        def open(self, *more: object, **named: object) -> object:  # type: ignore[override]
            self.opened += 1
            if self.opened == 3:
                raise KeyboardInterrupt
            return super().open(*more, **named)  # type: ignore[arg-type]

    with pytest.raises(KeyboardInterrupt):
        run_bench(data, data.edits, tmp_path, Stops, RunSettings("identity"))
    items = tmp_path / "items.jsonl"
    assert len(read_journal(items)[1]) == 2
    items.write_bytes(items.read_bytes() + b'{"edit_id": "torn off ha')
    (tmp_path / "videos" / ".half.mp4.77.part").write_bytes(b"half")
    again = Stops()
    seen: list[tuple[int, int]] = []
    done = run_bench(
        data,
        data.edits,
        tmp_path,
        lambda: again,
        RunSettings("identity"),
        lambda *p: seen.append(p),
    )
    assert (done.skipped, done.edited, again.opened) == (2, 2, 2)
    assert seen[-1] == (2 * NUM_FRAMES, 2 * NUM_FRAMES) and seen == sorted(seen)
    assert len(list((tmp_path / "videos").iterdir())) == 4
    # An output that went away is made again; with all there, no model is loaded.
    load_run(tmp_path).items[0].output.unlink()
    assert (
        run_bench(data, data.edits, tmp_path, IdentityEditor, RunSettings("identity")).edited == 1
    )
    run_bench(data, data.edits, tmp_path, lambda: pytest.fail("loaded"), RunSettings("identity"))


def test_runs_are_kept_apart(run: Path, bench: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["run", "--bench", str(bench), "--out", str(run), "--preset", "identity", "--quiet"]
    assert main([*command, "--seed", "1"]) == 2
    assert "seed 0, now 1" in capsys.readouterr().err
    with (run / "items.jsonl").open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert main(command) == 2
    assert "another process is writing" in capsys.readouterr().err
    assert (
        main(["judge", "--run", str(bench), "--endpoint", "http://localhost", "--model", "m"]) == 2
    )
    assert "holds no run; make one" in capsys.readouterr().err


def test_other_weights_are_another_run(
    bench: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the preset's own file was replaced since."""
    data = open_dataset(bench)
    monkeypatch.setattr(inference, "WEIGHTS", tmp_path)
    own, out = tmp_path / "nano.safetensors", tmp_path / "run"
    own.write_bytes(b"first")
    run_bench(data, data.edits, out, IdentityEditor, RunSettings("nano"))
    same = RunSettings("nano", weights=own)
    assert run_bench(data, data.edits, out, IdentityEditor, same).skipped == len(ITEMS)
    own.write_bytes(b"second")
    with pytest.raises(BadRun, match="weights_sha256"):
        run_bench(data, data.edits, out, IdentityEditor, RunSettings("nano"))
    assert header_of(data, RunSettings("identity:5", own))["weights_sha256"] is None
    with pytest.raises(UnknownPreset):
        header_of(data, RunSettings("none such"))


def test_an_item_that_fails_is_told_and_tried_again(tmp_path: Path) -> None:
    folder, out = tmp_path / "bench", tmp_path / "run"
    writer = DatasetWriter(folder, "bench", RATE)
    writer.add_video("cut", video((200, 20, 20), 60))
    writer.add_video("whole", video((200, 20, 20)))
    writer.add_edit("e-cut", "cut", "Add a hat.", task="add")
    writer.add_edit("e-long", "whole", "word " * 200, task="a new task")
    writer.close()
    data = open_dataset(folder)
    # The file changes after it was looked at, as by a download that is still going on.
    cut = folder / "videos" / "cut.mp4"
    encode(cut, video((200, 20, 20), 30), Fraction(RATE))
    done = run_bench(data, data.edits, out, IdentityEditor, RunSettings("identity"))
    assert {k: t.kind for k, t in done.failed.items()} == {"e-cut": "length_mismatch"}
    assert done.warnings and "end was cut" in next(iter(done.warnings))
    assert [p.name for p in (out / "videos").iterdir()] == ["e-long.mp4"]
    encode(cut, video((200, 20, 20), 60), Fraction(RATE))
    done = run_bench(data, data.edits, out, IdentityEditor, RunSettings("identity"))
    assert (done.edited, done.skipped, dict(done.failed)) == (1, 1, {})


def test_a_limit_is_spread_over_tasks(bench: Path) -> None:
    edits = open_dataset(bench).edits
    assert [e.edit_id for e in select(edits, limit=3)] == ["e-add", "e change/1", "e-depth"]
    assert [e.edit_id for e in select(edits, ["change"])] == ["e change/1", "e-change-2"]
    with pytest.raises(
        BadDataset, match="no usable item of Stylization; the tasks here: Add Object"
    ):
        select(edits, ["style"])


def test_names(bench: Path, tmp_path: Path) -> None:
    assert sum(NUM_ITEMS.values()) == 1700 and len(NUM_ITEMS) == 15
    for spelling in ("pose estimation", "Video-to-Pose", "video_to_pose", "VIDEO TO POSE"):
        assert canonical(spelling) == "Video-to-Pose"
    assert canonical("Juggle  things") == "Juggle things"
    ids = [
        "a",
        "a/b",
        "a%2Fb",
        "../a",
        ".",
        "x" * 300,
        "x" * 301,
        "01aa_change background_ordinary",
        "ä",
    ]
    names = [video_name(i) for i in ids]
    assert len(set(names)) == len(ids) and not any("/" in n or n.startswith(".") for n in names)
    assert all(len(n.encode()) < 220 for n in names)
    text, warnings = fitting("  one\ntwo  ")
    assert (text, warnings) == ("one two", [])


def test_a_moved_bench_is_named(run: Path, bench: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(bench, tmp_path / "moved")
    about = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**about, "bench": "/nowhere"}))
    assert not load_run(run).items[0].source.exists()
    assert load_run(run, moved).items[0].source.is_file()
