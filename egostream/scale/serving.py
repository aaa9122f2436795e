"""`egostream serve --ray`: the front, the replicas and Ray, from the first to the last."""

from __future__ import annotations

import logging
import signal
import socket

from egostream.errors import EgostreamError
from egostream.scale.cluster import joined
from egostream.server import logs
from egostream.server.app import GracefulServer, bind, log_address
from egostream.server.security import Security
from egostream.server.settings import ServerSettings

log = logging.getLogger(__name__)


def run_on_ray(
    settings: ServerSettings,
    security: Security,
    num_replicas: int | None = None,
    address: str | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises CannotListen, what `joined` and `deploy` do, or what kept the model from
    loading.
    """
    logs.configure(settings.log_level, settings.log_format)
    listener = bind(settings)
    try:
        _run(settings, security, listener, num_replicas, address)
    except SystemExit as error:  # how Ray takes SIGTERM
        raise KeyboardInterrupt from error


def _run(
    settings: ServerSettings,
    security: Security,
    listener: socket.socket,
    num_replicas: int | None,
    address: str | None,
) -> None:
    host, port = listener.getsockname()[:2]
    failures: list[EgostreamError] = []
    with listener, joined(settings, num_replicas, address) as cluster:
        logs.configure(settings.log_level, settings.log_format)  # Ray has its own ideas
        # Ray's handler would end the process with the signal's number; here it ends as by Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        shares = cluster.shares
        log.info(
            "starting %d replicas, each with %d CPUs and %g GPUs",
            *(shares.num_replicas, shares.num_cpus, shares.num_gpus),
        )
        cluster.deploy()
        from egostream.scale.fleet import Fleet
        from egostream.scale.front import create_front

        servers: list[GracefulServer] = []

        def give_up(error: EgostreamError) -> None:
            failures.append(error)
            servers[0].should_exit = True

        fleet = Fleet(shares.num_replicas, cluster.secret, cluster.listed, cluster.forget, give_up)
        app = create_front(settings, security, fleet)
        servers.append(GracefulServer(app, settings, security.certificate))
        log_address(settings, security, host, port)
        servers[0].run(sockets=[listener])
        log.info("the replicas are being stopped")
    if failures:
        raise failures[0]
