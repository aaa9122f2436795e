"""A real server process with a real client that streams all the while: the witness that others go undisturbed."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from typing import Any

import psutil

from bench.server_process import ServerProcess
from client.peer import EditClient, EditedFrame
from client.sources import PatternSource, PreparedSource
from tests.fuzz.finding import Wrong, complaints
from tests.fuzz.seeds import AIORTC

FPS = 24.0
MAX_SILENCE_S = 1.5
MIN_RATE = 0.8
"""Of the camera's frames that must come back. Others may work on the machine too."""
SETTLED_S = 25.0
"""By then what the fuzzer opened and forgot is gone: a connection that breaks keeps its place for ten seconds."""


class Scene:
    """`open` once, `check` after each input, `settle` and `close` at the end."""

    def __init__(self, min_rate: float = MIN_RATE) -> None:
        self._min_rate = min_rate
        arguments = ["--max-sessions", "8", "--queue", "4"]
        self.server = ServerProcess("identity", arguments)
        self.witness = new_client(self.server)
        self._read = 0
        self._arrived: list[float] = []

    @property
    def host(self) -> str:
        return self.server.url.removeprefix("http://")

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.host.partition(":")
        return host, int(port)

    async def open(self) -> None:
        await asyncio.to_thread(self.server.__enter__)
        self.witness = new_client(self.server, self._frame)
        await self.witness.connect()
        await wait_until(lambda: len(self._arrived) > 24, 10.0, "pictures for the witness")
        self._process = psutil.Process(self.server.process.pid)
        self._base = (self._process.num_threads(), self._process.num_fds())
        self._arrived.clear()
        self._start = time.monotonic()

    async def check(self) -> None:
        """Raises Wrong."""
        if self.server.process.poll() is not None:
            raise Wrong(f"the server ended with {self.server.process.returncode}")
        log = self.server.log_text()
        new, self._read = log[self._read :], len(log)
        if found := complaints(new):
            raise Wrong(f"in the server's log: {found[0]}\n{new[-3000:]}\n{found[-1]}")
        last = self._arrived[-1] if self._arrived else self._start
        if self.witness.ended is not None:
            raise Wrong(f"another client's session ended: {self.witness.ended}")
        if time.monotonic() - last > MAX_SILENCE_S:
            # the loop itself may have been held by what the fuzzer does: give it a turn
            await asyncio.sleep(0.5)
            if not self._arrived or time.monotonic() - self._arrived[-1] > MAX_SILENCE_S:
                raise Wrong("another client gets no more frames")

    async def settle(self) -> None:
        """Raises Wrong unless all is as it was."""
        seconds = time.monotonic() - self._start
        rate = len(self._arrived) / seconds
        if seconds > 3 and rate < self._min_rate * FPS:
            raise Wrong(f"another client got {rate:.1f} frames a second of {FPS:g}")
        deadline = time.monotonic() + SETTLED_S
        while (left := await asyncio.to_thread(self._left_behind)) is not None:
            if time.monotonic() > deadline:
                raise Wrong(left)
            await asyncio.sleep(0.25)
        await self.check()

    async def close(self) -> None:
        await self.witness.close()
        await asyncio.to_thread(self.server.stop)

    def rss_mb(self) -> float:
        return self.server.usage().rss_mb

    def info(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.server.url}/v1/info", timeout=2) as response:
            found: dict[str, Any] = json.load(response)
            return found

    def _left_behind(self) -> str | None:
        """What is there that was not at the beginning."""
        info = self.info()
        taken = info["slots"] - info["slots_free"]
        if taken != 1 or info["waiting"]:
            return f"{taken} places stay taken and {info['waiting']} wait, where one client is left"
        threads, files = self._process.num_threads(), self._process.num_fds()
        if threads > self._base[0] + 4 or files > self._base[1] + 3:
            return f"{threads} threads and {files} files, where there were {self._base}"
        return None

    def _frame(self, frame: EditedFrame) -> None:
        self._arrived.append(time.monotonic())


def new_client(server: ServerProcess, on_frame: Any = None) -> EditClient:
    source = PreparedSource.of(PatternSource((128, 96), FPS), 24)
    return EditClient(server.url, source, instruction="x", on_frame=on_frame)


async def wait_until(is_so: Any, timeout_s: float, what: str) -> None:
    """Raises Wrong."""
    deadline = time.monotonic() + timeout_s
    while not is_so():
        if time.monotonic() > deadline:
            raise Wrong(f"no {what}")
        await asyncio.sleep(0.01)


def open_silent_session(server: ServerProcess) -> str:
    """The path of a session that is open but whose media never connects."""
    headers = {"Content-Type": "application/sdp"}
    url = f"{server.url}/v1/session?instruction=x"
    request = urllib.request.Request(url, AIORTC.encode(), headers, method="POST")
    with urllib.request.urlopen(request, timeout=2) as response:
        return str(response.headers["Location"])
