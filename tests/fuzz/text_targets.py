"""What is text and knows no sockets: offers, fragments, control messages, and who may ask at all."""

from __future__ import annotations

import json
from random import Random
from typing import Any, ClassVar

from starlette.types import Message, Receive, Scope, Send

from egostream.errors import BadOffer, EgostreamError
from egostream.protocol import Pong, server_adapter
from egostream.server.fragment import BadFragment, parse_fragment
from egostream.server.gate import Gate
from egostream.server.messages import decode, parse, seq_of
from egostream.server.problems import STATUS
from egostream.server.sdp import check_offer, with_bitrate_hints
from egostream.server.tokens import TokenDesk, issue
from tests.fuzz.finding import Wrong
from tests.fuzz.mutate import json_text, mutate_bytes, mutate_json, mutate_lines, mutate_word
from tests.fuzz.seeds import FRAGMENT, MESSAGES, OFFERS
from tests.fuzz.target import Target


class Offer(Target):
    """`egostream.server.sdp`."""

    name: ClassVar[str] = "offer"

    def make(self, rng: Random) -> bytes:
        return mutate_lines(rng, rng.choice(OFFERS), OFFERS).encode("utf-8", "replace")

    async def feed(self, data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        with_bitrate_hints(text)
        for direction in ("sendrecv", "sendonly"):
            try:
                check_offer(text, direction)
            except BadOffer as error:
                _check_message(error)


class FragmentText(Target):
    """`egostream.server.fragment`."""

    name: ClassVar[str] = "fragment"

    def make(self, rng: Random) -> bytes:
        return mutate_lines(rng, FRAGMENT, OFFERS).encode("utf-8", "replace")

    async def feed(self, data: bytes) -> None:
        try:
            found = parse_fragment(data.decode("utf-8", "replace"))
        except BadFragment as error:
            _check_message(error)
            return
        for candidate in found.candidates:
            if not 0 < candidate.port < 65536:
                raise Wrong(f"a candidate of port {candidate.port} passes")


class Messages(Target):
    """`egostream.server.messages`: what is let through can be said again in JSON that others can read."""

    name: ClassVar[str] = "messages"

    def make(self, rng: Random) -> bytes:
        value = mutate_json(rng, rng.choice(MESSAGES))
        return json_text(rng, value).encode("utf-8", "surrogatepass")

    async def feed(self, data: bytes) -> None:
        raw: Any = None
        try:
            raw = decode(data.decode("utf-8", "replace"))
            message = parse(raw)
        except EgostreamError as error:
            _check_message(error)
            seq = seq_of(raw)
            if seq is not None and abs(seq) > 2**53:
                raise Wrong("an error echoes a number that no other JSON reader takes") from None
            return
        if message is not None:
            back = json.loads(message.model_dump_json())
            if back != json.loads(json.dumps(message.model_dump(), allow_nan=False)):
                raise Wrong(f"{message} does not survive the wire")
            if message.type == "ping":
                server_adapter.validate_json(Pong(t_ms=message.t_ms).model_dump_json())


class Access(Target):
    """Host, Origin and Authorization in front of everything: nobody comes in without a token of ours."""

    name: ClassVar[str] = "access"

    async def open(self) -> None:
        secret = b"a secret of sixteen bytes and more"
        self._passed = False
        self._good = {issue(secret, "edit", 10_000), issue(secret, "view", 10_000)}
        self._bad = [issue(b"another secret of sixteen bytes", "edit", 10_000), "a.b", ""]
        self._gate = Gate(self._app, ["localhost", "127.0.0.1", "::1"], [], TokenDesk(secret))

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._passed = True

    def make(self, rng: Random) -> bytes:
        host = rng.choice(("localhost:8080", "127.0.0.1", "[::1]:8080", "evil.example"))
        # the token itself is as random as its time: the replay needs the text, not the generator
        token = rng.choice((*sorted(self._good), *self._bad))
        fields = {
            "host": host,
            "origin": f"http://{host}",
            "authorization": f"Bearer {token}",
        }
        for _ in range(rng.choice((0, 1, 1, 2))):
            name = rng.choice(list(fields))
            fields[name] = rng.choice(
                (
                    mutate_word(rng, fields[name]),
                    mutate_bytes(rng, fields[name].encode("utf-8", "replace")).hex(),
                )
            )
        if rng.random() < 0.2:
            fields.pop(rng.choice(list(fields)))
        path = rng.choice(("/v1/session", "/v1/whip", "/v1/whep/abc", "/", "/v1/session/"))
        kind = rng.choice(("http", "http", "websocket"))
        return json.dumps([kind, rng.choice(("POST", "GET", "PUT")), path, fields]).encode()

    async def feed(self, data: bytes) -> None:
        kind, method, path, fields = json.loads(data)
        headers = [
            (name.encode(), value.encode("utf-8", "replace")[:60_000])
            for name, value in fields.items()
        ]
        scope = {
            **{"type": kind, "method": method, "path": path, "headers": headers, "state": {}},
            **{"client": ("192.0.2.1", 1), "scheme": "http", "query_string": b""},
        }
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request"}

        async def send(message: Message) -> None:
            sent.append(message)

        self._passed = False
        await self._gate(scope, receive, send)
        given = fields.get("authorization", "").partition(" ")[2].strip()
        opens = kind == "http" and method == "POST" and path != "/"
        if self._passed and opens and given not in self._good:
            raise Wrong(f"the token {given[:100]!r} opens {path}")
        if not self._passed and not sent:
            raise Wrong("no answer at all")
        if sent and kind == "http" and sent[0]["status"] not in {*STATUS.values(), 400}:
            raise Wrong(f"status {sent[0]['status']}")
        # the limiter is not the subject: it would answer nearly everything
        self._gate._opening._buckets.clear()
        self._gate._other._buckets.clear()


def _check_message(error: EgostreamError) -> None:
    """It goes into JSON and headers, and a page shows it."""
    text = str(error)
    text.encode("utf-8")
    if not text or len(text) > 2000:
        raise Wrong(f"a message of {len(text)} characters: {text[:200]!r}")
