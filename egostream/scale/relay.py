"""Passing on between a client and the replica of its session: single requests, and the control socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import aiohttp
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope
from starlette.websockets import WebSocket, WebSocketDisconnect
from yarl import URL

from egostream.protocol import Bye
from egostream.scale.fleet import Fleet, Replica
from egostream.scale.inside import SESSION_S
from egostream.server.sessions import NotReady

ANSWERS_IN_S = 12.0
"""An SDP answer takes its time; clients wait for 15 s."""
MAX_SAID_BYTES = 1024 * 1024
MAX_CONNECTIONS = 2048
"""To replicas; requests beyond it wait, and are refused in time."""
TO_REPLICA = ("content-type", "if-match")
TO_CLIENT = frozenset(
    {"content-type", "location", "etag", "link", "accept-patch", "accept-post", "retry-after"}
)
LOST = "the replica that edited this was lost; connect again"


class ReplicaGone(Exception):
    """It could not be reached, or went away before it answered: nothing of what was asked has been done."""


class ReplicaSilent(NotReady):
    """It took the request and does not answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A replica's, read to its end."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def is_busy(self) -> bool:
        with contextlib.suppress(ValueError):
            said = json.loads(self.body)
            return isinstance(said, dict) and said.get("code") == "busy"
        return False

    def response(self) -> Response:
        response = Response(self.body, self.status)
        for name, value in self.headers:
            response.headers.append(name, value)
        return response


class Relay:
    """Between clients and a fleet."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._http: aiohttp.ClientSession | None = None

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        connector = aiohttp.TCPConnector(limit=MAX_CONNECTIONS)
        timeout = aiohttp.ClientTimeout(total=ANSWERS_IN_S)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, auto_decompress=False
        ) as self._http:
            yield

    async def info(self, replica: Replica) -> dict[str, Any]:
        """What it says of itself; nothing where it does not answer."""
        assert self._http is not None
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, ValueError):
            url = f"{replica.entry.url}/v1/info"
            async with self._http.get(url, headers=self._fleet.headers) as response:
                told = await response.json()
                return told if isinstance(told, dict) else {}
        return {}

    async def ask(self, replica: Replica, request: Request, body: bytes) -> Answer:
        """Raises ReplicaGone, ReplicaSilent."""
        assert self._http is not None
        given = request.headers
        headers = {name: given[name] for name in TO_REPLICA if name in given}
        headers[SESSION_S] = str(getattr(request.state, "session_s", 0))
        url = _url(replica, request.scope)
        try:
            async with self._http.request(
                request.method,
                url,
                data=body,
                headers=headers | self._fleet.headers,
                allow_redirects=False,
            ) as response:
                answer = await response.read()
                kept = [(k, v) for k, v in response.headers.items() if k.lower() in TO_CLIENT]
                return Answer(response.status, kept, answer)
        except TimeoutError as error:
            raise ReplicaSilent("the replica does not answer; try again") from error
        except aiohttp.ClientError as error:
            self._fleet.failed(replica, error)
            raise ReplicaGone from error

    async def converse(self, socket: WebSocket, replica: Replica) -> None:
        """Until either side ends, or the replica is lost, which the client is told."""
        assert self._http is not None
        try:
            upstream = await self._http.ws_connect(
                _url(replica, socket.scope),
                headers=self._fleet.headers,
                max_msg_size=MAX_SAID_BYTES,
                timeout=aiohttp.ClientWSTimeout(ws_close=2.0),
            )
        except (aiohttp.ClientError, TimeoutError) as error:
            self._fleet.failed(replica, error)
            await _farewell(socket)
            return
        down = asyncio.create_task(_down(upstream, socket))
        up = asyncio.create_task(_up(socket, upstream))
        lost = asyncio.create_task(replica.lost.wait())
        tasks = (down, up, lost)
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            said, client_left, _ = await asyncio.gather(*tasks, return_exceptions=True)
            await upstream.close()
        if client_left is True:
            return
        if isinstance(said, int):
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                await socket.close(said)
        else:
            await _farewell(socket)


async def _down(upstream: aiohttp.ClientWebSocketResponse, socket: WebSocket) -> int | None:
    """With what code the replica closed it; None where it broke."""
    while True:
        message = await upstream.receive()
        if message.type == aiohttp.WSMsgType.TEXT:
            await socket.send_text(message.data)
        elif message.type == aiohttp.WSMsgType.CLOSE:
            return int(message.data or aiohttp.WSCloseCode.OK)
        elif message.type != aiohttp.WSMsgType.BINARY:
            return None


async def _up(socket: WebSocket, upstream: aiohttp.ClientWebSocketResponse) -> bool:
    """True once the client is gone; raises where the replica is."""
    while (event := await socket.receive())["type"] != "websocket.disconnect":
        if (text := event.get("text")) is not None:
            await upstream.send_str(text)
        else:
            await upstream.send_bytes(event.get("bytes") or b"")
    return True


async def _farewell(socket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        await socket.send_text(Bye(reason=LOST).model_dump_json())
        await socket.close(1000)


def _url(replica: Replica, scope: Scope) -> URL:
    """Of the path that was routed, not of `request.url`, in which the client's Host header may say another."""
    query = scope["query_string"].decode("latin-1")
    path = quote(scope["path"])
    return URL(f"{replica.entry.url}{path}{'?' if query else ''}{query}", encoded=True)
