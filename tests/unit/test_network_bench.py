"""The bad network by itself: what is lost and late, that it is the same twice, and what the figures say of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.network.figures import back_after_s, figures, longest_freeze_s
from bench.network.impair import MAX_HELD, Impairment, Way
from bench.network.report import as_text, missed_goals
from bench.network.sessions import Seen, Trial

MS = 1_000_000


def ip(protocol: int, body: bytes = b"") -> bytes:
    """An Ethernet frame."""
    return bytes(12) + b"\x08\x00" + bytes(9) + bytes([protocol]) + bytes(10) + body


UDP, TCP, ARP = ip(17), ip(6), bytes(12) + b"\x08\x06" + bytes(28)


def passed(way: Way, frames: int, frame: bytes = UDP) -> list[bool]:
    found = []
    for at in range(frames):
        way.put(frame, at)
        found.append(way.take(at) is not None)
    return found


def test_so_many_are_lost_and_the_same_ones_twice() -> None:
    ways = [Way(7), Way(7), Way(8)]
    for way in ways:
        way.impairment = Impairment(loss=0.1)
    first, again, other = (passed(way, 5000) for way in ways)
    assert first == again != other
    assert 0.08 < first.count(False) / 5000 < 0.12
    assert ways[0].num_lost == first.count(False) and ways[0].num_passed == first.count(True)


def test_an_outage_can_be_of_one_protocol_and_addresses_are_still_found() -> None:
    way = Way(1)
    way.impairment = Impairment(is_out=True)
    assert [passed(way, 3, frame).count(True) for frame in (UDP, TCP, ARP)] == [0, 0, 3]
    way.impairment = Impairment(is_out=True, only="tcp")
    assert [passed(way, 3, frame).count(True) for frame in (UDP, TCP, ARP)] == [3, 0, 3]


def test_jitter_is_bounded_and_lets_packets_overtake() -> None:
    way = Way(3)
    way.impairment = Impairment(delay_ms=20, jitter_ms=30)
    for number in range(200):
        way.put(ip(17, number.to_bytes(2, "big")), number * MS)
    assert way.take(19 * MS) is None
    order = []
    for now in range(300):
        while (frame := way.take(now * MS)) is not None:
            number = int.from_bytes(frame[-2:], "big")
            assert 20 <= now - number <= 51
            order.append(number)
    assert sorted(order) == list(range(200)) != order and way.next_due_ns() is None


def test_what_is_held_is_bounded() -> None:
    way = Way(1)
    way.impairment = Impairment(delay_ms=1e6)
    for _ in range(MAX_HELD + 100):
        way.put(UDP, 0)
    assert len(way) == MAX_HELD and way.num_lost == 100


@pytest.mark.parametrize("values", [{"loss": 1.1}, {"loss": -0.1}, {"delay_ms": -1.0}])
def test_no_such_network(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="no such network"):
        Impairment(**values)


def seen(during_s: float, *spans: tuple[float, float, float]) -> Seen:
    """Frames at 30 fps in each (from, to, age in ms)."""
    found = Seen(Trial("x", Impairment(is_out=True), 5.0, during_s, 8.0))
    for start, stop, age_ms in spans:
        for index in range(round((stop - start) * 30)):
            found.arrivals_s.append(start + index / 30)
            found.ages_ms.append(age_ms)
            found.pts_90k.append(len(found.pts_90k) * 3000)
    return Seen.of(json.loads(json.dumps(found.as_json())))


def test_figures_of_an_outage() -> None:
    row = figures(seen(4.0, (-5, 0, 50), (4.5, 6, 300), (6, 12, 55)))
    assert row["longest_freeze_s"] == pytest.approx(4.53, abs=0.02)
    assert row["age_before_p50_ms"] == 50.0 and row["fps_before"] == 30.0
    assert row["fps_during"] == 0.0 and row["age_during_p50_ms"] is None
    assert row["back_after_s"] == pytest.approx(1.5, abs=0.6), "half of a second's frames are young"
    assert missed_goals([row], None) == [] and row["in_order"]


def test_a_picture_that_never_comes_back() -> None:
    gone = seen(4.0, (-5, 0, 50))
    assert longest_freeze_s(gone) == pytest.approx(12.03, abs=0.02)
    assert back_after_s(gone, 50.0) is None
    assert len(missed_goals([figures(gone)], None)) == 2
    old = seen(1.0, (-5, 0, 50), (1, 9, 300))
    assert back_after_s(old, 50.0) is None
    few = seen(1.0, (-5, 0, 50))
    few.arrivals_s += [1 + 0.2 * i for i in range(40)]
    few.ages_ms += [50.0] * 40
    assert back_after_s(few, 50.0) is None


def test_the_table_and_the_plot(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from bench.network.plot import draw

    runs = [seen(1.0, (-5, 0, 50), (1.1, 9, 55)), seen(1.0)]
    rows = [figures(run) for run in runs]
    machine = {"cpu": "a processor", "cores": 2}
    result = {"preset": "x", "size": [64, 48], "fps": 30.0, "rows": rows, "machine": machine}
    result["slow"], result["missed"] = rows[0], missed_goals(rows, None)
    text = as_text(result)
    assert "longest freeze" in text and "never" in text and "goals missed" in text
    draw(tmp_path / "x.png", result, runs)
    assert (tmp_path / "x.png").stat().st_size > 10_000
