"""Opening and ending a session over HTTP, with every way it can fail told apart. Blocking calls."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urljoin, urlsplit

from client.errors import NotAServer, ServerError, ServerNotReady, ServerUnreachable
from egostream.errors import BadInstruction, BadOffer, Busy, EgostreamError

MAX_ANSWER_BYTES = 1024 * 1024
_NAMED: dict[str, type[EgostreamError]] = {
    error.code: error for error in (BadInstruction, BadOffer, Busy, ServerNotReady)
}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Opened:
    """A session the server has agreed to."""

    answer: str
    session_url: str
    control_url: str


class Endpoint:
    """A server's base address. Raises NotAServer for what is no http address."""

    def __init__(
        self,
        url: str,
        timeout_s: float = 15.0,
        token: str | None = None,
        ca_file: Path | None = None,
    ) -> None:
        """`token`: what the server wants for a session; `ca_file`: the certificate it made for itself."""
        parts = urlsplit(url if "://" in url else f"http://{url}")
        try:
            port_is_fine = parts.port is None or parts.port > 0
        except ValueError:
            port_is_fine = False
        if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_fine:
            raise NotAServer(f"{url!r} is no server address; it looks like http://127.0.0.1:8080")
        self.base = f"{parts.scheme}://{parts.netloc}"
        self.is_loopback = parts.hostname in _LOOPBACK
        self._timeout_s = timeout_s
        self._token = token
        self.ssl: ssl.SSLContext | None = None
        if parts.scheme == "https":
            try:
                self.ssl = ssl.create_default_context(cafile=ca_file)
            except (OSError, ssl.SSLError) as error:
                raise NotAServer(
                    f"{ca_file} is no certificate that can be read: {error}"
                ) from error

    def open(self, offer: str, instruction: str | None) -> Opened:
        """Raises Busy, ServerNotReady, BadInstruction, BadOffer, ServerError and the two above."""
        url = f"{self.base}/v1/session"
        if instruction is not None:
            url += f"?instruction={quote(instruction)}"
        headers = {"Content-Type": "application/sdp"}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        request = urllib.request.Request(url, offer.encode(), headers, method="POST")
        status, answered, body = self._send(request)
        location = answered.get("Location")
        if status != 201 or not location:
            raise NotAServer(f"{self.base} answers, but not as an egostream server does")
        session_url = urljoin(self.base, location)
        if urlsplit(session_url).netloc != urlsplit(self.base).netloc:
            raise NotAServer(f"{self.base} sends its sessions elsewhere ({session_url})")
        control_url = "ws" + session_url.removeprefix("http") + "/control"
        return Opened(body.decode(), session_url, control_url)

    def end(self, session_url: str) -> None:
        """Free the slot. Raises as `open` does."""
        self._send(urllib.request.Request(session_url, method="DELETE"))

    def _send(self, request: urllib.request.Request) -> tuple[int, http.client.HTTPMessage, bytes]:
        try:
            with urllib.request.urlopen(
                request, timeout=self._timeout_s, context=self.ssl
            ) as response:
                return response.status, response.headers, response.read(MAX_ANSWER_BYTES)
        except urllib.error.HTTPError as error:
            with error:
                raise self._named(error.code, error.read(MAX_ANSWER_BYTES)) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            raise ServerUnreachable(
                f"no server answers at {self.base} ({reason}); is `egostream serve` running there?"
            ) from error

    def _named(self, status: int, body: bytes) -> EgostreamError:
        try:
            problem = json.loads(body)
            code, message = str(problem["code"]), str(problem["message"])
        except (ValueError, KeyError, TypeError):
            return NotAServer(f"{self.base} is no egostream server (HTTP {status})")
        if code in ("not_found", "method_not_allowed"):
            return NotAServer(f"{self.base} is no egostream server (HTTP {status})")
        kind = _NAMED.get(code)
        return kind(message) if kind is not None else ServerError(code, message)
