"""STUN and TURN servers as clients are told of them: `Link` headers of WHIP (RFC 9725, section 4.6).

TURN credentials are good for a while: the user's name is when they end and whose they are, the password the HMAC-SHA1
of it under a secret shared with the TURN server (coturn's `use-auth-secret`).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass

from egostream.errors import EgostreamError
from egostream.server.settings import ServerSettings
from egostream.server.tokens import read_secret

LASTS_S = 300
SCHEMES = ("stun:", "stuns:", "turn:", "turns:")


class BadIceServer(EgostreamError):
    """What was given is no address of a STUN or TURN server."""

    code = "bad_ice_server"


@dataclass(frozen=True, slots=True)
class IceServers:
    """`urls` of STUN servers; `turn` with the secret that signs their credentials."""

    urls: Sequence[str] = ()
    turn: Sequence[str] = ()
    secret: bytes | None = None

    def __post_init__(self) -> None:
        for url in (*self.urls, *self.turn):
            if not url.startswith(SCHEMES) or any(c in url for c in '<>"; \t\r\n'):
                raise BadIceServer(f"{url!r} is no ICE server; it looks like turn:host:3478")

    @property
    def is_empty(self) -> bool:
        return not self.urls and not self.turn

    def links(self, user: str, now_s: float | None = None) -> list[str]:
        """One header value a server."""
        found = [f'<{url}>; rel="ice-server"' for url in self.urls]
        if self.secret is not None:
            name, password = turn_credentials(self.secret, user, now_s)
            found += [
                f'<{url}>; rel="ice-server"; username="{name}"; credential="{password}"; '
                'credential-type="password"'
                for url in self.turn
            ]
        return found


def ice_servers_of(settings: ServerSettings) -> IceServers:
    """Raises BadIceServer, BadSecret, or EgostreamError where the secret is missing."""
    if bool(settings.turn) != (settings.turn_secret is not None):
        raise EgostreamError("--turn and --turn-secret-file belong together")
    secret = None if settings.turn_secret is None else read_secret(settings.turn_secret)
    return IceServers(settings.ice_servers, settings.turn, secret)


def turn_credentials(secret: bytes, user: str, now_s: float | None = None) -> tuple[str, str]:
    """(user name, password), good for `LASTS_S` from now (Unix seconds)."""
    ends_s = int(time.time() if now_s is None else now_s) + LASTS_S
    name = f"{ends_s}:{user}"
    digest = hmac.new(secret, name.encode(), hashlib.sha1).digest()
    return name, base64.b64encode(digest).decode()
