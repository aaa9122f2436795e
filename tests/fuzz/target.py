"""What every target has in common."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
from random import Random
from typing import ClassVar

import psutil


class Target:
    """Use: `open` once, then `make` and `feed` many times, `close` once. `feed` raises for what must not happen."""

    name: ClassVar[str]
    is_native: ClassVar[bool] = False
    """Whether it may end the whole process: then every input is written down before it is tried."""
    max_growth_mb: ClassVar[float] = 20.0

    async def open(self) -> None:
        """Start what is needed."""

    def make(self, rng: Random) -> bytes:
        """The next input."""
        raise NotImplementedError

    async def feed(self, data: bytes) -> None:
        """Try one."""
        raise NotImplementedError

    async def settle(self) -> None:
        """After the last one: raises Wrong where something was left behind."""

    async def close(self) -> None:
        """End what was started."""

    def rss_mb(self) -> float:
        """Of the process under test, without what its allocator keeps for later."""
        gc.collect()
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL("libc.so.6").malloc_trim(0)
        return float(psutil.Process(os.getpid()).memory_info().rss / 2**20)
