"""Two replicas on a Ray cluster of this machine, behind one address: what clients see of it, and what becomes of them
when one is killed."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
import websockets
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from bench.server_process import ServerProcess, free_port
from client.errors import SessionEnded
from client.peer import EditClient
from client.sources import PatternSource
from egostream.protocol import Ending, Message
from egostream.server.tokens import issue

pytestmark = [
    pytest.mark.ray,
    pytest.mark.timeout(240),
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed"),
]

SDP = {"content-type": "application/sdp"}
SECRET = b"the tests' own secret of some length"
GONE_IN_S = 2.0
BACK_IN_S = 60.0


@dataclass(frozen=True)
class Served:
    process: ServerProcess
    metrics_port: int

    @property
    def url(self) -> str:
        return self.process.url

    def replicas(self) -> list[psutil.Process]:
        mine = psutil.Process(self.process.process.pid).children(recursive=True)
        return [p for p in mine if "".join(p.cmdline()).startswith("ray::ServeReplica")]

    def info(self) -> dict[str, int]:
        return httpx.get(f"{self.url}/v1/info").json()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    secret: Path = tmp_path_factory.mktemp("ray") / "secret"
    secret.write_bytes(SECRET)
    turn = secret.with_name("turn")
    turn.write_text("the secret that coturn has too")
    metrics_port = free_port()
    flags = ["--ray", "--replicas", "2", "--max-sessions", "2", "--queue", "0"]
    flags += ["--turn", "turn:relay.example:3478", "--turn-secret-file", str(turn)]
    flags += ["--token-secret", str(secret), "--metrics-port", str(metrics_port)]
    with ServerProcess("identity", flags) as process:
        deadline = time.monotonic() + BACK_IN_S
        while httpx.get(f"{process.url}/v1/info").json()["replicas_ready"] < 2:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield Served(process, metrics_port)


@contextlib.asynccontextmanager
async def editing(
    served: Served, heard: list[Message] | None = None
) -> AsyncIterator[tuple[EditClient, str]]:
    """A client that gets edited frames, and the tag of its replica."""
    source = PatternSource((128, 96), 15.0)
    client = EditClient(
        served.url,
        source,
        instruction="make it night",
        token=issue(SECRET, "edit", 600),
        on_message=lambda message, _: None if heard is None else heard.append(message),
    )
    async with client:
        await until(lambda: client.first_frame_ms is not None)
        assert client.welcome is not None
        yield client, client.welcome.session.partition(".")[2]


async def until(is_so: Callable[[], object], timeout_s: float = 20.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def owner(served: Served, client: EditClient) -> psutil.Process:
    """The replica's process that has the UDP ports which the answer names."""
    assert client._link is not None
    sdp = client._link.pc.remoteDescription.sdp
    ports = {int(port) for port in re.findall(r"a=candidate:\S+ 1 udp \d+ \S+ (\d+)", sdp, re.I)}
    found = [
        replica
        for replica in served.replicas()
        if ports & {c.laddr.port for c in replica.net_connections("udp")}
    ]
    assert len(found) == 1
    return found[0]


def test_ice_servers_are_told_to_who_may_open_a_session(served: Served) -> None:
    good = {"authorization": f"Bearer {issue(SECRET, 'edit', 60)}"}
    told = [httpx.options(f"{served.url}/v1/session", headers=headers) for headers in ({}, good)]
    assert [answer.status_code for answer in told] == [204, 204]
    assert ["ice-server" in answer.headers.get("link", "") for answer in told] == [False, True]


async def test_a_view_tells_no_stranger_of_ice_servers(served: Served) -> None:
    async with editing(served) as (client, _):
        assert client.welcome is not None
        asked = httpx.options(f"{served.url}/v1/whep/{client.welcome.view}")
        assert asked.status_code == 204 and "link" not in asked.headers


