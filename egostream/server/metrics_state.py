"""What is looked up when somebody asks for the metrics: places, sessions and the model's well-being."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

SESSION_STATES = ("queued", "connecting", "unedited", "editing", "away", "closing")


class Places(Protocol):
    """Who is in, and who waits. Read in another thread than the one that changes it."""

    @property
    def num_slots(self) -> int: ...

    @property
    def num_free(self) -> int: ...

    @property
    def num_waiting(self) -> int: ...

    @property
    def num_viewers(self) -> int: ...

    @property
    def is_ready(self) -> bool: ...

    def states(self) -> Mapping[str, int]:
        """How many sessions are in each state; states without one may be left out."""
        ...


class Losses(Protocol):
    """The scheduler's own counts."""

    @property
    def num_late(self) -> int: ...

    @property
    def num_losses(self) -> int: ...


class StateCollector(Collector):
    """Reads them at every scrape."""

    def __init__(self, places: Places, losses: Losses) -> None:
        self._places = places
        self._losses = losses

    def collect(self) -> Iterator[Metric]:
        places = self._places
        sessions = GaugeMetricFamily(
            "egostream_sessions", "Sessions by what they are doing.", labels=["state"]
        )
        for state, num in {**dict.fromkeys(SESSION_STATES, 0), **places.states()}.items():
            sessions.add_metric([state], num)
        yield sessions
        slots = GaugeMetricFamily(
            "egostream_slots", "Places for sessions, taken and free.", labels=["state"]
        )
        free = max(0, places.num_free)
        slots.add_metric(["taken"], places.num_slots - free)
        slots.add_metric(["free"], free)
        yield slots
        yield GaugeMetricFamily(
            "egostream_queue_depth", "Clients that wait for a place.", value=places.num_waiting
        )
        yield GaugeMetricFamily(
            "egostream_viewers", "Who watches sessions of others.", value=places.num_viewers
        )
        yield GaugeMetricFamily(
            "egostream_ready",
            "1 where a new session would be served: model warm, not shutting down.",
            value=float(places.is_ready),
        )
        yield CounterMetricFamily(
            "egostream_chunks_late",
            "Chunks that were out after the next one was due.",
            value=self._losses.num_late,
        )
        yield CounterMetricFamily(
            "egostream_worker_restarts",
            "How often the model's process was lost and started again.",
            value=self._losses.num_losses,
        )
