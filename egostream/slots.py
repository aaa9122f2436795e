"""The two queues a live stream may have. Each names its capacity and drops the oldest, so nothing
grows.

Neither is thread-safe by itself: `DropOldest` is used under its owner's lock, `AsyncDropOldest` on
one event loop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Closed(Exception):
    """Nothing more will come out of this queue."""


class DropOldest(Generic[T]):
    """At most `capacity` items; a new one pushes the oldest out, which `put` hands back."""

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, not {capacity}")
        self._capacity = capacity
        self._items: deque[T] = deque()

    @property
    def capacity(self) -> int:
        return self._capacity

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> T | None:
        dropped = self._items.popleft() if len(self._items) == self._capacity else None
        self._items.append(item)
        return dropped

    def newest(self, num: int) -> list[T]:
        """The newest `num` items, oldest first, which stay. Call it with enough items there."""
        if not 0 <= num <= len(self._items):
            raise ValueError(f"{num} of {len(self._items)} items")
        return [self._items[i] for i in range(len(self._items) - num, len(self._items))]

    def take(self, num: int) -> list[T]:
        """The newest `num` items, oldest first, leaving nothing. Call it with enough items
        there."""
        taken = self.newest(num)
        self._items.clear()
        return taken

    def pop(self) -> T:
        """The oldest item."""
        return self._items.popleft()

    def clear(self) -> int:
        """Drop everything; how many that were."""
        num = len(self._items)
        self._items.clear()
        return num


class AsyncDropOldest(Generic[T]):
    """A `DropOldest` that one task waits on; `LatestSlot` semantics with capacity 1."""

    def __init__(self, capacity: int) -> None:
        self._items: DropOldest[T] = DropOldest(capacity)
        self._changed = asyncio.Event()
        self._closed = False

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: T) -> T | None:
        dropped = self._items.put(item)
        self._changed.set()
        return dropped

    async def get(self) -> T:
        """The oldest item. Raises Closed once closed and empty."""
        while not len(self._items):
            if self._closed:
                raise Closed
            self._changed.clear()
            await self._changed.wait()
        return self._items.pop()

    def clear(self) -> int:
        return self._items.clear()

    def close(self) -> None:
        """What is inside can still be taken."""
        self._closed = True
        self._changed.set()
