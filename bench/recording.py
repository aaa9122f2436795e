"""`python -m bench.recording`: what does recording cost the live stream?

The same session (a real server, a real client, loopback, open-loop input) without a recording and with each kind, in
turn and several times over, since a machine's speed drifts: frames a second, age of the picture, processor, and the
film's frames a second. With `--native` and `--no-native` of the server likewise.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np

from bench.latency import CLIP, load_clip
from bench.machine import describe_machine
from bench.server_process import REPOSITORY, ServerProcess
from bench.session_run import Plan, record
from client.sources import PreparedSource, parse_size
from egostream.errors import EgostreamError
from egostream.numbers import positive

OUT = REPOSITORY / "bench" / "results" / "recording.json"
KINDS: dict[str, tuple[str, ...]] = {
    "off": (),
    "source": ("--record", "source"),
    "edit": ("--record", "edit"),
    "both": ("--record", "both"),
    "off, --no-native": ("--no-native",),
}


def measure(kind: str, plan: Plan, source: PreparedSource, preset: str) -> dict[str, float]:
    """One session. Raises EgostreamError."""
    with tempfile.TemporaryDirectory() as folder:
        flags = list(KINDS[kind])
        if "--record" in flags:
            flags += ["--record-dir", folder]
        with ServerProcess(preset, flags) as server:
            seen = asyncio.run(record(server, source, plan))
        ages = [frame.age_ms for frame in seen.frames]
        found = {
            "fps": round(len(ages) / seen.seconds, 2),
            "age_p50_ms": round(float(np.percentile(ages, 50)), 1),
            "age_p95_ms": round(float(np.percentile(ages, 95)), 1),
            "server_cpu_percent": round(seen.server_cpu_percent, 1),
        }
        films = sorted(Path(folder).glob("*.mp4"))
        if films:
            found["film_fps"] = round(_fps(films[0]), 2)
            found["film_mb"] = round(sum(film.stat().st_size for film in films) / 1e6, 2)
        return found


def _fps(film: Path) -> float:
    """Lower than that of the stream where frames are missing."""
    with av.open(str(film)) as container:
        times = [frame.time for frame in container.decode(video=0) if frame.time is not None]
    return (len(times) - 1) / max(1e-9, times[-1] - times[0])


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.recording", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--preset", default="nano")
    parser.add_argument("--size", type=parse_size, default=(1280, 720), metavar="WxH")
    parser.add_argument("--fps", type=float, default=24.0, help="of the camera (24)")
    parser.add_argument("--frames", type=positive, default=240, help="measured a session (240)")
    parser.add_argument("--rounds", type=positive, default=3, help="of all kinds, in turn (3)")
    parser.add_argument("--instruct", default="make it night", metavar="TEXT")
    parser.add_argument("--out", type=Path, default=OUT, metavar="JSON")
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.WARNING)
    machine = describe_machine()
    plan = Plan(arguments.fps, 48, arguments.frames, arguments.instruct, seconds_max=60.0)
    source = load_clip(CLIP, arguments.size, arguments.fps)
    runs: dict[str, list[dict[str, float]]] = {kind: [] for kind in KINDS}
    try:
        for number in range(arguments.rounds):
            for kind, done in runs.items():
                print(f"round {number + 1}: {kind} …", file=sys.stderr)
                done.append(measure(kind, plan, source, arguments.preset))
    except EgostreamError as error:
        print(f"bench.recording: {error}", file=sys.stderr)
        return 2
    rows = {kind: _medians(done) for kind, done in runs.items()}
    width, height = arguments.size
    result: dict[str, Any] = {
        "size": f"{width}x{height}",
        "fps": arguments.fps,
        "preset": arguments.preset,
        "medians": rows,
        "runs": runs,
        "machine": machine,
    }
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(result, indent=1) + "\n")
    columns = list(dict.fromkeys(key for row in rows.values() for key in row))
    print(f"{'recording':<18}" + "".join(f"{c:>20}" for c in columns))
    for kind, row in rows.items():
        print(f"{kind:<18}" + "".join(f"{row[c] if c in row else '':>20}" for c in columns))
    return 0


def _medians(runs: list[dict[str, float]]) -> dict[str, float]:
    return {key: float(np.median([run[key] for run in runs])) for key in runs[0]}


if __name__ == "__main__":
    raise SystemExit(main())
