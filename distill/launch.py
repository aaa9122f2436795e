"""Worker processes on one machine."""

from __future__ import annotations

import logging
import os
import socket
from typing import Any

import torch
from torch.multiprocessing.spawn import spawn

from distill.arguments import LOG_FORMAT
from distill.parallel import Parallel, Place, pick_device
from distill.trainer import work


def count_of(kind: str) -> int:
    """How many devices of a kind this machine has: cores or GPUs."""
    return torch.cuda.device_count() if kind == "cuda" else os.cpu_count() or 1


def start(world: int, kind: str, parallel: Parallel, options: tuple[Any, ...]) -> int:
    """As many worker processes, or this one if it is alone."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    shared = (world, kind, parallel, address, options)
    if world == 1:
        be_worker(0, *shared)
    else:
        spawn(be_worker, shared, nprocs=world)
    return 0


def be_worker(
    rank: int, world: int, kind: str, parallel: Parallel, address: str, options: tuple[Any, ...]
) -> None:
    """A worker started by `start`."""
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    work(Place(rank, world, pick_device(kind, rank), parallel), address, *options)
