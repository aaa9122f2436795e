"""The server put together: an ASGI application, and a process that runs it."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial
from types import FrameType
from typing import Any, Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import WebSocketRoute

from egostream.contract import EditorLike
from egostream.errors import EgostreamError
from egostream.heap import spare_what_is_loaded
from egostream.protocol import MAX_MESSAGE_BYTES
from egostream.recording.recorder import Recordings
from egostream.scheduler import Scheduler
from egostream.server import logs
from egostream.server.control import ControlRoute
from egostream.server.editors import serving_editor
from egostream.server.gate import Gate
from egostream.server.headers import SecurityHeaders
from egostream.server.ice import ice_servers_of
from egostream.server.metrics import Metrics
from egostream.server.metrics_hooks import ErrorHandler, counted_errors
from egostream.server.operations import with_operations
from egostream.server.problems import on_any_error, on_egostream_error, on_http_error
from egostream.server.routes import Api
from egostream.server.security import Security, security_of
from egostream.server.sessions import Sessions
from egostream.server.settings import ServerSettings
from egostream.server.tls import Certificate
from egostream.server.too_late import DropTooLate
from egostream.server.whip import Whip

log = logging.getLogger(__name__)

GRACE_S = 5


class CannotListen(EgostreamError):
    """The address to serve on is taken or not this machine's."""

    code = "cannot_listen"


def create_app(
    settings: ServerSettings,
    editor: EditorLike | None = None,
    on_load_failure: Callable[[], None] | None = None,
    security: Security | None = None,
) -> Starlette:
    """Answers at once; loads and warms the editor behind. `editor` stands in for the preset's, `security` for what
    follows from the settings. Raises what `security_of` does.
    """
    security = security or security_of(settings)
    ice = ice_servers_of(settings)
    build = partial(serving_editor, settings) if editor is None else lambda: editor
    metrics = Metrics()
    scheduler = Scheduler(build, on_load_failure, metrics)
    recordings = None
    if settings.recording is not None:
        configure = partial(logs.configure, settings.log_level, settings.log_format)
        recordings = Recordings(settings.recording, configure)
    sessions = Sessions(settings, scheduler, metrics, recordings)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if recordings is not None:
            await asyncio.to_thread(recordings.start)
        scheduler.start()
        yield
        await sessions.close_all("the server is shutting down")
        await asyncio.to_thread(scheduler.stop)
        await asyncio.to_thread(sessions.shut_down)
        if recordings is not None:
            await asyncio.to_thread(recordings.stop)

    control = ControlRoute(sessions)
    app = Starlette(
        routes=[
            *Whip(sessions, ice).routes(),
            *Api(settings, scheduler, sessions, security.certificate).routes(),
            WebSocketRoute("/v1/session/{session_id}/control", control.__call__),
        ],
        middleware=door(settings, security, metrics),
        exception_handlers=told_errors(metrics),
        lifespan=with_operations(lifespan, metrics, settings.metrics_port, sessions, scheduler),
    )
    app.state.scheduler = scheduler
    app.state.sessions = sessions
    app.state.metrics = metrics
    app.state.recordings = recordings
    return app


def door(settings: ServerSettings, security: Security, metrics: Metrics) -> list[Middleware]:
    """What every request passes, and every answer."""
    return [
        Middleware(SecurityHeaders),
        Middleware(
            CORSMiddleware,
            allow_origins=settings.allow_origins,
            allow_methods=["GET", "POST", "PATCH", "DELETE", "OPTIONS"],
            allow_headers=["authorization", "content-type", "if-match"],
            expose_headers=["location", "link", "etag", "retry-after"],
        ),
        Middleware(Gate, security.names, settings.allow_origins, security.desk, metrics.error),
    ]


def told_errors(metrics: Metrics) -> dict[Any, ErrorHandler]:
    """Errors become answers, and are counted."""
    handlers: dict[Any, ErrorHandler] = {
        EgostreamError: on_egostream_error,
        HTTPException: on_http_error,
        Exception: on_any_error,
    }
    return counted_errors(metrics, handlers)


