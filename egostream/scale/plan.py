"""How many replicas, and what of the machine (or the cluster) each gets."""

from __future__ import annotations

import math
from dataclasses import dataclass

from egostream.errors import EgostreamError

CORES_EACH = 2
"""Where there is no GPU: what nano needs for real time."""


class TooLittle(EgostreamError):
    """The machine or the cluster has not got what the replicas need."""

    code = "too_few_resources"


@dataclass(frozen=True, slots=True)
class Share:
    """What one replica gets, of `num_replicas`. Ray counts CPUs, and sets the model's threads by them."""

    num_replicas: int
    num_cpus: int
    num_gpus: float


def share(
    wanted: int | None, cores: int, num_gpus: int, device: str, *, is_local: bool = True
) -> Share:
    """One replica for each GPU, or without one for each two cores, unless another number is wanted; then they share
    what there is. In a cluster of others' a replica takes no more cores than it needs. Raises TooLittle.
    """
    if device == "cuda" and num_gpus == 0:
        raise TooLittle("Ray sees no GPU: leave --device cuda away, or look what `ray status` says")
    if device == "cpu":
        num_gpus = 0
    num_replicas = wanted or num_gpus or max(1, cores // CORES_EACH)
    gpus_each = 0.0
    if num_gpus:
        gpus_each = round(1 / math.ceil(num_replicas / num_gpus), 4)
    cpus_each = max(1, cores // num_replicas) if is_local else CORES_EACH
    if not is_local and num_replicas * cpus_each > cores:
        raise TooLittle(
            f"{num_replicas} replicas need {num_replicas * cpus_each} CPUs of the cluster, which has {cores}: "
            "add nodes, or make --replicas smaller"
        )
    return Share(num_replicas, cpus_each, gpus_each)
