"""The flags of `egostream serve` for several replicas."""

from __future__ import annotations

import argparse
import importlib.util

from egostream.errors import EgostreamError
from egostream.numbers import positive

MODULES = ("ray", "aiohttp")


class RayMissing(EgostreamError):
    """The extra is not installed."""

    code = "ray_missing"


def add_scale(parser: argparse.ArgumentParser) -> None:
    """Ray, how many, and where."""
    group = parser.add_argument_group(
        "several replicas",
        "One server for each GPU behind one address, on Ray Serve: pip install 'egostream[ray]'.\n"
        "--max-sessions is of each; --queue is divided among them.",
    )
    group.add_argument("--ray", action="store_true", help="run replicas of the server on Ray Serve")
    group.add_argument(
        "--replicas",
        type=positive,
        metavar="N",
        help="how many (one for each GPU, or without one for each two cores)",
    )
    group.add_argument(
        "--ray-address",
        metavar="ADDRESS",
        help="use the Ray cluster at HOST:PORT, or `auto` for the one of this machine (a cluster of its own)",
    )


def check_scale(args: argparse.Namespace) -> None:
    """Raises RayMissing, and EgostreamError for flags that go without --ray, or not with it."""
    if not args.ray:
        for name in ("replicas", "ray_address"):
            if getattr(args, name) is not None:
                raise EgostreamError(f"--{name.replace('_', '-')} needs --ray")
    elif args.in_process:
        raise EgostreamError("--in-process is for one server: leave it or --ray away")
    elif any(importlib.util.find_spec(name) is None for name in MODULES):
        raise RayMissing("--ray needs Ray: pip install 'egostream[ray]'")
