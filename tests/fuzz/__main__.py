"""`python -m tests.fuzz`: feeds mutated input to everything that strangers may send something to.

Each target runs in a process of its own, with a seed that is printed: the same seed gives the same inputs. What goes
wrong is kept in tests/fuzz/found/, with the command that tries it again.
"""

from __future__ import annotations

import argparse
import faulthandler
import secrets
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.fuzz.finding import FOUND, Finding
from tests.fuzz.run import Outcome, replay, run
from tests.fuzz.targets import TARGETS

HANG_S = 120.0
"""What holds the whole process for so long is shown with its stack, and ends it."""


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument(
        "targets", nargs="*", type=_target, metavar="TARGET", help=f"{', '.join(TARGETS)} (all)"
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="of each target (60)")
    parser.add_argument("--count", type=int, help="at most so many inputs of each")
    parser.add_argument("--seed", type=int, help="(another one each time)")
    parser.add_argument("--replay", type=Path, metavar="JSON", help="a finding to try again")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    if args.replay is not None:
        return _replay(args.replay)
    seed = secrets.randbelow(2**31) if args.seed is None else args.seed
    if args.alone:
        return _run_alone(args.targets[0], args.seconds, args.count, seed)
    print(f"seed {seed}", flush=True)
    failed = []
    for name in args.targets or TARGETS:
        command = [sys.executable, "-m", "tests.fuzz", "--alone", name]
        command += ["--seed", str(seed), "--seconds", str(args.seconds)]
        command += [] if args.count is None else ["--count", str(args.count)]
        code = subprocess.run(command, check=False).returncode
        _keep_what_ended_it(name, seed, code)
        if code:
            failed.append(name)
    if failed:
        print(f"found something in: {', '.join(failed)} (seed {seed})")
    return 1 if failed else 0


def _target(name: str) -> str:
    if name not in TARGETS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(TARGETS)}")
    return name


def _run_alone(name: str, seconds: float, count: int | None, seed: int) -> int:
    def tell(outcome: Outcome) -> None:
        faulthandler.dump_traceback_later(HANG_S, exit=True)
        if sys.stderr.isatty():
            print(f"\r{_line(name, outcome)}", end="", file=sys.stderr, flush=True)

    faulthandler.enable()
    faulthandler.dump_traceback_later(HANG_S, exit=True)
    outcome = run(TARGETS[name](), seed, seconds=seconds, count=count, tell=tell)
    faulthandler.cancel_dump_traceback_later()
    if sys.stderr.isatty():
        print("\r", end="", file=sys.stderr)
    print(_line(name, outcome), flush=True)
    for finding in outcome.findings:
        path = finding.save()
        print(f"  {_indented(finding.what)}\n  again: python -m tests.fuzz --replay {path}")
    return 1 if outcome.findings else 0


def _replay(path: Path) -> int:
    finding = Finding.load(path)
    print(f"{finding.target}, seed {finding.seed}: {len(finding.inputs)} inputs")
    told = replay(TARGETS[finding.target](), finding)
    print("nothing goes wrong now" if told is None else told)
    return 0 if told is None else 1


def _keep_what_ended_it(name: str, seed: int, code: int) -> None:
    """The input that a native library did not survive."""
    current = FOUND / f"{name}.current"
    if code in (0, 1) or not current.exists():
        return
    finding = Finding(name, seed, f"the process ended with {code}", (current.read_bytes(),))
    current.unlink()
    print(f"  {finding.what}\n  again: python -m tests.fuzz --replay {finding.save()}")


def _line(name: str, outcome: Outcome) -> str:
    rate = outcome.num_inputs / max(outcome.seconds, 1e-9)
    return (
        f"{name:<10} {outcome.num_inputs:>7} inputs in {outcome.seconds:>5.1f} s ({rate:>6.0f}/s), "
        f"slowest {outcome.slowest_ms:>5.0f} ms, memory {outcome.growth_mb:+.1f} MB, "
        f"{len(outcome.findings)} findings"
    )


def _indented(text: str) -> str:
    return text.strip().replace("\n", "\n  ")


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit(130) from None
