"""The metrics of all replicas and of the front as one page: each series says by a label `replica` whose it is."""

from __future__ import annotations

import logging
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from egostream.scale.fleet import Fleet
from egostream.scale.inside import METRICS

log = logging.getLogger(__name__)

ANSWERS_IN_S = 2.0
MAX_BYTES = 4 << 20
FRONT = "front"


class FleetCollector(Collector):
    """Of the front itself."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "egostream_replicas", "Replicas: how many should be, and are ready.", labels=["state"]
        )
        family.add_metric(["wanted"], self._fleet.num_wanted)
        family.add_metric(["ready"], self._fleet.num_ready)
        yield family


class MergedMetrics(Collector):
    """Asks at every scrape, in the scraper's thread. A replica that does not answer is left out."""

    def __init__(self, fleet: Fleet, own: CollectorRegistry) -> None:
        self._fleet = fleet
        self._own = own

    def describe(self) -> list[Metric]:
        """Nothing is known before it is asked for."""
        return []

    def collect(self) -> Iterator[Metric]:
        merged: dict[str, Metric] = {}
        for name, text in self._pages():
            for family in text_string_to_metric_families(text):
                whole = merged.setdefault(
                    family.name, Metric(family.name, family.documentation, family.type)
                )
                whole.samples += [
                    sample._replace(labels={**sample.labels, "replica": name})
                    for sample in family.samples
                ]
        yield from merged.values()

    def _pages(self) -> Iterator[tuple[str, str]]:
        yield FRONT, generate_latest(self._own).decode()
        for replica in self._fleet.replicas:
            request = urllib.request.Request(
                replica.entry.url + METRICS, headers=self._fleet.headers
            )
            try:
                with urllib.request.urlopen(request, timeout=ANSWERS_IN_S) as response:
                    yield str(replica.entry.number), response.read(MAX_BYTES).decode()
            except (OSError, HTTPException, ValueError) as error:
                log.warning("no metrics of replica %d: %s", replica.entry.number, error)
