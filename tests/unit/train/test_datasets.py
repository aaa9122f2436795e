"""EgoEditData's layout: what is written is read back, every bad row is named, mixing is exact and resumes."""

from __future__ import annotations

import csv
from collections import Counter
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distill.datasets.__main__ import main
from distill.datasets.mixture import BLOCK, Mixture, Shuffle, shares
from distill.datasets.pairs import DatasetPairs, Unpaired, read_frames
from distill.datasets.read import open_dataset, probe
from distill.datasets.sources import open_sources, parse_added
from distill.datasets.tables import BadDataset, data_table, edits_table
from distill.datasets.write import DatasetWriter, encode
from distill.pairs import Mix, PairSource, only

HW = (48, 64)


def video(seed: int, count: int = 9, hw: tuple[int, int] = (96, 128)) -> np.ndarray:
    """A picture that brightens evenly, so that frames can be told apart after compression."""
    rng = np.random.default_rng(seed)
    small = rng.integers(40, 110, (6, 8, 3), dtype=np.uint8)
    still = cv2.resize(small, (hw[1], hw[0]), interpolation=cv2.INTER_CUBIC)
    return np.stack(
        [np.clip(still.astype(int) + 8 * i, 0, 255).astype(np.uint8) for i in range(count)]
    )


def write(folder: Path, rate: int = 16) -> None:
    writer = DatasetWriter(folder, "train", rate)
    for name in ("a", "b", "c"):
        writer.add_video(name, video(ord(name)))
    writer.add_edit("e1", "a", 'Turn the cup, "the red one",\ninto a lantern', target_id="b")
    writer.add_edit("e2", "c", "Remove the cup.", target_id="a")
    writer.close()


def append(path: Path, *rows: tuple[str, ...]) -> None:
    with path.open("a", newline="") as file:
        csv.writer(file).writerows(rows)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write(tmp_path)
    found = open_dataset(tmp_path)
    assert found.split == "train" and not found.problems
    assert [e.edit_id for e in found.edits] == ["e1", "e2"]
    first = found.edits[0]
    assert first.instruction == 'Turn the cup, "the red one",\ninto a lantern'
    assert first.target is not None
    assert first.source.num_frames == 9 and first.source.rate == 16
    for clip, seed in ((first.source, ord("a")), (first.target, ord("b"))):
        error = read_frames(clip, 3, 4).astype(int) - video(seed)[3:7]
        assert np.abs(error).mean() < 3
    beyond = read_frames(first.source, 7, 5)
    assert np.array_equal(beyond[1], beyond[4]) and not np.array_equal(beyond[0], beyond[1])


def test_every_bad_row_is_named(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "videos" / "broken.mp4").write_bytes(b"no video at all")
    encode(tmp_path / "videos" / "short.mp4", video(1, count=5), Fraction(16))
    encode(tmp_path / "videos" / "fast.mp4", video(1), Fraction(30))
    encode(tmp_path / "videos" / "tall.mp4", video(1, hw=(128, 96)), Fraction(16))
    append(
        data_table(tmp_path, "train"),
        ("a", "again.mp4"),
        ("", "nameless.mp4"),
        ("gone", "s3://bucket/gone.mp4"),
        ("broken", "s3://bucket/some/where/broken.mp4"),
        ("short", "short.mp4"),
        ("fast", "fast.mp4"),
        ("tall", "tall.mp4"),
        ("unused", "never_downloaded.mp4"),
    )
    append(
        edits_table(tmp_path, "train"),
        ("e1", "a", "b", "once more"),
        ("e3", "a", "b", "  "),
        ("e4", "a", "nobody", "text"),
        ("e5", "gone", "a", "text"),
        ("e6", "broken", "a", "text"),
        ("e7", "a", "short", "text"),
        ("e8", "a", "fast", "text"),
        ("e9", "a", "tall", "text"),
    )
    found = open_dataset(tmp_path)
    assert [e.edit_id for e in found.edits] == ["e1", "e2"] and found.num_rows == 10
    kinds = {(p.row_id, p.kind) for p in found.problems}
    assert kinds == {
        ("a", "duplicate_id"), ("", "empty_field"), ("gone", "missing_file"),
        ("broken", "unreadable_video"), ("e1", "duplicate_id"), ("e3", "empty_field"),
        ("e4", "unknown_video"), ("e5", "unusable_video"), ("e6", "unusable_video"),
        ("e7", "length_mismatch"), ("e8", "rate_mismatch"), ("e9", "aspect_mismatch"),
    }  # fmt: skip
    # A prompt of two lines makes lines and rows differ: the file's line is told.
    assert "egoeditdata_edits_table.csv:5: e1: the id is taken by line 3" in map(
        str, found.problems
    )
    usable = found.num_rows - sum(p.table.endswith("edits_table.csv") for p in found.problems)
    assert usable == len(found.edits)


