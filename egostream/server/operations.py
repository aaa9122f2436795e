"""What runs beside a server for those who look after it: its metrics on a port of their own, and the event loop's lag.

The port is on loopback, always: figures of load and of errors are for this machine's scraper, not for clients.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

from prometheus_client import CollectorRegistry, start_http_server
from starlette.applications import Starlette

from egostream.scheduler import Scheduler
from egostream.server.loop_lag import measure_lag
from egostream.server.metrics import Metrics
from egostream.server.metrics_gpu import GpuCollector, find_nvml
from egostream.server.metrics_state import Places, StateCollector

log = logging.getLogger(__name__)

LOOPBACK = "127.0.0.1"

Lifespan = Callable[[Starlette], AbstractAsyncContextManager[None]]


def with_operations(
    lifespan: Lifespan, metrics: Metrics, port: int, places: Places, scheduler: Scheduler
) -> Lifespan:
    """An application's lifespan, watched from beginning to end."""
    metrics.registry.register(StateCollector(places, scheduler))
    if port and (nvml := find_nvml()) is not None:
        metrics.registry.register(GpuCollector(nvml))

    @contextlib.asynccontextmanager
    async def watched(app: Starlette) -> AsyncIterator[None]:
        lag = asyncio.create_task(measure_lag(metrics.event_loop_lag.observe))
        close = expose(metrics.registry, port)
        try:
            async with lifespan(app):
                yield
        finally:
            lag.cancel()
            await asyncio.to_thread(close)

    return watched


def expose(registry: CollectorRegistry, port: int) -> Callable[[], None]:
    """Metrics over HTTP on the loopback's `port`, until what it returns is called, which blocks for up to half a
    second; 0 is none. A port that is taken is told and done without: nobody's edit should fail for want of a figure.
    """
    if not port:
        return nothing
    try:
        server, thread = start_http_server(port, LOOPBACK, registry)
    except OSError as error:
        log.warning(
            "no metrics: port %d of %s cannot be had (%s); choose another with --metrics-port",
            port,
            LOOPBACK,
            error.strerror,
        )
        return nothing
    log.info("metrics at http://%s:%d/metrics", LOOPBACK, port)

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return close


def nothing() -> None:
    """There is nothing to close."""
