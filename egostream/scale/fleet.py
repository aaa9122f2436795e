"""The replicas as the front sees them: which there are, how they are, and which is to get the next session."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import aiohttp
from pydantic import ValidationError

from egostream.errors import EgostreamError
from egostream.scale import log_relay
from egostream.scale.directory import Entry
from egostream.scale.inside import CLOSE, DRAIN, SECRET, STATUS, Status
from egostream.server.session import UnknownSession
from egostream.server.sessions import NotReady

log = logging.getLogger(__name__)

POLL_S = 0.5
ANSWERS_IN_S = 2.0
MAX_SILENCES = 3
"""Of a replica in a row; then it is given up, even if its process lives."""
DIRECTORY_ANSWERS_IN_S = 5.0
CLUSTER_LOST_S = 30.0
CLOSES_IN_S = 5.0
NAME = re.compile(r"[\w-]+\.([\w-]+)", re.ASCII)
"""Of a session, with the tag of its replica. It becomes part of an address, so nothing else may be in it."""


class ClusterLost(EgostreamError):
    """Ray itself no longer answers."""

    code = "cluster_lost"


class CannotLoad(EgostreamError):
    """No replica can load the model."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(slots=True, eq=False)
class Replica:
    """One life of a replica. `num_opening`: sessions on their way to it, which its status may not count yet."""

    entry: Entry
    status: Status | None = None
    num_opening: int = 0
    num_silences: int = 0
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def is_ready(self) -> bool:
        return self.status is not None and self.status.is_ready and not self.lost.is_set()

    @property
    def room(self) -> int:
        """Free places, or below 0 how many wait for one."""
        assert self.status is not None
        return self.status.num_free - self.status.num_waiting - self.num_opening

    @contextlib.contextmanager
    def opening(self) -> Iterator[None]:
        self.num_opening += 1
        try:
            yield
        finally:
            self.num_opening -= 1


