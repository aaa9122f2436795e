"""Missing packets are asked for until they come, at the pace of answers, and not for ever."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from aiortc.rtp import RtpPacket

from egostream.rtc.missing import (
    FIRST_RETRY_NS,
    MAX_ASKS,
    MAX_BEHIND,
    MAX_PATIENCE_NS,
    MAX_RETRY_NS,
    MIN_PATIENCE_NS,
    MIN_RETRY_NS,
    MissingPackets,
)

MS = 1_000_000
FIRST = 65_530  # so that numbers wrap in every test


@dataclass
class Line:
    """Packets by number, one every 10 ms, and what is asked for in answer."""

    now_ns: int = 1_000 * MS
    wanted_from: int | None = None

    def __post_init__(self) -> None:
        self.missing = MissingPackets(lambda: self.now_ns, lambda: self.wanted_from)

    def hear(self, number: int, after_ms: float = 10) -> list[int]:
        self.now_ns += round(after_ms * MS)
        packet = RtpPacket(sequence_number=(FIRST + number) & 0xFFFF)
        asked = self.missing.missing if self.missing.add(packet) else []
        return [(at - FIRST) & 0xFFFF for at in asked]


@pytest.fixture
def line() -> Line:
    line = Line()
    assert line.hear(0) == []
    return line


def test_a_gap_is_asked_for_at_once_and_again_while_it_stays(line: Line) -> None:
    assert line.hear(3) == [1, 2]
    assert line.hear(4) == [], "an answer takes a while"
    assert line.hear(5, FIRST_RETRY_NS / MS) == [1, 2]
    assert line.hear(1) == [] and line.hear(6, 100) == [2]
    assert line.hear(2) == [] and len(line.missing) == 0


def test_it_learns_how_long_answers_take(line: Line) -> None:
    number = 0
    for _ in range(40):
        number += 2
        assert line.hear(number) == [number - 1]
        line.hear(number - 1, 10)
    assert line.missing.retry_ns == MIN_RETRY_NS
    assert line.missing.patience_ns == MIN_PATIENCE_NS
    for _ in range(40):
        number += 2
        line.hear(number)
        line.hear(number - 1, 450)
    assert line.missing.retry_ns == MAX_RETRY_NS
    assert line.missing.patience_ns == MAX_PATIENCE_NS


def test_it_gives_up(line: Line) -> None:
    asked = sum(1 in line.hear(number, 400) for number in range(2, 40))
    assert asked == MAX_ASKS and len(line.missing) == 0


def test_what_is_no_longer_wanted_is_not_asked_for(line: Line) -> None:
    assert line.hear(5) == [1, 2, 3, 4]
    line.wanted_from = (FIRST + 3) & 0xFFFF
    assert line.hear(6, 200) == [3, 4]


def test_nothing_of_an_outage_is_asked_for(line: Line) -> None:
    assert line.hear(120, 4000) == []
    assert line.hear(122) == [121]


def test_it_holds_no_more_than_a_sender_does(line: Line) -> None:
    assert len(line.hear(600)) == MAX_BEHIND
    for number in range(602, 1000, 2):
        line.hear(number)
        assert len(line.missing) <= MAX_BEHIND