def test_tables_as_they_come_from_the_download(tmp_path: Path) -> None:
    """Paths instead of addresses, a column of success, videos in a folder of their own."""
    write(tmp_path)
    rows = [("a", "/data/x/a.mp4", "True"), ("b", "/data/x/b.mp4", "True"), ("c", "c.mp4", "False")]
    table = data_table(tmp_path, "train")
    table.write_text("\ufeffdata_id,data_url,download_success\n")
    append(table, *rows)
    found = open_dataset(tmp_path)
    assert [e.edit_id for e in found.edits] == ["e1"]
    assert [p.kind for p in found.problems] == ["not_downloaded", "unusable_video"]


def test_a_bench_has_tasks_and_no_targets(tmp_path: Path) -> None:
    writer = DatasetWriter(tmp_path, "bench", 16)
    writer.add_video("a", video(0))
    writer.add_edit("e", "a", "Add a hat.", task="Add Object", sub_task="ordinary")
    with pytest.raises(BadDataset, match="lacks its instruction, target or task"):
        writer.add_edit("f", "a", "Add a hat.")
    writer.close()
    found = open_dataset(tmp_path)
    (edit,) = found.edits
    assert (edit.target, edit.task, edit.sub_task) == (None, "Add Object", "ordinary")
    assert found.summary()["tasks"] == {"Add Object": 1}
    with pytest.raises(BadDataset, match="no pair to train on"):
        DatasetPairs(found)


def test_folders_that_are_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(BadDataset, match="there is no folder"):
        open_dataset(tmp_path / "none")
    with pytest.raises(BadDataset, match="no annotation/egoeditdata_data_table.csv"):
        open_dataset(tmp_path)
    write(tmp_path)
    edits_table(tmp_path, "train").write_text("data_id,prompt\n")
    with pytest.raises(BadDataset, match="lacks the columns source_data_id, target_data_id"):
        open_dataset(tmp_path)
    with pytest.raises(BadDataset, match="is there already"):
        DatasetWriter(tmp_path, "train", 16)


@pytest.mark.parametrize("latents", [1, 2, 4])
def test_pairs_keep_source_and_target_together(tmp_path: Path, latents: int) -> None:
    """Cropped, mirrored and timed alike: the edit is a constant, so the difference must be one."""
    writer = DatasetWriter(tmp_path, "train", 16)
    dark = video(3)
    writer.add_video("a", dark)
    writer.add_video("b", dark + 60)
    writer.add_edit("e", "a", "brighter", target_id="b")
    writer.close()
    pairs = DatasetPairs(open_dataset(tmp_path))
    for number in range(3):
        pair = pairs.draw((0, number), latents, HW)
        assert pair.source.shape == (latents, 4, 3, *HW) == pair.target.shape
        difference = (pair.target - pair.source).mean(2)
        assert float(difference.std()) < 0.05 < float(difference.mean())
        again = pairs.draw((0, number), latents, HW)
        assert (again.source == pair.source).all() and again.text == pair.text == "brighter"


def test_images_are_clips_of_one_frame(tmp_path: Path) -> None:
    folder = tmp_path / "stills"
    folder.mkdir()
    cv2.imwrite(str(folder / "a.png"), video(5)[0])
    (folder / "b.jpg").write_bytes(b"not a picture")
    assert probe(folder / "a.png").num_frames == 1
    source = Unpaired(folder)
    assert list(source.problems) == [folder / "b.jpg"] and source.refresh() == 1
    pair = source.draw((0, 0), 2, HW)
    assert pair.source.shape == (2, 4, 3, *HW) and bool(pair.mask.all())
    with pytest.raises(BadDataset, match="no video or image"):
        Unpaired(tmp_path / "nothing here")


