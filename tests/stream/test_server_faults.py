"""Hostile packets, clients that vanish, editors that break: the other session does not notice."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from live import Client, LiveServer, connected, new_client, serving, until

from egostream.identity import IdentityEditor
from egostream.rtc.guard import looks_like_stun
from egostream.rtc.media_guard import MAX_SOURCES
from tests.fakes import FakeEditor

CLIENT_HELLO = bytes([22, 254, 253]) + bytes(8) + b"\0\x2a\1" + bytes(41)
ALERT = bytes([21, 254, 253]) + bytes(8) + b"\0\2\2\x28"
RANDOM = bytes([22]) + os.urandom(60)
STUN_NOISE = b"\0\1\0\x20\x21\x12\xa4\x42" + os.urandom(44)
DATAGRAMS = [b"", CLIENT_HELLO, ALERT, RANDOM, STUN_NOISE, b"\x80\x61" + os.urandom(40)]


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with serving(IdentityEditor()) as server:
        yield server


def ports_of(server: LiveServer, answer: str) -> list[int]:
    """Loopback ports of the session, as anyone on this machine could find them."""
    lines = [line.split() for line in answer.splitlines() if line.startswith("a=candidate:")]
    return [int(parts[5]) for parts in lines if parts[4] == "127.0.0.1"]


def pelt(port: int, data: bytes, times: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        for _ in range(times):
            stranger.sendto(data, ("127.0.0.1", port))


@pytest.mark.parametrize(
    "data", DATAGRAMS, ids=["empty", "hello", "alert", "random", "stun", "rtp"]
)
async def test_datagrams_into_an_established_session(server: LiveServer, data: bytes) -> None:
    async with connected(server, control=False) as client:
        await client.flows()
        (port,) = ports_of(server, client.answer)
        pelt(port, data, 100)
        await client.flows(10)


@pytest.mark.parametrize(
    "data", DATAGRAMS, ids=["empty", "hello", "alert", "random", "stun", "rtp"]
)
async def test_datagrams_during_set_up(server: LiveServer, data: bytes) -> None:
    client = new_client(server)
    stop = asyncio.Event()

    async def keep_pelting() -> None:
        while not stop.is_set():
            for session in list(server.app.state.sessions._by_id.values()):
                for transceiver in session._line._peer._pc.getTransceivers():
                    connection = transceiver.receiver.transport.transport._connection
                    for candidate in connection.local_candidates:
                        if candidate.host == "127.0.0.1":
                            pelt(candidate.port, data, 5)
            await asyncio.sleep(0.002)

    pelting = asyncio.create_task(keep_pelting())
    try:
        response = await client.start("make it night")
        assert response.status_code == 201
        await client.flows(10)
    finally:
        stop.set()
        await pelting
        await client.close()


async def test_an_empty_datagram_from_the_peer_itself(server: LiveServer) -> None:
    async with connected(server, control=False) as client:
        await client.flows()
        connection = client.pc.getTransceivers()[0].receiver.transport.transport._connection
        pair = connection._nominated[1]
        # past asyncio, which sends nothing when asked to send nothing
        fileno = pair.protocol.transport.get_extra_info("socket").fileno()
        with socket.socket(fileno=os.dup(fileno)) as same:
            for _ in range(50):
                same.sendto(b"", pair.remote_addr)
        await client.flows(10)


async def test_packets_that_trip_a_parser_are_dropped(
    server: LiveServer, caplog: pytest.LogCaptureFixture
) -> None:
    """From the client, under its keys: a REMB cut short, an extension of the wrong length, a thousand sources."""
    async with connected(server, control=False) as client:
        await client.flows()
        sender = client.pc.getTransceivers()[0].sender
        ssrc = sender._ssrc.to_bytes(4, "big")
        remb = b"\x8f\xce\0\4" + ssrc + bytes(4) + b"REMB\1\x12\x34\x56"
        head = b"\x90\xe1\0\1" + bytes(4)
        extended = head + b"ssrc" + b"\xbe\xde\0\1\x30\1\0\0" + b"\x10" * 20
        for packet in (remb, extended):
            await sender.transport._send_rtp(packet)
        for number in range(1000):
            source = (77_000 + number).to_bytes(4, "big")
            await sender.transport._send_rtp(b"\x80\xe1\0\1" + bytes(4) + source + b"\x10" * 20)
        await asyncio.sleep(1.6)  # a receiver report is due
        await client.flows(10)
        session = next(iter(server.app.state.sessions._by_id.values()))
        receiver = session._line._peer._video.receiver
        assert len(receiver.transport._rtp_router.ssrc_table) <= MAX_SOURCES
    await gone(server, client)
    assert "Traceback" not in caplog.text


async def test_a_flood_of_garbage_does_not_slow_the_pictures(server: LiveServer) -> None:
    async with connected(server, control=False) as client:
        await client.flows(10)
        (port,) = ports_of(server, client.answer)
        since = len(client.pictures)
        for _ in range(20):
            pelt(port, os.urandom(200), 50)
            await asyncio.sleep(0.05)
        await client.flows(5)
        ages = sorted(client.ages_ms(since))
    assert ages[len(ages) // 2] < 60, ages


async def gone(server: LiveServer, client: Client) -> None:
    session_id = client.location.rpartition("/")[2]
    await until(lambda: session_id not in server.app.state.sessions._by_id, 8, "freed slot")


async def test_a_vanished_client_frees_its_place_and_harms_nobody() -> None:
    with serving(FakeEditor(), media_timeout_s=2.0) as server:
        async with connected(server) as stays, connected(server, control=False) as leaves:
            await asyncio.gather(stays.flows(), leaves.flows())
            await leaves.vanish()
            since, start = len(stays.pictures), time.monotonic()
            await gone(server, leaves)
            seconds = time.monotonic() - start
            assert seconds > 1.5
            at_ns = [p.at_ns for p in stays.pictures[since:]]
            assert len(at_ns) > 10 * seconds
            gaps = [b - a for a, b in zip(at_ns, at_ns[1:], strict=False)]
            assert max(gaps) < 0.5e9, "the other stream never stalled"
            async with connected(server, control=False) as newcomer:
                await newcomer.flows()


async def test_a_client_that_hangs_up_is_gone_at_once(server: LiveServer) -> None:
    async with connected(server) as client:
        await client.flows()
        await client.pc.close()
        await gone(server, client)


async def test_coming_and_going_leaves_nothing_behind() -> None:
    with serving(FakeEditor(), media_timeout_s=1.0) as server:
        async with connected(server, control=False) as client:
            await client.flows()
        threads, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
        for i in range(6):
            async with connected(server, control=i % 3 == 0) as client:
                if i % 2:
                    await client.flows(2)
            await gone(server, client)
        assert threading.active_count() <= threads + 1, threading.enumerate()
        assert len(os.listdir("/proc/self/fd")) <= files + 2
        assert await server.num_tasks() <= 3, "the server's own"


async def test_a_client_that_never_connects_is_gone_after_the_timeout() -> None:
    with serving(FakeEditor(), media_timeout_s=1.0) as server:
        client = new_client(server)
        client.pc.addTransceiver("video", direction="sendrecv")
        await client.pc.setLocalDescription(await client.pc.createOffer())
        response = await client.post(client.pc.localDescription.sdp)
        client.location = response.headers["location"]
        await client.pc.close()
        await gone(server, client)


async def test_a_paused_client_is_kept_while_its_socket_talks() -> None:
    with serving(FakeEditor(), media_timeout_s=1.0) as server:
        async with connected(server) as client:
            await client.flows()
            client.camera.is_paused = True
            for _ in range(12):
                await client.say({"type": "ping", "t_ms": 0.0})
                await asyncio.sleep(0.2)
            client.camera.is_paused = False
            await client.flows()


async def test_a_stream_that_fails_ends_alone(caplog: pytest.LogCaptureFixture) -> None:
    with serving(FakeEditor()) as server:
        async with connected(server) as good, connected(server) as bad:
            await asyncio.gather(good.flows(), bad.flows())
            await bad.say({"type": "instruct", "seq": 1, "text": "explode, please"})
            error = await bad.message("error")
            assert error["code"] == "stream_failed" and "as asked" not in error["message"]
            await bad.message("bye")
            await asyncio.wait_for(bad.ended.wait(), 3)
            await good.flows(10)
            assert httpx.get(f"{server.url}/readyz").status_code == 200
            async with connected(server) as again:
                await again.flows()
    record = next(r for r in caplog.records if "stream failed" in r.message)
    assert record.session == bad.location.rpartition("/")[2]  # type: ignore[attr-defined]


async def test_a_picture_too_large_ends_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("egostream.server.line.MAX_PIXELS", 256 * 192)
    with serving(FakeEditor()) as server:
        async with connected(server) as client:
            await client.flows()
            client.camera.size = (320, 240)
            assert "320x240" in (await client.message("error", code="bad_frames"))["message"]
            await gone(server, client)


async def test_after_a_gap_the_stream_starts_anew() -> None:
    editor = FakeEditor()
    with serving(editor) as server:
        async with connected(server) as client:
            await client.flows(10)
            client.camera.is_paused = True
            await asyncio.sleep(0.8)
            assert editor.streams[0].num_resets == 0
            client.camera.is_paused = False
            await client.flows(5)
            assert editor.streams[0].num_resets == 1


async def test_an_outage_ends_with_live_pictures() -> None:
    """Every packet of the client is lost for a second, then the network is back."""
    with serving(IdentityEditor()) as server:
        async with connected(server) as client:
            await client.flows(10)
            connection = client.pc.getTransceivers()[0].receiver.transport.transport._connection
            transport = connection._nominated[1].protocol.transport
            sendto = transport.sendto
            transport.sendto = lambda data, addr: (
                sendto(data, addr) if looks_like_stun(data) else None
            )
            await asyncio.sleep(1.0)
            transport.sendto = sendto
            since, back_ns = len(client.pictures), time.monotonic_ns()
            await client.flows(15)
            later: list[Any] = client.pictures[since:]
            assert later[0].at_ns - back_ns < 1e9, "a key frame was asked for and came"
            assert max(client.ages_ms(since)) < 500, "nobody is shown the past"
