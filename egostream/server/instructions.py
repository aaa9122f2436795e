"""From the user's text to the scheduler: encoded in a thread of its own, the latest one wins."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor

from egostream.contract import EditorLike, Instruction
from egostream.errors import EgostreamError
from egostream.instruction import check_instruction
from egostream.protocol import Accepted, ErrorMessage, Message, Superseded
from egostream.scheduler import Scheduler
from egostream.scheduling import Lane, Wanted
from egostream.slots import AsyncDropOldest, Closed
from egostream.tracebacks import without_message

log = logging.getLogger(__name__)


class InstructionDesk:
    """Of one session, on its event loop. Every `seq` gets `accepted` or `error` at once, and later
    `applied` (from the session, with the frames), `superseded` or `error`."""

    def __init__(
        self,
        editor: EditorLike,
        scheduler: Scheduler,
        lane: Lane,
        executor: Executor,
        post: Callable[[Message], None],
        on_ready: Callable[[], None],
    ) -> None:
        self._editor = editor
        self._scheduler = scheduler
        self._lane = lane
        self._executor = executor
        self._post = post
        self._on_ready = on_ready
        self._waiting: AsyncDropOldest[tuple[int, str]] = AsyncDropOldest(1)
        self._task = asyncio.create_task(self._encode_all())

    def submit(self, seq: int, text: str) -> None:
        try:
            text = check_instruction(text)
        except EgostreamError as error:
            self._post(ErrorMessage(code=error.code, message=str(error), seq=seq))
            return
        self._post(Accepted(seq=seq, applies_from_chunk=self._lane.next_chunk))
        if (older := self._waiting.put((seq, text))) is not None:
            self._post(Superseded(seq=older[0]))

    def close(self) -> None:
        self._waiting.close()
        self._task.cancel()

    async def _encode_all(self) -> None:
        try:
            while True:
                seq, text = await self._waiting.get()
                instruction = await self._encode(seq, text)
                if instruction is None:
                    continue
                if len(self._waiting):  # a newer one came meanwhile
                    self._post(Superseded(seq=seq))
                    continue
                unseen = self._scheduler.instruct(self._lane, Wanted(seq, instruction))
                if unseen is not None:
                    self._post(Superseded(seq=unseen))
                self._on_ready()
        except Closed:
            pass

    async def _encode(self, seq: int, text: str) -> Instruction | None:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._executor, self._editor.encode_instruction, text)
        except EgostreamError as error:
            self._post(ErrorMessage(code=error.code, message=str(error), seq=seq))
        except Exception as error:
            log.error("an instruction could not be encoded: %s", without_message(error))
            message = "the instruction could not be understood; the one before stays"
            self._post(ErrorMessage(code="instruction_failed", message=message, seq=seq))
        return None
