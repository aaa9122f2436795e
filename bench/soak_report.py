"""The arithmetic of a soak: slopes, quantiles out of histograms, goals. Pure functions; no clock, no file."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

MAX_RSS_MB_PER_MIN = 1.0
LEAK_MB_PER_MIN = 5.0
"""Far beyond the goal: no noise of an allocator's, and reason enough to fail."""
MAX_LAG_P99_MS = 20.0
MAX_AGE_MS_PER_MIN = 2.0
"""Ten minutes of it would be 20 ms: less than a frame."""
WARMUP_S, WARMUP_SHARE = 120.0, 0.2
MIN_JUDGED_S = 60.0
"""A slope over less time says nothing about memory."""

LAG = "egostream_event_loop_lag_seconds_bucket"
Buckets = Mapping[float, float]
"""Upper edge in seconds (the last is infinite) to the number of observations up to it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One look. `lag_buckets`: since the server's start; ages of the frames since the look before."""

    at_s: float
    server_mb: float
    worker_mb: float | None
    threads: int
    files: int
    lag_buckets: dict[float, float]
    age_p50_ms: float | None
    age_p95_ms: float | None
    fps: float
    visitors: int


def read_buckets(text: str, name: str = LAG) -> dict[float, float]:
    """Of a histogram without labels, from a page of metrics."""
    found: dict[float, float] = {}
    for line in text.splitlines():
        if line.startswith(f'{name}{{le="'):
            edge, _, count = line.removeprefix(f'{name}{{le="').partition('"} ')
            found[float(edge)] = float(count)
    return found


def since(before: Buckets, after: Buckets) -> dict[float, float]:
    """What was observed between two looks."""
    return {edge: count - before.get(edge, 0.0) for edge, count in after.items()}


def quantile(buckets: Buckets, share: float) -> float | None:
    """In seconds, evenly spread within a bucket, as Prometheus does it; None of nothing."""
    edges = sorted(buckets)
    if not edges or buckets[edges[-1]] <= 0:
        return None
    wanted = share * buckets[edges[-1]]
    low, below = 0.0, 0.0
    for edge in edges:
        if buckets[edge] >= wanted:
            if math.isinf(edge):
                return low
            inside = buckets[edge] - below
            return low + (edge - low) * ((wanted - below) / inside if inside else 1.0)
        low, below = edge, buckets[edge]
    return low


def slope_per_min(at_s: Sequence[float], values: Sequence[float | None]) -> float | None:
    """By least squares; None where fewer than three values are known."""
    known = [(at, value) for at, value in zip(at_s, values, strict=True) if value is not None]
    if len(known) < 3:
        return None
    times, numbers = np.array(known).T
    return float(np.polyfit((times - times[0]) / 60, numbers, 1)[0])


def warmup_s(seconds: float) -> float:
    """How much of a run is left out of its slopes: two minutes, or less of a short one."""
    return min(WARMUP_S, WARMUP_SHARE * seconds)


def summarise(samples: Sequence[Sample], seconds: float) -> dict[str, Any]:
    """The figures after the warm-up, and which goals they meet."""
    judged = [sample for sample in samples if sample.at_s >= warmup_s(seconds)]
    at_s = [sample.at_s for sample in judged]
    lag = since(judged[0].lag_buckets, judged[-1].lag_buckets) if judged else {}
    lag_s = {name: quantile(lag, share) for name, share in (("p50", 0.5), ("p99", 0.99))}
    ages = [sample.age_p50_ms for sample in judged]
    found: dict[str, Any] = {
        "judged_s": round(at_s[-1] - at_s[0], 1) if judged else 0.0,
        "server_mb_per_min": _rounded(slope_per_min(at_s, [s.server_mb for s in judged])),
        "worker_mb_per_min": _rounded(slope_per_min(at_s, [s.worker_mb for s in judged])),
        "server_mb": _ends([s.server_mb for s in judged]),
        "worker_mb": _ends([s.worker_mb for s in judged]),
        "threads": _ends([s.threads for s in judged]),
        "files": _ends([s.files for s in judged]),
        "lag_p50_ms": _rounded(None if lag_s["p50"] is None else 1e3 * lag_s["p50"]),
        "lag_p99_ms": _rounded(None if lag_s["p99"] is None else 1e3 * lag_s["p99"]),
        "age_p50_ms": _median(ages),
        "age_p95_ms": _median([sample.age_p95_ms for sample in judged]),
        "age_ms_per_min": _rounded(slope_per_min(at_s, ages)),
        "fps": _median([sample.fps for sample in judged]),
    }
    found["goals"] = goals(found)
    found["leaks"] = is_leak(found)
    return found


