"""What runs inside the private network, for `bench.network.inside.call`: JSON in, JSON out."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from typing import Any

import psutil

from bench.network.impair import PERFECT, Impairment
from bench.network.lab import Lab
from bench.network.sessions import num_sessions, sessions_left, start_server, wait_for_frame
from bench.server_process import ServerProcess
from client.peer import EditClient
from client.sources import PatternSource, PreparedSource
from egostream.errors import EgostreamError

ASK = (
    "import json, sys, urllib.request as u; print(json.load(u.urlopen(sys.argv[1]))['slots_free'])"
)


def client_of(server: ServerProcess, arrivals_s: list[float] | None = None) -> EditClient:
    source = PreparedSource.of(PatternSource((256, 192), 30.0), 96)
    return EditClient(
        server.url,
        source,
        instruction="make it night",
        on_frame=lambda _: None if arrivals_s is None else arrivals_s.append(time.monotonic()),
    )


async def held(server: ServerProcess) -> dict[str, int]:
    """What the server's process holds, once all sessions have been taken down."""
    assert await sessions_left(server, 20.0) == 0
    await asyncio.sleep(1.0)
    process = psutil.Process(server.process.pid)
    return {"threads": process.num_threads(), "files": process.num_fds()}


def slots_free(lab: Lab, server: ServerProcess) -> int:
    """Asked at the server's end, where the network is not needed."""
    command = [*lab.beside_the_server, sys.executable, "-c", ASK, f"{server.url}/v1/info"]
    return int(subprocess.run(command, capture_output=True, check=True, timeout=30).stdout)


def cut_off_for_long(outage_s: float) -> dict[str, Any]:
    """Longer than the server waits: when the place is free, what the client is told, and what is left behind."""

    async def run(lab: Lab, server: ServerProcess) -> dict[str, Any]:
        for _ in range(8):  # until then the pools of threads fill
            async with client_of(server) as first:
                await wait_for_frame(first)
            await sessions_left(server)
        before = await held(server)
        client = client_of(server)
        await client.connect()
        try:
            await wait_for_frame(client)
            started, freed_s = time.monotonic(), None
            lab.impair(Impairment(is_out=True))
            while time.monotonic() < started + outage_s:
                await asyncio.sleep(0.5)
                if freed_s is None and await asyncio.to_thread(slots_free, lab, server) == 1:
                    freed_s = time.monotonic() - started
            lab.impair(PERFECT)
            back = time.monotonic()
            async with asyncio.timeout(60):
                reason = await client.control.wait_ended()
            told_s = time.monotonic() - back
        finally:
            lab.impair(PERFECT)
            await client.close()
        async with client_of(server) as again:
            await wait_for_frame(again)
        after = await held(server)
        return {
            "freed_s": freed_s,
            "reason": reason,
            "told_s": told_s,
            "before": before,
            "after": after,
        }

    with Lab(1) as lab, start_server(lab, "identity", ["--max-sessions", "1"]) as server:
        return asyncio.run(run(lab, server))


def control_cut_off(outage_s: float) -> dict[str, Any]:
    """The control socket's packets are lost and the media's are not: does the picture mind, is an instruction lost?"""

    async def run(lab: Lab, server: ServerProcess) -> dict[str, Any]:
        arrivals_s: list[float] = []
        async with client_of(server, arrivals_s) as client:
            await wait_for_frame(client)
            await asyncio.sleep(1.0)
            first = len(arrivals_s)
            lab.impair(Impairment(is_out=True, only="tcp"))
            seq = await client.instruct("let it snow")
            await asyncio.sleep(outage_s)
            lab.impair(PERFECT)
            back = time.monotonic()
            applied = await client.wait_applied(seq, timeout_s=40.0)
            seconds = time.monotonic() - back
            gaps = [
                b - a for a, b in zip(arrivals_s[first:], arrivals_s[first + 1 :], strict=False)
            ]
            return {
                "applied": applied.text,
                "applied_after_s": seconds,
                "longest_freeze_s": max(gaps),
                "ended": client.ended,
            }

    with Lab(1) as lab, start_server(lab, "identity") as server:
        return asyncio.run(run(lab, server))


def half_open_control() -> dict[str, Any]:
    """The control socket's network is gone for good, and the picture's is not: the session stays, the socket does not,
    and a new socket takes its place once there is a way.
    """

    async def run(lab: Lab, server: ServerProcess) -> dict[str, Any]:
        client = client_of(server)
        async with client:
            await wait_for_frame(client)
            lab.impair(Impairment(is_out=True, only="tcp"))
            started = time.monotonic()
            async with asyncio.timeout(75):
                reason = await client.control.wait_ended()
            seconds, before = time.monotonic() - started, client.num_received
            await asyncio.sleep(3.0)
            received = client.num_received - before
            free = await asyncio.to_thread(slots_free, lab, server)
            lab.impair(PERFECT)
            await asyncio.to_thread(num_sessions, server)
        return {
            "reason": reason,
            "seconds": seconds,
            "received_in_3_s": received,
            "slots_free": free,
        }

    with Lab(1) as lab, start_server(lab, "identity", ["--max-sessions", "1"]) as server:
        return asyncio.run(run(lab, server))


def fails() -> None:
    """For the test of `call` itself."""
    raise EgostreamError("as asked")
