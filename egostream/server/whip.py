"""Signalling by WHIP (RFC 9725) and WHEP (an IETF draft), beside that of `routes.py`, which the pages use.

`/v1/session` takes a camera and sends its edit back over one connection. `/v1/whip` only takes the camera, as
broadcasting software offers it; what comes of it is watched under `/v1/whep/{view}`, by some.
"""

from __future__ import annotations

import secrets

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from egostream.errors import EgostreamError
from egostream.protocol import MAX_SDP_BYTES
from egostream.server.bodies import SDP, read_offer, read_typed
from egostream.server.fragment import FRAGMENT, NoRestart, parse_fragment
from egostream.server.ice import IceServers
from egostream.server.sessions import Sessions
from egostream.server.viewers import view_id_of


class PreconditionFailed(EgostreamError):
    """The client means an earlier state of the session."""

    code = "precondition_failed"


class Whip:
    """Handlers over one server's sessions."""

    def __init__(self, sessions: Sessions, ice: IceServers) -> None:
        self._sessions = sessions
        self._ice = ice

    def routes(self) -> list[BaseRoute]:
        session, viewer = "/v1/session/{session_id}", "/v1/viewer/{viewer_id}"
        return [
            Route("/v1/session", self._open, methods=["POST"]),
            Route("/v1/whip", self._publish, methods=["POST"]),
            Route("/v1/whep/{view_id}", self._watch, methods=["POST"]),
            Route(session, self._resume, methods=["POST"]),
            Route(session, self._trickle, methods=["PATCH"]),
            Route(session, self._close, methods=["DELETE"]),
            Route(viewer, self._trickle_viewer, methods=["PATCH"]),
            Route(viewer, self._leave, methods=["DELETE"]),
            *(
                Route(path, self._options, methods=["OPTIONS"])
                for path in ("/v1/session", "/v1/whip", "/v1/whep/{view_id}", session, viewer)
            ),
        ]

    async def _open(self, request: Request) -> Response:
        return await self._opened(request, echoes=True)

    async def _publish(self, request: Request) -> Response:
        return await self._opened(request, echoes=False)

    async def _opened(self, request: Request, echoes: bool) -> Response:
        offer = await read_offer(request)
        instruction = request.query_params.get("instruction")
        session_id, answer = await self._sessions.open(
            offer, instruction or None, getattr(request.state, "session_s", 0), echoes
        )
        session = self._sessions.get(session_id)
        response = self._created(f"/v1/session/{session_id}", answer, session.etag, session_id[:8])
        response.headers.append("Link", f'</v1/whep/{view_id_of(session_id)}>; rel="alternate"')
        return response

    async def _watch(self, request: Request) -> Response:
        session = self._sessions.viewed(request.path_params["view_id"])
        viewer, answer = await session.watch(await read_offer(request))
        return self._created(f"/v1/viewer/{viewer.id}", answer, viewer.etag, viewer.id[:8])

    async def _resume(self, request: Request) -> Response:
        """Another connection for a session whose own broke: the edit goes on where it was."""
        session = self._sessions.get(request.path_params["session_id"])
        instruction = request.query_params.get("instruction")
        answer = await session.resume(await read_offer(request), instruction or None)
        return Response(answer, 200, {"ETag": session.etag}, media_type=SDP)

    async def _trickle(self, request: Request) -> Response:
        session = self._sessions.get(request.path_params["session_id"])
        fragment = await self._fragment(request, session.etag)
        await session.trickle(parse_fragment(fragment))
        return Response(status_code=204)

    async def _trickle_viewer(self, request: Request) -> Response:
        viewers, viewer = self._sessions.viewer(request.path_params["viewer_id"])
        fragment = await self._fragment(request, viewer.etag)
        await viewers.get(viewer.id).peer.trickle(parse_fragment(fragment))
        return Response(status_code=204)

    @staticmethod
    async def _fragment(request: Request, etag: str) -> str:
        """Clients in the wild leave If-Match out, so only a wrong one is refused."""
        match = request.headers.get("if-match")
        text = await read_typed(request, FRAGMENT, MAX_SDP_BYTES)
        if match == "*":
            raise NoRestart("ICE restarts are not supported: resume the session by a new offer")
        if match is not None and etag not in [tag.strip() for tag in match.split(",")]:
            raise PreconditionFailed("the session has another entity tag by now")
        return text

    async def _close(self, request: Request) -> Response:
        session = self._sessions.get(request.path_params["session_id"])
        await session.close("the client ended the session")
        return Response(status_code=204)

    async def _leave(self, request: Request) -> Response:
        viewers, viewer = self._sessions.viewer(request.path_params["viewer_id"])
        await viewers.remove(viewer.id)
        return Response(status_code=204)

    async def _options(self, request: Request) -> Response:
        """ICE servers, too, for clients that want to know them before their offer."""
        response = Response(status_code=204)
        is_new = request.url.path.startswith(("/v1/session/", "/v1/viewer/"))
        response.headers["Accept-Patch" if is_new else "Accept-Post"] = FRAGMENT if is_new else SDP
        if not is_new and getattr(request.state, "may_open", False):
            # a relay's quota is of a user: one token is one
            self._add_links(response, getattr(request.state, "user", "") or secrets.token_hex(4))
        return response

    def _created(self, location: str, answer: str, etag: str, user: str) -> Response:
        headers = {"Location": location, "ETag": etag, "Accept-Patch": FRAGMENT}
        response = Response(answer, 201, headers, media_type=SDP)
        self._add_links(response, user)
        return response

    def _add_links(self, response: Response, user: str) -> None:
        for link in self._ice.links(user):
            response.headers.append("Link", link)
