"""Ray: a cluster of its own for this server, or a part in one that is there; and the deployment on it."""

from __future__ import annotations

import contextlib
import logging
import math
import os
import secrets
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, cast

from egostream.doctor.machine import usable_cores
from egostream.errors import EgostreamError
from egostream.scale.directory import Directory, Entry
from egostream.scale.plan import Share, share
from egostream.server.settings import ServerSettings

log = logging.getLogger(__name__)

OBJECT_STORE_BYTES = 100 << 20
"""Nothing large goes through Ray: frames take UDP, and pictures the model's own shared memory."""
HEALTH_EVERY_S = 2.0
HEALTH_ANSWERS_IN_S = 6.0
"""After three silences of so long Ray replaces a replica; one whose process ended at once."""
ENDS_IN_S = 5.0


class RayFailed(EgostreamError):
    """Ray could not be started or joined, or refuses the deployment."""

    code = "ray_failed"


class Cluster:
    """Use: `joined`, then `deploy` once."""

    def __init__(self, settings: ServerSettings, shares: Share, is_local: bool) -> None:
        import ray

        self.shares = shares
        self.secret = secrets.token_urlsafe(32)
        self.application = f"egostream-{settings.port}"
        self._settings = settings
        self._is_local = is_local
        # It restarts empty, and replicas tell it again.
        actor = ray.remote(Directory).options(num_cpus=0, max_restarts=-1)
        self._directory: Any = actor.remote()

    def deploy(self) -> None:
        """Returns once the replicas listen. Raises RayFailed."""
        from ray import serve

        from egostream.scale.replica import Replica, ReplicaPlan

        options = {"num_cpus": self.shares.num_cpus, "num_gpus": self.shares.num_gpus}
        queue_each = math.ceil(self._settings.queue / self.shares.num_replicas)
        settings = replace(self._settings, queue=queue_each)
        plan = ReplicaPlan(settings, self.secret, self.application, self._is_local)
        deployment = serve.deployment(
            Replica,
            name="replica",
            num_replicas=self.shares.num_replicas,
            ray_actor_options=options,
            health_check_period_s=HEALTH_EVERY_S,
            health_check_timeout_s=HEALTH_ANSWERS_IN_S,
            graceful_shutdown_timeout_s=ENDS_IN_S,
        )
        quiet = {"log_level": "WARNING", "enable_access_log": False}
        with _named("Ray Serve could not start the replicas"):
            # No proxy of Ray's: the front is the only way in.
            serve.start(proxy_location="Disabled", logging_config=quiet)
            _one_log()
            serve.run(
                deployment.bind(plan, self._directory),
                name=self.application,
                route_prefix=None,
                logging_config=quiet,
            )

    async def listed(self) -> list[Entry]:
        """Raises whatever Ray does."""
        return cast(list[Entry], await self._directory.listed.remote())

    def forget(self, tag: str) -> None:
        self._directory.forget.remote(tag)

    def end(self) -> None:
        """A cluster of its own ends with all that is in it; in another the deployment alone does."""
        import ray
        from ray import serve

        try:
            if not self._is_local:
                serve.delete(self.application)
        except Exception as error:
            log.warning("the replicas could not be ended: %s", error)
        finally:
            ray.shutdown()


@contextlib.contextmanager
def joined(
    settings: ServerSettings, num_replicas: int | None, address: str | None
) -> Iterator[Cluster]:
    """`address`: of a cluster that is there, else one of this process. Raises RayFailed, TooLittle."""
    is_local = address is None
    cores = int(usable_cores()) or 1
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would tell its makers about itself
    os.environ["RAY_SERVE_LOG_TO_STDERR"] = "0"  # there is one log, and it may be JSON
    if is_local:
        _shut_off()
    import ray

    quiet = {"log_to_driver": False, "logging_level": logging.WARNING}
    with _named("Ray could not be started" if is_local else f"no Ray cluster at {address}"):
        if is_local:
            ray.init(
                address="local",
                num_cpus=max(cores, num_replicas or 1),
                num_gpus=0 if settings.device == "cpu" else None,
                include_dashboard=False,
                object_store_memory=OBJECT_STORE_BYTES,
                **quiet,
            )
        else:
            ray.init(address=address, **quiet)
    _one_log()
    cluster: Cluster | None = None
    try:
        resources = ray.cluster_resources()
        all_cores = cores if is_local else int(resources.get("CPU", 0))
        shares = share(
            num_replicas,
            all_cores,
            int(resources.get("GPU", 0)),
            settings.device,
            is_local=is_local,
        )
        cluster = Cluster(settings, shares, is_local)
        yield cluster
    finally:
        if cluster is not None:
            cluster.end()
        else:
            ray.shutdown()


def _shut_off() -> None:
    """Of a cluster of its own: Ray's processes run what they are sent, and listen to all the world by default. So they
    take the loopback alone, where they let that be chosen, and everywhere want a token that only they have.
    """
    os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # in spite of its name
    os.environ["RAY_worker_niceness"] = "0"  # else frames wait for whatever else runs here
    os.environ["RAY_AUTH_MODE"] = "token"
    os.environ["RAY_AUTH_TOKEN"] = secrets.token_urlsafe(32)


def _one_log() -> None:
    """What Ray has to say goes the way of all other lines."""
    for name in ("ray", "ray.serve"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)


@contextlib.contextmanager
def _named(what: str) -> Iterator[None]:
    """Ray raises many kinds of errors; all mean that this did not work."""
    try:
        yield
    except Exception as error:
        first = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise RayFailed(f"{what}: {first}") from error
