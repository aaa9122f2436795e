"""From RTP packets to encoded frames, sooner than aiortc does it.

aiortc hands a frame over when the first packet of the *next* one arrives, which costs a frame
interval. Here a frame goes as soon as it is whole, which its last packet says with the marker bit;
the old rule stays as the fallback for a lost marker. After a hole that nothing will fill, the
broken frames are forgotten and nothing is decoded until a key frame, which is asked for.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtp import RtpPacket

from egostream.rtc.keyframe import is_key_frame

OUTAGE_NS = 500_000_000
ASK_AGAIN_NS = 500_000_000
CAPACITY = 512
MAX_QUEUED_FRAMES = 32

Clock = Callable[[], int]


class MarkerJitterBuffer(JitterBuffer):
    """Of one video receiver, on its event loop."""

    def __init__(self, clock: Clock = time.monotonic_ns) -> None:
        super().__init__(capacity=CAPACITY, is_video=True)
        self._clock = clock
        self._last_ns: int | None = None
        self._last_number: int | None = None
        self.is_broken = True
        """Frames cannot be decoded before the next key frame. Cleared by the reader."""

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        lost = self._flush_after_outage(packet.sequence_number)
        lost_more, frame = super().add(packet)
        if lost or lost_more:
            self.is_broken = True
        return lost or lost_more, frame

    def next_frame(self) -> JitterFrame | None:
        """The next whole frame; `add` gives one per packet, but a late packet may complete
        several."""
        return None if self._origin is None else self._remove_frame(self._origin)

    def _flush_after_outage(self, number: int) -> bool:
        now_ns, last_ns, last = self._clock(), self._last_ns, self._last_number
        self._last_ns, self._last_number = now_ns, number
        if last_ns is None or last is None or now_ns - last_ns <= OUTAGE_NS:
            return False
        if number == (last + 1) & 0xFFFF:
            return False  # a silent camera: nothing is missing
        self._packets = [None] * self.capacity
        self._origin = None
        return True

    def _remove_frame(self, sequence_number: int) -> JitterFrame | None:
        self._skip_padding()
        frame = super()._remove_frame(sequence_number)
        return frame if frame is not None else self._marked_frame()

    def _skip_padding(self) -> None:
        """Probing packets carry nothing but the last frame's timestamp, and follow its marker."""
        for _ in range(self.capacity):
            packet = self._at(0)
            if packet is None or packet._data:  # type: ignore[attr-defined]
                return
            self.remove(1)

    def _marked_frame(self) -> JitterFrame | None:
        first = self._at(0)
        data: list[bytes] = []
        for offset in range(self.capacity):
            packet = self._at(offset)
            if first is None or packet is None or packet.timestamp != first.timestamp:
                return None
            data.append(packet._data)  # type: ignore[attr-defined]
            if packet.marker:
                self.remove(offset + 1)
                return JitterFrame(b"".join(data), first.timestamp)
        return None

    def _at(self, offset: int) -> RtpPacket | None:
        assert self._origin is not None
        return self._packets[(self._origin + offset) % self.capacity]


class RtpTime:
    """RTP timestamps without the wrap. Unlike aiortc's, the first one keeps its value, so that
    `pts` modulo 2^32 is the timestamp on the wire, which the peer knows."""

    def __init__(self) -> None:
        self._last: int | None = None

    def map(self, timestamp: int) -> int:
        if self._last is None:
            self._last = timestamp
            return timestamp
        step = ((timestamp - self._last + (1 << 31)) & 0xFFFFFFFF) - (1 << 31)
        self._last += step
        return self._last


class DecoderInput:
    """Stands in for the queue between aiortc's jitter buffer and its decoder thread.

    Holds at most `MAX_QUEUED_FRAMES`; when the decoder is further behind, everything is dropped
    and a key frame asked for. `assembled_ns` tells when a frame was whole, for the decode time.
    """

    def __init__(
        self,
        buffer: MarkerJitterBuffer,
        rtp_time: RtpTime,
        ask_key_frame: Callable[[], None],
        clock: Clock = time.monotonic_ns,
    ) -> None:
        self._buffer = buffer
        self._rtp_time = rtp_time
        self._ask_key_frame = ask_key_frame
        self._clock = clock
        self._queue: queue.Queue[Any] = queue.Queue(MAX_QUEUED_FRAMES)
        self._asked_ns = clock()
        self._assembled_ns: dict[int, int] = {}
        self._lock = threading.Lock()

    def get(self) -> Any:
        """The decoder thread's side: (codec, frame), or None to end."""
        return self._queue.get()

    def put(self, item: Any) -> None:
        """aiortc's side: never blocks."""
        if item is None:
            self._flush()
            self._queue.put_nowait(None)
            return
        codec, frame = item
        self._put(codec, frame)
        while (frame := self._buffer.next_frame()) is not None:
            frame.timestamp = self._rtp_time.map(frame.timestamp)
            self._put(codec, frame)

    def _put(self, codec: Any, frame: JitterFrame) -> None:
        if self._buffer.is_broken:
            if not is_key_frame(codec.name, frame.data):
                self._ask()
                return
            self._buffer.is_broken = False
        with self._lock:
            if len(self._assembled_ns) >= 2 * MAX_QUEUED_FRAMES:
                self._assembled_ns.pop(next(iter(self._assembled_ns)))
            self._assembled_ns[frame.timestamp] = self._clock()
        try:
            self._queue.put_nowait((codec, frame))
        except queue.Full:
            self._flush()
            self._buffer.is_broken = True
            self._ask()

    def _ask(self) -> None:
        now_ns = self._clock()
        if now_ns - self._asked_ns > ASK_AGAIN_NS:
            self._asked_ns = now_ns
            self._ask_key_frame()

    def _flush(self) -> None:
        try:
            while True:
                self._queue.get_nowait()
        except queue.Empty:
            pass

    def assembled_ns(self, pts_90k: int) -> int | None:
        with self._lock:
            return self._assembled_ns.pop(pts_90k, None)
