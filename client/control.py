"""The control socket: instructions out, answers in. Knows the wire messages, nothing of media."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import ssl
import time
from collections import deque
from collections.abc import Callable
from typing import TypeVar

import websockets
from pydantic import BaseModel
from websockets.asyncio.client import ClientConnection

from client.errors import NotApplied, NotAServer, ServerError, ServerUnreachable, SessionEnded
from egostream.instruction import check_instruction
from egostream.protocol import (
    MAX_MESSAGE_BYTES,
    SERVER_TYPES,
    Bye,
    ErrorMessage,
    Hello,
    Instruct,
    Message,
    Ping,
    Pong,
    Superseded,
    Welcome,
    server_adapter,
)

log = logging.getLogger(__name__)

PING_EVERY_S = 5.0
REMEMBERED = 1000
M = TypeVar("M", bound=Message)
OnMessage = Callable[[Message, int], None]
"""(message, monotonic ns of its arrival), on the event loop."""


class Control:
    """One socket. `open` it, then instruct and wait; `close` it in the end."""

    def __init__(
        self,
        url: str,
        on_message: OnMessage | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._url = url
        self._ssl = ssl_context
        self._on_message = on_message
        self._seq = 0
        self._heard: deque[Message] = deque(maxlen=REMEMBERED)
        self._changed = asyncio.Condition()
        self._tasks: list[asyncio.Task[None]] = []
        self._socket: ClientConnection | None = None
        self.ended: str | None = None
        """Why the session is over, once it is."""
        self.round_trip_ms: float | None = None

    async def open(self, timeout_s: float) -> Welcome:
        """Raises ServerUnreachable, NotAServer, ServerError, SessionEnded."""
        try:
            self._socket = await websockets.connect(
                self._url,
                max_size=MAX_MESSAGE_BYTES,
                open_timeout=timeout_s,
                compression=None,
                ssl=self._ssl,
            )
        except (OSError, TimeoutError) as error:
            raise ServerUnreachable(f"the control socket does not open: {error}") from error
        except websockets.WebSocketException as error:
            raise NotAServer(f"the control socket is refused: {error}") from error
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._ping())]
        await self._send(Hello())
        return await self.wait(Welcome, timeout_s=timeout_s)

    async def instruct(self, text: str) -> int:
        """The `seq` that its answers will carry. Raises BadInstruction, SessionEnded."""
        checked = check_instruction(text)
        self._seq += 1
        seq = self._seq
        await self._send(Instruct(seq=seq, text=checked))
        return seq

    async def wait(self, kind: type[M], seq: int | None = None, timeout_s: float = 15.0) -> M:
        """The first message of a kind, now or to come, that answers `seq` if one is given.

        Raises what the server says of that instruction: ServerError or NotApplied; SessionEnded;
        TimeoutError.
        """

        def matching(message: Message) -> bool:
            return seq is None or getattr(message, "seq", None) == seq

        async with asyncio.timeout(timeout_s), self._changed:
            while True:
                for message in self._heard:
                    if isinstance(message, kind) and matching(message):
                        return message
                    if seq is not None and matching(message):
                        _raise_refusal(message)
                if self.ended is not None:
                    raise SessionEnded(f"the session is over: {self.ended}")
                await self._changed.wait()

    async def wait_ended(self) -> str:
        """Why the session is over, when it is."""
        async with self._changed:
            while self.ended is None:
                await self._changed.wait()
            return self.ended

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._socket is not None:
            await self._socket.close()

    async def _send(self, message: BaseModel) -> None:
        assert self._socket is not None, "open the control socket first"
        try:
            await self._socket.send(message.model_dump_json())
        except websockets.ConnectionClosed as error:
            raise SessionEnded(f"the session is over: {self.ended or error}") from error

    async def _read(self) -> None:
        assert self._socket is not None
        reason = "the control socket closed"
        try:
            async for raw in self._socket:
                message = _parse(raw)
                if message is not None:
                    await self._hear(message)
                if isinstance(message, Bye):
                    reason = message.reason
        except websockets.ConnectionClosed as error:
            reason = f"the control socket broke ({error})"
        finally:
            async with self._changed:
                self.ended = reason
                self._changed.notify_all()

    async def _hear(self, message: Message) -> None:
        now_ns = time.monotonic_ns()
        if isinstance(message, Pong):
            self.round_trip_ms = now_ns / 1e6 - message.t_ms
        if self._on_message is not None:
            self._on_message(message, now_ns)
        async with self._changed:
            self._heard.append(message)
            self._changed.notify_all()

    async def _ping(self) -> None:
        with contextlib.suppress(SessionEnded):
            while True:
                await self._send(Ping(t_ms=time.monotonic_ns() / 1e6))
                await asyncio.sleep(PING_EVERY_S)


def _parse(raw: str | bytes) -> Message | None:
    """None for a type this version does not know."""
    try:
        value = json.loads(raw)
        if not isinstance(value, dict) or value.get("type") not in SERVER_TYPES:
            return None
        return server_adapter.validate_python(value)
    except ValueError as error:
        log.warning("an unreadable message from the server: %s", error)
        return None


def _raise_refusal(message: Message) -> None:
    if isinstance(message, ErrorMessage):
        raise ServerError(message.code, message.message)
    if isinstance(message, Superseded):
        raise NotApplied("a newer instruction came before this one could show")
