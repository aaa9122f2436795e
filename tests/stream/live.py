"""A real server on a loopback port, in a thread of its own, and minimal aiortc clients for it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import numpy as np
import websockets
from aioice import ice
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import VIDEO_TIME_BASE, MediaStreamError, MediaStreamTrack
from aiortc.rtcrtpparameters import RTCRtpCodecCapability
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from av import VideoFrame

from egostream.contract import EditorLike
from egostream.rtc.encoders import make_encoder
from egostream.rtc.private import rebind
from egostream.server.app import GracefulServer, bind, create_app
from egostream.server.peer import improve_receiver, improve_sender
from egostream.server.security import security_of
from egostream.server.settings import ServerSettings

PREFERRED: list[RTCRtpCodecCapability] = []
"""Codecs the clients offer; all when empty."""


class LiveServer:
    """`url` and `port` once started; `app.state` holds the scheduler and the sessions."""

    def __init__(self, settings: ServerSettings, editor: EditorLike | None) -> None:
        settings = replace(settings, port=0)
        self._listener = bind(settings)
        self.port: int = self._listener.getsockname()[1]
        security = security_of(settings)
        self.url = f"{security.scheme}://127.0.0.1:{self.port}"
        self.app = create_app(settings, editor, security=security)
        self._server = GracefulServer(self.app, settings, security.certificate)
        self._thread = threading.Thread(target=self._run, name="server")

    def _run(self) -> None:
        with asyncio.Runner() as runner:
            self._loop = runner.get_loop()
            runner.run(self._server.serve(sockets=[self._listener]))

    async def num_tasks(self) -> int:
        """How many tasks the server's event loop runs, this question not counted."""

        async def count() -> int:
            return len(asyncio.all_tasks()) - 1

        asked = asyncio.run_coroutine_threadsafe(count(), self._loop)
        return await asyncio.wrap_future(asked)

    def call(self, work: Callable[..., object], *args: object) -> None:
        """On the server's event loop."""
        self._loop.call_soon_threadsafe(work, *args)

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()

    def wait_ready(self, timeout_s: float = 10.0) -> None:
        deadline = time.monotonic() + timeout_s
        # Its certificate is of its own making, if it has one.
        while httpx.get(f"{self.url}/readyz", verify=False).status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.02)


@contextlib.contextmanager
def serving(
    editor: EditorLike | None, *, wait: bool = True, **settings: Any
) -> Iterator[LiveServer]:
    server = LiveServer(ServerSettings(**settings), editor)
    server.start()
    try:
        if wait:
            server.wait_ready()
        yield server
    finally:
        server.stop()


