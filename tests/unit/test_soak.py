"""The arithmetic of the soak, on data whose outcome is known."""

from __future__ import annotations

import math

import pytest

from bench.soak_plot import draw
from bench.soak_report import (
    Sample,
    as_text,
    quantile,
    read_buckets,
    rows,
    since,
    slope_per_min,
    summarise,
    warmup_s,
)

INF = math.inf


def sample(at_s: float, **changed: object) -> Sample:
    values: dict[str, object] = {
        **{"server_mb": 100.0, "worker_mb": 500.0, "threads": 20, "files": 30, "fps": 15.0},
        **{"lag_buckets": {0.001: 9.0 * at_s, 0.02: 10 * at_s, INF: 10 * at_s}},
        **{"age_p50_ms": 200.0, "age_p95_ms": 220.0, "visitors": 1},
    }
    return Sample(at_s=at_s, **{**values, **changed})  # type: ignore[arg-type]


def run(num: int = 120, **growing: float) -> list[Sample]:
    """Ten minutes; `growing`: by so much a minute."""
    found = []
    for index in range(1, num + 1):
        at_s = 5.0 * index
        plain = sample(at_s)
        changed = {name: getattr(plain, name) + by * at_s / 60 for name, by in growing.items()}
        found.append(sample(at_s, **changed))
    return found


def test_slopes() -> None:
    assert slope_per_min([0, 30, 60, 90], [1, 2, 3, 4]) == pytest.approx(2)
    assert slope_per_min([0, 60, 120, 180], [5, None, 3, 2]) == pytest.approx(-1)
    assert slope_per_min([0, 60], [1, 2]) is None
    assert slope_per_min([1000, 1060, 1120], [7, 7, 7]) == pytest.approx(0)


def test_quantiles_of_a_histogram() -> None:
    buckets = {0.01: 50.0, 0.02: 90.0, 0.05: 100.0, INF: 100.0}
    assert quantile(buckets, 0.5) == pytest.approx(0.01)
    assert quantile(buckets, 0.7) == pytest.approx(0.015)
    assert quantile(buckets, 0.99) == pytest.approx(0.047)
    assert quantile({0.01: 0.0, INF: 10.0}, 0.5) == 0.01, "all that can be said"
    assert quantile({0.01: 0.0, INF: 0.0}, 0.5) is None
    assert quantile({}, 0.5) is None


def test_a_histogram_is_read_and_subtracted() -> None:
    text = (
        "# HELP egostream_event_loop_lag_seconds How late.\n"
        'egostream_event_loop_lag_seconds_bucket{le="0.01"} 3.0\n'
        'egostream_event_loop_lag_seconds_bucket{le="+Inf"} 5.0\n'
        "egostream_event_loop_lag_seconds_count 5.0\n"
    )
    buckets = read_buckets(text)
    assert buckets == {0.01: 3.0, INF: 5.0}
    assert since({0.01: 1.0}, buckets) == {0.01: 2.0, INF: 5.0}


def test_what_does_not_grow_meets_every_goal() -> None:
    found = summarise(run(), 600)
    assert found["server_mb_per_min"] == 0 and found["age_ms_per_min"] == 0
    assert found["lag_p99_ms"] == pytest.approx(1 + 19 * 0.9, abs=0.1)
    assert set(found["goals"].values()) == {True} and not found["leaks"]
    assert "no goal is missed" in as_text(found)


def test_a_leak_is_told_from_growth() -> None:
    found = summarise(run(server_mb=2.0, age_p50_ms=5.0), 600)
    assert found["server_mb_per_min"] == pytest.approx(2, abs=0.01) and not found["leaks"]
    assert found["goals"]["server_memory"] is False and found["goals"]["age_is_flat"] is False
    assert found["goals"]["worker_memory"] is True
    found = summarise(run(worker_mb=9.0), 600)
    assert found["leaks"] and "leak" in as_text(found)


def test_a_warm_up_is_left_out() -> None:
    warming = [sample(at_s, server_mb=100 + min(at_s, 115)) for at_s in range(5, 605, 5)]
    assert summarise(warming, 600)["server_mb_per_min"] == 0
    assert warmup_s(600) == 120 and warmup_s(60) == 12


def test_a_short_look_judges_no_memory() -> None:
    found = summarise(run(8, server_mb=60.0), 40)
    assert found["goals"]["server_memory"] is None and not found["leaks"]
    assert as_text(summarise([], 0))


def test_the_picture_is_drawn(tmp_path: object) -> None:
    samples = [sample(5.0), sample(10.0, worker_mb=None, age_p50_ms=None, age_p95_ms=None)]
    found = rows(samples)
    assert found[1]["lag_p99_ms"] is not None and "lag_buckets" not in found[0]
    result = {
        **summarise(samples, 10),
        **{"samples": found, "preset": "identity", "stay": 1, "visits": 0},
        **{"machine": {"cpu": "any", "cores": 2}},
    }
    path = tmp_path / "soak.png"  # type: ignore[operator]
    draw(path, result)
    assert path.stat().st_size > 10_000
