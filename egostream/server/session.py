"""One client: its connection, its lane in the scheduler once it is its turn, its control messages.

Lives on the event loop; the scheduler's calls come from the model thread and hop over at once.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from av import VideoFrame

from egostream.contract import EditorLike
from egostream.errors import EgostreamError
from egostream.frames import Rgb
from egostream.instruction import check_instruction
from egostream.protocol import (
    Applied,
    Bye,
    Ending,
    ErrorMessage,
    Hello,
    Instruct,
    Ping,
    Pong,
    Queue,
    RecordingEnded,
    Superseded,
    Welcome,
)
from egostream.scheduler import Scheduler
from egostream.scheduling import Edit, InputFrame, Lane
from egostream.server.filming import Filming
from egostream.server.fragment import Fragment
from egostream.server.instructions import InstructionDesk
from egostream.server.line import Line
from egostream.server.liveness import Liveness
from egostream.server.metrics_hooks import MessageMeter
from egostream.server.outbox import Outbox
from egostream.server.settings import ServerSettings
from egostream.server.telemetry import Telemetry
from egostream.server.viewers import Viewer, Viewers, view_id_of
from egostream.server.workers import Workers

log = logging.getLogger(__name__)

URL_SEQ = -1
"""The `seq` of the instruction in the session's URL, which no client message has."""
TICK_S = 1.0
GRACE_S = 10.0
"""How long the place of a client is kept whose connection broke."""
WARNING_S = 30.0
"""How long before its time is over a session is told."""


class UnknownSession(EgostreamError):
    """No session has this id: it has ended, or never was."""

    code = "unknown_session"


