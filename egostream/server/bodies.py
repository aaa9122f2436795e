"""Reading what clients send, no further than it may be large, and only of the type that is wanted."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request

from egostream.protocol import MAX_SDP_BYTES
from egostream.server.problems import TooLarge, WrongType

SDP = "application/sdp"


async def read_offer(request: Request) -> str:
    """Raises WrongType, TooLarge."""
    return await read_typed(request, SDP, MAX_SDP_BYTES)


async def read_typed(request: Request, wanted: str, limit: int) -> str:
    """Raises WrongType, TooLarge."""
    content_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if content_type.lower() != wanted:
        raise WrongType(f"send the body as {wanted}, not {content_type or 'nothing'}")
    return (await read_body(request, limit)).decode("utf-8", "replace")


async def read_body(request: Request, limit: int) -> bytes:
    """Stops reading at the limit, whatever the client says it sends. Raises TooLarge."""
    too_large = TooLarge(f"the body is over {limit} bytes")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise too_large
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > limit:
                raise too_large
    except ClientDisconnect:
        return b""
    return bytes(body)
