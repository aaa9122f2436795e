"""Signalling by WHIP and WHEP: what comes in one way goes out another, to a few, and every misuse has its status."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import av
import httpx
import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from live import Camera, Client, LiveServer, connected, new_client, serving, until

from egostream.errors import EgostreamError
from egostream.protocol import MAX_SDP_BYTES
from egostream.rtc.ports import PortRange
from egostream.server.fragment import BadFragment, parse_fragment
from egostream.server.ice import IceServers, ice_servers_of, turn_credentials
from egostream.server.settings import ServerSettings
from egostream.server.viewers import view_id_of
from tests.fakes import FakeEditor

SDP = {"content-type": "application/sdp"}
FRAGMENT = {"content-type": "application/trickle-ice-sdpfrag"}


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with serving(FakeEditor(), allow_origins=("https://my.page",)) as server:
        yield server


class Caller:
    """A plain aiortc peer, as someone else's software would be; `path` says what it asks for."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.location = self.etag = self.view = ""
        self.pictures: list[np.ndarray] = []
        self._task: asyncio.Task[None] | None = None

    async def call(self, path: str, offer: str | None = None) -> httpx.Response:
        if offer is None:
            await self.pc.setLocalDescription(await self.pc.createOffer())
            offer = self.pc.localDescription.sdp
        async with httpx.AsyncClient(base_url=self.server.url) as http:
            response = await http.post(path, content=offer, headers=SDP)
        if response.status_code == 201:
            self.location, self.etag = response.headers["location"], response.headers["etag"]
            found = re.search(
                r'</v1/whep/([^>]+)>; rel="alternate"', response.headers.get("link", "")
            )
            self.view = found.group(1) if found else ""
            await self.pc.setRemoteDescription(RTCSessionDescription(response.text, "answer"))
        return response

    async def publish(self, query: str = "?instruction=make+it+night") -> httpx.Response:
        self.pc.addTransceiver(Camera(30), direction="sendonly")
        return await self.call(f"/v1/whip{query}")

    async def watch(self, view: str) -> httpx.Response:
        transceiver = self.pc.addTransceiver("video", direction="recvonly")
        response = await self.call(f"/v1/whep/{view}")
        if response.status_code == 201:
            self._task = asyncio.create_task(self._collect(transceiver.receiver.track))
        return response

    async def send(self, method: str, path: str = "", **kwargs: object) -> httpx.Response:
        async with httpx.AsyncClient(base_url=self.server.url) as http:
            return await http.request(method, path or self.location, **kwargs)  # type: ignore[arg-type]

    async def _collect(self, track: object) -> None:
        try:
            while True:
                frame = await track.recv()  # type: ignore[attr-defined]
                self.pictures.append(frame.to_ndarray(format="rgb24"))
        except MediaStreamError:
            pass

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        await self.pc.close()


@asynccontextmanager
async def caller(server: LiveServer) -> AsyncIterator[Caller]:
    made = Caller(server)
    try:
        yield made
    finally:
        await made.close()


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def test_what_is_published_is_watched_edited(server: LiveServer) -> None:
    async with caller(server) as camera, caller(server) as one, caller(server) as two:
        response = await camera.publish()
        assert response.status_code == 201 and "a=recvonly" in response.text
        assert response.headers["content-type"] == "application/sdp"
        assert re.fullmatch(r'"[0-9a-f]+"', camera.etag) and len(camera.location) > 40
        assert camera.view and camera.view not in camera.location
        watching = await one.watch(camera.view)
        assert watching.status_code == 201 and "a=sendonly" in watching.text
        assert one.location.startswith("/v1/viewer/")
        await until(lambda: len(one.pictures) > 10, 10, "pictures for the first viewer")
        assert (one.pictures[-1] > 128).mean() > 0.5, "inverted"
        assert (await two.watch(camera.view)).status_code == 201
        await until(lambda: len(two.pictures) > 5, 10, "pictures for the second viewer")
        assert (await two.send("DELETE")).status_code == 204
        assert code(await two.send("DELETE")) == (404, "unknown_session")
        seen = len(one.pictures)
        await until(lambda: len(one.pictures) > seen + 10, 10, "pictures: one leaves, one stays")
        assert (await camera.send("DELETE")).status_code == 204
        assert code(await camera.send("DELETE")) == (404, "unknown_session")
        await until(lambda: one.pc.connectionState == "closed", 10, "the viewer's end")


@pytest.mark.skipif("whip" not in av.formats_available, reason="this FFmpeg writes no WHIP")
async def test_ffmpeg_publishes(server: LiveServer, tmp_path: Path) -> None:
    """Software of others: FFmpeg's WHIP muxer, H.264, with ICE, DTLS and SRTP of its own."""
    async with caller(server) as viewer:
        program = [sys.executable, str(Path(__file__).with_name("ffmpeg_whip.py"))]
        whip = f"{server.url}/v1/whip?instruction=night"
        publishing = await asyncio.create_subprocess_exec(*program, whip, str(tmp_path))
        await until(lambda: server.app.state.sessions.num_running == 1, 10, "session of FFmpeg")
        (session_id,) = server.app.state.sessions._by_id
        assert (await viewer.watch(view_id_of(session_id))).status_code == 201
        await until(lambda: len(viewer.pictures) > 20, 15, "pictures from FFmpeg")
        red, green, blue = viewer.pictures[-1].reshape(-1, 3).mean(0)
        assert red < 110 < green and red < 110 < blue, "what was sent is red"
        assert await asyncio.wait_for(publishing.wait(), 20) == 0
        await until(lambda: not server.app.state.sessions._by_id, 10, "end of FFmpeg's session")


