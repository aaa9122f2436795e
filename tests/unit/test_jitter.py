"""Frames leave when they are whole; lost packets end in a key frame, never in a wait."""

from __future__ import annotations

import queue
from dataclasses import dataclass
from typing import Any

import pytest
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtp import RtpPacket

from egostream.rtc.jitter import (
    MAX_QUEUED_FRAMES,
    DecoderInput,
    MarkerJitterBuffer,
    RtpTime,
)
from egostream.rtc.keyframe import is_key_frame

FIRST = 65_530  # so that sequence numbers wrap in every test
KEY, DELTA = b"\x10key", b"\x11delta"


@dataclass
class FakeClock:
    now_ns: int = 0

    def __call__(self) -> int:
        return self.now_ns


def packet(number: int, timestamp: int, data: bytes = b"x", marker: int = 0) -> RtpPacket:
    made = RtpPacket(
        sequence_number=(FIRST + number) & 0xFFFF, timestamp=timestamp, marker=marker, payload=data
    )
    made._data = data  # type: ignore[attr-defined]
    return made


@dataclass
class Codec:
    name: str = "VP8"


class Receiver:
    """What aiortc's receiver does around the buffer."""

    def __init__(self, codec: str = "VP8") -> None:
        self.codec = Codec(codec)
        self.clock = FakeClock()
        self.asked = 0
        self.plis = 0
        self.buffer = MarkerJitterBuffer(self.clock)
        self.time = RtpTime()
        self.input = DecoderInput(self.buffer, self.time, self._ask, self.clock)

    def _ask(self) -> None:
        self.asked += 1

    def receive(self, made: RtpPacket) -> list[tuple[int, bytes]]:
        pli, frame = self.buffer.add(made)
        self.plis += pli
        if frame is not None:
            frame.timestamp = self.time.map(frame.timestamp)
            self.input.put((self.codec, frame))
        return self.decoded()

    def decoded(self) -> list[tuple[int, bytes]]:
        out: list[tuple[int, bytes]] = []
        while not self.input._queue.empty():
            _, frame = self.input.get()
            out.append((frame.timestamp, frame.data))
        return out


@pytest.fixture
def receiver() -> Receiver:
    receiver = Receiver()
    assert receiver.receive(packet(0, 0, KEY, marker=1)) == [(0, KEY)]
    return receiver


def test_the_marker_releases_a_frame_without_the_next_packet(receiver: Receiver) -> None:
    assert receiver.receive(packet(1, 3000, DELTA)) == []
    assert receiver.receive(packet(2, 3000, b"more", marker=1)) == [(3000, DELTA + b"more")]


def test_packets_out_of_order(receiver: Receiver) -> None:
    assert receiver.receive(packet(2, 3000, b"more", marker=1)) == []
    assert receiver.receive(packet(1, 3000, DELTA)) == [(3000, DELTA + b"more")]


def test_without_its_marker_a_frame_goes_by_the_old_rule(receiver: Receiver) -> None:
    assert receiver.receive(packet(1, 3000, DELTA)) == []
    out = receiver.receive(packet(2, 6000, DELTA, marker=1))
    assert out == [(3000, DELTA), (6000, DELTA)], "and the next one need not wait either"


def test_a_late_packet_lets_all_waiting_frames_out(receiver: Receiver) -> None:
    for number in range(2, 6):
        assert receiver.receive(packet(number, 3000 * number, DELTA, marker=1)) == []
    out = receiver.receive(packet(1, 3000, DELTA, marker=1))
    assert [pts for pts, _ in out] == [3000, 6000, 9000, 12000, 15000]
    assert receiver.receive(packet(6, 18000, DELTA, marker=1)) == [(18000, DELTA)]


def test_padding_after_the_marker_is_not_a_frame(receiver: Receiver) -> None:
    assert receiver.receive(packet(1, 3000, DELTA, marker=1)) == [(3000, DELTA)]
    assert receiver.receive(packet(2, 3000, b"")) == []
    assert receiver.receive(packet(3, 3000, b"")) == []
    assert receiver.receive(packet(4, 6000, DELTA, marker=1)) == [(6000, DELTA)]


def test_nothing_is_decoded_before_a_key_frame() -> None:
    receiver = Receiver()
    assert receiver.receive(packet(0, 0, DELTA, marker=1)) == []
    receiver.clock.now_ns = 600_000_000
    assert receiver.receive(packet(1, 3000, DELTA, marker=1)) == []
    assert receiver.asked == 1
    assert receiver.receive(packet(2, 6000, KEY, marker=1)) == [(6000, KEY)]


def test_after_an_outage_the_past_is_forgotten(receiver: Receiver) -> None:
    assert receiver.receive(packet(2, 6000, DELTA, marker=1)) == [], "1 is missing"
    receiver.clock.now_ns = 2_000_000_000
    assert receiver.receive(packet(60, 180_000, DELTA, marker=1)) == []
    assert receiver.plis == 1
    assert receiver.receive(packet(61, 183_000, DELTA, marker=1)) == []
    assert receiver.receive(packet(62, 186_000, KEY, marker=1)) == [(186_000, KEY)]
    assert receiver.receive(packet(63, 189_000, DELTA, marker=1)) == [(189_000, DELTA)]
    assert receiver.plis == 1


def test_packets_of_before_an_outage_change_nothing(receiver: Receiver) -> None:
    """They were asked for again, and come when all is well: nobody waits for what lies between."""
    receiver.clock.now_ns = 2_000_000_000
    assert receiver.receive(packet(200, 180_000, KEY, marker=1)) == [(180_000, KEY)]
    for late in range(60, 200):
        assert receiver.receive(packet(late, 3000 * late, DELTA, marker=1)) == []
    assert receiver.receive(packet(201, 183_000, DELTA, marker=1)) == [(183_000, DELTA)]


