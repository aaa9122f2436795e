"""Which packets of a video are missing, and when to ask for them (again).

aiortc asks once, and again only when another packet is found missing: a request or an answer that is lost too leaves a
hole for seconds. Here each is asked for until it comes or is given up, at the pace in which answers come.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from aiortc.rtp import RtpPacket
from aiortc.utils import uint16_add, uint16_gt

MAX_BEHIND = 512
"""Packets that our senders keep; older ones are asked for in vain."""
MAX_ASKS = 8
OUTAGE_NS = 500_000_000
"""After so long without a packet what was missed is past, and not asked for."""
MIN_RETRY_NS, MAX_RETRY_NS = 40_000_000, 300_000_000
FIRST_RETRY_NS = 80_000_000
LEARNS = 0.25
MIN_PATIENCE_NS, MAX_PATIENCE_NS = 100_000_000, 400_000_000


@dataclass(slots=True)
class _Asked:
    at_ns: int
    times: int


class MissingPackets:
    """Stands in for aiortc's NackGenerator, of one video receiver. Holds at most `MAX_BEHIND` numbers."""

    def __init__(
        self,
        clock: Callable[[], int] = time.monotonic_ns,
        wanted_from: Callable[[], int | None] = lambda: None,
    ) -> None:
        """`wanted_from`: the first sequence number that is still of use, if that is known."""
        self._clock = clock
        self._wanted_from = wanted_from
        self._newest: int | None = None
        self._heard_ns = 0
        self._answer_ns = FIRST_RETRY_NS / 1.5
        self._asked: dict[int, _Asked] = {}
        self._due: list[int] = []

    def __len__(self) -> int:
        return len(self._asked)

    @property
    def missing(self) -> list[int]:
        """What is to be asked for now: read it once after each `add` that says so."""
        return self._due

    @property
    def retry_ns(self) -> int:
        """How long an answer is waited for: half as long again as answers take."""
        return round(min(max(1.5 * self._answer_ns, MIN_RETRY_NS), MAX_RETRY_NS))

    @property
    def patience_ns(self) -> int:
        """How long a packet may be waited for: as long as two requests take."""
        return round(min(max(2.5 * self._answer_ns, MIN_PATIENCE_NS), MAX_PATIENCE_NS))

    def add(self, packet: RtpPacket) -> bool:
        """Whether something is to be asked for."""
        now_ns, number = self._clock(), packet.sequence_number
        newest, self._newest = self._newest, number
        is_outage = now_ns - self._heard_ns > OUTAGE_NS
        self._heard_ns = now_ns
        if newest is None or is_outage:
            self._asked.clear()
            return False
        if uint16_gt(number, newest):
            self._note_gap(newest, number)
        else:
            self._newest = newest
            self._arrived(number, now_ns)
        self._forget(self._newest)
        self._due = self._ask(now_ns)
        return bool(self._due)

    def _note_gap(self, newest: int, number: int) -> None:
        gap = min(uint16_add(number, -newest) - 1, MAX_BEHIND)
        for back in range(gap, 0, -1):
            self._asked[uint16_add(number, -back)] = _Asked(0, 0)

    def _arrived(self, number: int, now_ns: int) -> None:
        asked = self._asked.pop(number, None)
        if asked is not None and asked.times == 1:  # else nobody knows which request it answers
            self._answer_ns += LEARNS * (now_ns - asked.at_ns - self._answer_ns)

    def _forget(self, newest: int) -> None:
        first = self._wanted_from()
        for number, asked in list(self._asked.items()):
            is_past = first is not None and uint16_gt(first, number)
            if is_past or asked.times >= MAX_ASKS or uint16_add(newest, -number) > MAX_BEHIND:
                del self._asked[number]

    def _ask(self, now_ns: int) -> list[int]:
        due: list[int] = []
        for number, asked in self._asked.items():
            if not asked.times or now_ns - asked.at_ns >= self.retry_ns:
                asked.at_ns, asked.times = now_ns, asked.times + 1
                due.append(number)
        return due
