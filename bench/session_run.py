"""One measured session: a real client against a real server, every frame told by its timestamp.

Open loop: the camera's ticks never wait. The warm-up is left out of every figure. All times are of
one monotonic clock, the client's.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psutil

from bench.server_process import ServerProcess, Usage
from client.errors import SessionEnded
from client.peer import EditClient, EditedFrame
from client.sources import Source
from egostream.protocol import Message, Stats

POLL_S = 0.02
SETTLE_S = 0.7
"""Between two instructions: the edit must have settled, and chunk borders be met at random."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`seconds_max` ends a run that delivers fewer frames than `num_frames` in good time."""

    fps: float
    num_warmup: int
    num_frames: int
    instruction: str
    changes: Sequence[str] = ()
    seconds_max: float = 120.0


@dataclass(slots=True)
class FrameTime:
    """A received frame: when it was taken and when it was there, in ns of one clock."""

    pts_90k: int
    capture_ns: int
    arrival_ns: int

    @property
    def age_ms(self) -> float:
        return (self.arrival_ns - self.capture_ns) / 1e6


@dataclass(slots=True)
class Recording:
    """What one session left behind; `frames` and `stats` are those after the warm-up."""

    preset: str
    chunk_frames: int
    frame_size: tuple[int, int]
    ready_s: float
    seconds: float
    num_sent: int
    num_skipped: int
    num_unmatched: int
    first_frame_ms: float | None
    server_cpu_percent: float
    server_rss_mb: float
    client_cpu_percent: float
    frames: list[FrameTime] = field(default_factory=list)
    stats: list[Stats] = field(default_factory=list)
    stats_before: Stats | None = None
    instruct_to_picture_ms: list[float] = field(default_factory=list)


class _Watch:
    """Collects frames and stats on the event loop."""

    def __init__(self) -> None:
        self.frames: list[FrameTime] = []
        self.stats: list[Stats] = []
        self.size = (0, 0)

    def frame(self, frame: EditedFrame) -> None:
        self.size = (frame.picture.width, frame.picture.height)
        if frame.capture_ns is not None:
            self.frames.append(FrameTime(frame.pts_90k, frame.capture_ns, frame.arrival_ns))

    def message(self, message: Message, arrival_ns: int) -> None:
        if isinstance(message, Stats):
            self.stats.append(message)

    def first_from(self, pts_90k: int) -> FrameTime | None:
        return next((frame for frame in self.frames if frame.pts_90k >= pts_90k), None)


async def record(server: ServerProcess, source: Source, plan: Plan) -> Recording:
    """Raises EgostreamError if the session cannot be opened or ends early."""
    watch = _Watch()
    client = EditClient(
        server.url,
        source,
        instruction=plan.instruction,
        on_frame=watch.frame,
        on_message=watch.message,
    )
    async with client:
        assert client.welcome is not None
        await _until(client, lambda: client.camera.num_sent >= plan.num_warmup, plan.seconds_max)
        num_stats, sent_before = len(watch.stats), client.camera.num_sent
        skipped_before = client.camera.num_skipped
        start_ns = time.monotonic_ns()
        server_before, client_before = server.usage(), _own_usage()
        start = len(watch.frames)

        def is_enough() -> bool:
            return len(watch.frames) - start >= plan.num_frames

        await _until(client, is_enough, plan.seconds_max)
        stop_ns = time.monotonic_ns()
        server_after, client_after = server.usage(), _own_usage()
        stop = len(watch.frames)
        recording = Recording(
            preset=client.welcome.preset,
            chunk_frames=client.welcome.chunk_frames,
            frame_size=watch.size,
            ready_s=server.ready_s,
            seconds=(stop_ns - start_ns) / 1e9,
            num_sent=client.camera.num_sent - sent_before,
            num_skipped=client.camera.num_skipped - skipped_before,
            num_unmatched=client.num_unmatched,
            first_frame_ms=client.first_frame_ms,
            server_cpu_percent=server_after.cpu_percent_since(server_before),
            server_rss_mb=server_after.rss_mb,
            client_cpu_percent=client_after.cpu_percent_since(client_before),
            frames=watch.frames[start:stop],
            # The one before the first still covers warm-up frames.
            stats=watch.stats[num_stats + 1 :],
            stats_before=watch.stats[num_stats] if len(watch.stats) > num_stats else None,
        )
        for number, instruction in enumerate(plan.changes):
            await asyncio.sleep(SETTLE_S + 0.037 * (number % 9))
            recording.instruct_to_picture_ms.append(await _change(client, watch, instruction))
        return recording


async def _change(client: EditClient, watch: _Watch, instruction: str) -> float:
    """From sending an instruction to receiving the first frame that shows it, in ms."""
    sent_ns = time.monotonic_ns()
    seq = await client.instruct(instruction)
    applied = await client.wait_applied(seq)
    await _until(client, lambda: watch.first_from(applied.pts_90k) is not None, 15.0)
    first = watch.first_from(applied.pts_90k)
    assert first is not None, "the frame of an applied instruction never came"
    return (first.arrival_ns - sent_ns) / 1e6


async def _until(client: EditClient, is_done: Callable[[], bool], seconds_max: float) -> None:
    deadline_ns = time.monotonic_ns() + round(seconds_max * 1e9)
    while not is_done() and time.monotonic_ns() < deadline_ns:
        if client.ended is not None:
            raise SessionEnded(f"the session ended during the measurement: {client.ended}")
        await asyncio.sleep(POLL_S)


def _own_usage() -> Usage:
    process = psutil.Process(os.getpid())
    times = process.cpu_times()
    rss_mb = process.memory_info().rss / 2**20
    return Usage(times.user + times.system, rss_mb, time.monotonic_ns())