async def test_the_edit_that_goes_back_can_be_watched_too(server: LiveServer) -> None:
    async with connected(server) as client, caller(server) as viewer:
        view = (await client.message("welcome"))["view"]
        assert (await viewer.watch(view)).status_code == 201
        await client.flows(10)
        await until(lambda: len(viewer.pictures) > 5, 10, "pictures for the viewer")


async def test_only_so_many_watch(server: LiveServer) -> None:
    async with caller(server) as camera:
        await camera.publish()
        viewers = [Caller(server) for _ in range(5)]
        try:
            statuses = [(await viewer.watch(camera.view)).status_code for viewer in viewers]
            assert statuses == [201] * 4 + [503]
        finally:
            await asyncio.gather(*(viewer.close() for viewer in viewers))


async def test_an_offer_goes_one_way(server: LiveServer) -> None:
    async with caller(server) as both:
        both.pc.addTransceiver(Camera(), direction="sendrecv")
        refused = await both.call("/v1/whip")
        assert code(refused) == (422, "bad_offer") and "sendonly" in refused.json()["message"]
    async with caller(server) as nobody:
        assert code(await nobody.watch("nobody")) == (404, "unknown_session")
        assert code(await nobody.call("/v1/whep/" + "x" * 32, "v=0")) == (404, "unknown_session")
    async with caller(server) as camera:
        await camera.publish()
        async with caller(server) as wrong:
            wrong.pc.addTransceiver(Camera(), direction="sendonly")
            assert code(await wrong.call(f"/v1/whep/{camera.view}")) == (422, "bad_offer")


async def test_a_client_that_only_trickles_connects(server: LiveServer) -> None:
    """Its offer names no candidate; they follow one by one, the useless ones among them."""
    client = new_client(server)
    try:
        await connect_by_trickle(client)
        await client.flows()
    finally:
        await client.close()


async def connect_by_trickle(client: Client) -> None:
    offers: list[str] = []
    post = client.post

    async def without_candidates(offer: str, *more: object) -> httpx.Response:
        offers.append(offer)
        lines = [x for x in offer.splitlines() if not x.startswith(("a=candidate", "a=end-of"))]
        return await post("\r\n".join(lines) + "\r\n")

    client.post = without_candidates  # type: ignore[method-assign, assignment]
    assert (await client.start()).status_code == 201
    ufrag = re.search(r"a=ice-ufrag:\S+", offers[0])
    assert ufrag is not None
    candidates = [x for x in offers[0].splitlines() if x.startswith("a=candidate")]
    candidates.append("a=candidate:1 1 udp 2122 abc.local 5000 typ host")
    async with httpx.AsyncClient(base_url=client.server.url) as http:
        for candidate in candidates:
            text = f"{ufrag.group()}\r\nm=video 9 RTP/AVP 0\r\na=mid:0\r\n{candidate}\r\n"
            answer = await http.patch(client.location, content=text, headers=FRAGMENT)
            assert answer.status_code == 204, answer.text


