"""What one session counts, and the `stats` message it makes of it. Used from several threads."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Protocol

from egostream.protocol import Stats

STAGES = ("decode", "wait", "encode", "denoise", "latent_decode", "pace", "send")
"""Mean ms since the last message. decode: packets to picture; wait: arrival to the chunk's start,
so half the chunk's length and more; encode, denoise, latent_decode: of a chunk; pace: held for the
cadence; send: release to packets."""


class Sink(Protocol):
    """Hears every measurement as it is made, of all sessions, in any thread. It must be quick."""

    def measured(self, name: str, seconds: float) -> None: ...

    def frame(self, stage: str, outcome: str, num: int = 1) -> None: ...

    def first_frame(self, seconds: float) -> None: ...


class Telemetry:
    def __init__(
        self, clock: Callable[[], int] = time.monotonic_ns, sink: Sink | None = None
    ) -> None:
        self._clock = clock
        self._sink = sink
        self._lock = threading.Lock()
        self._sums: dict[str, float] = defaultdict(float)
        self._nums: dict[str, int] = defaultdict(int)
        self._since_ns = clock()
        self._base_in = self._base_out = 0
        self._first: tuple[int, int] | None = None
        self.num_in = 0
        self.num_out = 0
        self.first_frame_ms: float | None = None

    def add(self, name: str, ms: float) -> None:
        """One more measurement of a stage, of `chunk` or of `age`."""
        with self._lock:
            self._sums[name] += ms
            self._nums[name] += 1
        if self._sink is not None:
            self._sink.measured(name, ms / 1e3)

    def add_all(self, stages: Mapping[str, float]) -> None:
        for name, ms in stages.items():
            self.add(name, ms)

    def frame_in(self) -> None:
        self.num_in += 1

    def frame(self, stage: str, outcome: str) -> None:
        """What became of a frame at a stage of its way, for the sink alone."""
        if self._sink is not None:
            self._sink.frame(stage, outcome)

    def expect_first(self, pts_90k: int, since_ns: int) -> None:
        """The first edited frame is `pts_90k`; its wait began with the camera frame of
        `since_ns`."""
        self._first = (pts_90k, since_ns)

    def frame_out(self, pts_90k: int, now_ns: int) -> None:
        self.num_out += 1
        self.frame("send", "ok")
        first = self._first
        if first is not None and self.first_frame_ms is None and pts_90k >= first[0]:
            self.first_frame_ms = round((now_ns - first[1]) / 1e6, 1)
            if self._sink is not None:
                self._sink.first_frame((now_ns - first[1]) / 1e9)

    def snapshot(self, dropped: int, late: int) -> Stats:
        """Resets the means and the rates, never the counts."""
        with self._lock:
            now_ns = self._clock()
            seconds = max(1e-3, (now_ns - self._since_ns) / 1e9)
            mean = {name: self._sums[name] / num for name, num in self._nums.items() if num}
            stats = Stats(
                frames_in=self.num_in,
                frames_out=self.num_out,
                dropped=dropped,
                late=late,
                fps_in=round((self.num_in - self._base_in) / seconds, 1),
                fps_out=round((self.num_out - self._base_out) / seconds, 1),
                frame_age_ms=round(mean.get("age", 0.0), 1),
                first_frame_ms=self.first_frame_ms,
                chunk_ms=round(mean.get("chunk", 0.0), 1),
                stage_ms={stage: round(mean.get(stage, 0.0), 2) for stage in STAGES},
            )
            self._sums.clear()
            self._nums.clear()
            self._since_ns = now_ns
            self._base_in, self._base_out = self.num_in, self.num_out
        return stats