class Session:
    """`start` once, `admit` once, `close` any number of times; `on_closed` is called once, at the very end."""

    def __init__(
        self,
        session_id: str,
        settings: ServerSettings,
        scheduler: Scheduler,
        workers: Workers,
        on_closed: Callable[[Session], None],
        echoes: bool = True,
    ) -> None:
        """Without `echoes` the edit does not go back to the camera, only to viewers."""
        editor = scheduler.editor
        assert editor is not None, "sessions open once the editor is ready"
        self.id = session_id
        self.etag = _new_etag()
        self._echoes = echoes
        self.outbox = Outbox(MessageMeter(workers.metrics).heard)
        self.liveness = Liveness(settings.media_timeout_s)
        self.queue: Queue | None = None
        """Its place in the queue, while it waits."""
        self._settings = settings
        self._editor: EditorLike = editor
        self._scheduler = scheduler
        self._workers = workers
        self._on_closed = on_closed
        self._loop = asyncio.get_running_loop()
        self._log = logging.LoggerAdapter(log, {"session": session_id})
        self._telemetry = Telemetry(sink=workers.metrics)
        self._first_push_ns: int | None = None
        self._is_editing = False
        self._has_edited = False
        self._closing: asyncio.Task[None] | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._lane: Lane | None = None
        self._desk: InstructionDesk | None = None
        self._early: tuple[int, str] | None = None
        self._ends_ns: int | None = None
        self._is_warned = False
        self._broke_ns: int | None = None
        self._num_dropped = 0
        self._filming = Filming(workers.recordings, session_id, self._on_recording_end)
        self._line = self._new_line()

    @property
    def state(self) -> str:
        """One of `metrics_state.SESSION_STATES`. In any thread."""
        if self._closing is not None:
            return "closing"
        if self.queue is not None:
            return "queued"
        if self._broke_ns is not None:
            return "away"
        if not self._line.is_connected:
            return "connecting"
        return "editing" if self._is_editing else "unedited"

    async def start(self, offer: str, instruction: str | None) -> str:
        """The SDP answer. Raises BadOffer."""
        answer = await self._line.answer(offer)
        if instruction is not None:
            self._instruct(URL_SEQ, instruction)
        self._ticker = asyncio.create_task(self._tick())
        self._log.info("session opened")
        return answer

    async def resume(self, offer: str, instruction: str | None = None) -> str:
        """The SDP answer of a connection that takes the place of the one before; without an instruction the one before
        stays. Raises BadInstruction, BadOffer, UnknownSession.
        """
        if instruction is not None:
            instruction = check_instruction(instruction)
        line = self._new_line()
        try:
            self._check_open()
            answer = await line.answer(offer)
            self._check_open()
        except BaseException:
            await line.close()
            raise
        line.opened_ns = time.monotonic_ns()
        before, self._line, self._broke_ns = self._line, line, None
        self.etag = _new_etag()
        self._num_dropped += before.num_dropped
        self.liveness.heard_media(time.monotonic_ns())
        if self._lane is not None:
            self._scheduler.reset(self._lane)
            self._filming.begin()
        if instruction is not None:
            self._instruct(URL_SEQ, instruction)
        await before.close()
        self._workers.metrics.admission("resumed")
        self._log.info("session resumed")
        return answer

    async def trickle(self, fragment: Fragment) -> None:
        """Further candidates of the client. Raises NoRestart, BadFragment."""
        await self._line.trickle(fragment)

    async def watch(self, offer: str) -> tuple[Viewer, str]:
        """A viewer, until this connection ends. Raises Busy, BadOffer, UnknownSession."""
        self._check_open()
        return await self._line.watch(offer)

    @property
    def is_closing(self) -> bool:
        return self._closing is not None

    def _check_open(self) -> None:
        if self._closing is not None:
            raise UnknownSession("the session has ended; open a new one")

    @property
    def viewers(self) -> Viewers:
        return self._line.viewers

    def admit(self) -> None:
        """It is its turn: from now on it is edited."""
        self._filming.begin()
        self._lane = self._scheduler.open(self.id, self, self._settings.seed)
        self._desk = InstructionDesk(
            self._editor,
            self._scheduler,
            self._lane,
            self._workers.text,
            self.outbox.post,
            self._start_editing,
        )
        if self._settings.max_session_s:
            self._ends_ns = time.monotonic_ns() + round(self._settings.max_session_s * 1e9)
        if self.queue is not None:
            self.queue = None
            self.outbox.post(Queue(position=0, size=0))
        if self._early is not None:
            self._desk.submit(*self._early)

    def wait_at(self, position: int, size: int) -> None:
        """It waits, and is told where."""
        place = Queue(position=position, size=size)
        if place != self.queue:
            self.queue = place
            self.outbox.post(place)

    def handle(self, message: Hello | Instruct | Ping) -> None:
        """A message of the control socket."""
        if isinstance(message, Ping):
            self.outbox.post(Pong(t_ms=message.t_ms))
        elif isinstance(message, Instruct):
            self._instruct(message.seq, message.text)
        else:
            height, width = self._editor.frame_hw
            self.outbox.post(
                Welcome(
                    session=self.id,
                    preset=self._editor.name,
                    frame_width=width,
                    frame_height=height,
                    chunk_frames=self._editor.chunk_frames,
                    view=view_id_of(self.id),
                    recording=self._filming.is_on,
                )
            )
            if self.queue is not None:
                self.outbox.post(self.queue)

    def warn(self, in_s: float, reason: str) -> None:
        """Tells the client that the session will end."""
        self.outbox.post(Ending(in_s=round(in_s, 1), reason=reason))

    def end(self, reason: str) -> None:
        """Start closing, from a callback."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(reason))

    async def close(self, reason: str) -> None:
        self.end(reason)
        assert self._closing is not None
        await asyncio.shield(self._closing)

    # camera frames in

    def _new_line(self) -> Line:
        return Line(
            self._settings,
            self._editor.chunk_frames,
            self._workers,
            self._telemetry,
            on_frame=self._on_frame,
            on_bad=self._fail,
            on_end=self._media_ended,
            on_shown=self._shown,
            echoes=self._echoes,
        )

    def _shown(self, line: Line, picture: VideoFrame, pts_90k: int) -> None:
        if line is self._line:
            self._filming.edited(picture, pts_90k)

    def _on_frame(
        self, line: Line, picture: VideoFrame, pts: int, now_ns: int, has_gap: bool
    ) -> None:
        if line is not self._line:
            return  # of a connection whose place another has taken, and whose clock is another
        self.liveness.heard_media(now_ns)
        if self._lane is None:
            return  # in the queue: an answer to every frame would cost those who are edited
        self._filming.source(picture, pts)
        if not self._is_editing:
            self._line.echo(picture, pts, now_ns)
            return
        if has_gap:
            self._scheduler.reset(self._lane)
        if self._first_push_ns is None:
            self._first_push_ns = now_ns
        self._scheduler.push(self._lane, InputFrame(pts, now_ns, partial(_to_rgb, picture)))

    def _media_ended(self, line: Line, reason: str, is_broken: bool) -> None:
        if line is not self._line or self._closing is not None:
            return
        if not is_broken:
            self.end(reason)
        elif self._broke_ns is None:
            self._broke_ns = time.monotonic_ns()
            self._log.info("%s; the place is kept for %.0f s", reason, GRACE_S)

    def _start_editing(self) -> None:
        self._is_editing = True

    def _instruct(self, seq: int, text: str) -> None:
        if self._desk is not None:
            self._desk.submit(seq, text)
            return
        if self._early is not None:
            self.outbox.post(Superseded(seq=self._early[0]))
        self._early = (seq, text)

    # edited frames out

    def on_edit(self, lane: Lane, edit: Edit) -> None:
        self._hop(self._edited, lane, edit)

    def on_failure(self, lane: Lane, error: EgostreamError) -> None:
        self._hop(self._failed, lane, error)

    def on_interruption(self, lane: Lane, error: EgostreamError) -> None:
        message = "the model's process was lost and is being started again; the edit goes on then"
        self._hop(self.outbox.post, ErrorMessage(code=error.code, message=message))

    def _hop(self, work: Callable[..., None], *args: object) -> None:
        try:
            self._loop.call_soon_threadsafe(work, *args)
        except RuntimeError:
            pass  # the loop has ended, and with it everyone who could want this

    def _edited(self, lane: Lane, edit: Edit) -> None:
        if lane is not self._lane or self._closing is not None:
            return
        waited_ns = [edit.started_ns - arrived_ns for arrived_ns in edit.arrived_ns]
        self._telemetry.add("wait", sum(waited_ns) / len(waited_ns) / 1e6)
        self._telemetry.add("chunk", (edit.done_ns - edit.started_ns) / 1e6)
        self._telemetry.add_all(edit.stage_ms)
        if not self._has_edited and self._first_push_ns is not None:
            self._has_edited = True
            self._telemetry.expect_first(edit.frames[0].pts, self._first_push_ns)
        if edit.arrived_ns[0] >= self._line.opened_ns:  # else it came over another connection
            self._line.show(edit.frames, edit.done_ns)
        if edit.applied is not None:
            self.outbox.post(
                Applied(
                    seq=edit.applied.seq,
                    chunk=edit.index,
                    pts_90k=edit.frames[0].pts & 0xFFFFFFFF,
                    text=edit.applied.instruction.text,
                )
            )

    def _failed(self, lane: Lane, error: EgostreamError) -> None:
        if lane is self._lane:
            self._fail(error)

    def _fail(self, error: EgostreamError) -> None:
        if self._closing is None:
            self.outbox.post(ErrorMessage(code=error.code, message=str(error)))
            self.end("the stream failed")

    def _on_recording_end(self, reason: str) -> None:
        self._hop(self.outbox.post, RecordingEnded(reason=reason))

    # its life

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now_ns = time.monotonic_ns()
            if (reason := self._verdict(now_ns)) is not None:
                self.end(reason)
                return
            if self._ends_ns is not None and not self._is_warned:
                left_s = (self._ends_ns - now_ns) / 1e9
                if left_s < WARNING_S:
                    self._is_warned = True
                    self.warn(left_s, "the time of this session is over soon")
            if self.liveness.has_control and self._lane is not None:
                dropped = self._lane.num_dropped + self._line.num_dropped + self._num_dropped
                self.outbox.post(self._telemetry.snapshot(dropped, self._line.num_late))

    def _verdict(self, now_ns: int) -> str | None:
        """Why it is to end, or None."""
        if self._ends_ns is not None and now_ns > self._ends_ns:
            return "the time of this session is over"
        if self._broke_ns is not None and now_ns - self._broke_ns > GRACE_S * 1e9:
            return "the connection broke and did not come back"
        return self.liveness.verdict(now_ns)

    async def _close(self, reason: str) -> None:
        try:
            self.outbox.post(Bye(reason=reason))
            self.outbox.close()
            if self._ticker is not None:
                self._ticker.cancel()
            if self._desk is not None:
                self._desk.close()
            if self._lane is not None:
                self._scheduler.close(self._lane)
            self._filming.close()
            await self._line.close()
        except Exception:
            self._log.exception("a session did not close cleanly")
        finally:
            self._log.info("session closed: %s", reason)
            self._on_closed(self)


def _new_etag() -> str:
    return f'"{secrets.token_hex(4)}"'


def _to_rgb(picture: VideoFrame) -> Rgb:
    return picture.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