class Closing(Protocol):
    """What a server tells before it ends: its sessions, or a front's."""

    @property
    def num_running(self) -> int: ...

    async def drain(self, timeout_s: float) -> None:
        """No new ones; those there are may end by themselves, and are closed after that time."""
        ...

    async def close_all(self, reason: str) -> None:
        """No new ones after this."""
        ...


class GracefulServer(uvicorn.Server):
    """uvicorn's, which says goodbye on the control sockets before it closes them, and exits with
    0."""

    def __init__(
        self, app: Starlette, settings: ServerSettings, certificate: Certificate | None = None
    ) -> None:
        super().__init__(
            uvicorn.Config(
                DropTooLate(app),
                host=settings.host,
                port=settings.port,
                loop="asyncio",
                http="h11",
                ws="websockets-sansio",
                ws_max_size=MAX_MESSAGE_BYTES,
                ws_ping_interval=10.0,
                ws_ping_timeout=20.0,
                ws_per_message_deflate=False,
                timeout_graceful_shutdown=GRACE_S,
                server_header=False,
                access_log=False,
                log_config=None,
                log_level=logging.WARNING,
                ssl_certfile=None if certificate is None else certificate.cert,
                ssl_keyfile=None if certificate is None else certificate.key,
            )
        )
        self._sessions: Closing = app.state.sessions
        self._drain_timeout_s = settings.drain_timeout_s
        self._drain: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM lets sessions end by themselves, for a while; Ctrl-C and a second signal do not."""
        is_first = self._drain is None and not self.should_exit
        if sig == signal.SIGTERM and is_first and self._loop is not None:
            self._loop.call_soon_threadsafe(self._start_draining)
        else:
            super().handle_exit(sig, frame)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    def _start_draining(self) -> None:
        self._drain = asyncio.create_task(self._drain_then_exit())

    async def _drain_then_exit(self) -> None:
        num, timeout_s = self._sessions.num_running, self._drain_timeout_s
        if num:
            log.info(
                "draining: %d sessions, at most %.0f s; a second signal ends now", num, timeout_s
            )
        await self._sessions.drain(timeout_s)
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._sessions.close_all("the server is shutting down")
        await super().shutdown(sockets)
        # uvicorn raises the signal again when all is done: that would not be a clean exit
        self._captured_signals.clear()


def bind(settings: ServerSettings) -> socket.socket:
    """The listening socket. Raises CannotListen."""
    try:
        is_v6 = ipaddress.ip_address(settings.host).version == 6
    except ValueError:
        is_v6 = False
    listener = socket.socket(socket.AF_INET6 if is_v6 else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise CannotListen(
            f"cannot listen on {settings.host} port {settings.port}: {error.strerror}; "
            "is another server running? choose another port"
        ) from error
    return listener


def log_address(settings: ServerSettings, security: Security, host: str, port: int) -> None:
    """Where it listens, and how openly."""
    log.info("serving %s://%s:%d", security.scheme, f"[{host}]" if ":" in host else host, port)
    if security.certificate is not None:
        log.info("certificate: SHA-256 %s", security.certificate.fingerprint)
    if not settings.is_loopback:
        for risk, is_so in (
            ("unencrypted", security.certificate is None),
            ("open to all", security.secret is None),
        ):
            if is_so:
                log.warning("served %s to everyone who reaches %s", risk, host)


def run(settings: ServerSettings, security: Security | None = None) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises CannotListen, CannotRecord, what `security_of` does, or what kept the
    editor from loading.
    """
    logs.configure(settings.log_level, settings.log_format)
    if settings.recording is not None:
        settings.recording.make_folder()
    # the model thread must not keep the event loop waiting for 5 ms at a time
    sys.setswitchinterval(0.001)
    listener = bind(settings)
    host, port = listener.getsockname()[:2]
    servers: list[GracefulServer] = []

    def give_up() -> None:
        servers[0].should_exit = True

    security = security or security_of(settings)
    app = create_app(settings, on_load_failure=give_up, security=security)
    servers.append(GracefulServer(app, settings, security.certificate))
    spare_what_is_loaded()
    log_address(settings, security, host, port)
    servers[0].run(sockets=[listener])
    failure = app.state.scheduler.failure
    if failure is not None:
        raise failure
