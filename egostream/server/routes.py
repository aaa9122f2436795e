"""The HTTP side: open and end a session, what the server runs, whether it is well, and the page."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from egostream import __version__
from egostream.protocol import MAX_SDP_BYTES, PROTOCOL_VERSION, json_schema
from egostream.scheduler import Scheduler
from egostream.server.problems import TooLarge, WrongType, problem
from egostream.server.sessions import NotReady, Sessions
from egostream.server.settings import ServerSettings

SDP = "application/sdp"


class Api:
    """Handlers over one server's sessions."""

    def __init__(self, settings: ServerSettings, scheduler: Scheduler, sessions: Sessions) -> None:
        self._settings = settings
        self._scheduler = scheduler
        self._sessions = sessions

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/healthz", self._healthz),
            Route("/readyz", self._readyz),
            Route("/v1/info", self._info),
            Route("/v1/schema", self._schema),
            Route("/v1/session", self._open, methods=["POST"]),
            Route("/v1/session/{session_id}", self._close, methods=["DELETE"]),
            *page_routes(),
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
                "recording": self._settings.recording is not None,
            }
        )

    async def _schema(self, _: Request) -> Response:
        return JSONResponse(json_schema())

    async def _open(self, request: Request) -> Response:
        content_type = request.headers.get("content-type", "").partition(";")[0].strip()
        if content_type.lower() != SDP:
            raise WrongType(f"send the offer as {SDP}, not {content_type or 'nothing'}")
        offer = await read_body(request, MAX_SDP_BYTES)
        instruction = request.query_params.get("instruction")
        session_id, answer = await self._sessions.open(
            offer.decode("utf-8", "replace"), instruction or None
        )
        location = f"/v1/session/{session_id}"
        return Response(answer, 201, {"Location": location}, media_type=SDP)

    async def _close(self, request: Request) -> Response:
        session = self._sessions.get(request.path_params["session_id"])
        await session.close("the client ended the session")
        return Response(status_code=204)


async def read_body(request: Request, limit: int) -> bytes:
    """Stops reading at the limit, whatever the client says it sends. Raises TooLarge."""
    too_large = TooLarge(f"the body is over {limit} bytes")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise too_large
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > limit:
                raise too_large
    except ClientDisconnect:
        return b""
    return bytes(body)


def page_routes() -> list[BaseRoute]:
    folder = _page_folder()
    if folder is None:
        return []

    async def index(_: Request) -> Response:
        return FileResponse(folder / "index.html")

    return [Route("/", index), Mount("/static", StaticFiles(directory=folder))]


def _page_folder() -> Path | None:
    """The page is a package of its own beside this one; a server without it still has its API."""
    spec = importlib.util.find_spec("client")
    for place in spec.submodule_search_locations or [] if spec else []:
        folder = Path(place) / "web"
        if (folder / "index.html").is_file():
            return folder
    return None
