"""Clients that are frozen or read nothing, and an editor that is slower than the camera, over loopback.

Run: pytest -m fault tests/fault/test_clients.py
"""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from bench.network.sessions import num_sessions, sessions_left
from bench.server_process import REPOSITORY, ServerProcess
from bench.session_run import Plan, record
from bench.summary import percentiles, slope_ms_per_s
from client.peer import EditClient
from client.sources import PatternSource, PreparedSource
from egostream.protocol import Ping

pytestmark = pytest.mark.fault
SMALL = (160, 120)


@pytest.fixture
def server() -> Iterator[ServerProcess]:
    with ServerProcess("identity", ["--max-sessions", "2"]) as running:
        yield running


def pattern(fps: float = 30.0) -> PreparedSource:
    return PreparedSource.of(PatternSource(SMALL, fps), 48)


def start_client(server: ServerProcess, seconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "client", server.url, "--pattern", "--size", "160x120"]
    command += ["--instruct", "make it night", "--seconds", str(seconds), "--json"]
    return subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


async def session_opens(server: ServerProcess) -> None:
    async with asyncio.timeout(30):
        while not await asyncio.to_thread(num_sessions, server):
            await asyncio.sleep(0.1)


async def test_a_client_that_is_frozen_for_a_while_goes_on(server: ServerProcess) -> None:
    client = start_client(server, 14.0)
    try:
        await session_opens(server)
        await asyncio.sleep(2.0)
        client.send_signal(signal.SIGSTOP)
        await asyncio.sleep(4.0)
        client.send_signal(signal.SIGCONT)
        out, err = await asyncio.to_thread(client.communicate, None, 60)
    finally:
        client.kill()
    assert client.returncode == 0, err
    summary = json.loads(out)
    assert summary["frames_received"] > 24 * 5, summary
    assert await sessions_left(server) == 0


async def test_a_client_that_stays_frozen_loses_its_place(server: ServerProcess) -> None:
    """It looks like one whose machine is off; once it is thawed it is told."""
    client = start_client(server, 60.0)
    try:
        await session_opens(server)
        await asyncio.sleep(1.0)
        client.send_signal(signal.SIGSTOP)
        started = time.monotonic()
        assert await sessions_left(server, 40.0) == 0
        assert time.monotonic() - started < 30
        client.send_signal(signal.SIGCONT)
        await asyncio.to_thread(client.communicate, None, 30)
    finally:
        client.kill()


async def test_a_client_that_does_not_read_what_it_asks_for(server: ServerProcess) -> None:
    """Its answers wait in a bounded place and its pictures go on; nobody else notices, nothing grows."""
    async with (
        EditClient(server.url, pattern(), instruction="x") as rude,
        EditClient(server.url, pattern(), instruction="x") as other,
    ):
        await asyncio.sleep(1.0)
        before, seen = server.usage().rss_mb, other.num_received
        socket = rude.control._socket
        assert socket is not None
        socket.transport.pause_reading()  # type: ignore[attr-defined]
        ping = Ping(t_ms=1.0).model_dump_json()
        started = time.monotonic()
        for _ in range(30):
            try:
                async with asyncio.timeout(0.3):
                    for _ in range(2000):
                        await socket.send(ping)
            except TimeoutError:
                pass  # the server reads no faster, which is its right
            await asyncio.sleep(0)
        await asyncio.sleep(max(0.0, started + 6 - time.monotonic()))
        took_s = time.monotonic() - started
        assert server.usage().rss_mb - before < 60
        assert other.num_received - seen > 5 * took_s, "of 30 a second; two cores for all of this"
        socket.transport.resume_reading()  # type: ignore[attr-defined]
        received = rude.num_received
        await asyncio.sleep(2.0)
        assert rude.num_received > received + 10
        seq = await other.instruct("y")
        assert (await other.wait_applied(seq)).text == "y"


async def test_behind_a_slow_editor_frames_do_not_get_older() -> None:
    """Five frames a second of thirty, for twenty seconds."""
    with ServerProcess("identity:200") as server:
        recording = await record(server, pattern(), Plan(30.0, 60, 100, "x", seconds_max=40.0))
    slope = slope_ms_per_s(recording)
    ages = percentiles([frame.age_ms for frame in recording.frames])
    assert len(recording.frames) >= 80 and recording.num_skipped < 60
    assert slope is not None and abs(slope) < 8.0, (slope, ages)
    assert ages["p95"] is not None and ages["p95"] < 800, ages
