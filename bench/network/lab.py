"""A network of two machines that is no machine's: three private network namespaces and the relay between two of them.

    this process ── c0 ~ r0 ── relay ── r1 ~ s0 ── the server

Each `~` is a veth pair. Nothing outside can be reached or is changed, and all is gone with the processes. `inside`
starts a process where a `Lab` can be built, by root or by anyone whom the kernel lets make namespaces.
"""

from __future__ import annotations

import array
import fcntl
import json
import socket
import struct
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType

from bench.network.impair import PERFECT, Impairment
from bench.server_process import REPOSITORY
from egostream.errors import EgostreamError

CLIENT_ADDRESS, SERVER_ADDRESS = "10.77.0.2", "10.77.0.1"
IN_A_NAMESPACE = ("unshare", "--user", "--map-root-user", "--net")
STOP_TIMEOUT_S = 5.0
SIOCETHTOOL = 0x8946
# Set transmit checksum, segmentation, generic segmentation: left to hardware that a wire in user space does not have.
OFFLOADS = (0x17, 0x1F, 0x24)


class NoLab(EgostreamError):
    """This machine does not let a private network be made; the message says why."""

    code = "no_lab"


def why_unavailable() -> str | None:
    """Why no lab can be built here, or None."""
    script = (
        "ip link add x0 type veth peer name x1 && ip link set lo up && nsenter --version && "
        f"unshare --net true && {sys.executable} -c 'import socket; socket.socket(17, 3, 0)'"
    )
    try:
        tried = subprocess.run(
            [*IN_A_NAMESPACE, "sh", "-c", script], capture_output=True, text=True, timeout=30
        )
    except FileNotFoundError:
        return "no network namespaces: the command unshare (util-linux) is missing"
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"no network namespaces: {error}"
    if tried.returncode == 0:
        return None
    said = (tried.stderr.strip().splitlines() or ["no reason given"])[-1]
    return f"no network namespaces with veth and packet sockets here: {said}"


class Lab:
    """Use as a context manager, in a process started by `inside`."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._stack = ExitStack()
        self._server_end: subprocess.Popen[bytes] | None = None
        self._relay: subprocess.Popen[str] | None = None

    def __enter__(self) -> Lab:
        try:
            self._build()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def beside_the_server(self) -> list[str]:
        """What goes before a command to run it at the server's end."""
        assert self._server_end is not None
        return ["nsenter", "--net", "--target", str(self._server_end.pid)]

    def impair(self, wanted: Impairment) -> dict[str, int]:
        """From now on. Packets that passed and were lost so far."""
        assert self._relay is not None and self._relay.stdin and self._relay.stdout
        self._relay.stdin.write(json.dumps(wanted.as_json()) + "\n")
        self._relay.stdin.flush()
        counts: dict[str, int] = json.loads(self._relay.stdout.readline())
        return counts

    def _build(self) -> None:
        _run("ip", "link", "set", "lo", "up")
        for near, far in (("c0", "r0"), ("s0", "r1")):
            _run("ip", "link", "add", near, "type", "veth", "peer", "name", far)
            for end in (near, far):
                _run("ip", "link", "set", end, "addrgenmode", "none")
            _without_offloads(near)
        self._server_end = self._namespace()
        _run("ip", "link", "set", "s0", "netns", str(self._server_end.pid))
        between = self._namespace()
        for end in ("r0", "r1"):
            _run("ip", "link", "set", end, "netns", str(between.pid))
        there = ["nsenter", "--net", "--target", str(between.pid)]
        for end in ("r0", "r1"):
            _run(*there, "ip", "link", "set", end, "up")
        _run(*self.beside_the_server, "ip", "link", "set", "lo", "up")
        _address([], "c0", CLIENT_ADDRESS)
        _address(self.beside_the_server, "s0", SERVER_ADDRESS)
        command = [*there, sys.executable, "-m", "bench.network.relay", "r0", "r1", str(self._seed)]
        self._relay = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._stack.callback(_end, self._relay)
        assert self._relay.stdout is not None
        if self._relay.stdout.readline().strip() != "ready":
            raise NoLab("the relay between the namespaces did not start")
        self.impair(PERFECT)

    def _namespace(self) -> subprocess.Popen[bytes]:
        """A process that does nothing in a namespace of its own, until its input ends."""
        idle = subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo ready; exec cat"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._stack.callback(_end, idle)
        assert idle.stdout is not None
        if idle.stdout.readline().strip() != b"ready":
            raise NoLab("no namespace within a namespace")
        return idle


def _address(before: Sequence[str], interface: str, address: str) -> None:
    _run(*before, "ip", "address", "add", f"{address}/24", "dev", interface)
    _run(*before, "ip", "link", "set", interface, "up")


def _without_offloads(interface: str) -> None:
    """A veth pair leaves checksums and large packets to its other end, which hands them to the relay as they are."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for command in OFFLOADS:
            value = array.array("B", struct.pack("II", command, 0))
            request = struct.pack("16sP", interface.encode(), value.buffer_info()[0]) + bytes(16)
            fcntl.ioctl(any_socket, SIOCETHTOOL, request)


def _run(*command: str) -> None:
    """Raises NoLab."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    if done.returncode:
        raise NoLab(f"{' '.join(command)}: {done.stderr.strip()}")


def _end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
