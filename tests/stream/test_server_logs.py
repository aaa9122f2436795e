"""What a server's logs hold of a session: that it was there, and nothing of what was said in it."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from live import connected, new_client, serving
from test_server_process import free_port

from client.peer import EditClient
from client.sources import PatternSource
from egostream.contract import Instruction
from egostream.server import logs
from tests.fakes import FakeEditor

SAID = "make it look like xyzzyplugh"
OTHER = "paint it frobozz"


class Gossip(FakeEditor):
    """Its errors quote what was typed, as those of libraries may."""

    def encode_instruction(self, text: str) -> Instruction:
        if text == OTHER:
            raise ValueError(f"cannot understand {text!r}")
        return super().encode_instruction(text)


@pytest.fixture
def process() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A whole server, with its worker, that logs as JSON."""
    port = free_port()
    command = [sys.executable, "-m", "egostream", "serve", "--preset", "identity"]
    command += ["--port", str(port), "--log-format", "json", "--metrics-port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 30
        while not _is_ready(url):
            assert time.monotonic() < deadline and process.poll() is None
            time.sleep(0.05)
        yield process, url
    finally:
        process.kill()
        process.wait()
        assert process.stderr is not None and process.stdout is not None
        process.stderr.close()
        process.stdout.close()


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == 200
    except httpx.TransportError:
        return False


async def test_lines_of_a_whole_server_parse_and_name_the_session(
    process: tuple[subprocess.Popen[str], str],
) -> None:
    server, url = process
    async with EditClient(url, PatternSource((128, 96), 30.0), instruction=SAID) as client:
        deadline = time.monotonic() + 10
        while client.num_received < 5:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
    server.send_signal(signal.SIGTERM)
    printed, text = await asyncio.to_thread(server.communicate, timeout=15)
    assert printed == "", "an address with a token is for a terminal, not for a collector"
    lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    assert server.returncode == 0
    for line in lines:
        assert line.keys() >= {"time", "level", "session", "logger", "message"}
        assert line["time"].endswith("Z") and line["level"] in ("info", "warning")
    sessions = {line["session"] for line in lines if line["message"].startswith("session ")}
    assert len(sessions) == 1
    (session,) = sessions
    assert len(session) == logs.SESSION_CHARS
    assert SAID not in text and "xyzzyplugh" not in text


@pytest.mark.parametrize("format", ["text", "json"])
async def test_nothing_said_or_secret_is_in_them(
    format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("info", format)
    with serving(Gossip()) as server:
        async with connected(server, instruction=SAID) as client:
            await client.message("applied", seq=-1)
            await client.say({"type": "instruct", "seq": 1, "text": OTHER})
            await client.message("error", seq=1)
            await client.say('{"type": "instruct", "seq": "xyzzyplugh", "text": 5}')
            await client.message("error")
            session = client.location.rpartition("/")[2]
            await client.flows()
            offer = client.pc.localDescription.sdp
        async with connected(server, instruction="explode xyzzyplugh") as client:
            await client.message("error")
        bad = new_client(server)
        assert (await bad.post("v=0\r\na=xyzzyplugh\r\n", SAID)).status_code == 422
        await bad.close()
    text = capsys.readouterr().err
    assert "session opened" in text and "an instruction could not be encoded: ValueError" in text
    assert "a stream failed" in text
    assert session[: logs.SESSION_CHARS] in text
    password = offer.partition("a=ice-pwd:")[2].split()[0]
    for secret in (SAID, OTHER, "xyzzyplugh", "frobozz", session, password):
        assert secret not in text, secret
