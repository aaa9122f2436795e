"""Feeds one target for some time, or so many inputs, and tells what it found."""

from __future__ import annotations

import asyncio
import re
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.fuzz.finding import FOUND, Finding, Wrong, shown
from tests.fuzz.target import Target

ANSWER_S = 2.0
"""How long one input may take."""
REMEMBERED = 30
"""Inputs kept beside the last one: some faults show later."""
MAX_FINDINGS = 8
WARM_SHARE = 0.3
"""Pools, caches and code grow at first: memory counts from after this share of the time or of the inputs."""


@dataclass(slots=True)
class Outcome:
    """Of one target."""

    num_inputs: int = 0
    seconds: float = 0.0
    slowest_ms: float = 0.0
    growth_mb: float = 0.0
    findings: list[Finding] = field(default_factory=list)


def run(
    target: Target,
    seed: int,
    *,
    seconds: float,
    count: int | None = None,
    tell: Callable[[Outcome], None] = lambda outcome: None,
) -> Outcome:
    """Until the time is over or `count` inputs were tried. `tell` hears how far it is, about once a second."""
    return asyncio.run(run_here(target, seed, seconds=seconds, count=count, tell=tell))


async def run_here(
    target: Target,
    seed: int,
    *,
    seconds: float,
    count: int | None = None,
    tell: Callable[[Outcome], None] = lambda outcome: None,
    settles: bool = True,
) -> Outcome:
    """The same, on this event loop. `settles`: look at what is left behind, which takes as long as a session that broke
    keeps its place.
    """
    outcome, rng = Outcome(), Random(f"{target.name} {seed}")
    recent: deque[bytes] = deque(maxlen=REMEMBERED)
    current = FOUND / f"{target.name}.current"
    if target.is_native:
        FOUND.mkdir(exist_ok=True)

    def found(what: str) -> None:
        kind = _kind(what)
        if all(kind != _kind(known.what) for known in outcome.findings):
            outcome.findings.append(Finding(target.name, seed, what, tuple(recent)))

    await target.open()
    try:
        start = told = time.monotonic()
        base_mb: float | None = None
        while (elapsed := time.monotonic() - start) < seconds and outcome.num_inputs != count:
            if len(outcome.findings) >= MAX_FINDINGS:
                break
            data = target.make(rng)
            recent.append(data)
            if target.is_native:
                current.write_bytes(data)
            took_s = await _feed(target, data, found)
            outcome.slowest_ms = max(outcome.slowest_ms, 1000 * took_s)
            outcome.num_inputs += 1
            done = max(elapsed / seconds, outcome.num_inputs / count if count else 0.0)
            if base_mb is None and done > WARM_SHARE:
                base_mb = target.rss_mb()
            if time.monotonic() - told > 1:
                told, outcome.seconds = time.monotonic(), elapsed
                tell(outcome)
        outcome.seconds = time.monotonic() - start
        try:
            if settles:
                await target.settle()
        except Exception as error:
            found(_told(error))
        outcome.growth_mb = target.rss_mb() - (base_mb if base_mb is not None else target.rss_mb())
        if outcome.growth_mb > target.max_growth_mb:
            found(f"memory grew by {outcome.growth_mb:.0f} MB")
    finally:
        await target.close()
        current.unlink(missing_ok=True)
    return outcome


async def _feed(target: Target, data: bytes, found: Callable[[str], None]) -> float:
    """Seconds that it took."""
    start = time.monotonic()
    try:
        async with asyncio.timeout(ANSWER_S):
            await target.feed(data)
    except TimeoutError:
        found(f"no answer within {ANSWER_S:g} s to {shown(data)}")
    except Exception as error:
        found(_told(error))
    took_s = time.monotonic() - start
    await asyncio.sleep(
        0
    )  # a target that never waits would let the loop's cancelled timers pile up
    if took_s > ANSWER_S:
        found(f"over {ANSWER_S:g} s went into {shown(data)}")
    return took_s


def replay(target: Target, finding: Finding) -> str | None:
    """What goes wrong with the inputs of a finding, in order, if anything does now."""

    async def all_of_them() -> str | None:
        told: list[str] = []
        await target.open()
        try:
            for data in finding.inputs:
                await _feed(target, data, told.append)
            try:
                await target.settle()
            except Exception as error:
                told.append(_told(error))
        finally:
            await target.close()
        return told[0] if told else None

    return asyncio.run(all_of_them())


def _kind(what: str) -> str:
    """The same for findings that are one."""
    return re.sub(r"\d+", "0", what.strip().splitlines()[-1])[:60]


def _told(error: Exception) -> str:
    return str(error) if isinstance(error, Wrong) else "".join(traceback.format_exception(error))
