"""The server as a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

import httpx
import pytest

from bench.server_process import ServerProcess
from client.peer import EditClient
from client.sources import PatternSource
from egostream.errors import EgostreamError, UnknownPreset
from egostream.protocol import ErrorMessage, Message
from egostream.server import CannotListen, ServerSettings, run

SCRIPT = """
from egostream.server import ServerSettings, run
run(ServerSettings(preset="identity", port={port}))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_sigterm_is_a_clean_exit() -> None:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(port=port)], stderr=subprocess.PIPE, text=True
    )
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                assert time.monotonic() < deadline and process.poll() is None
                time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=10)
        assert process.returncode == 0, log
        assert f"serving http://127.0.0.1:{port}" in log
        assert "Traceback" not in log
    finally:
        process.kill()


async def test_a_killed_worker_is_told_and_replaced() -> None:
    """The session stays: it hears of it, and is edited again without doing anything."""
    heard: list[Message] = []
    with ServerProcess("identity") as server:
        source = PatternSource((128, 96), 30.0)
        async with EditClient(
            server.url,
            source,
            instruction="make it night",
            on_message=lambda message, _: heard.append(message),
        ) as client:
            await until(lambda: client.first_frame_ms is not None)
            first = server.worker_pid()
            os.kill(first, signal.SIGKILL)
            await until(lambda: any(isinstance(m, ErrorMessage) for m in heard))
            await until(lambda: server.is_ready())
            before = client.num_received
            await until(lambda: client.num_received > before + 10)
            assert server.worker_pid() != first
    errors = [m.code for m in heard if isinstance(m, ErrorMessage)]
    assert errors == ["worker_lost"]


async def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def test_a_taken_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListen, match=str(port)):
            run(ServerSettings(preset="identity", port=port))


def test_an_editor_that_cannot_be_loaded_ends_the_server() -> None:
    def broken() -> None:
        raise UnknownPreset("no preset is called nana")

    with pytest.raises(EgostreamError, match="nana"):
        run(ServerSettings(port=free_port(), editor_factory=broken))  # type: ignore[arg-type]