class Camera(MediaStreamTrack):
    """An open-loop source of `fps`. `size` may change at any time. Its pts start where they
    like."""

    kind = "video"

    def __init__(self, fps: float = 24.0, size: tuple[int, int] = (256, 192)) -> None:
        super().__init__()
        self.fps, self.size = fps, size
        self.start_pts = 0xFFFFFFFF - 90_000  # wraps after a second
        self.sent_ns: dict[int, int] = {}
        self.is_paused = False
        self._num = 0
        self._start = time.monotonic()

    async def recv(self) -> VideoFrame:
        if self.readyState != "live":
            raise MediaStreamError
        while True:
            due = self._start + self._num / self.fps
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            self._num += 1
            if not self.is_paused:
                break
        pts = self.start_pts + round((self._num - 1) * 90_000 / self.fps)
        width, height = self.size
        rgb = np.full((height, width, 3), 60, np.uint8)
        at = self._num * 4 % (width - 16)
        rgb[height // 3 : height // 2, at : at + 16] = (230, 40, 40)
        frame = VideoFrame.from_ndarray(rgb, format="rgb24")
        frame.pts, frame.time_base = pts, VIDEO_TIME_BASE
        self.sent_ns[pts & 0xFFFFFFFF] = time.monotonic_ns()
        return frame


@dataclass
class Picture:
    rtp: int
    at_ns: int
    rgb: np.ndarray


@dataclass
class Client:
    """One connected peer. `pictures` is what came back, `messages` what the control socket said."""

    server: LiveServer
    camera: Camera
    pc: RTCPeerConnection
    location: str = ""
    answer: str = ""
    pictures: list[Picture] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    socket: Any = None
    encoding: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(
        self, instruction: str | None = None, resume: str | None = None
    ) -> httpx.Response:
        """A new session, or another connection for the one at `resume`."""
        track = improve(self.pc, self.camera)
        self._tasks.append(asyncio.create_task(self._watch(track)))
        await self.pc.setLocalDescription(await self.pc.createOffer())
        response = await self.post(self.pc.localDescription.sdp, instruction, resume)
        if response.is_success:
            self.location, self.answer = resume or response.headers["location"], response.text
            await self.pc.setRemoteDescription(RTCSessionDescription(response.text, "answer"))
            transceiver = self.pc.getTransceivers()[0]
            encoder = make_encoder(transceiver._codecs[0], lambda pts: None)
            improve_sender(transceiver.sender, encoder, self.encoding)
        return response

    async def post(
        self, offer: str, instruction: str | None = None, resume: str | None = None
    ) -> httpx.Response:
        async with httpx.AsyncClient() as http:
            return await http.post(
                f"{self.server.url}{resume or '/v1/session'}",
                content=offer,
                params={"instruction": instruction} if instruction else None,
                headers={"content-type": "application/sdp"},
            )

    async def delete(self) -> httpx.Response:
        async with httpx.AsyncClient() as http:
            return await http.delete(f"{self.server.url}{self.location}")

    async def open_control(self) -> None:
        url = f"ws://127.0.0.1:{self.server.port}{self.location}/control"
        self.socket = await websockets.connect(url)
        self._tasks.append(asyncio.create_task(self._listen(self.socket)))
        await self.say({"type": "hello"})
        await self.message("welcome")

    async def say(self, message: dict[str, Any] | str) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        await self.socket.send(text)

    async def message(self, kind: str, timeout_s: float = 5.0, **where: Any) -> dict[str, Any]:
        """The first such message so far or to come."""

        def found() -> dict[str, Any] | None:
            for m in self.messages:
                if m["type"] == kind and all(m.get(k) == v for k, v in where.items()):
                    return m
            return None

        await until(lambda: found() is not None, timeout_s, f"{kind} {where}")
        message = found()
        assert message is not None
        return message

    async def flows(self, num: int = 5, timeout_s: float = 5.0) -> None:
        """Wait for `num` more pictures."""
        goal = len(self.pictures) + num
        await until(lambda: len(self.pictures) >= goal, timeout_s, f"{num} more pictures")

    def ages_ms(self, since: int = 0) -> list[float]:
        """Sent to received, of pictures from index `since` on."""
        sent = self.camera.sent_ns
        return [(p.at_ns - sent[p.rtp]) / 1e6 for p in self.pictures[since:]]

    async def vanish(self) -> None:
        """As when the machine is switched off: no BYE, no DTLS alert, no TCP close."""
        self.camera.is_paused = True
        for transceiver in self.pc.getTransceivers():
            connection = transceiver.receiver.transport.transport._connection
            for protocol in connection._protocols:
                protocol.transport.sendto = lambda data, addr: None  # type: ignore[method-assign]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.pc.close()
        self.encoding.shutdown(wait=False)
        if self.socket is not None:
            await self.socket.close()

    async def _watch(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                at_ns = time.monotonic_ns()
                assert isinstance(frame, VideoFrame) and frame.pts is not None
                rgb = frame.to_ndarray(format="rgb24")
                self.pictures.append(Picture(frame.pts & 0xFFFFFFFF, at_ns, rgb))
        self.ended.set()

    async def _listen(self, socket: Any) -> None:
        with contextlib.suppress(websockets.ConnectionClosed):
            async for text in socket:
                self.messages.append(json.loads(text))
        self.closed.set()


def improve(pc: RTCPeerConnection, camera: Camera) -> MediaStreamTrack:
    """Loopback only, and with the server's own improvements to aiortc, so that RTP timestamps are
    the camera's and no frame waits for the next."""
    transceiver = pc.addTransceiver(camera, direction="sendrecv")
    transceiver._preferred_codecs = PREFERRED
    receiver = transceiver.receiver
    rebind(
        receiver.transport.transport._connection,
        ice.Connection.gather_candidates,
        get_host_addresses=lambda use_ipv4, use_ipv6: ["127.0.0.1"],
    )
    improve_receiver(receiver)
    return _Later(receiver)


class _Later(MediaStreamTrack):
    """A receiver's track, which exists only once the answer is there."""

    kind = "video"

    def __init__(self, receiver: RTCRtpReceiver) -> None:
        super().__init__()
        self._receiver = receiver

    async def recv(self) -> Any:
        while self._receiver.track is None:
            await asyncio.sleep(0.005)
        return await self._receiver.track.recv()


@contextlib.asynccontextmanager
async def connected(
    server: LiveServer,
    *,
    instruction: str | None = "make it night",
    control: bool = True,
    camera: Camera | None = None,
) -> AsyncIterator[Client]:
    """A client whose session is open; pictures may still be on their way."""
    client = new_client(server, camera)
    try:
        response = await client.start(instruction)
        assert response.status_code == 201, response.text
        if control:
            await client.open_control()
        yield client
    finally:
        await client.close()


def new_client(server: LiveServer, camera: Camera | None = None) -> Client:
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    return Client(server, camera or Camera(), pc)


async def until(condition: Any, timeout_s: float, what: str) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"no {what}"
        await asyncio.sleep(0.01)
