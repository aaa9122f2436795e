"""Logging of the server process: one line a record, with the session it belongs to.

Of a session's name only the first characters are written, in either format: the whole of it opens the session's
control socket, so it is a secret.
"""

from __future__ import annotations

import json
import logging
import time
from typing import Literal, get_args

from egostream.errors import EgostreamError

FORMAT = "%(asctime)s %(levelname)-7s %(session)-8.8s %(name)s: %(message)s"
SESSION_CHARS = 8

Format = Literal["text", "json"]


class UnknownFormat(EgostreamError):
    """Logs come as text or as JSON."""

    code = "unknown_log_format"


class SessionFilter(logging.Filter):
    """Gives every record a `session`, so that the format can count on it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "session"):
            record.session = "-"
        return True


class ClientsFault(logging.Filter):
    """Leaves out what uvicorn logs as an error of its own, with a stack: text of a client's that is no UTF-8, for which
    it closes the socket. Whoever is let in could fill the log with it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        kind = record.exc_info[0] if record.exc_info else None
        return kind is not UnicodeDecodeError


class JsonFormatter(logging.Formatter):
    """One object a line: `time` (UTC), `level`, `session` (or null), `logger`, `message`, and `exception` where there
    is one.
    """

    def format(self, record: logging.LogRecord) -> str:
        session = getattr(record, "session", "-")
        seconds = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "time": f"{seconds}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "session": None if session == "-" else str(session)[:SESSION_CHARS],
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure(level: str, format: str = "text") -> None:
    """Libraries speak up from warnings on: aioice alone logs every connectivity check as info, and
    nobody's frames or words appear above debug. Raises UnknownFormat."""
    if format not in get_args(Format):
        raise UnknownFormat(f"logs come as {' or '.join(get_args(Format))}, not {format!r}")
    handler = logging.StreamHandler()
    handler.addFilter(SessionFilter())
    handler.setFormatter(JsonFormatter() if format == "json" else logging.Formatter(FORMAT))
    uvicorn = logging.getLogger("uvicorn.error")
    if not any(isinstance(known, ClientsFault) for known in uvicorn.filters):
        uvicorn.addFilter(ClientsFault())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("egostream").setLevel(level.upper())
