"""The server as a process of its own."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from egostream.errors import EgostreamError, UnknownPreset
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
