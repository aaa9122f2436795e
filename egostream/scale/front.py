"""The front: what clients see of several servers. It lets in or refuses, chooses a replica, and passes on what a
session's client asks to the replica that the session's name ends in. It holds no session itself, and no media comes by.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from egostream import __version__
from egostream.errors import Busy
from egostream.protocol import MAX_SDP_BYTES, PROTOCOL_VERSION
from egostream.scale.fleet import Fleet, Replica
from egostream.scale.merged_metrics import FleetCollector, MergedMetrics
from egostream.scale.relay import Answer, Relay, ReplicaGone
from egostream.server.app import door, told_errors
from egostream.server.bodies import read_body
from egostream.server.control import refuse
from egostream.server.loop_lag import measure_lag
from egostream.server.metrics import Metrics
from egostream.server.metrics_gpu import GpuCollector, find_nvml
from egostream.server.operations import expose
from egostream.server.problems import problem
from egostream.server.routes import fixed_routes
from egostream.server.security import Security
from egostream.server.session import UnknownSession
from egostream.server.sessions import NotReady
from egostream.server.settings import ServerSettings

OWNED = ("PATCH", "DELETE", "POST", "OPTIONS")


def create_front(settings: ServerSettings, security: Security, fleet: Fleet) -> Starlette:
    """Answers at once, whether or not there are replicas."""
    metrics, relay = Metrics(), Relay(fleet)
    metrics.registry.register(FleetCollector(fleet))
    if settings.metrics_port and (nvml := find_nvml()) is not None:
        metrics.registry.register(GpuCollector(nvml))
    front = Front(settings, fleet, relay)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        lag = asyncio.create_task(measure_lag(metrics.event_loop_lag.observe))
        merged = CollectorRegistry()
        merged.register(MergedMetrics(fleet, metrics.registry))
        unexpose = expose(merged, settings.metrics_port)
        try:
            async with fleet.watched(), relay.opened():
                yield
        finally:
            lag.cancel()
            await asyncio.to_thread(unexpose)

    app = Starlette(
        routes=[
            Route("/healthz", front.healthz),
            Route("/readyz", front.readyz),
            Route("/v1/info", front.info),
            *(Route(path, front.open, methods=["POST", "OPTIONS"]) for path in OPENING),
            *(Route(path, front.owned, methods=OWNED) for path in BELONGING),
            WebSocketRoute("/v1/session/{name}/control", front.control),
            *fixed_routes(security.certificate),
        ],
        middleware=door(settings, security, metrics),
        exception_handlers=told_errors(metrics),
        lifespan=lifespan,
    )
    app.state.sessions = fleet  # whom `GracefulServer` tells that it ends
    return app


OPENING = ("/v1/session", "/v1/whip")
BELONGING = ("/v1/session/{name}", "/v1/whep/{name}", "/v1/viewer/{name}")


class Front:
    """Handlers over a fleet."""

    def __init__(self, settings: ServerSettings, fleet: Fleet, relay: Relay) -> None:
        self._settings, self._fleet, self._relay = settings, fleet, relay

    async def healthz(self, _: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def readyz(self, _: Request) -> Response:
        """Ready where one replica is; how many are says the body."""
        try:
            self._fleet.check_ready()
        except NotReady as error:
            return problem(503, error.code, str(error))
        return JSONResponse({"status": "ready", **self._replicas()})

    async def info(self, _: Request) -> Response:
        """What a replica says of itself, with the places of all."""
        told: dict[str, object] = {
            "version": __version__,
            "protocol": PROTOCOL_VERSION,
            "preset": self._settings.preset,
            **dict.fromkeys(("frame_width", "frame_height", "chunk_frames")),
        }
        for replica in self._fleet.replicas:
            if replica.is_ready:
                told |= await self._relay.info(replica)
                break
        told |= {
            "ready": self._fleet.num_ready > 0,
            "slots": self._fleet.total("num_slots"),
            "slots_free": self._fleet.total("num_free"),
            "waiting": self._fleet.total("num_waiting"),
            "queue": self._settings.queue,
        }
        return JSONResponse(told | self._replicas())

    def _replicas(self) -> dict[str, int]:
        return {"replicas": self._fleet.num_wanted, "replicas_ready": self._fleet.num_ready}

    async def open(self, request: Request) -> Response:
        """A session at the replica with most room, or where that one is full after all, at the next."""
        body = await read_body(request, MAX_SDP_BYTES)
        refused: Answer | None = None
        for replica in await self._fleet.candidates():
            with replica.opening(), contextlib.suppress(ReplicaGone):
                answer = await self._relay.ask(replica, request, body)
                if answer.status != 503:
                    return _told(request, answer)
                refused = answer
        self._fleet.check_ready()
        if refused is None:
            raise NotReady("the replicas are being started again; try again in a few seconds")
        if refused.is_busy:
            raise Busy(self._full())
        return refused.response()

    def _full(self) -> str:
        slots, waiting = self._fleet.total("num_slots"), self._fleet.total("num_waiting")
        wait = f" and {waiting} wait for one" if waiting else ""
        return f"all {slots} places are taken{wait}; try again in a little while"

    async def owned(self, request: Request) -> Response:
        """To the replica whose session (view, viewer) it is."""
        replica = self._fleet.owner(request.path_params["name"])
        body = await read_body(request, MAX_SDP_BYTES)
        try:
            return _told(request, await self._relay.ask(replica, request, body))
        except ReplicaGone:
            raise UnknownSession("the replica of this session was lost; open a new one") from None

    async def control(self, socket: WebSocket) -> None:
        await socket.accept()
        try:
            replica: Replica = self._fleet.owner(socket.path_params["name"])
        except UnknownSession as error:
            await refuse(socket, error)
            return
        await self._relay.converse(socket, replica)


def _told(request: Request, answer: Answer) -> Response:
    """ICE servers are for who may open a session, which replicas do not know of who asks."""
    response = answer.response()
    if request.method == "OPTIONS" and not getattr(request.state, "may_open", False):
        del response.headers["link"]
    return response
