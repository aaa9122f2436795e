"""Where a worker runs and how workers share a model: replicas (DDP) or shards (FSDP2)."""

from __future__ import annotations

import os
import resource
import sys
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Literal

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor
from torch.nn.parallel import DistributedDataParallel
from torch.utils.checkpoint import checkpoint

from distill.turns import TrainingLoss
from egostream.errors import EgostreamError

Parallel = Literal["ddp", "fsdp"]
# Sheets and samples of a large model take long, and its first worker makes them alone.
PATIENCE = timedelta(hours=3)


class NoDevice(EgostreamError):
    """There is no such device for a worker."""


@dataclass(frozen=True, slots=True)
class Place:
    """A worker among `world`; rank 0 writes."""

    rank: int = 0
    world: int = 1
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    parallel: Parallel = "ddp"


def pick_device(name: str, local_rank: int) -> torch.device:
    """For "auto", "cpu" or "cuda": a worker's own device. Raises NoDevice."""
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if local_rank >= torch.cuda.device_count():
        raise NoDevice(f"no GPU for worker {local_rank}: {torch.cuda.device_count()} found")
    return torch.device("cuda", local_rank)


def launched() -> tuple[int, int, int] | None:
    """Rank, world and local rank if torchrun started this process."""
    if not dist.is_torchelastic_launched():
        return None
    rank, world, local = (int(os.environ[k]) for k in ("RANK", "WORLD_SIZE", "LOCAL_RANK"))
    return rank, world, local


def join(place: Place, address: str) -> None:
    """Meet the other workers at `address` ("env://" or "tcp://...")."""
    if place.device.type == "cuda":
        torch.cuda.set_device(place.device)
    dist.init_process_group(
        "nccl" if place.device.type == "cuda" else "gloo",
        init_method=address,
        rank=place.rank,
        world_size=place.world,
        timeout=PATIENCE,
    )


def blocks_of(loss: nn.Module) -> list[nn.Module]:
    """The transformers' blocks: equal, and nearly all of a large model."""
    found = loss.named_modules()
    parents = ("transformer.blocks", "critic.blocks")
    return [module for name, module in found if name.rpartition(".")[0].endswith(parents)]


def recompute_blocks(loss: nn.Module) -> None:
    """Let the backward pass compute anew what is inside blocks, from their inputs."""
    for block in blocks_of(loss):
        block.forward = partial(checkpoint, block.forward, use_reentrant=False)


def spread(loss: TrainingLoss, place: Place) -> nn.Module:
    """The loss as it is called in training. With FSDP its parameters become shards, in place.

    A shard group is a transformer block, gathered when its turn comes. All else is small, and is called by
    methods that no hook sees: it belongs to the root, gathered for the whole pass.
    """
    if place.parallel == "fsdp":
        mesh = init_device_mesh(place.device.type, (place.world,))
        for block in blocks_of(loss):
            fully_shard(block, mesh=mesh)
        fully_shard(loss, mesh=mesh)
        return loss
    if place.world == 1:
        return loss
    # Whose turn it is not gets no gradients.
    return DistributedDataParallel(loss, find_unused_parameters=loss.takes_turns)


def mean_over_workers(parts: dict[str, Tensor], place: Place) -> dict[str, float]:
    """Means of means over equal shares of a batch: the batch's own."""
    values = torch.stack([v.float() for v in parts.values()])
    if place.world > 1:
        dist.all_reduce(values)
        values /= place.world
    return dict(zip(parts, values.tolist(), strict=True))


def peak_mb(device: torch.device) -> float:
    """The most memory that this worker has held so far: the GPU's, else the process's."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 2**20
    # Linux counts in KiB, macOS in bytes.
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def same_everywhere(number: int, place: Place) -> bool:
    """Whether all workers have the same number. All must ask."""
    if place.world == 1:
        return True
    ends = torch.tensor([number, -number], device=place.device)
    dist.all_reduce(ends, dist.ReduceOp.MAX)
    return int(ends[0]) == -int(ends[1])


def threads_of(place: Place) -> int:
    """A worker's share of its machine's cores; torchrun says how many share them."""
    here = int(os.environ.get("LOCAL_WORLD_SIZE", place.world))
    return max(1, (os.cpu_count() or 1) // here)


def whole(value: Any, keep: bool = True) -> Any:
    """Nested values with every shard gathered, on the CPU. All workers must ask; who does not `keep` gets None."""
    if isinstance(value, dict):
        return {k: whole(v, keep) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(whole(v, keep) for v in value)
    if isinstance(value, Tensor):
        full = value.full_tensor() if isinstance(value, DTensor) else value
        return full.detach().cpu() if keep else None
    return value


def placed_like(value: Tensor, like: Tensor) -> Tensor:
    """A whole tensor on the device of another and, if that is a shard, cut as it is."""
    value = value.to(like.device, copy=True)
    if isinstance(like, DTensor) and value.shape == like.shape:
        # Every worker has read the whole file: nothing to send.
        return distribute_tensor(value, like.device_mesh, like.placements, src_data_rank=None)
    return value
