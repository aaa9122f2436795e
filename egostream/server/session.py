"""One connected client: its peer connection, its lane in the scheduler, its control messages.

Lives on the event loop; the scheduler's two calls come from the model thread and hop over at once.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from av import VideoFrame

from egostream.contract import EditorLike
from egostream.errors import BadFrames, EgostreamError
from egostream.frames import Rgb
from egostream.protocol import (
    Applied,
    Bye,
    ErrorMessage,
    Hello,
    Instruct,
    Ping,
    Pong,
    RecordingEnded,
    Welcome,
)
from egostream.recording.recorder import Recorder, Recordings
from egostream.scheduler import Scheduler
from egostream.scheduling import Edit, InputFrame, Lane
from egostream.server.clock import MAX_AGE_NS, FrameClock
from egostream.server.instructions import InstructionDesk
from egostream.server.liveness import Liveness
from egostream.server.outbox import Outbox
from egostream.server.output import Outgoing, OutputTrack
from egostream.server.pacing import Pacer
from egostream.server.peer import Peer
from egostream.server.settings import ServerSettings
from egostream.server.telemetry import Telemetry

log = logging.getLogger(__name__)

URL_SEQ = -1
"""The `seq` of the instruction in the session's URL, which no client message has."""
GAP_90K = 45_000
"""Half a second without a frame: what the stream remembers is no longer what the camera sees."""
MAX_PIXELS = 1920 * 1200
TICK_S = 1.0


@dataclass(frozen=True, slots=True)
class Workers:
    """Threads shared by all sessions. Bounded by their use: a session has at most one frame being
    encoded and one instruction at a time. And what records them, if anything does."""

    encoding: Executor
    text: Executor
    recordings: Recordings | None = None


class Session:
    """`start` once, `close` any number of times; `on_closed` is called once, at the very end."""

    def __init__(
        self,
        session_id: str,
        settings: ServerSettings,
        scheduler: Scheduler,
        workers: Workers,
        on_closed: Callable[[Session], None],
    ) -> None:
        editor = scheduler.editor
        assert editor is not None, "sessions open once the editor is ready"
        self.id = session_id
        self.outbox = Outbox()
        self.liveness = Liveness(settings.media_timeout_s)
        self._editor: EditorLike = editor
        self._scheduler = scheduler
        self._on_closed = on_closed
        self._loop = asyncio.get_running_loop()
        self._log = logging.LoggerAdapter(log, {"session": session_id})
        self._clock = FrameClock()
        self._pacer = Pacer()
        self._telemetry = Telemetry()
        self._num_stale = 0
        self._last_pts: int | None = None
        self._first_push_ns: int | None = None
        self._is_editing = False
        self._has_edited = False
        self._closing: asyncio.Task[None] | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._recorder: Recorder | None = None
        if workers.recordings is not None:
            self._recorder = workers.recordings.open(session_id, self._on_recording_end)
        self._output = OutputTrack(
            max(4, 2 * editor.chunk_frames),
            workers.encoding,
            self._telemetry,
            self._clock.age_ns,
            self._on_shown,
        )
        self._peer = Peer(
            self._output,
            ice_servers=settings.ice_servers,
            add_loopback=settings.is_loopback,
            encoding=workers.encoding,
            on_frame=self._on_frame,
            on_end=self.end,
        )
        self._lane = scheduler.open(session_id, self, settings.seed)
        self._desk = InstructionDesk(
            editor, scheduler, self._lane, workers.text, self.outbox.post, self._start_editing
        )

    async def start(self, offer: str, instruction: str | None) -> str:
        """The SDP answer. Raises BadOffer."""
        answer = await self._peer.answer(offer)
        if instruction is not None:
            self._desk.submit(URL_SEQ, instruction)
        self._ticker = asyncio.create_task(self._tick())
        self._log.info("session opened")
        return answer

    def handle(self, message: Hello | Instruct | Ping) -> None:
        """A message of the control socket."""
        if isinstance(message, Ping):
            self.outbox.post(Pong(t_ms=message.t_ms))
        elif isinstance(message, Instruct):
            self._desk.submit(message.seq, message.text)
        else:
            height, width = self._editor.frame_hw
            self.outbox.post(
                Welcome(
                    session=self.id,
                    preset=self._editor.name,
                    frame_width=width,
                    frame_height=height,
                    chunk_frames=self._editor.chunk_frames,
                    recording=self._recorder is not None and self._recorder.is_active,
                )
            )

    def end(self, reason: str) -> None:
        """Start closing, from a callback."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(reason))

    async def close(self, reason: str) -> None:
        self.end(reason)
        assert self._closing is not None
        await asyncio.shield(self._closing)

    # camera frames in

    def _on_frame(self, picture: VideoFrame, assembled_ns: int, now_ns: int) -> None:
        pts = picture.pts
        assert pts is not None
        self.liveness.heard_media(now_ns)
        self._telemetry.frame_in()
        self._telemetry.add("decode", (now_ns - assembled_ns) / 1e6)
        if picture.width * picture.height > MAX_PIXELS:
            size = f"{picture.width}x{picture.height}"
            self._fail(BadFrames(f"the camera sends {size}; send at most 1920x1200"))
            return
        if self._clock.arrive(pts, now_ns) > MAX_AGE_NS:
            self._num_stale += 1
            return
        if self._recorder is not None:
            self._recorder.source(picture, pts)
        has_gap = self._last_pts is not None and pts - self._last_pts > GAP_90K
        self._last_pts = pts
        if not self._is_editing:
            self._output.put(Outgoing(picture, pts, due_ns=now_ns, ready_ns=now_ns))
            return
        if has_gap:
            self._scheduler.reset(self._lane)
        if self._first_push_ns is None:
            self._first_push_ns = now_ns
        self._scheduler.push(self._lane, InputFrame(pts, now_ns, partial(_to_rgb, picture)))

    def _start_editing(self) -> None:
        self._is_editing = True

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
        due_ns = self._pacer.due_ns([frame.pts for frame in edit.frames], edit.done_ns)
        for frame, due in zip(edit.frames, due_ns, strict=True):
            self._output.put(Outgoing(frame.rgb, frame.pts, due, edit.done_ns))
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

    def _on_shown(self, picture: VideoFrame, pts_90k: int) -> None:
        if self._recorder is not None:
            self._recorder.edited(picture, pts_90k)

    def _on_recording_end(self, reason: str) -> None:
        self._hop(self.outbox.post, RecordingEnded(reason=reason))

    # its life

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            if (reason := self.liveness.verdict(time.monotonic_ns())) is not None:
                self.end(reason)
                return
            if self.liveness.has_control:
                dropped = self._lane.num_dropped + self._output.num_dropped + self._num_stale
                self.outbox.post(self._telemetry.snapshot(dropped, self._pacer.num_late))

    async def _close(self, reason: str) -> None:
        try:
            self.outbox.post(Bye(reason=reason))
            self.outbox.close()
            if self._ticker is not None:
                self._ticker.cancel()
            self._desk.close()
            if self._recorder is not None:
                self._recorder.close()
            self._scheduler.close(self._lane)
            await self._peer.close()
        except Exception:
            self._log.exception("a session did not close cleanly")
        finally:
            self._log.info("session closed: %s", reason)
            self._on_closed(self)


def _to_rgb(picture: VideoFrame) -> Rgb:
    return picture.to_ndarray(format="rgb24").astype(np.uint8, copy=False)
