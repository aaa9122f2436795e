"""What a bad network does to each packet, decided here and nowhere else, and by a seed: a run can be had again.

Frames are Ethernet's. Only IP packets are impaired: address resolution passes, as it would on the far side of a router.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

MAX_HELD = 4096
"""Packets on their way in one direction; a further one is lost, as in a router whose buffer is full."""
IPV4, TCP, UDP = b"\x08\x00", 6, 17

Only = Literal["udp", "tcp"]


@dataclass(frozen=True, slots=True)
class Impairment:
    """Of each direction. `loss`: the share of packets; `delay_ms`: of every packet; `jitter_ms`: up to so much more,
    evenly, so that packets overtake each other; `is_out`: nothing passes; `only`: the other protocol is left alone.
    """

    loss: float = 0.0
    delay_ms: float = 0.0
    jitter_ms: float = 0.0
    is_out: bool = False
    only: Only | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.loss <= 1 or self.delay_ms < 0 or self.jitter_ms < 0:
            raise ValueError(f"no such network: {self}")

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def of(values: Mapping[str, Any]) -> Impairment:
        return Impairment(**values)


PERFECT = Impairment()


def protocol_of(frame: bytes) -> int | None:
    """Of an IPv4 packet in an Ethernet frame; None for anything else."""
    return frame[23] if frame[12:14] == IPV4 and len(frame) > 33 else None


class Way:
    """One direction. Holds at most `MAX_HELD` packets; times are any clock's ns."""

    def __init__(self, seed: int) -> None:
        self.impairment = PERFECT
        self.num_passed = self.num_lost = 0
        self._random = random.Random(seed)
        self._held: list[tuple[int, int, bytes]] = []
        self._num = 0

    def __len__(self) -> int:
        return len(self._held)

    def put(self, frame: bytes, now_ns: int) -> None:
        """Lost at once, or held until it is due."""
        due_ns = self._due_ns(frame, now_ns)
        if due_ns is None or len(self._held) >= MAX_HELD:
            self.num_lost += 1
            return
        self._num += 1  # keeps the order of packets that are due together
        heapq.heappush(self._held, (due_ns, self._num, frame))

    def take(self, now_ns: int) -> bytes | None:
        """A packet that is due."""
        if not self._held or self._held[0][0] > now_ns:
            return None
        self.num_passed += 1
        return heapq.heappop(self._held)[2]

    def next_due_ns(self) -> int | None:
        return self._held[0][0] if self._held else None

    def _due_ns(self, frame: bytes, now_ns: int) -> int | None:
        wanted, protocol = self.impairment, protocol_of(frame)
        if protocol is None:
            return now_ns
        if wanted.only is not None and protocol != (UDP if wanted.only == "udp" else TCP):
            return now_ns
        if wanted.is_out or (wanted.loss and self._random.random() < wanted.loss):
            return None
        late_ms = wanted.delay_ms
        if wanted.jitter_ms:
            late_ms += self._random.uniform(0, wanted.jitter_ms)
        return now_ns + round(late_ms * 1e6)
