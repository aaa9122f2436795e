"""How the metrics hear of what the server does anyway: wrapped around it, so that it stays as it was."""

from __future__ import annotations

import functools
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from egostream.errors import EgostreamError
from egostream.protocol import Accepted, Applied, ErrorMessage, Message, Superseded
from egostream.server.metrics import Metrics

MAX_PENDING = 8
"""Of a session's instructions no more than three can still show: one waits, one is encoded, one is being edited."""

P = ParamSpec("P")
ErrorHandler = Callable[[Request, Exception], Awaitable[Response]]


class Door(Protocol):
    """Where sessions come in, and some wait."""

    @property
    def metrics(self) -> Metrics: ...

    def waits(self, session_id: str, /) -> bool: ...


D = TypeVar("D", bound=Door)


def counted_admission(
    open_session: Callable[Concatenate[D, P], Awaitable[tuple[str, str]]],
) -> Callable[Concatenate[D, P], Awaitable[tuple[str, str]]]:
    """A method that opens sessions and tells their id first, by whichever route they come."""

    @functools.wraps(open_session)
    async def counting(self: D, /, *args: P.args, **kwargs: P.kwargs) -> tuple[str, str]:
        try:
            opened = await open_session(self, *args, **kwargs)
        except BaseException as error:
            self.metrics.admission(error.code if isinstance(error, EgostreamError) else "failed")
            raise
        self.metrics.admission("queued" if self.waits(opened[0]) else "admitted")
        return opened

    return counting


def counted_errors(
    metrics: Metrics, handlers: Mapping[Any, ErrorHandler]
) -> dict[Any, ErrorHandler]:
    """Exception handlers of an application, whose answers count as errors told."""

    def counting(handler: ErrorHandler) -> ErrorHandler:
        @functools.wraps(handler)
        async def told(request: Request, error: Exception) -> Response:
            response = await handler(request, error)
            metrics.error(_reason(error, response.status_code))
            return response

        return told

    return {kind: counting(handler) for kind, handler in handlers.items()}


def _reason(error: Exception, status: int) -> str:
    return error.code if isinstance(error, EgostreamError) else f"http_{status}"


class MessageMeter:
    """Hears what one session is told: errors, and how long an instruction took to show."""

    def __init__(self, metrics: Metrics, clock: Callable[[], int] = time.monotonic_ns) -> None:
        self._metrics = metrics
        self._clock = clock
        self._asked_ns: dict[int, int] = {}

    def heard(self, message: Message) -> None:
        if isinstance(message, Accepted):
            self._asked_ns[message.seq] = self._clock()
            if len(self._asked_ns) > MAX_PENDING:
                del self._asked_ns[next(iter(self._asked_ns))]
        elif isinstance(message, Applied):
            asked_ns = self._asked_ns.pop(message.seq, None)
            if asked_ns is not None:
                self._metrics.instruction_applied((self._clock() - asked_ns) / 1e9)
        elif isinstance(message, Superseded):
            self._asked_ns.pop(message.seq, None)
        elif isinstance(message, ErrorMessage):
            self._metrics.error(message.code)
