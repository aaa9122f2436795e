"""What the checks found, as a table for people and as JSON for programs."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from egostream.tracebacks import without_message

log = logging.getLogger(__name__)

Status = Literal["ok", "warn", "fail"]
INDENT = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """Of one check. `warn`: a session runs, but not as well as it might; `fail`: it will not run. `way_out` says what
    to do about either.
    """

    check: str
    status: Status
    detail: str
    way_out: str = ""
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "status": self.status,
            "detail": self.detail,
            "way_out": self.way_out,
            "seconds": round(self.seconds, 3),
        }


def ok(check: str, detail: str) -> Finding:
    return Finding(check, "ok", detail)


def warn(check: str, detail: str, way_out: str) -> Finding:
    return Finding(check, "warn", detail, way_out)


def fail(check: str, detail: str, way_out: str) -> Finding:
    return Finding(check, "fail", detail, way_out)


@dataclass(frozen=True, slots=True)
class Check:
    """A name, and what finds out; a check may look at several things."""

    name: str
    look: Callable[[], Finding | Sequence[Finding]]


def examine(checks: Iterable[Check]) -> Iterable[Finding]:
    """Runs them in turn. A check that breaks is a finding like any other."""
    for check in checks:
        start = time.monotonic()
        try:
            found = check.look()
        except Exception as error:
            log.debug("a check broke: %s", without_message(error))
            found = fail(
                check.name, f"{type(error).__name__}: {error}", "this check itself broke: report it"
            )
        findings = [found] if isinstance(found, Finding) else found
        seconds = time.monotonic() - start
        for finding in findings:
            yield replace(finding, seconds=seconds)


def as_json(findings: Sequence[Finding]) -> dict[str, Any]:
    """`ok` is true where nothing failed."""
    counts = {status: sum(f.status == status for f in findings) for status in ("warn", "fail")}
    return {
        "ok": not counts["fail"],
        "num_warnings": counts["warn"],
        "num_failures": counts["fail"],
        "findings": [finding.as_dict() for finding in findings],
    }


def line(finding: Finding, name_width: int) -> str:
    """A row of the table; the way out stands below its trouble."""
    row = f"{finding.status:<4}  {finding.check:<{name_width}}  {finding.detail}"
    if finding.way_out:
        row += f"\n{'':<{4 + INDENT + name_width + INDENT}}{finding.way_out}"
    return row


def verdict(findings: Sequence[Finding]) -> str:
    """The last line."""
    counts = as_json(findings)
    if counts["num_failures"]:
        return f"not fit; failures: {counts['num_failures']}, warnings: {counts['num_warnings']}"
    if counts["num_warnings"]:
        return f"fit; warnings: {counts['num_warnings']}"
    return "fit"
