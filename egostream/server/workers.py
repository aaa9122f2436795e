"""What all sessions of a server share: threads, the metrics, and what records them, if anything does."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

from egostream.recording.recorder import Recordings
from egostream.server.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Workers:
    """Bounded by their use: a session has at most one frame being encoded and one instruction at a time."""

    encoding: Executor
    text: Executor
    metrics: Metrics
    recordings: Recordings | None = None
