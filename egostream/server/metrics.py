"""What the server counts and times for Prometheus, in a registry of its own.

Everything is in seconds or plain counts, and nothing carries a session's name: series must not grow
with visitors. What can be looked up when somebody asks (sessions, slots, the GPU) is read at the scrape by
the collectors beside this file; here is what must be counted when it happens.
"""

from __future__ import annotations

import platform

from prometheus_client import CollectorRegistry, Counter, Histogram, Info
from prometheus_client.process_collector import ProcessCollector

from egostream import __version__
from egostream.server.telemetry import STAGES

PREFIX = "egostream"

# A chunk of four frames has 133 ms at 30 fps and 167 ms at 24: close steps there, wide ones beyond.
STAGE_BUCKETS_S = (
    *(0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.045, 0.065, 0.09, 0.11),
    *(0.133, 0.167, 0.2, 0.25, 0.33, 0.5, 1.0, 2.5),
)
AGE_BUCKETS_S = (
    *(0.005, 0.01, 0.02, 0.04, 0.07, 0.1, 0.133, 0.167, 0.2, 0.225, 0.25, 0.275),
    *(0.3, 0.35, 0.4, 0.5, 0.7, 1.0, 2.0, 5.0),
)
WAIT_BUCKETS_S = (0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.5, 2.5, 5.0, 10.0)
LAG_BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
ROW_BUCKETS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)

FRAME_OUTCOMES = {
    "camera": ("ok", "dropped_stale"),
    "edit": ("ok", "dropped_stale", "dropped_full"),
    "send": ("ok", "dropped_stale", "dropped_full"),
}


class Metrics:
    """Of one server. Every method may be called in any thread and takes microseconds.

    Implements `telemetry.Sink` and `scheduling.Observer`.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(namespace=PREFIX, registry=registry)
        build = Info("build", "What is running.", namespace=PREFIX, registry=registry)
        build.info({"version": __version__, "python": platform.python_version()})
        admissions = Counter(
            "admissions",
            "Sessions asked for, by what came of it: admitted, queued, resumed, or the error's code.",
            ("result",),
            namespace=PREFIX,
            registry=registry,
        )
        self._admissions = admissions
        for result in ("admitted", "queued", "resumed", "busy"):
            admissions.labels(result)
        self._errors = Counter(
            "errors",
            "Errors told to clients, by code.",
            ("reason",),
            namespace=PREFIX,
            registry=registry,
        )
        frames = Counter(
            "frames",
            "Frames by how far they came and what became of them there.",
            ("stage", "outcome"),
            namespace=PREFIX,
            registry=registry,
        )
        # Looked up once: `labels` takes longer than counting.
        self._frames = {
            (stage, outcome): frames.labels(stage, outcome)
            for stage, outcomes in FRAME_OUTCOMES.items()
            for outcome in outcomes
        }
        stages = Histogram(
            "stage_seconds",
            "Time of each stage of a frame's or a chunk's way.",
            ("stage",),
            namespace=PREFIX,
            registry=registry,
            buckets=STAGE_BUCKETS_S,
        )
        self._measured = {stage: stages.labels(stage) for stage in STAGES}
        self._measured["chunk"] = self._histogram(
            "chunk_seconds", "Time a chunk took in the model.", STAGE_BUCKETS_S
        )
        self._measured["age"] = self._histogram(
            "frame_age_seconds",
            "Age of a frame when it is sent, from its arrival by the fastest way.",
            AGE_BUCKETS_S,
        )
        self._first_frame = self._histogram(
            "first_frame_seconds",
            "From a session's first frame to be edited to its first edited frame sent.",
            WAIT_BUCKETS_S,
        )
        self._instruct_apply = self._histogram(
            "instruct_apply_seconds",
            "From an instruction's arrival to the first edited chunk that shows it.",
            WAIT_BUCKETS_S,
        )
        self._batch_rows = self._histogram(
            "batch_rows", "Streams edited in one pass of the model.", ROW_BUCKETS
        )
        self.event_loop_lag = self._histogram(
            "event_loop_lag_seconds", "How late the event loop wakes its tasks.", LAG_BUCKETS_S
        )

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(name, text, namespace=PREFIX, registry=self.registry, buckets=buckets)

    # telemetry.Sink

    def measured(self, name: str, seconds: float) -> None:
        """A stage, `chunk` or `age`; an editor may time stages of its own, which are not kept."""
        histogram = self._measured.get(name)
        if histogram is not None:
            histogram.observe(seconds)

    def frame(self, stage: str, outcome: str, num: int = 1) -> None:
        """One of `FRAME_OUTCOMES`."""
        self._frames[stage, outcome].inc(num)

    def first_frame(self, seconds: float) -> None:
        self._first_frame.observe(seconds)

    # scheduling.Observer

    def edited(self, num_streams: int, num_frames: int) -> None:
        self._batch_rows.observe(num_streams)
        self.frame("edit", "ok", num_frames)

    def dropped(self, num: int, is_stale: bool) -> None:
        if num:
            self.frame("edit", "dropped_stale" if is_stale else "dropped_full", num)

    # what a session says and is told

    def instruction_applied(self, seconds: float) -> None:
        self._instruct_apply.observe(seconds)

    def error(self, code: str) -> None:
        self._errors.labels(code).inc()

    def admission(self, result: str) -> None:
        """A session was asked for, and this came of it."""
        self._admissions.labels(result).inc()
