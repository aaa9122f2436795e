"""What can go wrong for a client, by name; each message ends in the way out."""

from __future__ import annotations

from egostream.errors import EgostreamError


class ServerUnreachable(EgostreamError):
    """Nothing answers at the address."""

    code = "server_unreachable"


class NotAServer(EgostreamError):
    """The address is malformed, or something else answers there."""

    code = "not_a_server"


class ServerNotReady(EgostreamError):
    """The server is still loading its model, or failed to."""

    code = "not_ready"


class ServerError(EgostreamError):
    """The server refused, for a reason it names (`code` is the server's)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class SessionEnded(EgostreamError):
    """The session is over: the server said goodbye, or the connection broke."""

    code = "session_ended"


class NotApplied(EgostreamError):
    """An instruction was overtaken by a newer one."""

    code = "superseded"
