"""The UDP ports that media may use, for machines whose firewall opens only some."""

from __future__ import annotations

import asyncio
import errno
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from egostream.errors import EgostreamError


class BadPorts(EgostreamError):
    """What was given is no range of ports."""

    code = "bad_ports"


class NoFreePort(EgostreamError):
    """Every UDP port that media may use is taken."""

    code = "no_free_port"


@dataclass(frozen=True, slots=True)
class PortRange:
    """Both ends belong to it."""

    first: int
    last: int

    @staticmethod
    def parse(text: str) -> PortRange:
        """Such as 50000-50100. Raises BadPorts."""
        first, _, last = text.partition("-")
        if not (first.strip().isdecimal() and last.strip().isdecimal()):
            raise BadPorts(f"{text!r} is no range of ports; it looks like 50000-50100")
        found = PortRange(int(first), int(last))
        if not 1024 <= found.first <= found.last <= 65535:
            raise BadPorts(f"{text}: ports lie between 1024 and 65535, the lower one first")
        return found

    def shuffled(self) -> list[int]:
        """In any order: neighbours would be taken again and again, and clash with what just closed."""
        ports = list(range(self.first, self.last + 1))
        random.shuffle(ports)
        return ports


class AsyncioIn:
    """The module asyncio, for code that binds datagram sockets to any port: here they get one of a range."""

    def __init__(self, ports: PortRange) -> None:
        self._ports = ports

    def get_running_loop(self) -> _Loop:
        return _Loop(asyncio.get_running_loop(), self._ports)

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)


class _Loop:
    def __init__(self, loop: asyncio.AbstractEventLoop, ports: PortRange) -> None:
        self._loop, self._ports = loop, ports

    async def create_datagram_endpoint(
        self, factory: Callable[[], asyncio.DatagramProtocol], local_addr: tuple[str, int]
    ) -> tuple[asyncio.DatagramTransport, asyncio.DatagramProtocol]:
        """Raises NoFreePort; OSError for an address that cannot be bound to at all."""
        for port in self._ports.shuffled():
            try:
                return await self._loop.create_datagram_endpoint(
                    factory, local_addr=(local_addr[0], port)
                )
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
        raise NoFreePort(
            f"all UDP ports from {self._ports.first} to {self._ports.last} are taken: "
            "a session needs one for each address of the machine; widen --udp-ports"
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)
