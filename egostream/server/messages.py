"""From a text frame of the control socket to a message, or to a named error."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from pydantic import ValidationError

from egostream.errors import BadInstruction, EgostreamError
from egostream.protocol import CLIENT_TYPES, MAX_SEQ, Hello, Instruct, Ping, client_adapter


class BadMessage(EgostreamError):
    """What came over the control socket is not a message."""

    code = "bad_message"


def seq_of(raw: object) -> int | None:
    """The `seq` of a message that may be broken otherwise, so that its sender can tell which."""
    seq = raw.get("seq") if isinstance(raw, dict) else None
    is_one = isinstance(seq, int) and not isinstance(seq, bool) and 0 <= seq <= MAX_SEQ
    return seq if is_one else None


def decode(text: str) -> Any:
    """Raises BadMessage."""
    try:
        return json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadMessage("the message is not JSON") from None


def parse(raw: Any) -> Hello | Instruct | Ping | None:
    """None for a type this version does not know. Raises BadMessage or BadInstruction."""
    if not isinstance(raw, dict) or not isinstance(raw.get("type"), str):
        raise BadMessage('a message is a JSON object with a "type"')
    if raw["type"] not in CLIENT_TYPES:
        return None
    try:
        return client_adapter.validate_python(raw)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in detail["loc"][1:]) or raw["type"]
        message = f"{where}: {detail['msg']}"
        kind = BadInstruction if where == "text" else BadMessage
        raise kind(message) from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
