"""Admission: how many sessions run at once, who waits for a place, and finding them again."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from egostream.errors import Busy, EgostreamError
from egostream.instruction import check_instruction
from egostream.recording.recorder import Recordings
from egostream.scheduler import Scheduler
from egostream.server.metrics import Metrics
from egostream.server.metrics_hooks import counted_admission
from egostream.server.session import Session, UnknownSession
from egostream.server.settings import ServerSettings
from egostream.server.tidy import Tidier
from egostream.server.viewers import UnknownViewer, Viewer, Viewers, view_id_of
from egostream.server.workers import Workers


class NotReady(EgostreamError):
    """The model is still loading, or could not be loaded."""

    code = "not_ready"


class Sessions:
    """All of them, on one event loop. Queue: bounded by the settings; a session beyond it is refused."""

    def __init__(
        self,
        settings: ServerSettings,
        scheduler: Scheduler,
        metrics: Metrics | None = None,
        recordings: Recordings | None = None,
    ) -> None:
        self.metrics = metrics or Metrics()
        self._settings = settings
        self._scheduler = scheduler
        self._encoding = ThreadPoolExecutor(min(4, os.cpu_count() or 1), "encode")
        self._text = ThreadPoolExecutor(1, "text")
        self._workers = Workers(self._encoding, self._text, self.metrics, recordings)
        self._by_id: dict[str, Session] = {}
        self._queue: list[Session] = []
        self._is_closing = False
        self._changed = asyncio.Event()
        self._tidier = Tidier()

    @property
    def num_slots(self) -> int:
        return self._settings.max_sessions

    @property
    def num_running(self) -> int:
        """Sessions that are being edited."""
        return len(self._by_id) - len(self._queue)

    @property
    def num_waiting(self) -> int:
        return len(self._queue)

    @property
    def num_free(self) -> int:
        return self.num_slots - self.num_running

    @property
    def num_viewers(self) -> int:
        return sum(len(session.viewers) for session in list(self._by_id.values()))

    @property
    def is_ready(self) -> bool:
        try:
            self.check_ready()
        except NotReady:
            return False
        return True

    def states(self) -> Counter[str]:
        """How many sessions are doing what. In any thread."""
        return Counter(session.state for session in list(self._by_id.values()))

    def waits(self, session_id: str) -> bool:
        """Whether it is in the queue."""
        return any(session.id == session_id for session in self._queue)

    def check_ready(self) -> None:
        """Raises NotReady."""
        if self._scheduler.failure is not None:
            raise NotReady("the model could not be loaded; the server's log says why")
        if self._scheduler.editor is None:
            raise NotReady("the model is warming up; try again in a few seconds")
        if self._scheduler.is_interrupted:
            raise NotReady("the model is being started again; try again in a few seconds")
        if self._is_closing:
            raise NotReady("the server is shutting down")

    @counted_admission
    async def open(
        self,
        offer: str,
        instruction: str | None,
        limit_s: float = 0.0,
        echoes: bool = True,
    ) -> tuple[str, str]:
        """(session id, SDP answer); where no place is free, it waits for one. `limit_s`: how long this one may last, if
        less than others; `echoes`: see `Session`. Raises NotReady, Busy, BadInstruction, BadOffer.
        """
        self.check_ready()
        if instruction is not None:
            instruction = check_instruction(instruction)
        has_place = self.num_free > 0
        if not has_place and self.num_waiting >= self._settings.queue:
            waiting = f" and {self.num_waiting} wait for one" if self.num_waiting else ""
            raise Busy(
                f"all {self.num_slots} places are taken{waiting}; try again in a little while"
            )
        session_id = secrets.token_urlsafe(24) + self._settings.id_suffix
        limits_s = [s for s in (limit_s, self._settings.max_session_s) if s > 0]
        settings = replace(self._settings, max_session_s=min(limits_s, default=0.0))
        session = Session(
            session_id, settings, self._scheduler, self._workers, self._forget, echoes
        )
        self._by_id[session_id] = session  # before any await: the place is taken
        if has_place:
            session.admit()
        else:
            self._queue.append(session)
            self._tell_places()
        try:
            return session_id, await session.start(offer, instruction)
        except BaseException:
            await session.close("the session could not be opened")
            raise

    def get(self, session_id: str) -> Session:
        """Raises UnknownSession."""
        try:
            return self._by_id[session_id]
        except KeyError:
            raise UnknownSession("there is no such session; it may have ended") from None

    def viewed(self, view_id: str) -> Session:
        """The session that is watched under this id. Raises UnknownSession."""
        for session in self._by_id.values():
            if secrets.compare_digest(view_id_of(session.id), view_id):
                return session
        raise UnknownSession("there is no such session to watch; it may have ended")

    def viewer(self, viewer_id: str) -> tuple[Viewers, Viewer]:
        """A viewer, among those it watches with. Raises UnknownViewer."""
        for session in self._by_id.values():
            if viewer_id in session.viewers:
                return session.viewers, session.viewers.get(viewer_id)
        raise UnknownViewer("there is no such viewer; it may have left")

    async def drain(self, timeout_s: float) -> None:
        """No new ones; those there are may end by themselves, and are closed after that time."""
        self._is_closing = True
        reason = "the server is shutting down"
        await asyncio.gather(*(s.close(reason) for s in list(self._queue)))
        for session in self._by_id.values():
            session.warn(timeout_s, reason)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while self._by_id:
                    self._changed.clear()
                    await self._changed.wait()
        await self.close_all(reason)

    async def close_all(self, reason: str) -> None:
        """No new ones after this."""
        self._is_closing = True
        await asyncio.gather(*(s.close(reason) for s in list(self._by_id.values())))

    def shut_down(self) -> None:
        """After `close_all`. Blocks for the work in hand."""
        self._encoding.shutdown()
        self._text.shutdown()

    def _forget(self, session: Session) -> None:
        self._by_id.pop(session.id, None)
        if session in self._queue:
            self._queue.remove(session)
        self._queue = [waiting for waiting in self._queue if not waiting.is_closing]
        while self._queue and self.num_free > 0 and not self._is_closing:
            self._queue.pop(0).admit()
        self._tell_places()
        self._changed.set()
        self._tidier.ended()

    def _tell_places(self) -> None:
        for place, session in enumerate(self._queue, 1):
            session.wait_at(place, len(self._queue))
