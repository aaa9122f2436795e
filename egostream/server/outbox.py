"""Messages on their way to a session's control socket."""

from __future__ import annotations

from collections.abc import Callable

from egostream.protocol import Message
from egostream.slots import AsyncDropOldest

CAPACITY = 64


class Outbox:
    """Holds what is said before the socket opens, and between two sockets. On the event loop."""

    def __init__(self, heard: Callable[[Message], None] | None = None) -> None:
        """`heard` is told of every message that is posted."""
        self._heard = heard
        self._queue: AsyncDropOldest[Message] = AsyncDropOldest(CAPACITY)

    def post(self, message: Message) -> None:
        if self._heard is not None:
            self._heard(message)
        self._queue.put(message)

    async def next(self) -> Message:
        """Raises slots.Closed after the last one."""
        return await self._queue.get()

    def close(self) -> None:
        self._queue.close()
