"""The wire messages of the control socket, shared by server and client (docs: README, "Protocol").

JSON text frames over a WebSocket at `/v1/session/{id}/control`. Every message has a `type`; unknown
types are ignored by both sides so that either may be newer. Knows Pydantic, never torch.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

PROTOCOL_VERSION = 1
MAX_INSTRUCTION_CHARS = 500
MAX_MESSAGE_BYTES = 16 * 1024
MAX_SDP_BYTES = 128 * 1024
MAX_SEQ = 2**53
"""Beyond it JavaScript's numbers have gaps."""


class Message(BaseModel):
    """Common settings: extra keys are ignored (a newer peer may send them)."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Hello(Message):
    """First message of a client."""

    type: Literal["hello"] = "hello"
    protocol: int = PROTOCOL_VERSION


class Instruct(Message):
    """A new instruction; `seq` is chosen by the client, rising, and echoed in every answer."""

    type: Literal["instruct"] = "instruct"
    seq: int = Field(ge=0, le=MAX_SEQ)
    text: str = Field(min_length=1, max_length=MAX_INSTRUCTION_CHARS)


class Ping(Message):
    """Round-trip probe; `t_ms` is the client's clock and comes back untouched."""

    type: Literal["ping"] = "ping"
    t_ms: float = Field(allow_inf_nan=False)


class Welcome(Message):
    """Answer to `hello`: what this session runs, and whether the server keeps a film of it."""

    type: Literal["welcome"] = "welcome"
    protocol: int = PROTOCOL_VERSION
    session: str
    preset: str
    frame_width: int
    frame_height: int
    chunk_frames: int
    recording: bool = False
    view: str = ""
    """Others watch this session's edit under `/v1/whep/{view}`."""


class Accepted(Message):
    """The instruction was received and will show from chunk `applies_from_chunk` on."""

    type: Literal["accepted"] = "accepted"
    seq: int
    applies_from_chunk: int


class Queue(Message):
    """All places are taken: this session is number `position` of `size` that wait, 1 being the next; nothing comes back
    until then. 0: it is its turn."""

    type: Literal["queue"] = "queue"
    position: int
    size: int


class Ending(Message):
    """The session will end by itself, in so many seconds: its time is over, or the server is shutting down."""

    type: Literal["ending"] = "ending"
    in_s: float
    reason: str


class Superseded(Message):
    """A newer instruction arrived before this one could show."""

    type: Literal["superseded"] = "superseded"
    seq: int


class Applied(Message):
    """The instruction shows from the frame captured at `pts_90k` (the source's clock) on."""

    type: Literal["applied"] = "applied"
    seq: int
    chunk: int
    pts_90k: int
    text: str


class Stats(Message):
    """Once a second: what the server sees. Times in ms, counts since the session began."""

    type: Literal["stats"] = "stats"
    frames_in: int
    frames_out: int
    dropped: int
    late: int
    fps_in: float
    fps_out: float
    frame_age_ms: float
    first_frame_ms: float | None
    chunk_ms: float
    stage_ms: dict[str, float]


class RecordingEnded(Message):
    """The server records this session no more; the session goes on."""

    type: Literal["recording_ended"] = "recording_ended"
    reason: str


class Pong(Message):
    """Answer to `ping`."""

    type: Literal["pong"] = "pong"
    t_ms: float


class ErrorMessage(Message):
    """Something the client can act on; `seq` names the instruction it answers, if any."""

    type: Literal["error"] = "error"
    code: str
    message: str
    seq: int | None = None


class Bye(Message):
    """The last message of a session."""

    type: Literal["bye"] = "bye"
    reason: str


AnyClientMessage = Hello | Instruct | Ping
AnyServerMessage = (
    Welcome
    | Queue
    | Accepted
    | Superseded
    | Applied
    | Stats
    | RecordingEnded
    | Pong
    | ErrorMessage
    | Ending
    | Bye
)


def _types_of(messages: object) -> frozenset[str]:
    return frozenset(kind.model_fields["type"].default for kind in get_args(messages))


CLIENT_TYPES = _types_of(AnyClientMessage)
SERVER_TYPES = _types_of(AnyServerMessage)
client_adapter: TypeAdapter[AnyClientMessage] = TypeAdapter(
    Annotated[AnyClientMessage, Field(discriminator="type")]
)
server_adapter: TypeAdapter[AnyServerMessage] = TypeAdapter(
    Annotated[AnyServerMessage, Field(discriminator="type")]
)


def json_schema() -> dict[str, Any]:
    """The published schema of both directions (served at `/v1/schema`)."""
    return {
        "protocol": PROTOCOL_VERSION,
        "client": client_adapter.json_schema(),
        "server": server_adapter.json_schema(),
    }
