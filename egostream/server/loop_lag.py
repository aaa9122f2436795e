"""How late the event loop wakes its tasks: what every frame of every session waits on top of its own way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

EVERY_S = 0.1


async def measure_lag(observe: Callable[[float], None], every_s: float = EVERY_S) -> None:
    """For ever. The lateness, in seconds, of each of its own wake-ups."""
    while True:
        asleep_ns = time.monotonic_ns()
        await asyncio.sleep(every_s)
        observe(max(0.0, (time.monotonic_ns() - asleep_ns) / 1e9 - every_s))
