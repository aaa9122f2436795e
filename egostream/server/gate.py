"""Who may ask at all: the host a request is for, the page it comes from, how often, and with which token.

ASGI middleware in front of everything else, WebSockets included. A session's own address is a secret of 24 random
bytes, so whoever knows it may use it; a token is wanted for opening one.
"""

from __future__ import annotations

import http
import ipaddress
import math
import re
from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from egostream.errors import EgostreamError
from egostream.server.limits import OPENING, OTHER, RateLimiter
from egostream.server.problems import STATUS, problem
from egostream.server.tokens import Claims, TokenDesk

EDITING = re.compile(r"/v1/(session|whip)/?")
VIEWING = re.compile(r"/v1/whep/[^/]+/?")


class WrongHost(EgostreamError):
    """The request is for another host: a page elsewhere may have pointed a name of its own at this machine."""

    code = "wrong_host"


class WrongOrigin(EgostreamError):
    """The request comes from a page that may not use this server."""

    code = "wrong_origin"


class TooMany(EgostreamError):
    """The client asks too often."""

    code = "too_many_requests"

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"too many requests: wait {wait_s:.1f} s")
        self.wait_s = wait_s


class Gate:
    """See the module's docstring."""

    def __init__(
        self,
        app: ASGIApp,
        hosts: Collection[str],
        origins: Collection[str] = (),
        desk: TokenDesk | None = None,
        on_refused: Callable[[str], None] | None = None,
    ) -> None:
        """`hosts`: names this server answers to; `origins`: further pages that may use it; `desk`: none asks for no
        tokens; `on_refused` hears the code of every refusal.
        """
        self._app = app
        self._on_refused = on_refused
        self._hosts = frozenset(hosts)
        self._origins = frozenset(origins)
        self._desk = desk
        self._opening, self._other = RateLimiter(OPENING), RateLimiter(OTHER)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            claims = self._check(scope)
        except EgostreamError as error:
            if self._on_refused is not None:
                self._on_refused(error.code)
            await _refuse(error, scope, receive, send)
            return
        if claims is None or self._desk is None:
            await self._app(scope, receive, send)
            return
        opened = False

        async def watched(message: Message) -> None:
            nonlocal opened
            opened = opened or message.get("status") == http.HTTPStatus.CREATED
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            if not opened:
                self._desk.give_back(claims)

    def _check(self, scope: Scope) -> Claims | None:
        """What a token allows with which a session is opened, if one is."""
        headers, method = Headers(scope=scope), scope.get("method", "GET")
        host, origin = headers.get("host", ""), headers.get("origin")
        if _name_of(host) not in self._hosts:
            raise WrongHost(f"this server does not answer to {host[:100]!r}: see --san")
        changes = scope["type"] == "websocket" or method not in ("GET", "HEAD", "OPTIONS")
        asks_relays = method == "OPTIONS" and "authorization" in headers
        if changes and origin is not None and not self._may_come(origin, host):
            raise WrongOrigin("this page may not use the server: see --allow-origin")
        editing = EDITING.fullmatch(scope["path"]) is not None
        viewing = VIEWING.fullmatch(scope["path"]) is not None
        opens = method == "POST" and (editing or viewing)
        client = scope["client"][0] if scope.get("client") else ""
        if (changes or asks_relays) and not _is_loopback(client):
            limiter = self._opening if opens else self._other
            if (wait_s := limiter.wait_s(client)) > 0:
                raise TooMany(wait_s)
        if not (editing or viewing):
            return None
        kind, _, token = headers.get("authorization", "").partition(" ")
        given = token.strip() if kind.lower() == "bearer" else None
        state = scope.setdefault("state", {})
        state["may_open"] = self._desk is None
        # a browser asks OPTIONS by itself, too, and has no token then
        if self._desk is not None and (opens or (method == "OPTIONS" and given is not None)):
            claims = self._desk.check(given, "edit" if editing else "view", origin, opens)
            state |= {"may_open": True, "session_s": claims.session_s, "user": claims.jti[:8]}
            return claims if opens else None
        return None

    def _may_come(self, origin: str, host: str) -> bool:
        return _place_of(origin) == host.lower() or origin in self._origins


def _place_of(origin: str) -> str | None:
    """Host and port of a page; None for what is no address, such as one with half a bracket."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return None


def _name_of(host: str) -> str:
    """Without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.rpartition(":")[0].lower() if ":" in host else host.lower()


def _is_loopback(client: str) -> bool:
    try:
        return ipaddress.ip_address(client.partition("%")[0]).is_loopback
    except ValueError:
        return False


async def _refuse(error: EgostreamError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await receive()  # websocket.connect
        await send({"type": "websocket.close", "code": 4403, "reason": error.code})
        return
    response: Response = problem(STATUS.get(error.code, 400), error.code, str(error))
    if response.status_code == http.HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="egostream"'
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(math.ceil(error.wait_s))
    await response(scope, receive, send)
