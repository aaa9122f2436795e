"""Headers of every HTTP answer: nothing is cached, and the page may load only what this server
sends."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self' blob:",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob: mediastream:",
        "connect-src 'self' {socket}",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
FIXED = {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(self), display-capture=(self), microphone=(self), xr-spatial-tracking=(self)"
    ),
}


class SecurityHeaders:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in FIXED.items():
                    headers.setdefault(name, value)
                headers["Content-Security-Policy"] = POLICY.format(socket=_socket_origin(scope))
            await send(message)

        await self._app(scope, receive, send_with_headers)


def _socket_origin(scope: Scope) -> str:
    """Some browsers do not count a WebSocket of the same host as 'self'."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    host = hosts[0].decode("latin-1") if hosts else ""
    if not host or not all(c.isalnum() or c in ".-:[]" for c in host):
        return ""
    return f"{'wss' if scope['scheme'] == 'https' else 'ws'}://{host}"
