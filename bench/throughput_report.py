"""From rounds to figures: rows for JSON, and the tables of `throughput.md`. Pure functions."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from bench.budget import Budget
from bench.throughput_case import Case, Load
from bench.throughput_run import Round

REFERENCE = ("eager", "fp32")


@dataclass(slots=True)
class Measured:
    """A case under a load: its rounds, or why there are none."""

    case: Case
    load: Load
    chunks: int
    rounds: list[Round] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None

    @property
    def name(self) -> str:
        return f"{self.case}, {self.load.steps} passes, {self.load.streams} streams"


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, p10 and p90."""
    p10, p50, p90 = np.percentile(values, [10, 50, 90])
    return {
        "median": round(float(p50), 3),
        "p10": round(float(p10), 3),
        "p90": round(float(p90), 3),
    }


def as_rows(measured: Sequence[Measured], budget: Budget) -> list[dict[str, Any]]:
    """Ready for JSON. `budget`: of the preset and chunk size that all of them have."""
    plain = {
        one.load: one
        for one in measured
        if (one.case.backend, one.case.precision) == REFERENCE and one.reason is None
    }
    return [_row(one, plain.get(one.load), budget) for one in measured]


def _row(one: Measured, plain: Measured | None, budget: Budget) -> dict[str, Any]:
    head = {"name": one.name, **asdict(one.case), **asdict(one.load), "reason": one.reason}
    if one.reason is not None or not one.rounds:
        return head
    rounds = one.rounds
    stages = {
        stage: spread([chunk[stage] for r in rounds for chunk in r.stages])
        for stage in rounds[0].stages[0]
    }
    passes_ms = [chunk["pass"] * one.load.steps for r in rounds for chunk in r.stages]
    joules = [r.joules / r.frames for r in rounds if r.joules is not None]
    return head | {
        "rounds": len(rounds),
        "chunks_per_round": one.chunks,
        "frames_per_chunk": budget.frames,
        "fps": spread([r.frames / r.busy_s for r in rounds]),
        "fps_model": spread([1e3 * budget.frames / ms for ms in passes_ms]),
        "chunk_ms": spread([ms for r in rounds for ms in r.chunk_ms]),
        "out_ms": spread([ms for r in rounds for ms in r.out_ms]),
        "first_frame_ms": spread([r.first_ms for r in rounds]),
        "stage_ms": stages,
        "speedup": _speedup(one, plain),
        "joules_per_frame": spread(joules) if joules else None,
        "achieved": achieved(stages, budget),
        **one.about,
    }


def _speedup(one: Measured, plain: Measured | None) -> dict[str, float] | None:
    """Against eager fp32, chunk against chunk of the same round."""
    if plain is None:
        return None
    return spread(
        [
            statistics.median(theirs.chunk_ms) / statistics.median(ours.chunk_ms)
            for ours, theirs in zip(one.rounds, plain.rounds, strict=False)
        ]
    )


def achieved(stages: dict[str, dict[str, float]], budget: Budget) -> dict[str, dict[str, float]]:
    """FLOP/s and bytes/s of each stage (the bytes that products move at least), and its place on the roofline.

    Bytes are counted in bf16 for Wan's presets and in fp32 for nano, whatever an engine stores.
    """
    work = budget.rows()
    work["context pass"] = work["pass"]
    return {
        stage: {
            "flops_per_s": work[stage].flops / (times["median"] / 1e3),
            "bytes_per_s": work[stage].product_bytes / (times["median"] / 1e3),
            "flops_per_byte": work[stage].flops / work[stage].product_bytes,
        }
        for stage, times in stages.items()
        if times["median"] > 0
    }


def as_markdown(result: dict[str, Any]) -> str:
    """The tables of a result as it lies in JSON."""
    machine, roof = result["machine"], result["ceilings"]
    where = (
        machine["gpu"]["name"]
        if "gpu" in machine
        else f"{machine['cpu']}, {machine['cores']} cores"
    )
    ceilings = ", ".join(f"{k} {v / 1e12:.3g} TFLOP/s" for k, v in roof["flops_per_s"].items())
    lines = [
        "# Throughput",
        "",
        f"{where}; load before {machine['load_average_before'][0]}; ceilings: {ceilings}, "
        f"{roof['bytes_per_s'] / 1e9:.3g} GB/s. Median of {result['method']['rounds']} rounds in turn, p10 to p90 in "
        "brackets. `python -m bench.throughput --help` says what each figure is.",
        "",
        "| preset | latents | passes | streams | engine | fps | fps, model | chunk, ms | first frame, ms | pass "
        "| context | encode | decode | of the ceiling, pass | memory, GB | × eager fp32 |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in result["rows"]:
        head = (
            f"| {row['preset']} | {row['latents']} | {row['steps']} | {row['streams']} | "
            f"{row['backend']} {row['precision']} | "
        )
        if row["reason"] is not None:
            lines.append(
                f"{head}{row['reason'].splitlines()[0][:160].replace('|', '/')} |" + " |" * 10
            )
            continue
        ms = row["stage_ms"]
        energy = row["joules_per_frame"]
        cells = [
            f"**{row['fps']['median']:.3g}**",
            f"{row['fps_model']['median']:.3g}",
            _cell(row["chunk_ms"]),
            _cell(row["first_frame_ms"]),
            *(_short(ms.get(stage)) for stage in ("pass", "context pass", "encode", "decode")),
            _share(row, roof["flops_per_s"]),
            f"{row['peak_bytes'] / 1e9:.2f}"
            + (f", {energy['median']:.3g} J/frame" if energy else ""),
            _short(row["speedup"]),
        ]
        lines.append(head + " | ".join(cells) + " |")
    if result["diffusers"]:
        lines += ["", *_against(result["diffusers"])]
    return "\n".join(lines)


def _against(rows: Sequence[dict[str, Any]]) -> list[str]:
    lines = [
        "## Against diffusers, both eager fp32, equal weights",
        "",
        "| what | shape | ours, ms | diffusers, ms | ours / theirs | range over rounds |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        if "reason" in row:
            lines.append(f"| {row['what']} | {row['reason']} | | | | |")
            continue
        low, high = row["ratio_range"] or (float("nan"), float("nan"))
        lines.append(
            f"| {row['what']} | {row['shape']} | {row['ours_ms']:.4g} | {row['theirs_ms']:.4g} | "
            f"**{row['ratio']}** | {low:.2f} to {high:.2f} |"
        )
    return lines


def _cell(figure: dict[str, float]) -> str:
    return f"{figure['median']:.3g} ({figure['p10']:.3g} to {figure['p90']:.3g})"


def _short(figure: dict[str, float] | None) -> str:
    return "–" if figure is None else f"{figure['median']:.3g}"


def _share(row: dict[str, Any], roof: dict[str, float]) -> str:
    """Of the machine's own products in that precision; of those in bf16 where there is no ceiling."""
    own = roof.get(row["precision"], roof["bf16"])
    return f"{100 * row['achieved']['pass']['flops_per_s'] / own:.0f} %"
