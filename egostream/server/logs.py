"""Logging of the server process: one line a record, the session it belongs to in front."""

from __future__ import annotations

import logging

FORMAT = "%(asctime)s %(levelname)-7s %(session)-8.8s %(name)s: %(message)s"


class SessionFilter(logging.Filter):
    """Gives every record a `session`, so that the format can count on it."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "session"):
            record.session = "-"
        return True


def configure(level: str) -> None:
    """Libraries speak up from warnings on: aioice alone logs every connectivity check as info, and
    nobody's frames or words appear above debug."""
    handler = logging.StreamHandler()
    handler.addFilter(SessionFilter())
    handler.setFormatter(logging.Formatter(FORMAT))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("egostream").setLevel(level.upper())
