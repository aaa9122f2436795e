"""What the frames of a trial say: how long the picture froze, how old it got, how soon all was well again."""

from __future__ import annotations

from typing import Any

import numpy as np

from bench.network.sessions import Seen

Floats = np.ndarray[Any, np.dtype[np.float64]]

NEAR, NEAR_MS = 1.5, 15.0
"""So many times the age before, or so much more: it is back. Of a few ms, half as much again is what a machine with
other work does by itself."""
WINDOW_S = 1.0
SETTLING_S = 1.0
"""After the session's first frame: what is before counts from here."""
ENOUGH = 0.7
"""Of the camera's frames must come in a window in which all is well."""


def figures(seen: Seen) -> dict[str, Any]:
    """One row of the table. None where there is nothing to tell."""
    trial = seen.trial
    at_s, ages_ms = np.array(seen.arrivals_s), np.array(seen.ages_ms)
    end_s = trial.during_s
    is_before = (at_s < 0) & (at_s > (at_s.min() if len(at_s) else 0) + SETTLING_S)
    is_during = (at_s >= 0) & (at_s < end_s)
    before_ms = _percentile(ages_ms[is_before], 50)
    return {
        "name": trial.name,
        "impairment": trial.impairment.as_json(),
        "during_s": trial.during_s,
        "fps_before": _rate(at_s[is_before]),
        "fps_during": round(float(is_during.sum() / trial.during_s), 1),
        "longest_freeze_s": longest_freeze_s(seen),
        "age_before_p50_ms": before_ms,
        "age_during_p50_ms": _percentile(ages_ms[is_during], 50),
        "age_during_p95_ms": _percentile(ages_ms[is_during], 95),
        "age_after_max_ms": _percentile(ages_ms[at_s >= end_s], 100),
        "back_after_s": back_after_s(seen, before_ms),
        "age_slope_ms_per_s": slope_ms_per_s(at_s[is_during], ages_ms[is_during]),
        "in_order": bool(np.all(np.diff(seen.pts_90k) > 0)),
        "frames_sent": seen.num_sent,
        "frames_back": len(seen.ages_ms),
        "packets_lost": seen.packets_lost,
        "ended": seen.ended,
    }


def longest_freeze_s(seen: Seen) -> float:
    """The longest time between two frames from the impairment's beginning on; to the trial's end, if none came."""
    at_s = np.array(seen.arrivals_s)
    edges = [*at_s[at_s < 0][-1:], *at_s[at_s >= 0]]
    edges.append(seen.trial.during_s + seen.trial.after_s)
    edges.insert(0, min(0.0, edges[0]))
    # What the last frame waits for is the trial's end, which is no freeze unless it is a long one.
    return round(float(np.max(np.diff(edges))), 3)


def back_after_s(seen: Seen, before_ms: float | None) -> float | None:
    """From the impairment's end until frames are as young and as many as before, for a second; None: never."""
    at_s, ages_ms = np.array(seen.arrivals_s), np.array(seen.ages_ms)
    end_s, last_s = seen.trial.during_s, seen.trial.during_s + seen.trial.after_s
    if before_ms is None:
        return None
    limit_ms = max(NEAR * before_ms, before_ms + NEAR_MS)
    for start_s in [end_s, *at_s[at_s > end_s]]:
        if start_s + WINDOW_S > last_s:
            return None
        window = ages_ms[(at_s >= start_s) & (at_s < start_s + WINDOW_S)]
        enough = ENOUGH * seen.trial.fps * WINDOW_S * _share(seen)
        if len(window) >= enough and np.median(window) <= limit_ms:
            return round(float(start_s - end_s), 2)
    return None


def slope_ms_per_s(at_s: Floats, ages_ms: Floats) -> float | None:
    """How fast frames get older, by least squares."""
    if len(at_s) < 3:
        return None
    return round(float(np.polyfit(at_s, ages_ms, 1)[0]), 2)


def _share(seen: Seen) -> float:
    """Of the camera's frames, how many came back before the impairment: fewer, where the editor is slow."""
    at_s = np.array(seen.arrivals_s)
    rate = _rate(at_s[at_s < 0])
    return 1.0 if rate is None else min(1.0, rate / seen.trial.fps)


def _rate(at_s: Floats) -> float | None:
    if len(at_s) < 2 or at_s[-1] <= at_s[0]:
        return None
    return round(float((len(at_s) - 1) / (at_s[-1] - at_s[0])), 1)


def _percentile(values: Floats, share: float) -> float | None:
    return round(float(np.percentile(values, share)), 1) if len(values) else None
