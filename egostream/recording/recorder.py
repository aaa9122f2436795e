"""The server's side of recording: sessions hand frames over here, and nothing of theirs ever waits for a disk.

A session's frames go into a queue of at most `QUEUE`; a new one that finds it full is left out of the film and counted.
One thread copies them into memory that is shared with the recording process (see `link`), and waits where
none is free. What goes wrong ends a recording, never a session.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from av import VideoFrame

from egostream.recording.link import END_S, Link
from egostream.recording.messages import Close, Open
from egostream.recording.settings import RecordSettings

log = logging.getLogger(__name__)

QUEUE = 8
SOURCES = 32  # how long a source waits for its edit, in frames; the oldest is forgotten


def nothing() -> None:
    """For a process that needs no logging of its own."""


@dataclass(eq=False)
class Recorder:
    """One session's recording. All but what starts with `_` is called on the event loop, and returns at once."""

    number: int
    session_id: str
    on_end: Callable[[str], None]
    _recordings: Recordings
    _num_waiting: int = 0
    _is_active: bool = True
    _sources: OrderedDict[int, VideoFrame] = field(default_factory=OrderedDict)
    num_dropped: int = 0

    @property
    def is_active(self) -> bool:
        """False once it has ended, by itself or because it was closed."""
        return self._is_active

    def source(self, picture: VideoFrame, pts_90k: int) -> None:
        """A frame of the camera."""
        what = self._recordings.settings.what
        if not self._is_active or what == "edit":
            return
        if what == "source":
            self._recordings.put(self, (picture,), pts_90k)
            return
        self._sources[pts_90k] = picture
        if len(self._sources) > SOURCES:
            self._sources.popitem(last=False)

    def edited(self, picture: VideoFrame, pts_90k: int) -> None:
        """What the client is sent of the frame with this time."""
        what = self._recordings.settings.what
        if not self._is_active or what == "source":
            return
        if what == "edit":
            self._recordings.put(self, (picture,), pts_90k)
            return
        source = self._sources.pop(pts_90k, None)
        while self._sources and next(iter(self._sources)) < pts_90k:
            self._sources.popitem(last=False)
        if source is None or (source.width, source.height) != (picture.width, picture.height):
            self.num_dropped += 1
        else:
            self._recordings.put(self, (source, picture), pts_90k)

    def close(self) -> None:
        """The film is finished, in a while. Idempotent."""
        self._recordings.close(self)


_Frame = tuple[Recorder, tuple[VideoFrame, ...], int]


class Recordings:
    """The recording process, and the thread that feeds it. Any thread may call."""

    def __init__(self, settings: RecordSettings, configure: Callable[[], None] = nothing) -> None:
        """`configure`, picklable, sets up the process's logging."""
        self.settings = settings
        self._configure = configure
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._work: deque[_Frame | Open | Close] = (
            deque()
        )  # a session: QUEUE frames, an open, a close
        self._recorders: dict[int, Recorder] = {}
        self._link: Link | None = None
        self._is_stopping = False
        self._thread = threading.Thread(target=self._feed, name="record", daemon=True)

    @property
    def pid(self) -> int | None:
        """Of the recording process."""
        return None if self._link is None else self._link.pid

    def start(self) -> None:
        """The process, too, so that no session waits for it. Raises CannotRecord."""
        self.settings.make_folder()
        self._link = Link(self.settings, self._configure, self._ended, self._lost)
        self._thread.start()
        log.info("every session is recorded (%s) in %s", self.settings.what, self.settings.folder)

    def stop(self) -> None:
        """Finishes all films. Blocks for it."""
        with self._changed:
            for recorder in list(self._recorders.values()):
                self._close(recorder)
            self._is_stopping = True
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(END_S)
        if self._link is not None:
            self._link.end()

    def open(
        self, session_id: str, on_end: Callable[[str], None], spent_s: float = 0.0
    ) -> Recorder:
        """`on_end` hears, in another thread, why the recording ended before it was closed."""
        recorder = Recorder(next(self._numbers), session_id, on_end, self)
        began = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
        name = f"{began}-{session_id[:8]}-{self.settings.what}"
        with self._changed:
            self._recorders[recorder.number] = recorder
            self._work.append(Open(recorder.number, name, spent_s))
            self._changed.notify()
        return recorder

    def put(self, recorder: Recorder, pictures: tuple[VideoFrame, ...], pts_90k: int) -> None:
        """Queues a frame, or drops it."""
        with self._changed:
            if recorder._num_waiting >= QUEUE:
                recorder.num_dropped += 1
                return
            recorder._num_waiting += 1
            self._work.append((recorder, pictures, pts_90k))
            self._changed.notify()

    def close(self, recorder: Recorder) -> None:
        """What is queued is still written."""
        with self._changed:
            self._close(recorder)
            self._changed.notify()

    def _close(self, recorder: Recorder) -> None:
        if self._recorders.pop(recorder.number, None) is None:
            return
        recorder._is_active = False
        recorder._sources.clear()
        self._work.append(Close(recorder.number))
        if recorder.num_dropped:
            log.warning(
                "%d frames are missing in a recording: the disk or the processor was too slow",
                recorder.num_dropped,
                extra={"session": recorder.session_id},
            )

    def _feed(self) -> None:
        while True:
            with self._changed:
                while not self._work and not self._is_stopping:
                    self._changed.wait()
                if not self._work:
                    return
                item = self._work.popleft()
                if isinstance(item, tuple):
                    item[0]._num_waiting -= 1
            try:
                self._hand_over(item)
            except Exception as error:
                log.error("a frame could not be recorded", exc_info=error)

    def _hand_over(self, item: _Frame | Open | Close) -> None:
        if self._link is None or self._link.is_lost:
            if not isinstance(item, Open):
                return
            if self._link is not None:
                self._link.end()
            self._link = Link(self.settings, self._configure, self._ended, self._lost)
        if isinstance(item, tuple):
            recorder, pictures, pts_90k = item
            self._link.add(recorder.number, pictures, pts_90k)
        else:
            self._link.tell(item)

    def _ended(self, number: int, reason: str) -> None:
        with self._changed:
            recorder = self._recorders.pop(number, None)
        if recorder is None:
            return
        recorder._is_active = False
        log.warning("recording ended: %s", reason, extra={"session": recorder.session_id})
        recorder.on_end(reason)

    def _lost(self) -> None:
        for number in list(self._recorders):
            self._ended(number, "the recording process ended unexpectedly")