def goals(found: Mapping[str, Any]) -> dict[str, bool | None]:
    """Whether each is met; None where that cannot be said."""

    def below(name: str, limit: float) -> bool | None:
        return None if found[name] is None else bool(found[name] < limit)

    is_long = found["judged_s"] >= MIN_JUDGED_S
    return {
        "server_memory": below("server_mb_per_min", MAX_RSS_MB_PER_MIN) if is_long else None,
        "worker_memory": below("worker_mb_per_min", MAX_RSS_MB_PER_MIN) if is_long else None,
        "loop_lag": below("lag_p99_ms", MAX_LAG_P99_MS),
        "age_is_flat": below("age_ms_per_min", MAX_AGE_MS_PER_MIN) if is_long else None,
    }


def is_leak(found: Mapping[str, Any]) -> bool:
    """Memory grows far faster than it may."""
    slopes = [found["server_mb_per_min"], found["worker_mb_per_min"]]
    worst = max((slope for slope in slopes if slope is not None), default=0.0)
    return bool(found["judged_s"] >= MIN_JUDGED_S and worst > LEAK_MB_PER_MIN)


def as_text(found: Mapping[str, Any]) -> str:
    """For people."""

    def said(name: str, unit: str) -> str:
        return "unknown" if found[name] is None else f"{found[name]:g} {unit}"

    lines = [
        f"memory: server {said('server_mb_per_min', 'MB/min')} (goal < {MAX_RSS_MB_PER_MIN:g}), "
        f"worker {said('worker_mb_per_min', 'MB/min')}; from {found['server_mb']} and "
        f"{found['worker_mb']} MB",
        f"event loop: lag p50 {said('lag_p50_ms', 'ms')}, p99 {said('lag_p99_ms', 'ms')} "
        f"(goal < {MAX_LAG_P99_MS:g})",
        f"frames: age p50 {said('age_p50_ms', 'ms')}, p95 {said('age_p95_ms', 'ms')}, "
        f"{said('age_ms_per_min', 'ms/min')} (goal: flat, < {MAX_AGE_MS_PER_MIN:g}); "
        f"{said('fps', 'fps')}",
        f"threads {found['threads']}, files {found['files']} (first and last)",
    ]
    missed = [name for name, is_met in found["goals"].items() if is_met is False]
    lines.append(f"goals missed: {', '.join(missed)}" if missed else "no goal is missed")
    if found["leaks"]:
        lines.append(f"this is a leak: more than {LEAK_MB_PER_MIN:g} MB a minute")
    return "\n".join(lines)


def rows(samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """For JSON: each look, with the lag since the one before instead of the histogram."""
    found = []
    for before, sample in zip([None, *samples], samples, strict=False):
        value = asdict(sample)
        buckets = value.pop("lag_buckets")
        lag_s = quantile(since({} if before is None else before.lag_buckets, buckets), 0.99)
        value["lag_p99_ms"] = None if lag_s is None else 1e3 * lag_s
        found.append({k: _rounded(v) if isinstance(v, float) else v for k, v in value.items()})
    return found


def _ends(values: Sequence[float | None]) -> list[float | None]:
    return [_rounded(values[0]), _rounded(values[-1])] if values else []


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return _rounded(float(np.median(known))) if known else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
