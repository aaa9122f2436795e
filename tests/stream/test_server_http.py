"""Signalling, health and the page, over real HTTP."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from live import LiveServer, connected, new_client, serving

from egostream.identity import IdentityEditor
from egostream.protocol import MAX_SDP_BYTES
from tests.fakes import FakeEditor

SDP = {"content-type": "application/sdp"}


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with serving(IdentityEditor()) as server:
        yield server


@pytest.fixture(scope="module")
def http(server: LiveServer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url) as client:
        yield client


def check_problem(response: httpx.Response, status: int, code: str) -> None:
    assert response.status_code == status, response.text
    assert response.json()["code"] == code
    assert response.json()["message"]


def test_health_info_and_schema(http: httpx.Client) -> None:
    assert http.get("/healthz").json() == {"status": "alive"}
    assert http.get("/readyz").json() == {"status": "ready"}
    info = http.get("/v1/info").json()
    assert info["preset"] == "identity" and info["ready"] is True
    assert (info["frame_width"], info["frame_height"], info["chunk_frames"]) == (256, 192, 1)
    assert (info["slots"], info["slots_free"]) == (2, 2)
    assert {"client", "server"} <= http.get("/v1/schema").json().keys()


def test_it_listens_at_once_and_is_ready_after_warm_up() -> None:
    gate = threading.Event()
    with serving(FakeEditor(gate=gate), wait=False) as server:
        assert httpx.get(f"{server.url}/healthz").status_code == 200
        response = httpx.get(f"{server.url}/readyz")
        check_problem(response, 503, "not_ready")
        assert httpx.get(f"{server.url}/v1/info").json()["ready"] is False
        response = httpx.post(f"{server.url}/v1/session", content="v=0", headers=SDP)
        check_problem(response, 503, "not_ready")
        assert int(response.headers["retry-after"]) > 0
        gate.set()
        server.wait_ready()


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"\xff\xfe\0", b"v=0\r\nm=video 9 X 1\r\n", b"v=0\r\nm=video\r\n" * 50]
)
def test_a_bad_offer_is_named(http: httpx.Client, body: bytes) -> None:
    check_problem(http.post("/v1/session", content=body, headers=SDP), 422, "bad_offer")


async def test_offers_that_parse_but_cannot_be_answered(server: LiveServer) -> None:
    client = new_client(server)
    try:
        client.pc.addTransceiver("video", direction="sendrecv")
        await client.pc.setLocalDescription(await client.pc.createOffer())
        good = client.pc.localDescription.sdp
        for old, new in [
            ("a=sendrecv", "a=inactive"),
            ("VP8/90000", "XP8/90000"),
            ("a=rtcp-mux", "a=x"),
            ("a=setup:actpass", "a=setup:nonsense"),
            ("UDP/TLS/RTP/SAVPF", "RTP/AVP 0 m=video"),
        ]:
            bad = good.replace(old, new)
            if old.startswith("VP8"):
                bad = bad.replace("H264/90000", "X264/90000")
            check_problem(await client.post(bad), 422, "bad_offer")
    finally:
        await client.close()
    async with httpx.AsyncClient() as http:
        info = await http.get(f"{server.url}/v1/info")
    assert info.json()["slots_free"] == 2, "a refused offer holds no place"


def test_a_bad_instruction_is_refused_before_the_offer_is_read(http: httpx.Client) -> None:
    response = http.post("/v1/session", params={"instruction": "x" * 501}, content="", headers=SDP)
    check_problem(response, 422, "bad_instruction")


@pytest.mark.parametrize("headers", [{}, {"content-type": "application/json"}])
def test_only_sdp_is_taken(http: httpx.Client, headers: dict[str, str]) -> None:
    response = http.post("/v1/session", content="v=0", headers=headers)
    check_problem(response, 415, "unsupported_media_type")


def test_a_large_body_is_refused(http: httpx.Client) -> None:
    body = b"v=0\r\n" + b"a=x\r\n" * (MAX_SDP_BYTES // 5)
    check_problem(http.post("/v1/session", content=body, headers=SDP), 413, "too_large")


def test_a_large_body_without_a_length_is_not_read_to_its_end(server: LiveServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        raw.sendall(
            b"POST /v1/session HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/sdp\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        raw.settimeout(5)
        for _ in range(MAX_SDP_BYTES // 4096 + 2):
            raw.sendall(b"1000\r\n" + b"a" * 4096 + b"\r\n")
        assert b" 413 " in raw.recv(4096).split(b"\r\n")[0]


def test_a_body_that_breaks_the_rules_is_no_error_of_ours(
    server: LiveServer, caplog: pytest.LogCaptureFixture
) -> None:
    """uvicorn refuses it while the request is being answered."""
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        raw.settimeout(5)
        raw.sendall(
            b"POST /v1/session HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\nno size\r\n"
        )
        answer = b""
        while part := raw.recv(4096):
            answer += part
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


def test_no_such_thing(http: httpx.Client) -> None:
    check_problem(http.delete("/v1/session/nobody"), 404, "unknown_session")
    check_problem(http.get("/v1/nothing"), 404, "not_found")
    response = http.get("/v1/session")
    check_problem(response, 405, "method_not_allowed")
    assert "POST" in response.headers["allow"]
    check_problem(http.get("/static/../../pyproject.toml"), 404, "not_found")
    check_problem(http.get("/static/%2e%2e/__init__.py"), 404, "not_found")


def test_the_page_and_what_it_may_load(http: httpx.Client) -> None:
    page = http.get("/")
    assert page.status_code == 200 and "<html" in page.text.lower()
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert "media-src 'self' blob:" in policy
    assert f"ws://127.0.0.1:{http.base_url.port}" in policy
    assert page.headers["cache-control"] == "no-cache"
    web = Path("client/web")
    for path in sorted(web.rglob("*"))[:60]:
        if path.is_file():
            response = http.get(f"/static/{path.relative_to(web)}")
            assert response.content == path.read_bytes()
            assert response.headers["cache-control"] == "no-cache"


def test_the_sample_can_be_sought(http: httpx.Client) -> None:
    if not Path("client/web/sample.mp4").exists():
        pytest.skip("no sample clip")
    response = http.get("/static/sample.mp4", headers={"range": "bytes=10-19"})
    assert response.status_code == 206 and len(response.content) == 10
    assert response.headers["content-type"] == "video/mp4"


async def test_sessions_open_and_end(server: LiveServer) -> None:
    async with connected(server, control=False) as one, connected(server, control=False) as two:
        assert one.location != two.location and len(one.location) > 40
        assert "a=sendrecv" in one.answer and "x-google-start-bitrate" in one.answer
        await asyncio.gather(one.flows(), two.flows())
        three = new_client(server)
        response = await three.start()
        await three.close()
        check_problem(response, 503, "busy")
        assert int(response.headers["retry-after"]) > 0
        assert (await two.delete()).status_code == 204
        assert (await two.delete()).status_code == 404
        await asyncio.wait_for(two.ended.wait(), 3)
        await one.flows()
        async with connected(server, control=False) as four:
            await four.flows()


async def test_many_at_once_never_overfill(server: LiveServer) -> None:
    clients = [new_client(server) for _ in range(6)]
    try:
        codes = [r.status_code for r in await asyncio.gather(*(c.start() for c in clients))]
        assert sorted(codes) == [201, 201, 503, 503, 503, 503]
    finally:
        await asyncio.gather(*(c.close() for c in clients))
