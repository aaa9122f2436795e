"""What is recorded of one session, where the server records at all: a film for each of its connections."""

from __future__ import annotations

import time
from collections.abc import Callable

from av import VideoFrame

from egostream.recording.recorder import Recorder, Recordings


class Filming:
    """Use: construct, `begin` for each connection, `close` once. On the event loop."""

    def __init__(
        self, recordings: Recordings | None, session_id: str, on_end: Callable[[str], None]
    ) -> None:
        """`on_end` hears, in another thread, why a film had to end."""
        self._recordings = recordings
        self._session_id = session_id
        self._on_end = on_end
        self._recorder: Recorder | None = None
        self._began_ns: int | None = None

    @property
    def is_on(self) -> bool:
        """Whether the client is recorded, or will be once it is its turn."""
        if self._recorder is None:
            return self._recordings is not None
        return self._recorder.is_active

    def begin(self) -> None:
        """Another film: the clock of a new connection's frames begins anywhere. Not where the last one had to end."""
        if self._recordings is None or not self.is_on:
            return
        self.close()
        now_ns = time.monotonic_ns()
        self._began_ns = self._began_ns or now_ns
        spent_s = (now_ns - self._began_ns) / 1e9
        self._recorder = self._recordings.open(self._session_id, self._on_end, spent_s)

    def source(self, picture: VideoFrame, pts_90k: int) -> None:
        """A frame of the camera."""
        if self._recorder is not None:
            self._recorder.source(picture, pts_90k)

    def edited(self, picture: VideoFrame, pts_90k: int) -> None:
        """What is shown of the frame with this time."""
        if self._recorder is not None:
            self._recorder.edited(picture, pts_90k)

    def close(self) -> None:
        """Idempotent."""
        if self._recorder is not None:
            self._recorder.close()
