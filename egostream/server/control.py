"""The control socket of a session: JSON messages both ways (see `egostream.protocol`)."""

from __future__ import annotations

import asyncio
import contextlib
import time

from starlette.websockets import WebSocket, WebSocketDisconnect

from egostream.errors import EgostreamError
from egostream.protocol import ErrorMessage
from egostream.server.messages import BadMessage, decode, parse, seq_of
from egostream.server.session import Session, UnknownSession
from egostream.server.sessions import Sessions
from egostream.slots import Closed

NO_SESSION = 4404
REPLACED = 4409


class ControlRoute:
    """One socket per session; a newer one takes over, as after a reload of the page."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._writers: dict[str, asyncio.Task[None]] = {}

    async def __call__(self, socket: WebSocket) -> None:
        await socket.accept()
        try:
            session = self._sessions.get(socket.path_params["session_id"])
        except UnknownSession as error:
            await refuse(socket, error)
            return
        if (older := self._writers.get(session.id)) is not None:
            older.cancel()
        writer = asyncio.create_task(_write(socket, session))
        self._writers[session.id] = writer
        session.liveness.control_opened()
        try:
            await _read(socket, session)
        finally:
            session.liveness.control_closed()
            writer.cancel()
            if self._writers.get(session.id) is writer:
                del self._writers[session.id]


async def refuse(socket: WebSocket, error: UnknownSession) -> None:
    """After accept: a browser shows neither the status nor the body of a refused socket."""
    text = ErrorMessage(code=error.code, message=str(error)).model_dump_json()
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_text(text)
        await socket.close(NO_SESSION, error.code)


async def _read(socket: WebSocket, session: Session) -> None:
    while (event := await socket.receive())["type"] != "websocket.disconnect":
        session.liveness.heard_control(time.monotonic_ns())
        raw: object = None
        try:
            text = event.get("text")
            if text is None:
                raise BadMessage("messages are text frames")
            raw = decode(text)
            message = parse(raw)
        except EgostreamError as error:
            session.outbox.post(ErrorMessage(code=error.code, message=str(error), seq=seq_of(raw)))
            continue
        if message is not None:
            session.handle(message)


async def _write(socket: WebSocket, session: Session) -> None:
    """Ends with the session, with the socket, or when a newer socket takes over."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        try:
            while True:
                message = await session.outbox.next()
                await socket.send_text(message.model_dump_json())
        except Closed:
            await socket.close(1000)
        except asyncio.CancelledError:
            await socket.close(REPLACED)
            raise
