"""The latency bench, in small: its figures are there and its arithmetic is right.

Run: pytest tests/stream/test_latency_bench.py
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.session_run import FrameTime, Plan, Recording
from bench.summary import fps_out, percentiles, slope_ms_per_s, summarise
from egostream.protocol import Stats


def recording(ages_ms: list[float], fps: float = 25.0) -> Recording:
    frames = []
    for index, age_ms in enumerate(ages_ms):
        capture_ns = round(index * 1e9 / fps)
        frames.append(FrameTime(index * 3600, capture_ns, capture_ns + round(age_ms * 1e6)))
    return Recording(
        preset="nano",
        chunk_frames=4,
        frame_size=(256, 192),
        ready_s=1.0,
        seconds=4.0,
        num_sent=len(frames),
        num_skipped=0,
        num_unmatched=0,
        first_frame_ms=100.0,
        server_cpu_percent=50.0,
        server_rss_mb=100.0,
        client_cpu_percent=5.0,
        frames=frames,
    )


def stats(dropped: int, denoise: float) -> Stats:
    return Stats(
        frames_in=0,
        frames_out=0,
        dropped=dropped,
        late=0,
        fps_in=24.0,
        fps_out=24.0,
        frame_age_ms=1.0,
        first_frame_ms=None,
        chunk_ms=2.0,
        stage_ms={"denoise": denoise},
    )


def test_percentiles() -> None:
    assert percentiles([]) == {"p50": None, "p95": None, "p99": None, "max": None}
    assert percentiles([float(n) for n in range(101)]) == {
        "p50": 50.0,
        "p95": 95.0,
        "p99": 99.0,
        "max": 100.0,
    }


def test_a_growing_age_has_a_slope_and_a_steady_one_none() -> None:
    assert slope_ms_per_s(recording([40.0] * 100)) == 0.0
    growing = recording([40.0 + index * 2 for index in range(100)])
    # 2 ms a frame at 25 fps is 50 ms a second of capture, and 50 / 1.05 of arrival.
    assert slope_ms_per_s(growing) == pytest.approx(50 / 1.05, abs=0.1)


def test_rate_is_counted_between_arrivals() -> None:
    assert fps_out(recording([40.0] * 100)) == 25.0
    assert fps_out(recording([40.0])) is None


def test_counts_of_the_warm_up_are_left_out() -> None:
    measured = recording([40.0] * 10)
    measured.stats_before = stats(dropped=7, denoise=99.0)
    measured.stats = [stats(dropped=8, denoise=10.0), stats(dropped=10, denoise=20.0)]
    measured.instruct_to_picture_ms = [100.0, 300.0, 200.0]
    figures = summarise(measured, Plan(25.0, 0, 10, "x"))
    assert figures["dropped"] == 3
    assert figures["stage_ms"]["denoise"] == 15.0
    assert figures["chunk_fill_ms"] == 120.0
    assert figures["instruct_to_picture_ms"]["median"] == 200.0


def test_a_short_run_writes_everything(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    from bench import latency, report

    out = tmp_path / "results" / "latency.json"
    short = ["--frames", "30", "--warmup", "24", "--changes", "1", "--only"]
    assert latency.main(["--preset", "identity", *short, "--out", str(out)]) == 0
    table = capsys.readouterr().out
    assert "glass to glass p95" in table
    result = json.loads(out.read_text())
    for key in (
        "preset",
        "machine",
        "fps_in",
        "fps_out",
        "first_frame_ms",
        "glass_to_glass_ms",
        "instruct_to_picture_ms",
        "stage_ms",
        "dropped",
        "late",
    ):
        assert result[key] is not None, key
    assert result["num_frames"] >= 30 and result["unmatched"] == 0
    assert result["instruct_to_picture_ms"]["median"] > 0
    frames = report.read_frames(report.frames_path(out))
    assert len(frames["edit"]) == result["num_frames"]
    assert out.with_suffix(".png").stat().st_size > 10_000
    assert report.main([str(out)]) == 0
    assert capsys.readouterr().out.strip() in table


def test_a_server_that_does_not_start_is_a_named_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from bench import latency

    assert latency.main(["--preset", "nanno", "--only", "--out", str(tmp_path / "x.json")]) == 2
    assert "nanno" in capsys.readouterr().err
