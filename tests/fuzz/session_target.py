"""Offers to the whole application: it runs in this process, so that its tasks can be counted too."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import threading
import time
from random import Random
from typing import ClassVar

import httpx

from egostream.identity import IdentityEditor
from egostream.server.settings import ServerSettings
from tests.fuzz.finding import Wrong
from tests.fuzz.mutate import mutate_lines
from tests.fuzz.seeds import OFFERS, tame
from tests.fuzz.target import Target
from tests.stream.live import LiveServer

LIVES_S = 0.03
"""An opened session is left to itself for so long: that is when its offer's candidates and names are used."""
OWN_TASKS = 3
SETTLED_S = 20.0


class Session(Target):
    """`POST /v1/session`, `/v1/whip` and `/v1/whep/…`, and another connection for a session that is there."""

    name: ClassVar[str] = "session"

    async def open(self) -> None:
        self._listening = _Complaints()
        logging.getLogger().addHandler(self._listening)
        self._server = LiveServer(ServerSettings(max_sessions=4, queue=2), IdentityEditor())
        self._server.start()
        await asyncio.to_thread(self._server.wait_ready)
        self._http = httpx.AsyncClient(base_url=self._server.url)
        self._base: tuple[int, int] | None = None
        self._num = 0

    def make(self, rng: Random) -> bytes:
        offer = tame(mutate_lines(rng, rng.choice(OFFERS), OFFERS))
        if rng.random() < 0.2:
            offer = offer.replace("a=sendrecv", rng.choice(("a=sendonly", "a=recvonly")))
        way = rng.choice(("open", "open", "open", "whip", "watch", "resume"))
        return json.dumps([way, offer]).encode()

    async def feed(self, data: bytes) -> None:
        way, offer = json.loads(data)
        body = offer.encode("utf-8", "replace")
        path, parent = "/v1/session", None
        if way == "whip":
            path = "/v1/whip"
        elif way in ("watch", "resume"):
            parent = await self._post("/v1/session", OFFERS[0].encode())
            if parent.status_code != 201:
                raise Wrong(f"a real offer gets {parent.status_code}: {parent.text[:300]}")
            path = parent.headers["location"]
            if way == "watch":
                path = parent.headers.get_list("link", split_commas=True)[-1].split(">")[0][1:]
        answer = await self._post(path, body)
        if answer.status_code == 201:
            await asyncio.sleep(LIVES_S)
        await self.judge(answer, parent)

    async def judge(self, answer: httpx.Response, parent: httpx.Response | None = None) -> None:
        """Ends what was opened. Raises Wrong."""
        if answer.status_code >= 500:
            raise Wrong(f"status {answer.status_code}: {answer.text[:300]}")
        for opened in (answer, parent):
            if opened is not None and opened.status_code == 201:
                await self._http.delete(opened.headers["location"])
        self._num += 1
        if self._num % 20 == 0:
            gc.collect()  # a task that failed unseen says so when it is collected
        self._listening.check()

    async def settle(self) -> None:
        deadline = time.monotonic() + SETTLED_S
        while (left := await self._left_behind()) is not None:
            if time.monotonic() > deadline:
                raise Wrong(left)
            await asyncio.sleep(0.2)
        gc.collect()
        self._listening.check()

    async def close(self) -> None:
        await self._http.aclose()
        await asyncio.to_thread(self._server.stop)
        logging.getLogger().removeHandler(self._listening)

    async def _post(self, path: str, body: bytes) -> httpx.Response:
        answer = await self._http.post(
            path, content=body, headers={"content-type": "application/sdp"}
        )
        if self._base is None:
            self._base = _held()
        return answer

    async def _left_behind(self) -> str | None:
        if (num := len(self._server.app.state.sessions._by_id)) > 0:
            return f"{num} sessions are left"
        if (tasks := await self._server.num_tasks()) > OWN_TASKS:
            return f"{tasks} tasks are left"
        held = _held()
        if self._base is not None and (held[0] > self._base[0] + 6 or held[1] > self._base[1] + 4):
            return f"{held} threads and files, where there were {self._base}"
        return None


def _held() -> tuple[int, int]:
    return threading.active_count(), len(os.listdir("/proc/self/fd"))


class _Complaints(logging.Handler):
    """Errors and stacks in the log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        text = logging.Formatter().format(record)
        if record.levelno >= logging.ERROR or "Traceback" in text:
            self._found.append(text)

    def check(self) -> None:
        """Raises Wrong."""
        found, self._found = self._found, []
        if found:
            raise Wrong(f"in the log: {found[0]}")
