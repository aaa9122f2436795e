"""What sessions leave behind: rings of objects that hold memory and codecs' threads until Python looks for them.

aiortc's objects refer to each other, so a connection is freed by the cyclic collector alone, which comes by when
enough new objects were made: with few sessions, hours later. Here it is called soon after one ends. That is
quick because what the process loaded at its start is left out (`spare_what_is_loaded`).
"""

from __future__ import annotations

import asyncio
import gc
import logging
import time

log = logging.getLogger(__name__)

AFTER_S = 1.0


class Tidier:
    """Collects once `AFTER_S` after the first of some endings. On the event loop."""

    def __init__(self) -> None:
        self._is_due = False

    def ended(self) -> None:
        """A connection or session has ended."""
        if not self._is_due:
            self._is_due = True
            asyncio.get_running_loop().call_later(AFTER_S, self._collect)

    def _collect(self) -> None:
        self._is_due = False
        start_ns = time.perf_counter_ns()
        found = gc.collect()
        took_ms = (time.perf_counter_ns() - start_ns) / 1e6
        log.debug("collected %d objects in %.1f ms", found, took_ms)
