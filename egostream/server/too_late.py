"""Answers that come too late. uvicorn refuses a request whose body breaks HTTP's rules while it is being handled; the
answer that the application gives then meets a closed connection, which is nobody's error.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging

from h11 import LocalProtocolError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

CLOSED_S = 5.0


class DropTooLate:
    """ASGI middleware, outside of all others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        is_late = False

        async def send_in_time(message: Message) -> None:
            nonlocal is_late
            try:
                if not is_late:
                    await send(message)
            except LocalProtocolError as error:
                is_late = True
                log.debug("an answer came too late: %s", error)

        await self._app(scope, receive, send_in_time)
        if is_late:
            await _gone(receive)


async def _gone(receive: Receive) -> None:
    """Until the connection is closed: uvicorn would log an application that ends before as broken."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(CLOSED_S):
            while (await receive())["type"] != "http.disconnect":
                pass