async def test_what_a_patch_may_not_be(server: LiveServer) -> None:
    async with caller(server) as camera:
        await camera.publish()
        good = "a=ice-ufrag:{}\r\nm=video 9 RTP/AVP 0\r\na=mid:0\r\n"
        offer = camera.pc.localDescription.sdp
        ufrag = re.search(r"a=ice-ufrag:(\S+)", offer)
        assert ufrag is not None
        mine, other = good.format(ufrag.group(1)), good.format("else")

        async def patch(text: str, **headers: str) -> httpx.Response:
            return await camera.send("PATCH", content=text, headers=FRAGMENT | headers)

        assert (await patch(mine)).status_code == 204
        assert (await patch(mine, **{"if-match": camera.etag})).status_code == 204
        assert code(await patch(mine, **{"if-match": '"old"'})) == (412, "precondition_failed")
        assert code(await patch(mine, **{"if-match": "*"})) == (422, "restart_not_supported")
        assert code(await patch(other)) == (422, "restart_not_supported")
        for bad in ("", "hello", mine + "a=candidate:1 1 udp x y z typ host\r\n"):
            assert code(await patch(bad)) == (400, "bad_fragment")
        wrong = await camera.send("PATCH", content=mine, headers=SDP)
        assert code(wrong) == (415, "unsupported_media_type")
        assert code(await patch("a=x\r\n" * (MAX_SDP_BYTES // 4))) == (413, "too_large")
        lost = await camera.send("PATCH", "/v1/session/nobody", content=mine, headers=FRAGMENT)
        assert code(lost) == (404, "unknown_session")
        many = "".join(
            f"a=candidate:{i} 1 udp 1 127.0.0.1 {9000 + i} typ host\r\n" for i in range(65)
        )
        assert code(await patch(mine + many)) == (400, "bad_fragment")


@pytest.mark.parametrize("path", ["/v1/session", "/v1/whip", "/v1/whep/someone"])
def test_methods_and_other_pages(server: LiveServer, path: str) -> None:
    with httpx.Client(base_url=server.url) as http:
        for method in ("GET", "PUT", "PATCH", "DELETE"):
            response = http.request(method, path)
            assert (
                code(response) == (405, "method_not_allowed")
                and "POST" in response.headers["allow"]
            )
        options = http.options(path)
        assert options.status_code == 204 and options.headers["accept-post"] == "application/sdp"
        asked = {
            "origin": "https://my.page",
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type",
        }
        allowed = http.options(path, headers=asked)
        assert allowed.status_code == 200
        assert allowed.headers["access-control-allow-origin"] == "https://my.page"
        assert "authorization" in allowed.headers["access-control-allow-headers"].lower()
        evil = http.options(path, headers=asked | {"origin": "https://evil.page"})
        assert "access-control-allow-origin" not in evil.headers
        answer = http.post(path, content="v=0", headers=SDP | {"origin": "https://my.page"})
        shown = answer.headers["access-control-expose-headers"].lower()
        assert all(name in shown for name in ("location", "link", "etag"))
        assert http.post(path, content="x", headers={"content-type": "text/html"}).status_code in (
            404,
            415,
        )


async def test_turn_servers_come_with_credentials(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret that coturn has too\n")
    with serving(
        FakeEditor(),
        turn=("turn:relay.example:3478?transport=udp",),
        turn_secret=tmp_path / "secret",
    ) as server:
        async with caller(server) as camera:
            response = await camera.publish()
            link = response.headers["link"]
    found = re.search(
        r'<turn:relay.example:3478\?transport=udp>; rel="ice-server"; '
        r'username="(\d+:[^"]+)"; credential="([^"]+)"; credential-type="password"',
        link,
    )
    assert found is not None
    mac = hmac.new(b"the secret that coturn has too", found.group(1).encode(), hashlib.sha1)
    assert base64.b64encode(mac.digest()).decode() == found.group(2)


def test_credentials_are_those_of_the_draft() -> None:
    """draft-uberti-behave-turn-rest-00, section 2.2, computed by OpenSSL: `openssl dgst -sha1 -hmac north -binary`."""
    name, password = turn_credentials(b"north", "alice", now_s=1_700_000_000.0)
    assert (name, password) == ("1700000300:alice", "9G1RQudwl1L/ozNGiXzitEuA3uc=")


@pytest.mark.parametrize("url", ["", "http://x", "turn:a b", 'turn:a";x', "turn:a\r\nb"])
def test_what_is_no_ice_server(url: str) -> None:
    with pytest.raises(EgostreamError, match="no ICE server"):
        IceServers(turn=(url,))
    with pytest.raises(EgostreamError, match="belong together"):
        ice_servers_of(ServerSettings(turn=("turn:a",)))


async def test_media_keeps_to_its_ports() -> None:
    """Two sessions in a range for two, and a third finds none."""
    with serving(FakeEditor(), max_sessions=3, udp_ports=PortRange(47310, 47311)) as server:
        clients = [new_client(server) for _ in range(3)]
        try:
            for client in clients[:2]:
                assert (await client.start("make it night")).status_code == 201
            ports = set()
            for client in clients[:2]:
                await client.flows()
                ports |= {int(x) for x in re.findall(r"127\.0\.0\.1 (\d+) typ host", client.answer)}
            assert ports == {47310, 47311}
            refused = await clients[2].start()
            assert code(refused) == (503, "no_free_port")
            await clients[0].delete()
            await until(lambda: len(server.app.state.sessions._by_id) == 1, 5, "a free port")
            again = new_client(server)
            assert (await again.start()).status_code == 201
            await again.close()
        finally:
            await asyncio.gather(*(client.close() for client in clients))


@pytest.mark.parametrize("text", ["", "5000", "80-90", "60000-50000", "50000-70000", "a-b"])
def test_what_is_no_range_of_ports(text: str) -> None:
    with pytest.raises(EgostreamError, match="port"):
        PortRange.parse(text)


def test_fragments() -> None:
    found = parse_fragment(
        "a=ice-ufrag:ab\r\nm=audio 9 X 0\r\na=mid:1\r\n"
        "a=candidate:1 1 udp 2130706431 10.0.0.1 5000 typ host\r\na=end-of-candidates\r\n"
    )
    assert found.ufrag == "ab" and [c.sdpMid for c in found.candidates] == ["1"]
    assert found.candidates[0].ip == "10.0.0.1"
    with pytest.raises(BadFragment):
        parse_fragment("nonsense")
