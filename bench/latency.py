"""`python -m bench.latency`: how old is the edited picture when it is back?

A real server in its own process, a real client in this one, loopback between them, input at a
fixed rate from a real clip. Three sessions, each with a server of its own: the preset; the identity
editor (what the transport alone costs); the identity editor slowed to 5 chunks a second (does
anything pile up?). Camera exposure and the display are not in these figures.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.gpu import GpuSampler
from bench.machine import describe_machine
from bench.report import print_table, save
from bench.server_process import REPOSITORY, ServerProcess
from bench.session_run import Plan, Recording, record
from bench.summary import summarise
from client.sources import FileSource, PreparedSource, parse_size
from egostream.errors import EgostreamError

CLIP = REPOSITORY / "tests" / "data" / "cup.mp4"
OUT = REPOSITORY / "bench" / "results" / "latency.json"
CLIP_FRAMES = 120
FLOOR_FPS = 30.0
SLOW_PRESET = "identity:200"
SLOW_FRAMES = 75
CHANGES = ("make it night", "turn it into a pencil sketch", "make it sepia", "let it snow")
METHOD = (
    "loopback WebRTC (VP8), one monotonic clock, frames matched by RTP timestamp, open-loop input; "
    "age = moment of capture to decoded edited frame in the client; camera and display excluded"
)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.latency", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--preset", default="nano")
    parser.add_argument("--engine", default="auto")
    parser.add_argument("--fps", type=float, default=24.0, help="camera frames a second (24)")
    parser.add_argument("--frames", type=int, default=300, help="measured after the warm-up (300)")
    parser.add_argument("--warmup", type=int, default=48, help="frames left out (48)")
    parser.add_argument("--instruct", default="turn it into a pencil sketch", metavar="TEXT")
    parser.add_argument("--changes", type=int, default=9, help="instruction changes timed (9)")
    parser.add_argument("--clip", type=Path, default=CLIP)
    parser.add_argument(
        "--size",
        type=parse_size,
        default=(256, 192),
        metavar="WxH",
        help="camera picture (256x192)",
    )
    parser.add_argument("--out", type=Path, default=OUT, metavar="JSON")
    parser.add_argument("--only", action="store_true", help="no identity runs beside it")
    return parser


def load_clip(path: Path, size: tuple[int, int], fps: float) -> PreparedSource:
    """Decoded before the clock starts: the client's own work must not be in the figures."""
    source = FileSource(path, size=size)
    return PreparedSource.of(source, CLIP_FRAMES, fps)


def run_session(
    preset: str, plan: Plan, source: PreparedSource, engine: str = "auto"
) -> tuple[dict[str, Any], Recording]:
    print(f"{preset}: {plan.num_frames} frames at {plan.fps:g} fps …", file=sys.stderr)
    with ServerProcess(preset, ["--engine", engine]) as server, GpuSampler() as gpu:
        recording = asyncio.run(record(server, source, plan))
    figures = summarise(recording, plan)
    if gpu.report is not None:
        figures["gpu"] = gpu.report
    return figures, recording


def run(args: argparse.Namespace) -> dict[str, Any]:
    """All sessions; writes the JSON, the raw frames and the plot."""
    machine = describe_machine()
    changes = [CHANGES[index % len(CHANGES)] for index in range(args.changes)]
    plan = Plan(args.fps, args.warmup, args.frames, args.instruct, changes)
    source = load_clip(args.clip, args.size, args.fps)
    figures, recording = run_session(args.preset, plan, source, args.engine)
    recordings = {"edit": recording}
    result = {**figures, "machine": machine, "method": METHOD, "engine": args.engine}
    result["clip"] = args.clip.name
    if not args.only:
        floor_plan = Plan(FLOOR_FPS, args.warmup, args.frames, args.instruct, changes[:3])
        floor_source = load_clip(args.clip, args.size, FLOOR_FPS)
        floor, recordings["floor"] = run_session("identity", floor_plan, floor_source)
        slow_plan = Plan(args.fps, args.warmup, SLOW_FRAMES, args.instruct, seconds_max=30.0)
        slow, recordings["slow"] = run_session(SLOW_PRESET, slow_plan, source)
        result["transport_floor"], result["slow_editor"] = floor, slow
    save(args.out, result, recordings)
    return result


def main(argv: Sequence[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING)
    try:
        result = run(args)
    except EgostreamError as error:
        print(f"bench.latency: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print_table(result)
    print(f"\nwrote {args.out}, its frames and its plot beside it")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
