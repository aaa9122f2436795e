"""`python -m client`: publish a clip to a server, edit it live, keep what comes back."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from client.peer import EditClient, EditedFrame
from client.recorder import Recorder
from client.sources import DEFAULT_FPS, FileSource, PatternSource, Source, parse_size
from egostream.errors import EgostreamError

EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130
DRAIN_S = 1.0
_EXAMPLES = """\
examples (a server runs: egostream serve):
  python -m client --file cup.mp4 --instruct "make it night" --seconds 10 --out night.mp4
  python -m client --pattern --instruct "turn it into a pencil sketch" --seconds 5 --json
  python -m client --file cup.mp4 --instruct sepia --then 4:"let it snow" --out both.mp4
"""


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m client",
        description="Send a video to an egostream server as if it were a camera.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "url", nargs="?", default="http://127.0.0.1:8080", help="the server (%(default)s)"
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--file", type=Path, metavar="IN", help="send this video, over and over")
    source.add_argument(
        "--pattern", action="store_true", help="send a moving test pattern (the default)"
    )
    parser.add_argument("--once", action="store_true", help="send the file once, then stop")
    parser.add_argument("--fps", type=float, help="frames a second (the file's; 24 for a pattern)")
    parser.add_argument("--size", type=parse_size, metavar="WxH", help="send at this size")
    parser.add_argument("--instruct", metavar="TEXT", help="the edit to begin with (none)")
    parser.add_argument(
        "--then",
        action="append",
        default=[],
        type=_timed,
        metavar="S:TEXT",
        help="change the instruction after S seconds; may be given again",
    )
    parser.add_argument("--seconds", type=float, metavar="S", help="stop after S seconds")
    parser.add_argument("--out", type=Path, metavar="OUT", help="write the edited video here")
    parser.add_argument("--ice-server", action="append", default=[], metavar="URL")
    parser.add_argument(
        "--token", metavar="TOKEN", help="for a server that wants one: `egostream token`"
    )
    parser.add_argument(
        "--ca",
        type=Path,
        metavar="PEM",
        help="the certificate a server made for itself (its /cert)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    return parser


def _timed(text: str) -> tuple[float, str]:
    seconds, _, instruction = text.partition(":")
    try:
        return float(seconds), instruction
    except ValueError:
        raise argparse.ArgumentTypeError(f'it looks like 4:"make it night", not {text!r}') from None


async def run(args: argparse.Namespace) -> dict[str, Any]:
    """One session, from connecting to the last frame. Raises EgostreamError."""
    source: Source
    if args.file is not None:
        source = FileSource(args.file, is_looped=not args.once, fps=args.fps, size=args.size)
    else:
        source = PatternSource(args.size or (640, 480), args.fps or DEFAULT_FPS)
    recorder = Recorder(args.out, source.fps) if args.out is not None else None

    def keep(frame: EditedFrame) -> None:
        if recorder is not None:
            recorder.add(frame.picture)

    client = EditClient(
        args.url,
        source,
        instruction=args.instruct,
        ice_servers=args.ice_server,
        token=args.token,
        ca_file=args.ca,
        on_frame=keep,
    )
    try:
        async with client:
            await _stay(client, args)
    except BaseException:
        if recorder is not None:
            with contextlib.suppress(EgostreamError):
                recorder.finish()  # what was received is worth keeping
        raise
    if recorder is not None:
        await asyncio.to_thread(recorder.finish)
    return _summary(client, args)


async def _stay(client: EditClient, args: argparse.Namespace) -> None:
    """Until the time is up, the file is over, or the server says goodbye."""
    changes = asyncio.create_task(_change(client, args.then))
    watch = asyncio.create_task(client.control.wait_ended())
    source_over = asyncio.create_task(client.source_ended.wait())
    done, pending = await asyncio.wait(
        {watch, source_over}, timeout=args.seconds, return_when=asyncio.FIRST_COMPLETED
    )
    if source_over in done:
        await asyncio.sleep(DRAIN_S)  # what is still on its way back
    for task in (*pending, changes):
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    with contextlib.suppress(asyncio.CancelledError):
        await changes
    if watch in done:
        print(f"python -m client: the session ended: {client.ended}", file=sys.stderr)


async def _change(client: EditClient, changes: Sequence[tuple[float, str]]) -> None:
    now_s = 0.0
    for at_s, instruction in sorted(changes):
        await asyncio.sleep(max(0.0, at_s - now_s))
        now_s = at_s
        await client.instruct(instruction)


def _summary(client: EditClient, args: argparse.Namespace) -> dict[str, Any]:
    ages = list(client.ages_ms)
    p50, p95 = np.percentile(ages, [50, 95]) if ages else (None, None)
    stats = client.last_stats
    return {
        "url": args.url,
        "preset": client.welcome.preset if client.welcome else None,
        "instruction": args.instruct,
        "output": str(args.out) if args.out is not None else None,
        "frames_sent": client.camera.num_sent,
        "frames_received": client.num_received,
        "frames_unmatched": client.num_unmatched,
        "first_frame_ms": _rounded(client.first_frame_ms),
        "age_ms_p50": _rounded(p50),
        "age_ms_p95": _rounded(p95),
        "server": stats.model_dump(exclude={"type"}) if stats is not None else None,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 1)


def _text(summary: dict[str, Any]) -> str:
    lines = [
        f"sent {summary['frames_sent']} frames, received {summary['frames_received']} edited ones",
        f"  first edited frame after {summary['first_frame_ms']} ms",
        f"  age of the picture: {summary['age_ms_p50']} ms (p95 {summary['age_ms_p95']} ms)",
    ]
    return "\n".join([*lines, *([f"  wrote {summary['output']}"] if summary["output"] else [])])


def main(argv: Sequence[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="client: %(levelname)s: %(message)s")
    try:
        summary = asyncio.run(run(args))
    except EgostreamError as error:
        print(f"python -m client: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    print(json.dumps(summary) if args.json else _text(summary))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
