"""From RTP packets to encoded frames, sooner than aiortc does it.

aiortc hands a frame over when the first packet of the *next* one arrives, which costs a frame
interval. Here a frame goes as soon as it is whole, which its last packet says with the marker bit;
the old rule stays as the fallback for a lost marker. A hole is waited for while it may still be
filled; a key frame is asked for beside that, and where it comes first, the hole and what waits
behind it are forgotten.
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
PATIENCE_NS = 100_000_000
"""So long a hole is left to retransmission alone, unless it is said how long answers take."""
ASK_AGAIN_NS = 400_000_000
MAX_BEHIND = 4096
"""Packets: what comes from so far back is late; from farther, a sender that began anew."""
CAPACITY = 512
MAX_QUEUED_FRAMES = 32

Clock = Callable[[], int]


class MarkerJitterBuffer(JitterBuffer):
    """Of one video receiver, on its event loop."""

    def __init__(
        self,
        clock: Clock = time.monotonic_ns,
        patience_ns: Callable[[], int] = lambda: PATIENCE_NS,
    ) -> None:
        super().__init__(capacity=CAPACITY, is_video=True)
        self._clock = clock
        self._patience_ns = patience_ns
        self._last_ns: int | None = None
        self._last_number: int | None = None
        self._newest: int | None = None
        self._hole_ns: int | None = None
        self._asked_ns: int | None = None
        self.codec_name: str | None = None
        """Told by the reader, once it knows."""
        self.is_broken = True
        """Frames cannot be decoded before the next key frame. Cleared by the reader."""

    @property
    def origin(self) -> int | None:
        """The first packet that is still of use."""
        return self._origin

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """(whether a key frame is to be asked for, a frame)."""
        lost = self._flush_after_outage(packet.sequence_number)
        if self._is_late(packet.sequence_number):
            # aiortc would start anew with it, and then wait for all that has been given up
            return lost, None
        if self._newest is None or (packet.sequence_number - self._newest) & 0xFFFF < 0x8000:
            self._newest = packet.sequence_number
        lost_more, frame = super().add(packet)
        if lost or lost_more:
            self.is_broken = True
        if frame is not None:
            self._hole_ns = None
            return lost or lost_more, frame
        must_ask, frame = self._mind_hole(packet.marker != 0)
        return lost or lost_more or must_ask, frame

    def next_frame(self) -> JitterFrame | None:
        """The next whole frame; `add` gives one per packet, but a late packet may complete
        several."""
        return None if self._origin is None else self._remove_frame(self._origin)

    def _is_late(self, number: int) -> bool:
        return self._origin is not None and 0 < (self._origin - number) & 0xFFFF < MAX_BEHIND

    def _mind_hole(self, ends_frame: bool) -> tuple[bool, JitterFrame | None]:
        """After a packet that completed nothing that can be decoded; the end of a frame may have been a key frame's."""
        now_ns = self._clock()
        if not self._waits_behind_hole():
            self._hole_ns = None
        elif self._hole_ns is None:
            self._hole_ns = now_ns
        elif now_ns - self._hole_ns > self._patience_ns():
            if ends_frame and (frame := self._skip_to_key_frame()) is not None:
                self._hole_ns = None
                return False, frame
            if self._asked_ns is None or now_ns - self._asked_ns > ASK_AGAIN_NS:
                self._asked_ns = now_ns
                return True, None
        return False, None

    def _waits_behind_hole(self) -> bool:
        """A packet that is there, behind one that is not."""
        assert self._origin is not None and self._newest is not None
        span = (self._newest - self._origin) & 0xFFFF
        return span < self.capacity and any(self._at(offset) is None for offset in range(span))

    def _skip_to_key_frame(self) -> JitterFrame | None:
        """The newest that is whole behind the hole; what is before it is dropped."""
        if self.codec_name is None:
            return None
        start = 0
        for offset in range(self.capacity - 1, 0, -1):
            before, packet = self._at(offset - 1), self._at(offset)
            if before is None or packet is None or before.timestamp == packet.timestamp:
                continue
            data, _ = self._whole_from(offset)
            if data is not None and is_key_frame(self.codec_name, data):
                start = offset
                break
        if not start:
            return None
        self.remove(start)
        return self._marked_frame()

    def _whole_from(self, start: int) -> tuple[bytes | None, int]:
        """(the data, the number of packets) of the frame that begins there, if its marker is there too."""
        first, data = self._at(start), list[bytes]()
        for offset in range(start, self.capacity):
            packet = self._at(offset)
            if first is None or packet is None or packet.timestamp != first.timestamp:
                break
            data.append(packet._data)  # type: ignore[attr-defined]
            if packet.marker:
                return b"".join(data), len(data)
        return None, 0

    def _flush_after_outage(self, number: int) -> bool:
        now_ns, last_ns, last = self._clock(), self._last_ns, self._last_number
        self._last_ns, self._last_number = now_ns, number
        if last_ns is None or last is None or now_ns - last_ns <= OUTAGE_NS:
            return False
        if number == (last + 1) & 0xFFFF:
            return False  # a silent camera: nothing is missing
        self._packets = [None] * self.capacity
        self._origin = self._newest = self._hole_ns = None
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
        first, (data, num) = self._at(0), self._whole_from(0)
        if first is None or data is None:
            return None
        self.remove(num)
        return JitterFrame(data, first.timestamp)

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
        self._buffer.codec_name = codec.name
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
