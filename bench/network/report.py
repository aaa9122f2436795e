"""A network result as a table and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bench.network.impair import PERFECT, Impairment

COLUMNS = (
    ("", 39),
    ("fps before/during", 19),
    ("longest freeze", 16),
    ("age before p50", 16),
    ("during p50/p95", 16),
    ("back after", 11),
)


def as_text(result: Mapping[str, Any]) -> str:
    """For people."""
    lines = [
        f"{result['preset']}, camera {result['size'][0]}x{result['size'][1]} at {result['fps']:g} fps; "
        f"times until back count from the fault's end",
        "".join(f"{name:<{width}}" for name, width in COLUMNS),
    ]
    lines += [_line(row) for row in result["rows"]]
    if slow := result.get("slow"):
        lines.append(
            f"an editor of 5 fps for {slow['during_s']:.0f} s: age p50 {_ms(slow['age_during_p50_ms'])}, "
            f"p95 {_ms(slow['age_during_p95_ms'])}, slope {slow['age_slope_ms_per_s']} ms a second"
        )
    missed = result["missed"]
    lines.append("all goals met" if not missed else "goals missed: " + "; ".join(missed))
    return "\n".join(lines)


def missed_goals(rows: Sequence[Mapping[str, Any]], slow: Mapping[str, Any] | None) -> list[str]:
    """The session lives; a freeze is no longer than the outage and a second; all is well three seconds later."""
    missed = []
    for row in rows:
        if Impairment.of(row["impairment"]) == PERFECT:
            continue  # tells what the machine does by itself
        name = row["name"]
        if row["ended"] is not None:
            missed.append(f"{name}: the session ended ({row['ended']})")
            continue
        if not row["in_order"]:
            missed.append(f"{name}: frames out of order")
        limit_s = 1.0 + (row["during_s"] if row["impairment"]["is_out"] else 0.0)
        if row["longest_freeze_s"] > limit_s:
            missed.append(f"{name}: frozen for {row['longest_freeze_s']} s, goal {limit_s:g}")
        if row["back_after_s"] is None or row["back_after_s"] > 3.0:
            missed.append(f"{name}: back after {row['back_after_s']} s, goal 3")
    if slow is not None and abs(slow["age_slope_ms_per_s"] or 0.0) > 1.0:
        missed.append(f"5 fps: frames get older by {slow['age_slope_ms_per_s']} ms a second")
    return missed


def _line(row: Mapping[str, Any]) -> str:
    cells = [
        row["name"],
        f"{row['fps_before'] or 0:.1f} / "
        + ("–" if row["impairment"]["is_out"] else f"{row['fps_during']:.1f}"),
        f"{row['longest_freeze_s']:.2f} s",
        _ms(row["age_before_p50_ms"]),
        f"{_ms(row['age_during_p50_ms'], '')} / {_ms(row['age_during_p95_ms'])}",
        "never" if row["back_after_s"] is None else f"{row['back_after_s']:.2f} s",
    ]
    return "".join(f"{cell:<{width}}" for cell, (_, width) in zip(cells, COLUMNS, strict=True))


def _ms(value: float | None, unit: str = " ms") -> str:
    return "–" if value is None else f"{value:.0f}{unit}"
