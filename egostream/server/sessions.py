"""Admission: how many sessions run at once, and finding them again."""

from __future__ import annotations

import asyncio
import os
import secrets
from concurrent.futures import ThreadPoolExecutor

from egostream.errors import Busy, EgostreamError
from egostream.instruction import check_instruction
from egostream.recording.recorder import Recordings
from egostream.scheduler import Scheduler
from egostream.server.session import Session, Workers
from egostream.server.settings import ServerSettings


class NotReady(EgostreamError):
    """The model is still loading, or could not be loaded."""

    code = "not_ready"


class UnknownSession(EgostreamError):
    """No session has this id: it has ended, or never was."""

    code = "unknown_session"


class Sessions:
    """All of them, on one event loop."""

    def __init__(
        self,
        settings: ServerSettings,
        scheduler: Scheduler,
        recordings: Recordings | None = None,
    ) -> None:
        self._settings = settings
        self._scheduler = scheduler
        self._encoding = ThreadPoolExecutor(min(4, os.cpu_count() or 1), "encode")
        self._text = ThreadPoolExecutor(1, "text")
        self._workers = Workers(self._encoding, self._text, recordings)
        self._by_id: dict[str, Session] = {}
        self._is_closing = False

    @property
    def num_slots(self) -> int:
        return self._settings.max_sessions

    @property
    def num_free(self) -> int:
        return self.num_slots - len(self._by_id)

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

    async def open(self, offer: str, instruction: str | None) -> tuple[str, str]:
        """(session id, SDP answer). Raises NotReady, Busy, BadInstruction, BadOffer."""
        self.check_ready()
        if instruction is not None:
            instruction = check_instruction(instruction)
        if self.num_free < 1:
            raise Busy(f"all {self.num_slots} places are taken; try again in a little while")
        session_id = secrets.token_urlsafe(24)
        session = Session(session_id, self._settings, self._scheduler, self._workers, self._forget)
        self._by_id[session_id] = session  # before any await: the place is taken
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
