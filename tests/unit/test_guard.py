from __future__ import annotations

import asyncio
import socket

import pytest
from aioice import Candidate, ice, stun

from egostream.rtc.guard import MAX_QUEUED_DATAGRAMS, GuardedProtocol, guard, looks_like_stun
from egostream.rtc.private import rebind, set_private

STRANGER = ("127.0.0.1", 9)
PEER = ("127.0.0.1", 4000)
DTLS_ALERT = bytes([21, 254, 253]) + bytes(8) + b"\0\2\2\x28"


@pytest.fixture
async def connection() -> ice.Connection:
    connection = ice.Connection(ice_controlling=False)
    guard(connection, add_loopback=True)
    await connection.gather_candidates()
    yield connection
    await connection.close()


def protocol(connection: ice.Connection) -> GuardedProtocol:
    found = [p for p in connection._protocols if p.local_candidate.host == "127.0.0.1"]
    assert found and all(isinstance(p, GuardedProtocol) for p in connection._protocols)
    return found[0]  # type: ignore[return-value]


async def test_loopback_is_offered(connection: ice.Connection) -> None:
    assert "127.0.0.1" in [c.host for c in connection.local_candidates]


async def test_other_connections_are_untouched() -> None:
    other = ice.Connection(ice_controlling=True)
    await other.gather_candidates()
    assert all(type(p) is ice.StunProtocol for p in other._protocols)
    assert "127.0.0.1" not in [c.host for c in other.local_candidates]
    await other.close()


@pytest.mark.parametrize("data", [b"", b"\x80garbage", DTLS_ALERT, b"\0\1\0\0"])
async def test_strangers_do_not_get_through(connection: ice.Connection, data: bytes) -> None:
    protocol(connection).datagram_received(data, STRANGER)
    assert connection._queue.empty()


async def test_the_peer_does_but_not_with_nothing(connection: ice.Connection) -> None:
    candidate = Candidate("1", 1, "udp", 1, *PEER, "host")
    await connection.add_remote_candidate(candidate)
    protocol(connection).datagram_received(b"", PEER)
    assert connection._queue.empty()
    protocol(connection).datagram_received(DTLS_ALERT, PEER)
    assert connection._queue.get_nowait() == (DTLS_ALERT, 1)


async def test_what_waits_for_the_reader_is_bounded(connection: ice.Connection) -> None:
    await connection.add_remote_candidate(Candidate("1", 1, "udp", 1, *PEER, "host"))
    for _ in range(MAX_QUEUED_DATAGRAMS + 100):
        protocol(connection).datagram_received(DTLS_ALERT, PEER)
    assert connection._queue.qsize() == MAX_QUEUED_DATAGRAMS


async def test_stun_is_answered_and_broken_stun_is_not(connection: ice.Connection) -> None:
    host, port = protocol(connection).transport.get_extra_info("sockname")
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.setblocking(False)
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        await loop.sock_sendto(stranger, bytes(request), (host, port))
        reply = await asyncio.wait_for(loop.sock_recv(stranger, 2000), 2)
        assert looks_like_stun(reply)
        broken = bytes(request)[:4] + b"\x21\x12\xa4\x42" + bytes(12) + b"\0\6\0\x09"
        await loop.sock_sendto(stranger, broken, (host, port))
        await asyncio.sleep(0.05)
    assert connection._queue.empty()


def test_a_moved_internal_is_noticed() -> None:
    class Library:
        def __init__(self) -> None:
            self.__there = 1

        def method(self) -> float:
            return socket.getdefaulttimeout() or 0.0

    owner = Library()
    set_private(owner, Library, "there", 2)
    with pytest.raises(AttributeError):
        set_private(owner, Library, "gone", 2)
    with pytest.raises(AttributeError, match="nowhere"):
        rebind(owner, Library.method, nowhere=1)
    rebind(owner, Library.method, socket=type("S", (), {"getdefaulttimeout": lambda: 7.0}))
    assert owner.method() == 7.0
    assert Library().method() == 0.0
