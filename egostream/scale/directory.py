"""Where the replicas are. One actor of the cluster holds it; each replica says again and again that it is there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

FORGOTTEN_S = 6.0
"""A replica that has not been heard of for so long is no longer named."""
MAX_REPLICAS = 256


@dataclass(frozen=True, slots=True)
class Entry:
    """`tag`: of one life of a replica, and in the names of its sessions; a restart gets another one. `number`: its
    place among the replicas, which a successor takes over.
    """

    tag: str
    url: str
    pid: int
    number: int


class Directory:
    """In the actor; plain Python otherwise. Bound: `MAX_REPLICAS`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard: dict[str, tuple[Entry, float]] = {}

    def here(self, tag: str, url: str, pid: int) -> int:
        """A replica is there, under this number; -1 where there are too many."""
        self._clean()
        known = self._heard.get(tag)
        if known is None:
            taken = {entry.number for entry, _ in self._heard.values()}
            if len(taken) >= MAX_REPLICAS:
                return -1
            number = next(n for n in range(MAX_REPLICAS) if n not in taken)
            entry = Entry(tag, url, pid, number)
        else:
            entry = known[0]
        self._heard[tag] = (entry, self._clock())
        return entry.number

    def listed(self) -> list[Entry]:
        self._clean()
        return [entry for entry, _ in self._heard.values()]

    def forget(self, tag: str) -> None:
        """It is known to be gone: its number is free."""
        self._heard.pop(tag, None)

    def _clean(self) -> None:
        oldest = self._clock() - FORGOTTEN_S
        self._heard = {tag: pair for tag, pair in self._heard.items() if pair[1] >= oldest}
