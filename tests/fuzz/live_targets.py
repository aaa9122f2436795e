"""What a real server process is sent over TCP: whole requests, and control sockets."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import re
from random import Random
from typing import ClassVar
from urllib.parse import urlsplit

import websockets

from egostream.protocol import MAX_MESSAGE_BYTES, server_adapter
from tests.fuzz.finding import Wrong, shown
from tests.fuzz.mutate import json_text, mutate_bytes, mutate_json, mutate_lines
from tests.fuzz.scene import Scene, new_client, open_silent_session
from tests.fuzz.seeds import FRAGMENT, MESSAGES, OFFERS, requests, tame
from tests.fuzz.target import Target

LOCATION = re.compile(rb"^location: (/v1/(?:session|viewer)/\S+)", re.MULTILINE | re.IGNORECASE)
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
FINE = {503}
"""Of the server's own errors: it may be full."""


class Live(Target):
    """With a scene of its own, or one that is there and stays."""

    def __init__(self, scene: Scene | None = None) -> None:
        self.scene = scene or Scene()
        self._owns_scene = scene is None

    async def open(self) -> None:
        if self._owns_scene:
            await self.scene.open()

    async def feed(self, data: bytes) -> None:
        await self.try_one(data)
        await self.scene.check()

    async def try_one(self, data: bytes) -> None:
        """Raises Wrong."""
        raise NotImplementedError

    async def settle(self) -> None:
        await self.scene.settle()

    async def close(self) -> None:
        if self._owns_scene:
            await self.scene.close()

    def rss_mb(self) -> float:
        return self.scene.rss_mb()

    async def request(self, raw: bytes) -> bytes:
        """The answer to a raw request, as much of it as comes until the server is done with it."""
        reader, writer = await asyncio.open_connection(*self.scene.address)
        answer = b""
        try:
            with contextlib.suppress(OSError):
                writer.write(raw)
                await writer.drain()
                writer.write_eof()
                while part := await reader.read(1 << 16):
                    answer += part
        finally:
            writer.close()
        statuses = [int(found) for found in STATUS.findall(answer)]
        if wrong := [status for status in statuses if status >= 500 and status not in FINE]:
            raise Wrong(f"status {wrong[0]} for {shown(raw)}")
        for location in LOCATION.findall(answer):
            await self.request(b"DELETE %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (location, self.host))
        return answer

    @property
    def host(self) -> bytes:
        return self.scene.host.encode()


class Http(Live):
    """Request lines, headers, bodies, lengths."""

    name: ClassVar[str] = "http"

    def make(self, rng: Random) -> bytes:
        known = requests()
        request = rng.choice(known)
        if rng.random() < 0.6:
            head, blank, body = request.partition(b"\r\n\r\n")
            others = [other.partition(b"\r\n\r\n")[0].decode() for other in known]
            text = mutate_lines(rng, head.decode(), others).removesuffix("\r\n")
            encoding = rng.choice(("utf-8", "latin-1"))
            request = text.encode(encoding, "replace") + blank + body
        else:
            request = mutate_bytes(rng, request, known)
        return tame(request.decode("latin-1")).encode("latin-1")

    async def try_one(self, data: bytes) -> None:
        await self.request(data.replace(b"HOST", self.host))


class Patch(Live):
    """Trickled fragments for a session that is open."""

    name: ClassVar[str] = "trickle"

    async def open(self) -> None:
        await super().open()
        self._path: str | None = None

    def make(self, rng: Random) -> bytes:
        return tame(mutate_lines(rng, FRAGMENT, OFFERS)).encode("utf-8", "replace")

    async def try_one(self, data: bytes) -> None:
        if self._path is None:
            self._path = await asyncio.to_thread(open_silent_session, self.scene.server)
        head = (
            f"PATCH {self._path} HTTP/1.1\r\nHost: {self.scene.host}\r\nConnection: close\r\n"
            f"Content-Type: application/trickle-ice-sdpfrag\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        answer = await self.request(head.encode() + data)
        # gone by itself, or full of candidates: another one
        if b" 404 " in answer[:20] or b"candidates are taken" in answer:
            await self._delete()

    async def settle(self) -> None:
        await self._delete()
        await super().settle()

    async def _delete(self) -> None:
        if self._path is not None:
            path, self._path = self._path.encode(), None
            await self.request(b"DELETE %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (path, self.host))


class Control(Live):
    """Text and binary frames, whole or broken, over a real WebSocket of a session that streams. The first byte of an
    input says how it is sent: 0 as text, 1 as binary, 2 as a raw frame.
    """

    name: ClassVar[str] = "control"

    async def open(self) -> None:
        await super().open()
        # its own control socket is taken over by ours; its camera keeps the session
        self._owner = new_client(self.scene.server)
        await self._owner.connect()
        assert self._owner._opened is not None
        self._path = urlsplit(self._owner._opened.session_url).path
        self._socket: websockets.ClientConnection | None = None
        self._asked = 0

    def make(self, rng: Random) -> bytes:
        value = mutate_json(rng, rng.choice(MESSAGES))
        text = json_text(rng, value).encode("utf-8", "replace")
        how = rng.choice((0, 0, 0, 1, 2, 2))
        return bytes([how]) + (_raw_frame(rng, text) if how == 2 else text)

    async def try_one(self, data: bytes) -> None:
        if data[0] == 2:
            await self._send_raw(data[1:])
            return
        socket = await self._connected()
        with contextlib.suppress(websockets.ConnectionClosed):
            await socket.send(data[1:].decode("utf-8", "replace") if data[0] == 0 else data[1:])
            await self._still_answers(socket)
            return
        self._socket = None
        if len(data) <= MAX_MESSAGE_BYTES:
            raise Wrong(f"the control socket closed ({socket.close_code}) for {shown(data)}")

    async def _connected(self) -> websockets.ClientConnection:
        if self._socket is None:
            url = f"ws://{self.scene.host}{self._path}/control"
            self._socket = await websockets.connect(url, compression=None)
        return self._socket

    async def _still_answers(self, socket: websockets.ClientConnection) -> None:
        self._asked += 1
        await socket.send(json.dumps({"type": "ping", "t_ms": self._asked + 0.25}))
        async for text in socket:
            message = server_adapter.validate_json(text)
            if message.type == "pong" and message.t_ms == self._asked + 0.25:
                return
            if message.type == "bye":
                raise Wrong(f"the session ended: {message.reason}")

    async def _send_raw(self, frames: bytes) -> None:
        """Through a handshake of our own, so that nothing on this side keeps to the rules."""
        key = base64.b64encode(bytes(16))
        reader, writer = await asyncio.open_connection(*self.scene.address)
        try:
            writer.write(
                b"GET %s/control HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n\r\n"
                % (self._path.encode(), self.host, key)
            )
            answer = await reader.readuntil(b"\r\n\r\n")
            if b" 101 " not in answer[:20]:
                raise Wrong(f"no control socket: {shown(answer)}")
            with contextlib.suppress(OSError):
                writer.write(frames)
                await writer.drain()
                writer.write_eof()
                while await reader.read(1 << 16):
                    pass
        finally:
            writer.close()
        self._socket = None  # the newer one took over

    async def settle(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        await self._owner.close()
        path = self._path.encode()
        await self.request(b"DELETE %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (path, self.host))
        await super().settle()

    async def close(self) -> None:
        await self._owner.close()
        await super().close()


def _raw_frame(rng: Random, payload: bytes) -> bytes:
    """Frames whose opcode, length and mask may be anything."""
    frames = b""
    for _ in range(rng.choice((1, 1, 2, 4))):
        opcode = rng.choice((0x81, 0x82, 0x01, 0x00, 0x80, 0x88, 0x89, 0x8A, 0xC1, 0x8F))
        mask = rng.choice((0x80, 0x80, 0x80, 0))
        part = payload[: rng.choice((0, 1, 2, 100, 125, 20_000))]
        size = rng.choice((len(part), len(part), 126, 127, 0))
        if size == len(part) and size < 126:
            head = bytes([opcode, mask | size])
        else:
            length = rng.choice((len(part), 2**16 - 1, 2**63, 2**64 - 1))
            head = bytes([opcode, mask | 127]) + length.to_bytes(8, "big")
        frames += head + (bytes(4) if mask else b"") + part
    return mutate_bytes(rng, frames) if rng.random() < 0.3 else frames