class Fleet:
    """On the front's event loop. `http` is for questions alone, so that no client's request delays them."""

    def __init__(
        self,
        num_wanted: int,
        secret: str,
        listed: Callable[[], Awaitable[list[Entry]]],
        forget: Callable[[str], None],
        give_up: Callable[[EgostreamError], None],
    ) -> None:
        """`listed`, `forget`: the directory's; `give_up` is told what the front cannot do anything about."""
        self.num_wanted = num_wanted
        self.headers = {SECRET: secret}
        self._listed, self._forget, self._give_up = listed, forget, give_up
        self._by_tag: dict[str, Replica] = {}
        self._http: aiohttp.ClientSession | None = None
        self._heard_directory = time.monotonic()
        self._was_ready = False
        self._is_closing = False

    # who there is

    @property
    def replicas(self) -> list[Replica]:
        """In any thread."""
        return sorted(list(self._by_tag.values()), key=lambda replica: replica.entry.number)

    @property
    def num_ready(self) -> int:
        return sum(replica.is_ready for replica in self.replicas)

    def total(self, what: str) -> int:
        """Of a number in the status of all that are ready."""
        return sum(getattr(r.status, what) for r in self.replicas if r.is_ready)

    def check_ready(self) -> None:
        """Raises NotReady."""
        if self._is_closing:
            raise NotReady("the server is shutting down")
        if self.num_ready == 0:
            reasons = [r.status.why_not for r in self.replicas if r.status is not None]
            raise NotReady(next(filter(None, reasons), "the replicas are being started"))

    def owner(self, name: str) -> Replica:
        """Whose session (view, viewer) it is. Raises UnknownSession."""
        is_ours = NAME.fullmatch(name)
        replica = self._by_tag.get(is_ours[1]) if is_ours else None
        if replica is None:
            raise UnknownSession("there is no such session; it may have ended")
        return replica

    async def candidates(self) -> list[Replica]:
        """Who may take a session, the one with most room first. Raises NotReady."""
        self.check_ready()
        await self._ask_all()
        self.check_ready()
        ready = [replica for replica in self.replicas if replica.is_ready]
        return sorted(ready, key=lambda replica: -replica.room)

    def lose(self, replica: Replica, why: str) -> None:
        """It is gone, or as good as: its clients are told."""
        if replica.lost.is_set():
            return
        replica.lost.set()
        self._by_tag.pop(replica.entry.tag, None)
        self._forget(replica.entry.tag)
        log.warning("replica %d was lost: %s", replica.entry.number, why)

    def failed(self, replica: Replica, error: Exception) -> None:
        """A request to it did: where nobody listens any more, it is lost."""
        if isinstance(error, aiohttp.ClientConnectorError):
            if isinstance(error.os_error, ConnectionRefusedError):
                self.lose(replica, "its process is gone")

    # its life

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        connector = aiohttp.TCPConnector(limit=64)
        timeout = aiohttp.ClientTimeout(total=ANSWERS_IN_S)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as self._http:
            watching = asyncio.create_task(self._watch())
            try:
                yield
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)

    async def _watch(self) -> None:
        self._heard_directory = time.monotonic()
        while True:
            await self._look_up()
            await self._ask_all(is_watch=True)
            self._check_hope()
            await asyncio.sleep(POLL_S)

    async def _look_up(self) -> None:
        try:
            entries = await asyncio.wait_for(self._listed(), DIRECTORY_ANSWERS_IN_S)
        except Exception as error:  # whatever Ray raises: those that are known serve on
            log.warning("the directory of replicas does not answer: %s", type(error).__name__)
            return
        self._heard_directory = time.monotonic()
        for entry in entries:
            if entry.tag not in self._by_tag:
                self._by_tag[entry.tag] = Replica(entry)
                log.info("replica %d is there: process %d", entry.number, entry.pid)

    def _check_hope(self) -> None:
        self._was_ready = self._was_ready or self.num_ready > 0
        if time.monotonic() - self._heard_directory > CLUSTER_LOST_S:
            self._give_up(ClusterLost("Ray does not answer any more: start the server again"))
        failures = [r.status.failure for r in self.replicas if r.status is not None]
        if not self._was_ready and failures and (failure := failures[0]) is not None:
            self._give_up(CannotLoad(*failure))

    async def _ask_all(self, is_watch: bool = False) -> None:
        await asyncio.gather(*(self._ask(replica, is_watch) for replica in self.replicas))

    async def _ask(self, replica: Replica, is_watch: bool) -> None:
        """Only the watch counts silences: many may ask at once."""
        was_ready, number = replica.is_ready, replica.entry.number
        try:
            replica.status = Status.model_validate_json(await self._said("GET", replica, STATUS))
        except (aiohttp.ClientError, TimeoutError, ValidationError) as error:
            self.failed(replica, error)
            replica.num_silences += is_watch
            if replica.num_silences >= MAX_SILENCES:
                self.lose(replica, f"it does not answer ({type(error).__name__})")
            return
        replica.num_silences = 0
        log_relay.write(number, replica.status.log)
        if replica.is_ready != was_ready:
            log.info("replica %d: %s", number, replica.status.why_not or "ready")

    async def _said(self, method: str, replica: Replica, path: str, **query: str) -> bytes:
        assert self._http is not None
        url = replica.entry.url + path
        async with self._http.request(
            method, url, params=query, headers=self.headers, raise_for_status=True
        ) as response:
            return await response.read()

    # its end: what `GracefulServer` asks for

    @property
    def num_running(self) -> int:
        return sum(r.status.num_sessions for r in self.replicas if r.status is not None)

    async def drain(self, timeout_s: float) -> None:
        self._is_closing = True
        deadline = time.monotonic() + timeout_s
        await self._tell_all(DRAIN, timeout_s=str(timeout_s))
        await self._ask_all()
        while time.monotonic() < deadline and self.num_running:
            await asyncio.sleep(POLL_S / 2)
            await self._ask_all()

    async def close_all(self, reason: str) -> None:
        self._is_closing = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._tell_all(CLOSE, reason=reason), CLOSES_IN_S)
        await self._ask_all()  # for their last lines

    async def _tell_all(self, path: str, **query: str) -> None:
        told = (self._said("POST", replica, path, **query) for replica in self.replicas)
        for error in await asyncio.gather(*told, return_exceptions=True):
            if isinstance(error, BaseException):
                log.warning("a replica could not be told to end: %s", type(error).__name__)
