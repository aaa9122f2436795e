"""From the release's tables to the final one: means as the paper takes them, and nothing missing in silence.

Run: pytest tests/unit/bench_egoedit/test_egoedit_report.py
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from bench.egoedit import paper
from bench.egoedit.__main__ import main
from bench.egoedit.run_folder import load_run
from bench.egoedit.table import build_table
from tests.unit.bench_egoedit.fake_judge import Asked, FakeJudge, Reply


def by_instruction(request: Asked, number: int) -> Reply:
    """Totals: hat 9; ball 6; star 3; depth map is never marked."""
    for word, marks in (("hat", (3, 3, 3)), ("ball", (1, 2, 3)), ("star", (1, 1, 1))):
        if f" {word}." in request.texts[0]:
            return Reply(str(list(marks)))
    return Reply("What a fine picture.")


def report(run: Path) -> dict[str, object]:
    assert main(["report", "--run", str(run)]) == 0
    found: dict[str, object] = json.loads((run / "report.json").read_text())
    return found


def test_from_the_tables_to_the_table(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FakeJudge(by_instruction) as server:
        command = [
            "judge",
            "--run",
            str(run),
            "--endpoint",
            server.url,
            "--model",
            "a/judge",
            "--quiet",
        ]
        assert main(command) == 3
    found = report(run)
    judge = found["columns"][0]  # type: ignore[index]
    # Change Object averages 4.5 and Add Object 9: tasks 6.75, items 6.
    assert (judge["mean_of_tasks"], judge["mean_of_items"]) == (6.75, 6.0)
    assert (judge["num_tasks"], judge["num_items"], judge["failed_items"]) == (
        2,
        3,
        {"judge_no_marks": 1},
    )
    change = judge["tasks"]["Change Object"]
    assert (change["mean"], change["items"]) == (4.5, 2)
    assert change["standard_error"] == pytest.approx(1.5)
    assert change["edit_quality"] == 1.5
    text = (run / "report.md").read_text()
    rows = {line.split("|")[1].strip(): line for line in text.splitlines() if line.startswith("|")}
    assert "| 6.75 |" in rows["**identity**, mean of tasks"]
    assert "| 6.00 |" in rows["identity, mean of items"]
    assert "| 7.71 | 19.13 | 16.34 | 96.41 |" in rows["*EgoEdit-RT, quoted*"]
    assert "| 2 | 4.50 | 1.00 | 1.50 | 2.00 | 7.84 |" in rows["Change Object"]
    assert "| 1 | – | – |" in rows["Video-to-Depth"]
    mean = rows["mean (quoted: as printed)"]
    assert "| 4 | 6.75 | 2.00 | 2.25 | 2.50 | 7.76 | 7.42 | 7.83 | 7.52 | 5.46 |" in mean
    for said in (
        "Not the whole bench: 4 of 1700 items were edited, 0 of 15 tasks are complete",
        "PickScore: not measured: not tried",
        "judge a/judge, failed: 1 judge no marks",
        "blue: the table says that its download failed",
        paper.CAVEAT,
    ):
        assert said in text
    with Image.open(run / "report.png") as chart, Image.open(run / "sheet.png") as sheet:
        assert chart.width > 1000 and sheet.width > 1000
    assert "wrote report.json, report.md, report.png, sheet.png" in capsys.readouterr().out


def test_marks_of_an_output_that_was_replaced_do_not_count(run: Path) -> None:
    with FakeJudge(lambda r, n: Reply("[3, 3, 3]")) as server:
        command = ["judge", "--run", str(run), "--endpoint", server.url, "--model", "m", "--quiet"]
        assert main(command) == 0
        first, *_, last = load_run(run).edited
        first.output.write_bytes(last.output.read_bytes())
        column = build_table(load_run(run)).columns[0]
        assert (column.num_items, column.open_items) == (3, 1)
        asked = len(server.asked)
        assert main(command) == 0 and len(server.asked) == asked + 3
    assert build_table(load_run(run)).columns[0].num_items == 4


def test_a_run_that_nobody_looked_at(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = report(run)
    columns = found["columns"]
    assert [c["key"] for c in columns] == [  # type: ignore[attr-defined]
        "marks", "pickscore", "text_alignment", "temporal_consistency",
    ]  # fmt: skip
    assert all(c["not_measured"] and c["mean_of_tasks"] is None for c in columns)  # type: ignore[attr-defined]
    assert "judge: not measured: no judge was asked" in capsys.readouterr().out
    assert not (run / "report.png").exists() and (run / "sheet.png").exists()


def test_what_is_quoted_adds_up() -> None:
    """A slip of the pen would move a row's mean: the paper's own total must come out, or be known not to."""
    for method, row in paper.PER_TASK.items():
        assert len(row) == 15
        known = {"EgoEdit-RT": 7.63, "EgoEdit-DMD": 7.31, "Lucy Edit": 5.44}.get(
            method, paper.PRINTED_TOTAL[method]
        )
        assert sum(row.values()) / 15 == pytest.approx(known, abs=0.01)


@pytest.mark.parametrize("step", [[], ["run"], ["judge"], ["score"], ["report"]])
def test_help_teaches(step: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main([*step, "--help"])
    text = capsys.readouterr().out
    assert stop.value.code == 0 and "usage: python -m bench.egoedit" in text
    assert bool(step) or "in order:" in text


def test_help_is_light() -> None:
    """Help must not wait for networks, simulators and videos."""
    code = (
        "import sys, bench.egoedit.__main__ as program\n"
        "try: program.main(['--help'])\n"
        "except SystemExit: pass\n"
        "print('loaded', sorted({'mujoco', 'skimage', 'scipy', 'torch', 'cv2'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "in order:" in done.stdout and done.stdout.endswith("loaded []\n")
