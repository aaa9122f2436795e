"""Runs an iterator ahead of its reader in a thread, by a bounded number of items."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
_POLL_S = 0.1


class _End:
    """Behind the last item: why the iterator stopped, if not by itself."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error


class Prefetch(Generic[T]):
    """Iterate once; `close` stops the thread, after which nothing touches the source iterator.

    The thread starts with the iteration, not before: whoever has to close this must hold it first.
    """

    def __init__(self, source: Iterator[T], capacity: int) -> None:
        self._source = source
        self._queue: queue.Queue[T | _End] = queue.Queue(capacity)
        self._is_closed = threading.Event()
        self._thread = threading.Thread(target=self._fill, name="prefetch", daemon=True)

    def __iter__(self) -> Iterator[T]:
        self._thread.start()
        while True:
            item = self._queue.get()
            if isinstance(item, _End):
                if item.error is not None:
                    raise item.error
                return
            yield item

    def close(self) -> None:
        self._is_closed.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _fill(self) -> None:
        error: BaseException | None = None
        try:
            for item in self._source:
                if not self._put(item):
                    return
        except BaseException as raised:  # carried over to the reader's thread
            error = raised
        self._put(_End(error))

    def _put(self, item: T | _End) -> bool:
        while not self._is_closed.is_set():
            with contextlib.suppress(queue.Full):
                self._queue.put(item, timeout=_POLL_S)
                return True
        return False
