"""`bench.resilience` itself, in small: a real server that clients leave, and that is told to stop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import resilience


def test_it_measures_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "resilience.json"
    few = ["--only", "churn", "drain", "--connects", "10", "--out", str(out)]
    assert resilience.main(few) == 0
    found = json.loads(out.read_text())
    assert found["drain"] | {"took_s": 0} == {
        "sessions": 3,
        "told": 3,
        "said_goodbye": 3,
        "exit_code": 0,
        "took_s": 0,
        "timeout_s": 3.0,
    }
    before, after = found["churn"]["before"], found["churn"]["after"]
    assert after["places_free"] == before["places_free"] == 4
    for held in ("files", "threads"):
        assert after[held] <= before[held] + 2, "pools may still grow; five clients hold more"
    printed = capsys.readouterr().out
    assert "10 clients came and went" in printed and "3 told" in printed
