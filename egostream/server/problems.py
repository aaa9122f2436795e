"""Errors as HTTP answers: a status, and a JSON body with `code` and `message`."""

from __future__ import annotations

import http
import logging

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from egostream.errors import EgostreamError

log = logging.getLogger(__name__)

STATUS = {
    "bad_offer": 422,
    "bad_instruction": 422,
    "unknown_session": 404,
    "busy": 503,
    "not_ready": 503,
    "too_large": 413,
    "unsupported_media_type": 415,
    "no_free_port": 503,
    "bad_fragment": 400,
    "restart_not_supported": 422,
    "precondition_failed": 412,
    "unauthorized": 401,
    "forbidden": 403,
    "wrong_origin": 403,
    "wrong_host": 421,
    "too_many_requests": 429,
}
RETRY_AFTER_S = {"busy": 10, "not_ready": 2}


class TooLarge(EgostreamError):
    """The body is over the limit; it has not been read to its end."""

    code = "too_large"


class WrongType(EgostreamError):
    """The body is of another content type than this route takes."""

    code = "unsupported_media_type"


def problem(status: int, code: str, message: str) -> JSONResponse:
    wait_s = RETRY_AFTER_S.get(code)
    headers = {"Retry-After": str(wait_s)} if wait_s is not None else None
    return JSONResponse({"code": code, "message": message}, status, headers)


async def on_egostream_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, EgostreamError)
    return problem(STATUS.get(error.code, 500), error.code, str(error))


async def on_http_error(_: Request, error: Exception) -> Response:
    """Starlette's own: no such route, wrong method."""
    assert isinstance(error, HTTPException)
    code = http.HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
    response = problem(error.status_code, code, error.detail)
    response.headers.update(error.headers or {})
    return response


async def on_any_error(_: Request, error: Exception) -> Response:
    log.error("a request failed", exc_info=error)
    return problem(500, "internal_error", "the server failed to handle this request")
