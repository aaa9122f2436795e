"""`python -m bench.network`: what do bad networks do to a session?

A real server and a real client, each in a private network namespace, and between them a relay in user space that loses
packets, delays them (so that they overtake each other) or lets nothing pass, both ways, media and control socket alike.
Every session is clean at first, then impaired, then clean again. Per session: frames a second, the longest time without
a new picture, the age of frames before and during the fault, and how long after its end they are as young and as many
as before. Last an editor of five frames a second behind a camera of thirty: its frames must not get older.

Needs Linux with user namespaces (root or not), iproute2 and util-linux; nothing outside the namespaces is touched.

examples:
  python -m bench.network                              all of it, four minutes
  python -m bench.network --preset identity            the transport alone
  python -m bench.network --only outage --out /tmp/outage.json
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.machine import describe_machine
from bench.network.figures import figures
from bench.network.impair import PERFECT, Impairment
from bench.network.inside import call
from bench.network.lab import why_unavailable
from bench.network.report import as_text, missed_goals
from bench.network.sessions import Seen, Trial
from client.sources import parse_size
from egostream.errors import EgostreamError
from egostream.numbers import positive

OUT = Path("bench/results/network.json")
KINDS = ("loss", "jitter", "outage", "slow")
SLOW_PRESET = "identity:200"
SERVER_START_S = 200.0
METHOD = (
    "two private network namespaces with a relay in user space between them, random by a seed, both ways, UDP and TCP; "
    "one monotonic clock, frames matched by RTP timestamp; age = moment of capture to decoded edited frame in the "
    "client; camera and display excluded; back = for one second frames as many as before (70 %) and no older than "
    "1.5 times (or 15 ms more)"
)


def trials_of(kinds: Sequence[str], args: argparse.Namespace) -> list[Trial]:
    """All sessions but the slow editor's."""

    def trial(name: str, impairment: Impairment, during_s: float) -> Trial:
        return Trial(name, impairment, args.before, during_s, args.after, args.fps, args.size)

    found = []
    if "loss" in kinds:
        for share in (0.0, 0.01, 0.03, 0.05, 0.10):
            found.append(trial(f"{share:.0%} lost", Impairment(loss=share), args.seconds))
    if "jitter" in kinds:
        found.append(trial("jitter 30 ms", Impairment(jitter_ms=30), args.seconds))
        far = Impairment(loss=0.05, delay_ms=40, jitter_ms=30)
        found.append(trial("5% lost, 80 ms round trip, jitter 30", far, args.seconds))
    if "outage" in kinds:
        for during_s in (0.3, 1.0, 4.0, 12.0):
            found.append(
                trial(f"nothing passes for {during_s:g} s", Impairment(is_out=True), during_s)
            )
    return found


def measure(preset: str, trials: Sequence[Trial], seed: int) -> list[Seen]:
    """Raises EgostreamError."""
    seconds = sum(t.before_s + t.during_s + t.after_s + 20 for t in trials)
    given = {"preset": preset, "trials": [trial.as_json() for trial in trials], "seed": seed}
    found = call("bench.network.sessions:measure", given, SERVER_START_S + seconds)
    return [Seen.of(values) for values in found]


def run(args: argparse.Namespace) -> tuple[dict[str, Any], list[Seen]]:
    """Raises EgostreamError."""
    kinds = args.only or KINDS
    result: dict[str, Any] = {
        "machine": describe_machine(),
        "method": METHOD,
        "preset": args.preset,
        "fps": args.fps,
        "size": args.size,
        "seed": args.seed,
    }
    trials = trials_of(kinds, args)
    seen = measure(args.preset, trials, args.seed) if trials else []
    result["rows"] = [figures(each) for each in seen]
    if "slow" in kinds:
        slow = Trial("an editor of 5 fps", PERFECT, args.before, args.slow_seconds, 0.0, args.fps)
        (slow_seen,) = measure(SLOW_PRESET, [slow], args.seed)
        result["slow"] = figures(slow_seen)
        seen.append(slow_seen)
    result["missed"] = missed_goals(result["rows"], result.get("slow"))
    return result, seen


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.network",
        description=(__doc__ or "").partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--preset", default="nano", help="the editor (nano)")
    parser.add_argument("--only", nargs="+", choices=KINDS, help="(all)")
    parser.add_argument("--fps", type=float, default=30.0, help="of the camera (30)")
    parser.add_argument(
        "--size", type=parse_size, default=(256, 192), metavar="WxH", help="of the camera (256x192)"
    )
    parser.add_argument("--before", type=float, default=5.0, metavar="S", help="clean at first (5)")
    parser.add_argument(
        "--seconds", type=float, default=10.0, metavar="S", help="of loss, jitter (10)"
    )
    parser.add_argument("--after", type=float, default=6.0, metavar="S", help="clean again (6)")
    parser.add_argument(
        "--slow-seconds", type=float, default=60.0, metavar="S", help="of the slow editor (60)"
    )
    parser.add_argument(
        "--seed", type=positive, default=1, help="the same packets are lost again (1)"
    )
    parser.add_argument("--out", type=Path, default=OUT, metavar="JSON", help=f"({OUT})")
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    if (why := why_unavailable()) is not None:
        print(f"bench.network: {why}", file=sys.stderr)
        return 2
    try:
        result, seen = run(args)
    except EgostreamError as error:
        print(f"bench.network: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    from bench.network.plot import draw  # needs what only the bench installs

    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(result, indent=2) + "\n")
    draw(args.out.with_suffix(".png"), result, seen)
    print(as_text(result))
    print(f"\nwrote {args.out} and its plot beside it")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
