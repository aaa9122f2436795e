"""One replica: the server as it is, in a process of Ray Serve's, which starts it again when it dies or falls silent.

Media goes straight to its UDP ports. Its HTTP port answers the front alone.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sys
import threading
import time
from dataclasses import dataclass, replace
from typing import Any

import ray
from ray import serve

from egostream.heap import spare_what_is_loaded
from egostream.scale.inside import Inside
from egostream.scale.log_relay import LogRelay
from egostream.scheduler import Scheduler
from egostream.server.app import GracefulServer, bind, create_app
from egostream.server.security import Security
from egostream.server.settings import ServerSettings

log = logging.getLogger(__name__)

HERE_EVERY_S = 1.0
ANSWERS_IN_S = 5.0
NO_FRONT = "the front that these replicas belong to is gone"


@dataclass(frozen=True, slots=True)
class ReplicaPlan:
    """What a replica is started with. `is_local`: front and replicas share a machine, and speak over its loopback."""

    settings: ServerSettings
    secret: str
    application: str
    is_local: bool


class Replica:
    """The deployment's class. `directory` is the handle of the actor that holds a `Directory`."""

    def __init__(self, plan: ReplicaPlan, directory: Any) -> None:
        """Returns once it listens; the model loads behind."""
        self._plan = plan
        self._directory = directory
        tag = secrets.token_urlsafe(6)
        host = "127.0.0.1" if plan.is_local else str(ray.util.get_node_ip_address())
        settings = replace(plan.settings, id_suffix=f".{tag}", metrics_port=0)
        relay = LogRelay()
        root = logging.getLogger()
        root.handlers[:] = [relay]
        root.setLevel(logging.WARNING)
        logging.getLogger("egostream").setLevel(settings.log_level.upper())
        # as in `server.app.run`
        sys.setswitchinterval(0.001)
        listener = bind(replace(settings, host=host, port=0))
        shown = f"[{host}]" if ":" in host else host
        self._entry = (tag, f"http://{shown}:{listener.getsockname()[1]}", os.getpid())
        app = create_app(settings, security=Security([host], None, None))
        app.add_middleware(Inside, server=app, secret=plan.secret, relay=relay)
        self._scheduler: Scheduler = app.state.scheduler
        self._loop = asyncio.new_event_loop()
        self._server = server = GracefulServer(app, settings)
        spare_what_is_loaded()

        def run() -> None:
            with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(server.serve(sockets=[listener]))

        self._thread = threading.Thread(target=run, name="server", daemon=True)
        self._thread.start()
        threading.Thread(target=self._say_here, name="here", daemon=True).start()

    async def check_health(self) -> None:
        """Asked by Ray Serve; a replica that raises, or does not answer in time, is replaced."""
        if self._scheduler.failure is not None:
            raise RuntimeError(f"the model could not be loaded: {self._scheduler.failure}")
        asked = asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self._loop)
        await asyncio.wait_for(asyncio.wrap_future(asked), ANSWERS_IN_S)

    def _say_here(self) -> None:
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.05)
        while self._thread.is_alive():
            try:
                ray.get(self._directory.here.remote(*self._entry), timeout=ANSWERS_IN_S)
            except ray.exceptions.ActorUnavailableError:
                log.warning("the directory of replicas is being started again")
            except ray.exceptions.RayActorError:
                log.warning("%s: they end", NO_FRONT)
                serve.delete(self._plan.application, _blocking=False)
                return
            except Exception as error:
                log.warning("the directory of replicas does not answer: %s", type(error).__name__)
            time.sleep(HERE_EVERY_S)
