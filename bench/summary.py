"""From a recording to the figures of the report. Pure functions; no clock, no file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bench.session_run import Plan, Recording

STAGES = ("decode", "wait", "encode", "denoise", "latent_decode", "pace", "send")


def percentiles(values: Sequence[float]) -> dict[str, float | None]:
    if not values:
        return {"p50": None, "p95": None, "p99": None, "max": None}
    p50, p95, p99 = np.percentile(values, [50, 95, 99])
    return {
        "p50": round(float(p50), 1),
        "p95": round(float(p95), 1),
        "p99": round(float(p99), 1),
        "max": round(max(values), 1),
    }


def slope_ms_per_s(recording: Recording) -> float | None:
    """How fast the picture ages: 0 when nothing piles up."""
    if len(recording.frames) < 3:
        return None
    arrival_s = np.array([frame.arrival_ns for frame in recording.frames]) / 1e9
    ages_ms = [frame.age_ms for frame in recording.frames]
    return round(float(np.polyfit(arrival_s - arrival_s[0], ages_ms, 1)[0]), 2)


def fps_out(recording: Recording) -> float | None:
    """Delivered frames a second, between the first and the last."""
    frames = recording.frames
    if len(frames) < 2:
        return None
    span_s = (frames[-1].arrival_ns - frames[0].arrival_ns) / 1e9
    return round((len(frames) - 1) / max(span_s, 1e-9), 2)


def summarise(recording: Recording, plan: Plan) -> dict[str, Any]:
    """The figures of one session. Ages in ms; CPU in percent of one core."""
    stats, before = recording.stats, recording.stats_before
    changes = recording.instruct_to_picture_ms
    last = stats[-1] if stats else before
    return {
        "preset": recording.preset,
        "instruction": plan.instruction,
        "frame_size": list(recording.frame_size),
        "chunk_frames": recording.chunk_frames,
        "fps_in": plan.fps,
        "fps_out": fps_out(recording),
        "num_frames": len(recording.frames),
        "num_warmup": plan.num_warmup,
        "first_frame_ms": _rounded(recording.first_frame_ms),
        "glass_to_glass_ms": percentiles([frame.age_ms for frame in recording.frames]),
        "age_slope_ms_per_s": slope_ms_per_s(recording),
        # The frame taken first in a chunk waits for the last one: no machine can do away with it.
        "chunk_fill_ms": round(1000 * (recording.chunk_frames - 1) / plan.fps, 1),
        "instruct_to_picture_ms": {
            "median": _rounded(float(np.median(changes))) if changes else None,
            "max": _rounded(max(changes)) if changes else None,
            "all": [_rounded(value) for value in changes],
        },
        "stage_ms": {stage: _mean([s.stage_ms.get(stage, 0.0) for s in stats]) for stage in STAGES},
        "chunk_ms": _mean([s.chunk_ms for s in stats]),
        "dropped": last.dropped - (before.dropped if before and stats else 0) if last else None,
        "late": last.late - (before.late if before and stats else 0) if last else None,
        "camera_skipped": recording.num_skipped,
        "unmatched": recording.num_unmatched,
        "server_cpu_percent": _rounded(recording.server_cpu_percent),
        "server_rss_mb": _rounded(recording.server_rss_mb),
        "client_cpu_percent": _rounded(recording.client_cpu_percent),
        "ready_s": round(recording.ready_s, 2),
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 2) if values else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
