"""Holds back Ctrl-C while a file is half-written, and lets it out where nothing is left behind."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_Handler = Callable[[int, FrameType | None], Any]


class HeldInterrupts:
    """Context manager for the main thread; elsewhere, where no signal arrives, it does nothing.

    A signal that comes inside is kept until `check`, or the end of the block. Whoever cannot wait
    sends it again: the second one is let through at once.
    """

    def __init__(self) -> None:
        self._handlers: dict[int, _Handler] = {}
        self._pending: int | None = None

    def check(self) -> None:
        """Hand a kept signal to its handler, which by default raises KeyboardInterrupt."""
        if self._pending is not None:
            signum, self._pending = self._pending, None
            self._handlers[signum](signum, None)

    def __enter__(self) -> HeldInterrupts:
        if threading.current_thread() is threading.main_thread():
            for signum in _SIGNALS:
                handler = signal.getsignal(signum)
                if callable(handler):  # not where it is ignored, or ends the process outright
                    self._handlers[signum] = handler
                    signal.signal(signum, self._hold)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for signum, handler in self._handlers.items():
            signal.signal(signum, handler)
        if error is None:
            self.check()

    def _hold(self, signum: int, frame: FrameType | None) -> None:
        if self._pending is None:
            self._pending = signum
            return
        self._pending = None
        self._handlers[signum](signum, frame)
