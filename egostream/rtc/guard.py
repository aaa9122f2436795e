"""What may reach a session's ICE socket, and on which addresses that socket listens.

A stock aiortc session ends on one empty datagram from anyone (its DTLS reader looks at the first
byte), and a stranger's DTLS record ends a handshake. So: nothing empty passes, and nothing but
STUN, which ICE authenticates itself, passes from an address that is no candidate of the peer.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from aioice import ice, stun

from egostream.rtc.ports import AsyncioIn, PortRange
from egostream.rtc.private import rebind

MAX_QUEUED_DATAGRAMS = 1024
"""Between the socket and the DTLS reader; the newest is dropped beyond it."""
LOOPBACK = "127.0.0.1"


def looks_like_stun(data: bytes) -> bool:
    """RFC 8489 section 5: two zero bits, and the magic cookie."""
    return len(data) >= 20 and data[0] < 4 and data[4:8] == b"\x21\x12\xa4\x42"


class GuardedProtocol(ice.StunProtocol):
    """One local socket of an ICE connection (behind TURN, `addr` is the relayed peer's)."""

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        if not isinstance(data, bytes) or not data:
            return
        if looks_like_stun(data):
            try:
                stun.parse_message(data)
            except Exception:  # a hostile message may trip the parser anywhere
                return
        elif not self._is_peer(addr[0], addr[1]):
            return
        elif self.receiver._queue.qsize() >= MAX_QUEUED_DATAGRAMS:
            return
        super().datagram_received(data, addr)

    def _is_peer(self, host: str, port: int) -> bool:
        for pair in self.receiver._nominated.values():
            if pair.remote_addr == (host, port):
                return True
        return any(
            getattr(c, "_network_host", c.host) == host and c.port == port
            for c in self.receiver._remote_candidates
        )


def host_addresses(add_loopback: bool) -> list[str]:
    """Addresses to offer. aioice leaves loopback out, which on some machines leaves nothing."""
    found = ice.get_host_addresses(use_ipv4=True, use_ipv6=True)
    return [*found, LOOPBACK] if add_loopback or not found else found


def guard(connection: ice.Connection, add_loopback: bool, ports: PortRange | None = None) -> None:
    """Call it before candidates are gathered. `ports`: where the sockets may be bound, if not anywhere."""
    names: dict[str, object] = {"StunProtocol": GuardedProtocol}
    if ports is not None:
        names["asyncio"] = AsyncioIn(ports)
    rebind(connection, ice.Connection.get_component_candidates, **names)
    rebind(
        connection,
        ice.Connection.gather_candidates,
        get_host_addresses=lambda use_ipv4, use_ipv6: host_addresses(add_loopback),
    )
    connection.query_consent = _unless_closed(connection)  # type: ignore[method-assign]


def _unless_closed(connection: ice.Connection) -> Callable[[], Coroutine[Any, Any, None]]:
    """A connection closed at the moment it connects would go on asking for consent for ever."""
    query_consent = connection.query_consent

    async def query() -> None:
        if not connection._closing:
            await query_consent()

    return query