@given(st.lists(st.floats(0, 10), min_size=1, max_size=6).filter(lambda w: sum(w) > 0.01))
def test_shares_add_up(weights: list[float]) -> None:
    found = shares(weights)
    assert sum(found) == BLOCK
    for share, weight in zip(found, weights, strict=True):
        assert abs(share - BLOCK * weight / sum(weights)) < 1 + 1e-6


@given(st.integers(1, 40), st.integers(0, 5))
def test_a_shuffle_shows_all_before_any_twice(size: int, epoch: int) -> None:
    order = Shuffle(size, seed=7)
    seen = [order[epoch * size + i] for i in range(size)]
    assert sorted(seen) == list(range(size))
    assert [Shuffle(size, seed=7)[epoch * size + i] for i in range(size)] == seen


def test_mixing_is_exact_and_forgets_nothing(clips: Path) -> None:
    """28, 52 and 20 in a hundred, and every source is asked for 0, 1, 2, ... in turn."""
    world = PairSource(clips / "train", only("none"))
    mixture = Mixture({"ego": (world, 28), "other": (world, 52), "images": (world, 20)})
    drawn = [mixture.where(5, n) for n in range(3 * BLOCK)]
    assert Counter(s for s, _ in drawn) == {0: 84, 1: 156, 2: 60}
    for source in range(3):
        assert [n for s, n in drawn if s == source] == list(
            range(sum(s == source for s, _ in drawn))
        )
    assert [s for s, _ in drawn[:BLOCK]] != [s for s, _ in drawn[BLOCK : 2 * BLOCK]]
    pair = mixture.draw((5, 17), 1, HW)
    assert pair.text == mixture.draw((5, 17), 1, HW).text
    with pytest.raises(ValueError, match="do not say how to mix"):
        shares([0, 0])


def test_the_command_exports_and_checks(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "pairs")
    assert main(["export", "--world", str(clips / "train"), "--out", out, "--pairs", "2"]) == 0
    assert main(["check", out]) == 0
    assert "usable_edits  2" in capsys.readouterr().out
    (tmp_path / "pairs" / "videos" / "world_0_000000_source.mp4").unlink()
    assert main(["check", out, "--json"]) == 1
    assert "missing_file" in capsys.readouterr().out
    assert main(["check", str(tmp_path)]) == 2
    assert "is no dataset" in capsys.readouterr().err


def test_what_training_leaves_out_is_told(
    clips: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    pairs, stills = tmp_path / "pairs", tmp_path / "stills"
    write(pairs)
    (pairs / "videos" / "c.mp4").unlink()
    stills.mkdir()
    cv2.imwrite(str(stills / "a.png"), video(5)[0])
    (stills / "b.jpg").write_bytes(b"not a picture")
    added = parse_added([f"{pairs}=0.5", f"{stills}=0.25"])
    mixed = open_sources(clips / "train", Mix(), added, 1, tell=True)
    assert isinstance(mixed, Mixture) and mixed.names == ["world", str(pairs), str(stills)]
    with pytest.raises(BadDataset, match="is added twice"):
        open_sources(clips / "train", Mix(), (*added, added[0]), 1)
    first, second = caplog.messages
    assert "2 rows or files left out" in first and "no file c.mp4" in first
    assert "1 rows or files left out" in second and "b.jpg" in second
    for wrong in ("folder", "folder=", "=1", "folder=-1", "folder=nan"):
        with pytest.raises(BadDataset, match="is not FOLDER=WEIGHT"):
            parse_added([wrong])
    with pytest.raises(BadDataset, match="there is no folder"):
        open_sources(clips / "train", Mix(), ((tmp_path / "none", 1.0),), 1)


def test_a_folder_called_world_is_added_to_the_world(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "world").mkdir()
    cv2.imwrite("world/a.png", video(5)[0])
    mixed = open_sources(clips / "train", Mix(), parse_added(["world=0.25"]), 1)
    # Of a weight of 0 the world need not be there.
    alone = open_sources(tmp_path / "none", Mix(world=0.0), parse_added(["world=0.25"]), 1)
    assert isinstance(alone, Mixture) and len(alone.names) == 1
    with pytest.raises(BadDataset, match="nothing to train on"):
        open_sources(tmp_path / "none", Mix(world=0.0), (), 1)
    assert isinstance(mixed, Mixture) and mixed.names == ["world", str(tmp_path / "world")]
