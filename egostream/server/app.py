"""The server put together: an ASGI application, and a process that runs it."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
import sys
from collections.abc import AsyncIterator, Callable
from functools import partial

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute

from egostream.contract import EditorLike
from egostream.errors import EgostreamError
from egostream.protocol import MAX_MESSAGE_BYTES
from egostream.recording.recorder import Recordings
from egostream.scheduler import Scheduler
from egostream.server import logs
from egostream.server.control import ControlRoute
from egostream.server.editors import serving_editor
from egostream.server.headers import SecurityHeaders
from egostream.server.problems import on_any_error, on_egostream_error, on_http_error
from egostream.server.routes import Api
from egostream.server.sessions import Sessions
from egostream.server.settings import ServerSettings

log = logging.getLogger(__name__)

GRACE_S = 5


class CannotListen(EgostreamError):
    """The address to serve on is taken or not this machine's."""

    code = "cannot_listen"


def create_app(
    settings: ServerSettings,
    editor: EditorLike | None = None,
    on_load_failure: Callable[[], None] | None = None,
) -> Starlette:
    """Answers at once; loads and warms the editor behind. `editor` stands in for the preset's."""
    build = partial(serving_editor, settings) if editor is None else lambda: editor
    scheduler = Scheduler(build, on_load_failure)
    recordings = None
    if settings.recording is not None:
        recordings = Recordings(settings.recording, partial(logs.configure, settings.log_level))
    sessions = Sessions(settings, scheduler, recordings)

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
            *Api(settings, scheduler, sessions).routes(),
            WebSocketRoute("/v1/session/{session_id}/control", control.__call__),
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={
            EgostreamError: on_egostream_error,
            HTTPException: on_http_error,
            Exception: on_any_error,
        },
        lifespan=lifespan,
    )
    app.state.scheduler = scheduler
    app.state.sessions = sessions
    app.state.recordings = recordings
    return app


class GracefulServer(uvicorn.Server):
    """uvicorn's, which says goodbye on the control sockets before it closes them, and exits with
    0."""

    def __init__(self, app: Starlette, settings: ServerSettings) -> None:
        super().__init__(
            uvicorn.Config(
                app,
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
            )
        )
        self._sessions: Sessions = app.state.sessions

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


def run(settings: ServerSettings) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises CannotListen, CannotRecord, or what kept the editor from loading."""
    logs.configure(settings.log_level)
    if settings.recording is not None:
        settings.recording.make_folder()
    # the model thread must not keep the event loop waiting for 5 ms at a time
    sys.setswitchinterval(0.001)
    listener = bind(settings)
    host, port = listener.getsockname()[:2]
    servers: list[GracefulServer] = []

    def give_up() -> None:
        servers[0].should_exit = True

    app = create_app(settings, on_load_failure=give_up)
    servers.append(GracefulServer(app, settings))
    log.info("serving http://%s:%d", f"[{host}]" if ":" in host else host, port)
    servers[0].run(sockets=[listener])
    failure = app.state.scheduler.failure
    if failure is not None:
        raise failure
