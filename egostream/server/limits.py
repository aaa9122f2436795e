"""How often a client may ask: a bucket of tokens for each address, refilled at a steady rate."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

MAX_CLIENTS = 4096
"""Addresses that are remembered; beyond it the one not heard of for longest is forgotten."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many at once, and so many a second in the long run."""

    burst: int
    per_s: float


OPENING = Rate(20, 1.0)
OTHER = Rate(60, 10.0)


class RateLimiter:
    """Of one kind of request."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, client: str) -> float:
        """0 if it may go on, which counts; else how long to wait."""
        now = self._clock()
        left, seen = self._buckets.pop(client, (float(self._rate.burst), now))
        left = min(self._rate.burst, left + (now - seen) * self._rate.per_s)
        allowed = left >= 1
        self._buckets[client] = (left - allowed, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._rate.per_s
