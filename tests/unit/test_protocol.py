from __future__ import annotations

import json

import pytest

from egostream import protocol
from egostream.errors import BadInstruction
from egostream.protocol import (
    Accepted,
    Applied,
    Bye,
    Ending,
    ErrorMessage,
    Hello,
    Instruct,
    Message,
    Ping,
    Pong,
    Queue,
    RecordingEnded,
    Stats,
    Superseded,
    Welcome,
    client_adapter,
    server_adapter,
)
from egostream.server.messages import BadMessage, decode, parse, seq_of

CLIENT: list[Message] = [Hello(), Instruct(seq=3, text="make it night"), Ping(t_ms=1.5)]
SERVER: list[Message] = [
    Welcome(session="s", preset="p", frame_width=256, frame_height=192, chunk_frames=4),
    Accepted(seq=1, applies_from_chunk=2),
    Superseded(seq=1),
    Applied(seq=1, chunk=2, pts_90k=2**32 - 1, text="make it night"),
    Stats(
        frames_in=1,
        frames_out=1,
        dropped=0,
        late=0,
        fps_in=24.0,
        fps_out=24.0,
        frame_age_ms=1.0,
        first_frame_ms=None,
        chunk_ms=1.0,
        stage_ms={"decode": 1.0},
    ),
    RecordingEnded(reason="the disk has less than 1 GB left"),
    Pong(t_ms=1.5),
    Queue(position=2, size=3),
    ErrorMessage(code="busy", message="full", seq=None),
    Ending(in_s=30.0, reason="the server is stopping"),
    Bye(reason="done"),
]


@pytest.mark.parametrize("message", CLIENT, ids=lambda m: m.type)
def test_client_messages_survive_the_wire(message: Message) -> None:
    raw = json.loads(message.model_dump_json())
    assert client_adapter.validate_python(raw) == message == parse(raw)


@pytest.mark.parametrize("message", SERVER, ids=lambda m: m.type)
def test_server_messages_survive_the_wire(message: Message) -> None:
    assert server_adapter.validate_json(message.model_dump_json()) == message


def test_every_type_is_named() -> None:
    assert {m.type for m in CLIENT} == protocol.CLIENT_TYPES  # type: ignore[attr-defined]
    assert {m.type for m in SERVER} == protocol.SERVER_TYPES  # type: ignore[attr-defined]


def test_the_schema_is_json_and_names_every_message() -> None:
    text = json.dumps(protocol.json_schema())
    for kind in protocol.CLIENT_TYPES | protocol.SERVER_TYPES:
        assert f'"{kind}"' in text


def test_newer_peers_are_understood() -> None:
    assert parse({"type": "hello", "protocol": 2, "colour": "red"}) == Hello(protocol=2)
    assert parse({"type": "set_image", "url": "x"}) is None


@pytest.mark.parametrize("text", ["", "{", "[" * 16_000, '{"type":"ping","t_ms":NaN}', "\0"])
def test_what_is_not_json_is_a_bad_message(text: str) -> None:
    with pytest.raises(BadMessage):
        decode(text)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "hello",
        {},
        {"type": 3},
        {"type": ["ping"]},
        {"type": "ping"},
        {"type": "ping", "t_ms": "soon"},
        {"type": "instruct", "text": "make it night"},
        {"type": "instruct", "seq": -1, "text": "make it night"},
        {"type": "instruct", "seq": 2**60, "text": "make it night"},
    ],
)
def test_malformed_messages_are_named(raw: object) -> None:
    with pytest.raises(BadMessage):
        parse(raw)


@pytest.mark.parametrize("text", ["", "x" * 501, 7])
def test_a_bad_instruction_is_named_as_one(text: object) -> None:
    with pytest.raises(BadInstruction) as caught:
        parse({"type": "instruct", "seq": 4, "text": text})
    assert "x" * 50 not in str(caught.value)


def test_the_seq_of_a_broken_message() -> None:
    assert seq_of({"type": "instruct", "seq": 4, "text": ""}) == 4
    assert seq_of({"seq": True}) is None
    assert seq_of([4]) is None


def test_numbers_that_others_cannot_read_do_not_come_back() -> None:
    """Python's JSON reads 1e999 as infinity, and whole numbers of any length."""
    with pytest.raises(BadMessage):
        parse(decode('{"type": "ping", "t_ms": 1e999}'))
    assert seq_of({"seq": 2**53}) == 2**53
    assert seq_of({"seq": 2**53 + 1}) is None
    assert seq_of({"seq": -1}) is None
