"""Runs a function in a process where a `Lab` can be built, and brings back what it returns.

    call("bench.network.sessions:measure", {"preset": "identity"})

Arguments and result travel as JSON. As a program it is the other side: `python -m bench.network.inside NAME IN OUT`.
"""

from __future__ import annotations

import importlib
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.network.lab import IN_A_NAMESPACE, NoLab
from bench.server_process import REPOSITORY
from egostream.errors import EgostreamError

INTERRUPTED_TIMEOUT_S = 20.0


class FailedInside(EgostreamError):
    """What ran in the namespace failed; its own words are in the message."""

    code = "failed_inside"


def call(name: str, arguments: Mapping[str, Any], timeout_s: float) -> Any:
    """`name` is module:function. Its standard error is this process's. Raises NoLab, FailedInside."""
    with tempfile.TemporaryDirectory() as folder:
        given, result = Path(folder, "given.json"), Path(folder, "result.json")
        given.write_text(json.dumps(arguments))
        command = [*IN_A_NAMESPACE, sys.executable, "-m", "bench.network.inside", name]
        process = subprocess.Popen([*command, str(given), str(result)], cwd=REPOSITORY)
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise FailedInside(f"{name} took more than {timeout_s:.0f} s") from None
        finally:
            _end(process)
        if not result.exists():
            raise FailedInside(f"{name} ended without a result (exit code {process.returncode})")
        outcome = json.loads(result.read_text())
    if "error" not in outcome:
        return outcome["value"]
    if outcome["error"] == NoLab.code:
        raise NoLab(outcome["message"])
    raise FailedInside(f"{name}: {outcome['message']}")


def _end(process: subprocess.Popen[bytes]) -> None:
    """By Ctrl-C's signal first, so that it takes down what it has started."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(INTERRUPTED_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main(argv: Sequence[str] | None = None) -> int:
    name, given, result = sys.argv[1:] if argv is None else argv
    # Shells start background jobs deaf to it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    module, _, function = name.partition(":")
    outcome: dict[str, Any]
    try:
        work = getattr(importlib.import_module(module), function)
        outcome = {"value": work(**json.loads(Path(given).read_text()))}
    except EgostreamError as error:
        outcome = {"error": error.code, "message": str(error)}
    Path(result).write_text(json.dumps(outcome))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
