"""The real server in a process of its own: start it, wait until it is ready, see what it uses."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import psutil

from egostream.errors import EgostreamError

REPOSITORY = Path(__file__).resolve().parents[1]
READY_TIMEOUT_S = 180.0
POLL_S = 0.05
STOP_TIMEOUT_S = 15.0
MAX_LOG_BYTES = 4 * 2**20


class ServerFailed(EgostreamError):
    """The server did not start; the message ends in the last lines of its log."""

    code = "server_failed"


@dataclass(frozen=True, slots=True)
class Usage:
    """Of the server and its children: CPU seconds so far, resident memory now, and when."""

    cpu_s: float
    rss_mb: float
    at_ns: int

    def cpu_percent_since(self, before: Usage) -> float:
        """100 is one core."""
        return 1e11 * (self.cpu_s - before.cpu_s) / max(1, self.at_ns - before.at_ns)


class ServerProcess:
    """`egostream serve` on a free port, for the length of a `with` block."""

    def __init__(
        self,
        preset: str,
        arguments: Sequence[str] = (),
        host: str = "127.0.0.1",
        launcher: Sequence[str] = (),
    ) -> None:
        """`launcher`: what goes before the command, to run it elsewhere, where `host` is an address."""
        self.preset = preset
        self._host, self._launcher = host, list(launcher)
        self.ready_s = 0.0
        self._arguments = list(arguments)
        self._port = free_port()
        self._log = tempfile.TemporaryFile("w+")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{self._host}:{self._port}"

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """Once started."""
        assert self._process is not None
        return self._process

    def __enter__(self) -> ServerProcess:
        command = [*self._launcher, sys.executable, "-m", "egostream", "serve"]
        command += ["--preset", self.preset, "--host", self._host, "--port", str(self._port)]
        command += ["--log-level", "warning", *self._arguments]
        start_ns = time.monotonic_ns()
        self._process = subprocess.Popen(
            command, cwd=REPOSITORY, stdout=self._log, stderr=subprocess.STDOUT
        )
        try:
            self._wait_ready(start_ns + round(READY_TIMEOUT_S * 1e9))
        except BaseException:
            self.stop()
            raise
        self.ready_s = (time.monotonic_ns() - start_ns) / 1e9
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """As Ctrl-C would, which waits for no session, and only then by force."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def usage(self) -> Usage:
        assert self._process is not None
        parent = psutil.Process(self._process.pid)
        cpu_s = rss = 0.0
        for process in (parent, *parent.children(recursive=True)):
            times = process.cpu_times()
            cpu_s += times.user + times.system
            rss += process.memory_info().rss
        return Usage(cpu_s, rss / 2**20, time.monotonic_ns())

    def worker_pid(self) -> int:
        """Of the process that runs the model."""
        assert self._process is not None
        for child in psutil.Process(self._process.pid).children():
            if any("spawn_main" in word for word in child.cmdline()):
                return int(child.pid)
        raise ServerFailed("the server has no worker")

    def is_ready(self) -> bool:
        """What it says itself."""
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=1.0) as response:
                return bool(json.load(response).get("status") == "ready")
        except (urllib.error.URLError, OSError, ValueError):
            return False

    def log_text(self) -> str:
        """What it has logged so far."""
        self._log.flush()
        return os.pread(self._log.fileno(), MAX_LOG_BYTES, 0).decode("utf-8", "replace")

    def _wait_ready(self, deadline_ns: int) -> None:
        assert self._process is not None
        while time.monotonic_ns() < deadline_ns:
            if self._process.poll() is not None:
                raise ServerFailed(f"the server ended: {self._log_tail()}")
            if self.is_ready():
                return
            time.sleep(POLL_S)
        raise ServerFailed(f"the server was not ready in time: {self._log_tail()}")

    def _log_tail(self) -> str:
        return " | ".join(self.log_text().strip().splitlines()[-3:]) or "its log is empty"


def free_port() -> int:
    """On loopback, for whoever is quick."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
