"""Short-lived tokens: who holds one may open sessions of its scope until it expires.

A token is `payload.signature`, both base64url: JSON, and its HMAC-SHA256 under the server's secret. It is a bearer
token (RFC 6750): give it a short life, and send it over TLS alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from egostream.errors import EgostreamError
from egostream.server.tls import write_secret

Scope = Literal["edit", "view"]
SCOPES: tuple[Scope, ...] = ("edit", "view")
MIN_SECRET_BYTES = 16
MAX_TOKEN_CHARS = 2048
MAX_USED = 10_000
"""Tokens for one use that are remembered as used; beyond it the oldest one is forgotten."""


class BadSecret(EgostreamError):
    """The file with the secret is missing, unreadable or too short."""

    code = "bad_secret"


class Unauthorized(EgostreamError):
    """No token, or one that is not (or no longer) good."""

    code = "unauthorized"


class Forbidden(EgostreamError):
    """The token is good, but not for this."""

    code = "forbidden"


class Claims(BaseModel):
    """What a token allows. `exp`: Unix seconds; `session_s`: how long a session may last, 0 for no limit of its own;
    `origins`: pages that may use it, empty for all; `once`: it opens one session.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    jti: str = Field(min_length=8, max_length=64)
    scope: Scope
    exp: int
    session_s: int = Field(default=0, ge=0)
    origins: tuple[str, ...] = Field(default=(), max_length=16)
    once: bool = False


def read_secret(path: Path) -> bytes:
    """Raises BadSecret."""
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise BadSecret(f"the secret {path} cannot be read: {error.strerror}") from error
    if len(secret) < MIN_SECRET_BYTES:
        raise BadSecret(f"the secret in {path} is too short: at least {MIN_SECRET_BYTES} bytes")
    return secret


def own_secret(path: Path) -> bytes:
    """The one in that file, which is made where there is none. Raises BadSecret."""
    if not path.exists():
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_secret(path, secrets.token_urlsafe(32).encode())
        except OSError as error:
            raise BadSecret(f"the secret {path} cannot be written: {error.strerror}") from error
    return read_secret(path)


def issue(
    secret: bytes,
    scope: Scope,
    lasts_s: float,
    *,
    session_s: int = 0,
    origins: tuple[str, ...] = (),
    once: bool = False,
) -> str:
    """A new token."""
    claims = Claims(
        jti=secrets.token_urlsafe(12),
        scope=scope,
        exp=int(time.time() + lasts_s),
        session_s=session_s,
        origins=origins,
        once=once,
    )
    payload = _encode(claims.model_dump_json().encode())
    return f"{payload}.{_sign(secret, payload)}"


class TokenDesk:
    """Checks tokens against one secret."""

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._clock = clock
        self._used: OrderedDict[str, int] = OrderedDict()

    def check(
        self, token: str | None, scope: Scope, origin: str | None, uses_up: bool = True
    ) -> Claims:
        """What it allows; a token for one use is used up. Raises Unauthorized or Forbidden."""
        if not token:
            raise Unauthorized("this server wants a token: Authorization: Bearer TOKEN")
        claims = self._verified(token)
        if claims.exp <= self._clock():
            raise Unauthorized("the token has expired: ask for a new one")
        if claims.scope != scope:
            raise Forbidden(f"the token is for {claims.scope}, not for {scope}")
        if claims.origins and origin not in claims.origins:
            raise Forbidden("the token is not for this page's origin")
        if claims.once:
            if claims.jti in self._used:
                raise Unauthorized("the token was for one session, and has been used")
            if uses_up:
                self._use_up(claims)
        return claims

    def give_back(self, claims: Claims) -> None:
        """No session came of it: a token for one may be used again."""
        self._used.pop(claims.jti, None)

    def _verified(self, token: str) -> Claims:
        payload, _, signature = token.partition(".")
        is_ours = len(token) <= MAX_TOKEN_CHARS and hmac.compare_digest(
            signature.encode(), _sign(self._secret, payload).encode()
        )
        if not is_ours:
            raise Unauthorized("the token is not one of this server's")
        try:
            return Claims.model_validate(json.loads(_decode(payload)))
        except (ValueError, ValidationError, binascii.Error) as error:
            raise Unauthorized("the token is of another version") from error

    def _use_up(self, claims: Claims) -> None:
        now = self._clock()
        while self._used and (len(self._used) >= MAX_USED or next(iter(self._used.values())) < now):
            self._used.popitem(last=False)
        self._used[claims.jti] = claims.exp


def _sign(secret: bytes, payload: str) -> str:
    return _encode(hmac.new(secret, payload.encode(), hashlib.sha256).digest())


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
