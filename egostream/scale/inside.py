"""Between the front and a replica: what the front may ask beside what clients may, and that nobody else asks at all."""

from __future__ import annotations

import asyncio
import hmac

from prometheus_client import generate_latest
from pydantic import BaseModel, ConfigDict
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from egostream.errors import EgostreamError
from egostream.scale.log_relay import Line, LogRelay
from egostream.scheduler import Scheduler
from egostream.server.metrics import Metrics
from egostream.server.problems import problem
from egostream.server.sessions import NotReady, Sessions

SECRET = "x-egostream-inside"
SESSION_S = "x-egostream-session-s"
STATUS, DRAIN, CLOSE, METRICS = (
    f"/inside/{name}" for name in ("status", "drain", "close", "metrics")
)
_THE_FRONT = ("127.0.0.1", 0)


class Status(BaseModel):
    """How a replica is. `failure`: why its model could not be loaded, by code and message; `log`: what it has logged
    since it was last asked.
    """

    model_config = ConfigDict(frozen=True)

    is_ready: bool
    why_not: str = ""
    failure: tuple[str, str] | None = None
    num_slots: int
    num_free: int
    num_waiting: int
    num_sessions: int
    log: list[Line] = []


class Inside:
    """ASGI middleware of a replica, outside of all others: lets nobody in without the front's secret. Who comes, how
    often and with which token the front has checked; how long a token lets a session last comes in a header.
    """

    def __init__(self, app: ASGIApp, server: Starlette, secret: str, relay: LogRelay) -> None:
        self._app = app
        self._secret = secret.encode()
        self._relay = relay
        self._sessions: Sessions = server.state.sessions
        self._scheduler: Scheduler = server.state.scheduler
        self._metrics: Metrics = server.state.metrics
        self._draining: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not hmac.compare_digest(headers.get(SECRET, "").encode(), self._secret):
            await _refuse(scope, receive, send)
            return
        if scope["type"] == "http" and scope["path"].startswith("/inside/"):
            response = await self._answer(Request(scope, receive))
            await response(scope, receive, send)
            return
        session_s = headers.get(SESSION_S, "")
        state = {**scope.get("state", {}), "session_s": int(session_s) if session_s else 0}
        # The rate of one client is limited, and here all come from the front, which has done so.
        await self._app({**scope, "client": _THE_FRONT, "state": state}, receive, send)

    async def _answer(self, request: Request) -> Response:
        match request.method, request.url.path:
            case "GET", "/inside/status":
                return Response(self._status().model_dump_json(), media_type="application/json")
            case "GET", "/inside/metrics":
                return Response(generate_latest(self._metrics.registry), media_type="text/plain")
            case "POST", "/inside/drain":
                timeout_s = float(request.query_params["timeout_s"])
                self._draining = asyncio.create_task(self._sessions.drain(timeout_s))
                return Response(status_code=202)
            case "POST", "/inside/close":
                await self._sessions.close_all(request.query_params["reason"])
                return Response(status_code=204)
        return problem(404, "not_found", "the front asks for what this replica does not know")

    def _status(self) -> Status:
        sessions, failure = self._sessions, self._scheduler.failure
        why_not = ""
        try:
            sessions.check_ready()
        except NotReady as error:
            why_not = str(error)
        return Status(
            is_ready=not why_not,
            why_not=why_not,
            failure=None if failure is None else (_code_of(failure), str(failure)),
            num_slots=sessions.num_slots,
            num_free=sessions.num_free,
            num_waiting=sessions.num_waiting,
            num_sessions=sessions.num_running + sessions.num_waiting,
            log=self._relay.take(),
        )


def _code_of(failure: BaseException) -> str:
    return failure.code if isinstance(failure, EgostreamError) else "editor_failed"


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()  # websocket.connect
        await send({"type": "websocket.close", "code": 4403, "reason": "forbidden"})
        return
    await problem(403, "forbidden", "replicas answer their front alone")(scope, receive, send)
