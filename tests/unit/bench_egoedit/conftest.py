"""A tiny bench in the release's layout: real mp4 files, real tables, one row that was not downloaded."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch

from bench.egoedit.__main__ import main
from distill.datasets.tables import data_table, edits_table
from distill.datasets.write import DatasetWriter

torch.set_num_threads(1)

ITEMS = (
    ("e-add", "red", "add", "Add a hat."),
    ("e change/1", "red", "change", "Turn the square into a ball."),
    ("e-depth", "green", "video to depth", "Turn the video into a depth map."),
    ("e-change-2", "green", "Change Object", "Turn the square into a star."),
)
NUM_FRAMES, RATE = 12, 8


def video(colour: tuple[int, int, int], count: int = NUM_FRAMES) -> np.ndarray:
    """A plain colour that darkens frame by frame, so that frames can be told apart."""
    fade = np.linspace(1.0, 0.4, count)[:, None, None, None]
    plain = np.broadcast_to(np.array(colour, float), (count, 48, 64, 3))
    return (plain * fade).round().astype(np.uint8)


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the bench."""
    folder = tmp_path_factory.mktemp("bench")
    writer = DatasetWriter(folder, "bench", RATE)
    writer.add_video("red", video((230, 40, 20)))
    writer.add_video("green", video((20, 200, 40)))
    for edit_id, source, task, text in ITEMS:
        writer.add_edit(edit_id, source, text, task=task, sub_task="ordinary")
    writer.close()
    table = data_table(folder, "bench")
    rows = [
        ["data_id", "data_url", "download_success"],
        ["red", "s3://bucket/videos/red.mp4", "True"],
        ["green", "/elsewhere/green.mp4", "True"],
        ["blue", "s3://bucket/videos/blue.mp4", "False"],
    ]
    with table.open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    with edits_table(folder, "bench").open("a", newline="") as file:
        csv.writer(file).writerow(["e-lost", "blue", "Remove the hat.", "remove", "ordinary"])
    return folder


@pytest.fixture
def run(bench: Path, tmp_path: Path) -> Path:
    """A run of all four items, by the editor that changes nothing."""
    out = tmp_path / "run"
    assert (
        main(["run", "--bench", str(bench), "--out", str(out), "--preset", "identity", "--quiet"])
        == 3
    )
    return out