def test_a_key_frame_behind_a_hole_is_asked_for_and_taken(receiver: Receiver) -> None:
    """Packet 1 never comes."""
    for number in range(2, 6):
        receiver.clock.now_ns += 20_000_000
        assert receiver.receive(packet(number, 3000 * number, DELTA, marker=1)) == []
    assert receiver.plis == 0, "it may still come"
    for number in range(6, 10):
        receiver.clock.now_ns += 20_000_000
        assert receiver.receive(packet(number, 3000 * number, DELTA, marker=1)) == []
    assert receiver.plis == 1
    assert receiver.receive(packet(10, 30_000, KEY)) == [], "its second packet is still on its way"
    assert receiver.receive(packet(11, 30_000, b"more", marker=1)) == [(30_000, KEY + b"more")]
    assert receiver.receive(packet(12, 36_000, DELTA, marker=1)) == [(36_000, DELTA)]


def test_a_key_frame_of_h264_behind_a_hole_is_taken() -> None:
    unit = b"\0\0\0\1"
    key, delta = unit + b"\x67abc" + unit + b"\x65abc", unit + b"\x41slice"
    receiver = Receiver("H264")
    assert receiver.receive(packet(0, 0, key, marker=1)) == [(0, key)]
    for number in range(2, 10):
        receiver.clock.now_ns += 20_000_000
        assert receiver.receive(packet(number, 3000 * number, delta, marker=1)) == []
    assert receiver.receive(packet(10, 30_000, key, marker=1)) == [(30_000, key)]


def test_a_hole_that_is_filled_in_time_costs_no_key_frame(receiver: Receiver) -> None:
    for number in range(2, 5):
        receiver.clock.now_ns += 30_000_000
        assert receiver.receive(packet(number, 3000 * number, DELTA, marker=1)) == []
    assert len(receiver.receive(packet(1, 3000, DELTA, marker=1))) == 4
    for number in range(5, 30):
        receiver.clock.now_ns += 30_000_000
        assert len(receiver.receive(packet(number, 3000 * number, DELTA, marker=1))) == 1
    assert receiver.plis == 0


def test_a_sender_that_begins_anew_is_followed(receiver: Receiver) -> None:
    assert receiver.receive(packet(30_000, 3000, KEY, marker=1)) in ([], [(3000, KEY)])
    assert receiver.receive(packet(20_000, 6000, KEY, marker=1)) == [(6000, KEY)]


def test_a_key_frame_is_asked_for_again(receiver: Receiver) -> None:
    receiver.clock.now_ns = 2_000_000_000
    for number in range(60, 100):
        receiver.clock.now_ns += 33_000_000
        receiver.receive(packet(number, 3000 * number, DELTA, marker=1))
    assert 2 <= receiver.asked <= 4


def test_a_silent_camera_is_no_outage(receiver: Receiver) -> None:
    receiver.clock.now_ns = 5_000_000_000
    assert receiver.receive(packet(1, 450_000, DELTA, marker=1)) == [(450_000, DELTA)]
    assert receiver.plis == 0


def test_a_hole_that_nothing_fills_ends_in_a_key_frame(receiver: Receiver) -> None:
    out: list[Any] = []
    for number in range(2, 700):
        receiver.clock.now_ns += 1_000_000
        out += receiver.receive(packet(number, 3000 * number, DELTA, marker=1))
    assert out == [] and receiver.plis >= 1
    assert receiver.receive(packet(700, 2_100_000, KEY, marker=1)) == [(2_100_000, KEY)]


def test_a_decoder_that_is_behind_loses_frames_not_memory() -> None:
    receiver = Receiver()
    codec = Codec()
    for i in range(10 * MAX_QUEUED_FRAMES):
        receiver.clock.now_ns += 33_000_000
        receiver.input.put((codec, JitterFrame(KEY if i == 0 else DELTA, i)))
        assert receiver.input._queue.qsize() <= MAX_QUEUED_FRAMES
    assert receiver.asked >= 1
    assert receiver.decoded() == []
    receiver.input.put((codec, JitterFrame(KEY, 10_000)))
    assert receiver.decoded() == [(10_000, KEY)]


def test_ending_does_not_wait_for_what_is_queued() -> None:
    receiver = Receiver()
    for i in range(MAX_QUEUED_FRAMES):
        receiver.input.put((Codec(), JitterFrame(KEY, i)))
    receiver.input.put(None)
    assert receiver.input.get() is None
    with pytest.raises(queue.Empty):
        receiver.input._queue.get_nowait()


def test_the_time_a_frame_was_whole(receiver: Receiver) -> None:
    assert receiver.input.assembled_ns(0) == 0
    assert receiver.input.assembled_ns(0) is None
    assert receiver.input.assembled_ns(12345) is None


def test_rtp_time_keeps_the_first_value_and_unwraps() -> None:
    time = RtpTime()
    start = 0xFFFFFFFF - 1000
    assert [time.map((start + i * 3000) & 0xFFFFFFFF) - start for i in (0, 1, 3, 2, 4)] == [
        0,
        3000,
        9000,
        6000,
        12000,
    ]


def test_key_frames_are_told_apart() -> None:
    assert is_key_frame("VP8", KEY) and not is_key_frame("VP8", DELTA)
    assert not is_key_frame("VP8", b"")
    unit = b"\0\0\0\1"
    assert is_key_frame("H264", unit + b"\x09\xf0" + unit + b"\x67abc" + unit + b"\x65abc")
    assert not is_key_frame("H264", unit + b"\x06sei" + unit + b"\x41slice")
    assert not is_key_frame("H264", unit)
    assert is_key_frame("AV1", b"?")
