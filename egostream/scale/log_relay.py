"""What replicas log is written by the front, so that there is one log, in one format, on whichever machine they run."""

from __future__ import annotations

import logging
from collections import deque

from pydantic import BaseModel, ConfigDict

MAX_LINES = 1000
"""Kept until the front asks; beyond it the oldest is dropped."""
MAX_TAKEN = 200


class Line(BaseModel):
    """A log record, as far as it is written."""

    model_config = ConfigDict(frozen=True)

    logger: str
    level: int
    created: float
    session: str
    message: str


class LogRelay(logging.Handler):
    """In a replica. In any thread."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[Line] = deque(maxlen=MAX_LINES)
        self._text = logging.Formatter()

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(
            Line(
                logger=record.name,
                level=record.levelno,
                created=record.created,
                session=str(getattr(record, "session", "-"))[:8],
                message=self._text.format(record),
            )
        )

    def take(self) -> list[Line]:
        """The oldest, which are then forgotten."""
        return [self._lines.popleft() for _ in range(min(len(self._lines), MAX_TAKEN))]


def write(number: int, lines: list[Line]) -> None:
    """In the front: to its own handlers, at the time it was logged."""
    for line in lines:
        message = f"replica {number}: {line.message}"
        record = logging.LogRecord(line.logger, line.level, "", 0, message, None, None)
        record.created, record.msecs = line.created, line.created % 1 * 1000
        record.session = line.session
        logging.getLogger(line.logger).handle(record)