async def test_sessions_are_spread_and_stay_where_they_are(served: Served) -> None:
    async with editing(served) as (one, first), editing(served) as (two, second):
        assert first != second
        processes = [owner(served, one), owner(served, two)]
        assert processes[0].pid != processes[1].pid
        assert {p.nice() for p in processes} == {os.nice(0)}, "Ray puts its workers last"
        for client in (one, two):
            applied = await client.wait_applied(await client.instruct("make it snow"))
            assert applied.text == "make it snow"
        assert served.info()["slots"] == 4
        await until(lambda: served.info()["slots_free"] == 2)  # the front asks once a second
        page = httpx.get(f"http://127.0.0.1:{served.metrics_port}/metrics").text
        for number in (0, 1):
            assert f'egostream_sessions{{replica="{number}",state="editing"}} 1.0' in page
        assert 'egostream_replicas{replica="front",state="ready"} 2.0' in page


async def test_a_view_is_of_its_sessions_replica(served: Served) -> None:
    async with editing(served), editing(served) as (client, _):
        assert client.welcome is not None
        viewer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        receiver = viewer.addTransceiver("video", direction="recvonly").receiver
        await viewer.setLocalDescription(await viewer.createOffer())
        headers = SDP | {"authorization": f"Bearer {issue(SECRET, 'view', 60)}"}
        async with httpx.AsyncClient(base_url=served.url, headers=headers) as http:
            offer = viewer.localDescription.sdp
            path = f"/v1/whep/{client.welcome.view}"
            answer = await http.post(path, content=offer)
            assert answer.status_code == 201
            await viewer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
            await asyncio.wait_for(receiver.track.recv(), 10)
            assert (await http.delete(answer.headers["location"])).status_code == 204
            assert (await http.delete(answer.headers["location"])).status_code == 404
        await viewer.close()


async def test_places_of_all_are_filled_before_anyone_is_refused(served: Served) -> None:
    caller = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    caller.addTransceiver("video", direction="sendrecv")
    await caller.setLocalDescription(await caller.createOffer())
    offer = caller.localDescription.sdp
    headers = SDP | {"authorization": f"Bearer {issue(SECRET, 'edit', 60)}"}
    async with httpx.AsyncClient(base_url=served.url, headers=headers, timeout=20) as http:
        await until(lambda: served.info()["slots_free"] == 4)
        opened = [await http.post("/v1/session", content=offer) for _ in range(4)]
        assert [r.status_code for r in opened] == [201] * 4
        places = [r.headers["location"] for r in opened]
        tags = [place.partition(".")[2] for place in places]
        assert [tags.count(tag) for tag in set(tags)] == [2, 2]
        full = await http.post("/v1/session", content=offer)
        assert (full.status_code, full.json()["code"]) == (503, "busy")
        assert full.headers["retry-after"] and "all 4 places" in full.json()["message"]
        assert (await http.delete(places[2])).status_code == 204
        again = await http.post("/v1/session", content=offer)
        assert again.status_code == 201 and again.headers["location"].endswith(tags[2])
        for place in (*places, again.headers["location"]):
            await http.delete(place)
    await caller.close()


async def test_nobody_comes_in_by_the_back_door(served: Served) -> None:
    """Host, origin, token and size are checked in front; a replica answers the front alone, Ray those of its own."""
    async with httpx.AsyncClient(base_url=served.url, headers=SDP) as http:
        for headers, status in (
            ({}, 401),
            ({"origin": "https://elsewhere.example"}, 403),
            ({"host": "elsewhere.example"}, 421),
        ):
            assert (await http.post("/v1/session", headers=headers)).status_code == status
        for name in ("nobody.NOTAG", "..%3fx.NOTAG", "nobody"):
            assert (await http.delete(f"/v1/session/{name}")).status_code == 404
    async with websockets.connect(f"ws{served.url[4:]}/v1/session/no.NOTAG/control") as socket:
        assert "unknown_session" in str(await socket.recv())
    num_refused = 0
    tree = psutil.Process(served.process.process.pid).children(recursive=True)
    replicas = {replica.pid for replica in served.replicas()}
    for process in tree:
        for c in process.net_connections("tcp"):
            if c.status != psutil.CONN_LISTEN:
                continue
            if c.laddr.ip not in ("127.0.0.1", "::ffff:127.0.0.1"):
                assert process.pid in replicas, "only Ray Serve lets no address be chosen"
                await wants_a_token(c.laddr.port)
            elif process.pid in replicas:
                num_refused += await is_refused(c.laddr.port)
    assert num_refused == 2


