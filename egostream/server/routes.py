"""The HTTP side beside signalling (`whip.py`): what the server runs, whether it is well, and the page."""

from __future__ import annotations

import importlib.util
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from egostream import __version__
from egostream.protocol import PROTOCOL_VERSION, json_schema
from egostream.scheduler import Scheduler
from egostream.server.problems import problem
from egostream.server.sessions import NotReady, Sessions
from egostream.server.settings import ServerSettings
from egostream.server.tls import Certificate


class Api:
    """Handlers over one server's sessions."""

    def __init__(
        self,
        settings: ServerSettings,
        scheduler: Scheduler,
        sessions: Sessions,
        certificate: Certificate | None = None,
    ) -> None:
        self._settings = settings
        self._scheduler = scheduler
        self._sessions = sessions
        self._certificate = certificate

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/healthz", self._healthz),
            Route("/readyz", self._readyz),
            Route("/v1/info", self._info),
            *fixed_routes(self._certificate),
        ]

    async def _healthz(self, _: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def _readyz(self, _: Request) -> Response:
        try:
            self._sessions.check_ready()
        except NotReady as error:
            return problem(503, error.code, str(error))
        return JSONResponse({"status": "ready"})

    async def _info(self, _: Request) -> Response:
        editor = self._scheduler.editor
        height, width = editor.frame_hw if editor else (None, None)
        return JSONResponse(
            {
                "version": __version__,
                "protocol": PROTOCOL_VERSION,
                "preset": editor.name if editor else self._settings.preset,
                "ready": editor is not None,
                "frame_width": width,
                "frame_height": height,
                "chunk_frames": editor.chunk_frames if editor else None,
                "slots": self._sessions.num_slots,
                "slots_free": self._sessions.num_free,
                "waiting": self._sessions.num_waiting,
                "queue": self._settings.queue,
                "recording": self._settings.recording is not None,
                "relays": bool(self._settings.ice_servers or self._settings.turn),
            }
        )


def fixed_routes(certificate: Certificate | None) -> list[BaseRoute]:
    """What is the same at all times: the messages' schema, the certificate if there is one, and the page."""

    async def schema(_: Request) -> Response:
        return JSONResponse(json_schema())

    async def cert(_: Request) -> Response:
        """The certificate, for devices that are to trust it. Never its key."""
        assert certificate is not None
        kind = "application/x-x509-ca-cert"
        return FileResponse(certificate.cert, media_type=kind, filename="egostream.crt")

    return [
        Route("/v1/schema", schema),
        *([Route("/cert", cert)] if certificate is not None else []),
        *page_routes(),
    ]


def page_routes() -> list[BaseRoute]:
    """The page at `/`, and the headset's, which shares its files, at `/xr`."""
    routes: list[BaseRoute] = []
    for path, static, name in (("/", "/static", "web"), ("/xr", "/static-xr", "xr")):
        folder = _page_folder(name)
        if folder is not None:
            routes.append(Route(path, _index(folder)))
            routes.append(Mount(static, StaticFiles(directory=folder)))
    return routes


def _index(folder: Path) -> Callable[[Request], Awaitable[Response]]:
    async def index(_: Request) -> Response:
        return FileResponse(folder / "index.html")

    return index


def _page_folder(name: str) -> Path | None:
    """The pages are a package of their own beside this one; a server without it still has its API."""
    spec = importlib.util.find_spec("client")
    for place in spec.submodule_search_locations or [] if spec else []:
        folder = Path(place) / name
        if (folder / "index.html").is_file():
            return folder
    return None
