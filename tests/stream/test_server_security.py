"""The gate in front of a real server: hosts, pages, tokens, TLS."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

import httpx
import pytest
import websockets
from live import connected, new_client, serving

from client.errors import ServerError, ServerUnreachable
from client.peer import EditClient
from client.sources import PatternSource
from egostream.identity import IdentityEditor
from egostream.server.limits import Rate
from egostream.server.tokens import issue

SDP = {"content-type": "application/sdp"}
SECRET = b"a secret of thirty-two bytes, or so"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_bytes(SECRET)
    return path


def code(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


async def test_other_hosts_and_other_pages_are_refused() -> None:
    with serving(IdentityEditor(), allow_origins=("https://my.page",)) as server:
        with httpx.Client(base_url=server.url) as http:
            for host in ("evil.example", "evil.example:8080", "", "localhost.evil.example"):
                assert code(http.get("/v1/info", headers={"host": host})) == (421, "wrong_host")
            for host in ("localhost", f"127.0.0.1:{server.port}", "[::1]:80", "LOCALHOST:1"):
                assert http.get("/v1/info", headers={"host": host}).status_code == 200
            elsewhere = SDP | {"origin": "https://evil.example"}
            refused = http.post("/v1/session", content="v=0", headers=elsewhere)
            assert code(refused) == (403, "wrong_origin")
            for broken in ("http://[", "http://[evil]", "]", "http://[::1"):
                refused = http.post("/v1/session", content="v=0", headers=SDP | {"origin": broken})
                assert code(refused) == (403, "wrong_origin"), "no address, and no error of ours"
            for origin in (server.url, "https://my.page"):
                answer = http.post("/v1/session", content="v=0", headers=SDP | {"origin": origin})
                assert code(answer) == (422, "bad_offer")
        async with connected(server) as client:
            url = f"ws://127.0.0.1:{server.port}{client.location}/control"
            with pytest.raises(websockets.InvalidStatus):
                await websockets.connect(url, origin=websockets.Origin("https://evil.example"))
            async with websockets.connect(url, origin=websockets.Origin(server.url)):
                pass


async def test_a_session_takes_a_token(secret: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "egostream")
    with serving(IdentityEditor(), token_secret=secret) as server:
        client = new_client(server)
        good = issue(SECRET, "edit", 60, session_s=2, once=True)
        async with httpx.AsyncClient(base_url=server.url) as http:

            async def opened(authorization: str | None) -> httpx.Response:
                headers = SDP | ({"authorization": authorization} if authorization else {})
                return await http.post("/v1/session", content=offer, headers=headers)

            client.pc.addTransceiver(client.camera, direction="sendrecv")
            await client.pc.setLocalDescription(await client.pc.createOffer())
            offer = client.pc.localDescription.sdp
            for wrong in (None, "Bearer", "Bearer x.y", f"Basic {good}"):
                response = await opened(wrong)
                assert code(response) == (401, "unauthorized")
                assert response.headers["www-authenticate"].startswith("Bearer")
            late, other = issue(SECRET, "edit", -1), issue(SECRET, "view", 60)
            assert code(await opened(f"Bearer {late}")) == (401, "unauthorized")
            assert code(await opened(f"Bearer {other}")) == (403, "forbidden")
            answer = await opened(f"bearer {good}")
            assert answer.status_code == 201
            assert code(await opened(f"Bearer {good}")) == (401, "unauthorized"), "used up"
            asked = await http.options("/v1/session", headers={"authorization": f"Bearer {good}"})
            assert asked.status_code == 401, "not even for ICE servers"
            client.location = answer.headers["location"]
            await client.open_control()
            assert (await client.message("ending"))["in_s"] <= 2
            # The session's address is a secret itself.
            assert (await http.delete(client.location)).status_code in (204, 404)
        await client.close()
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert good not in said and SECRET.decode() not in said


async def test_who_asks_too_often_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("egostream.server.gate.OPENING", Rate(2, 0.5))
    monkeypatch.setattr("egostream.server.gate._is_loopback", lambda client: False)
    with serving(IdentityEditor()) as server, httpx.Client(base_url=server.url) as http:
        answers = [http.post("/v1/session", content="v=0", headers=SDP) for _ in range(3)]
        assert [a.status_code for a in answers] == [422, 422, 429]
        assert code(answers[2]) == (429, "too_many_requests")
        assert int(answers[2].headers["retry-after"]) >= 1
        assert http.get("/v1/info").status_code == 200, "reading is free"


async def test_https_with_a_certificate_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page, control socket and the Python client; the certificate comes from /cert, its key from nowhere."""
    monkeypatch.setenv("EGOSTREAM_CONFIG", str(tmp_path))
    with serving(IdentityEditor(), self_signed=True) as server:
        assert server.url.startswith("https://")
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{server.url}/readyz")
        trusting = ssl.create_default_context(cafile=tmp_path / "tls" / "cert.pem")
        page = httpx.get(f"{server.url}/", verify=trusting)
        assert f"wss://127.0.0.1:{server.port}" in page.headers["content-security-policy"]
        cert = httpx.get(f"{server.url}/cert", verify=trusting)
        assert cert.headers["content-type"].startswith("application/x-x509-ca-cert")
        assert b"BEGIN CERTIFICATE" in cert.content and b"PRIVATE" not in cert.content
        trusted = tmp_path / "trusted.crt"
        trusted.write_bytes(cert.content)
        source = PatternSource((128, 96), 30.0)
        with pytest.raises(ServerUnreachable, match="certificate"):
            await EditClient(server.url, source).connect()
        async with EditClient(server.url, source, instruction="x", ca_file=trusted) as client:
            async for _ in client.frames():
                if client.num_received > 5:
                    break


async def test_the_python_client_brings_a_token(secret: Path) -> None:
    with serving(IdentityEditor(), token_secret=secret) as server:
        source = PatternSource((128, 96), 30.0)
        with pytest.raises(ServerError, match="wants a token"):
            await EditClient(server.url, source).connect()
        token = issue(SECRET, "edit", 60)
        async with EditClient(server.url, source, instruction="x", token=token) as client:
            assert client.welcome is not None


async def test_ice_servers_are_told_to_who_may_open_a_session(tmp_path: Path, secret: Path) -> None:
    """Before its offer, by OPTIONS, which does not use a token up."""
    turn = {"turn": ("turn:relay.example:3478",), "turn_secret": tmp_path / "turn"}
    (tmp_path / "turn").write_text("the secret that coturn has too\n")
    good = {"authorization": f"Bearer {issue(SECRET, 'edit', 60, once=True)}"}
    with serving(IdentityEditor(), token_secret=secret, **turn) as server:
        with httpx.Client(base_url=server.url) as http:
            assert http.get("/v1/info").json()["relays"] is True
            asked = http.options("/v1/session")
            assert asked.status_code == 204 and "link" not in asked.headers
            for _ in range(2):
                told = http.options("/v1/session", headers=good)
                assert 'rel="ice-server"; username=' in told.headers["link"]
            for _ in range(2):  # what opens no session uses no token up
                opened = http.post("/v1/session", content="v=0", headers=SDP | good)
                assert code(opened) == (422, "bad_offer"), "let in"
            wrong = {"authorization": "Bearer x.y"}
            assert code(http.options("/v1/session", headers=wrong)) == (401, "unauthorized")
    with serving(IdentityEditor(), **turn) as server:
        with httpx.Client(base_url=server.url) as http:
            assert "ice-server" in http.options("/v1/session").headers["link"]
            assert "link" not in http.options("/v1/session/x").headers
