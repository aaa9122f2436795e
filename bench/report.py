"""What the latency bench leaves behind: a table, `latency.json`, the raw frames, a plot.

`python -m bench.report bench/results/latency.json` prints and draws a stored result again.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.session_run import FrameTime, Recording

Frames = dict[str, list[FrameTime]]
RUNS = {"edit": None, "floor": "transport_floor", "slow": "slow_editor"}
TITLES = {"edit": "edit", "floor": "transport floor", "slow": "slowed editor"}


def save(path: Path, result: dict[str, Any], recordings: Mapping[str, Recording]) -> None:
    """`NAME.json`, `NAME_frames.csv.gz` and `NAME.png`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    frames = {name: recording.frames for name, recording in recordings.items()}
    _write_frames(frames_path(path), frames)
    path.write_text(json.dumps(result, indent=2) + "\n")
    from bench.plot import draw

    draw(path.with_suffix(".png"), result, frames)


def frames_path(path: Path) -> Path:
    return path.with_name(f"{path.stem}_frames.csv.gz")


def _write_frames(path: Path, runs: Frames) -> None:
    """Times in ns since the first capture of the run."""
    with gzip.open(path, "wt", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["run", "pts_90k", "capture_ns", "arrival_ns"])
        for run, frames in runs.items():
            zero_ns = frames[0].capture_ns if frames else 0
            for frame in frames:
                times = (frame.capture_ns - zero_ns, frame.arrival_ns - zero_ns)
                writer.writerow([run, frame.pts_90k, *times])


def read_frames(path: Path) -> Frames:
    runs: Frames = {}
    with gzip.open(path, "rt", newline="") as file:
        for row in csv.DictReader(file):
            times = (int(row["pts_90k"]), int(row["capture_ns"]), int(row["arrival_ns"]))
            runs.setdefault(row["run"], []).append(FrameTime(*times))
    return runs


def print_table(result: Mapping[str, Any]) -> None:
    """One column a run, one row a figure."""
    runs = {
        name: result if key is None else result[key]
        for name, key in RUNS.items()
        if key is None or key in result
    }
    heads = [f"{TITLES[name]} ({run['preset']})" for name, run in runs.items()]
    rows = [
        (label, [_cell(_pick(run, keys), unit) for run in runs.values()])
        for label, keys, unit in _ROWS
    ]
    rows = [(label, cells) for label, cells in rows if any(cell != "–" for cell in cells)]
    first = max(len(label) for label, _ in rows)
    widths = [max(len(head), *(len(cells[i]) for _, cells in rows)) for i, head in enumerate(heads)]

    def line(label: str, cells: Sequence[str]) -> str:
        padded = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        return f"{label:<{first}}  {'  '.join(padded)}"

    machine = result["machine"]
    print(f"{machine['cpu']}, {machine['cores']} cores; load {machine['load_average_before'][0]}")
    print(line("", heads))
    for label, cells in rows:
        print(line(label, cells))


_ROWS: list[tuple[str, tuple[str, ...], str]] = [
    ("camera", ("fps_in",), "fps"),
    ("delivered", ("fps_out",), "fps"),
    ("glass to glass p50", ("glass_to_glass_ms", "p50"), "ms"),
    ("glass to glass p95", ("glass_to_glass_ms", "p95"), "ms"),
    ("glass to glass p99", ("glass_to_glass_ms", "p99"), "ms"),
    ("glass to glass max", ("glass_to_glass_ms", "max"), "ms"),
    ("  of it filling a chunk, up to", ("chunk_fill_ms",), "ms"),
    ("ageing", ("age_slope_ms_per_s",), "ms/s"),
    ("first edited frame", ("first_frame_ms",), "ms"),
    ("instruction to picture, median", ("instruct_to_picture_ms", "median"), "ms"),
    ("instruction to picture, max", ("instruct_to_picture_ms", "max"), "ms"),
    ("stage: decode", ("stage_ms", "decode"), "ms"),
    ("stage: wait", ("stage_ms", "wait"), "ms"),
    ("stage: encode", ("stage_ms", "encode"), "ms"),
    ("stage: denoise", ("stage_ms", "denoise"), "ms"),
    ("stage: latent decode", ("stage_ms", "latent_decode"), "ms"),
    ("stage: pace", ("stage_ms", "pace"), "ms"),
    ("stage: send", ("stage_ms", "send"), "ms"),
    ("dropped", ("dropped",), ""),
    ("late", ("late",), ""),
    ("server CPU (one core = 100)", ("server_cpu_percent",), "%"),
    ("server memory", ("server_rss_mb",), "MB"),
    ("GPU power", ("gpu", "power_w_mean"), "W"),
    ("GPU memory", ("gpu", "memory_mb_max"), "MB"),
    ("ready after start", ("ready_s",), "s"),
]


def _pick(run: Mapping[str, Any], keys: Sequence[str]) -> Any:
    value: Any = run
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _cell(value: Any, unit: str) -> str:
    return "–" if value is None else f"{value:g} {unit}".rstrip()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=__doc__)
    parser.add_argument("result", type=Path, metavar="JSON")
    args = parser.parse_args(argv)
    result = json.loads(args.result.read_text())
    print_table(result)
    from bench.plot import draw

    draw(args.result.with_suffix(".png"), result, read_frames(frames_path(args.result)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