async def is_refused(port: int) -> bool:
    """Whether our own server listens there, and not Ray; it must not answer."""
    async with httpx.AsyncClient() as http:
        try:
            answer = await http.get(f"http://127.0.0.1:{port}/v1/info")
        except httpx.HTTPError:
            return False
        assert answer.status_code == 403
        forged = {"x-egostream-inside": "guess"}
        closing = await http.post(f"http://127.0.0.1:{port}/inside/close", headers=forged)
        assert closing.status_code == 403
        return True


async def wants_a_token(port: int) -> None:
    """What Ray Serve's replicas are asked is unpickled: whoever may ask can do anything."""
    import grpc

    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        ask = channel.unary_unary("/ray.serve.ASGIService/HandleRequest")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await ask(b"", timeout=5)
    assert refused.value.code() == grpc.StatusCode.UNAUTHENTICATED


async def test_a_killed_replica_is_told_and_replaced(served: Served) -> None:
    """Its client hears of it at once and finds a place; the other's session goes on as if nothing were; then there are
    two again."""
    arrivals: list[float] = []
    async with editing(served) as (mine, _), editing(served) as (other, other_tag):
        other._on_frame = lambda frame: arrivals.append(time.monotonic())
        await until(lambda: len(arrivals) > 10)
        broken = owner(served, mine)
        os.kill(broken.pid, signal.SIGKILL)
        killed = time.monotonic()
        reason = await asyncio.wait_for(mine.control.wait_ended(), GONE_IN_S)
        print(f"told after {1000 * (time.monotonic() - killed):.0f} ms")
        assert "lost" in reason
        with pytest.raises(SessionEnded):
            await mine.instruct("make it snow")
        assert mine.welcome is not None
        resumed = httpx.post(
            f"{served.url}/v1/session/{mine.welcome.session}", content="v=0", headers=SDP
        )
        assert (resumed.status_code, resumed.json()["code"]) == (404, "unknown_session")
        async with editing(served) as (again, tag):
            print(f"edited again after {time.monotonic() - killed:.1f} s")
            assert tag == other_tag, "the one that lives"
            assert httpx.get(f"{served.url}/readyz").json()["replicas_ready"] == 1
            await until(lambda: served.info()["replicas_ready"] == 2, BACK_IN_S)
            print(f"two again after {time.monotonic() - killed:.1f} s")
            assert again.ended is None
        async with editing(served) as (_, new_tag):
            assert new_tag != other_tag
        assert other.ended is None
        gaps = [b - a for a, b in zip(arrivals, arrivals[1:], strict=False)]
        print(f"longest gap of the other session {1000 * max(gaps):.0f} ms")
        assert max(gaps) < 1.5


async def test_sigterm_lets_sessions_end_and_leaves_nothing(served: Served) -> None:
    heard: list[Message] = []
    server = served.process.process
    async with editing(served, heard) as (client, _):
        tree = psutil.Process(server.pid).children(recursive=True)
        server.send_signal(signal.SIGTERM)
        await until(lambda: any(isinstance(message, Ending) for message in heard))
        assert httpx.get(f"{served.url}/readyz").status_code == 503
        before = client.num_received
        await until(lambda: client.num_received > before + 5)
    assert await asyncio.to_thread(server.wait, 20) == 0
    psutil.wait_procs(tree, timeout=10)
    assert not [process for process in tree if process.is_running()]
