"""The Python client against the real server in its own process; its editor changes nothing.

Run: pytest tests/stream/test_client.py
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import av
import pytest
from aiortc.mediastreams import MediaStreamError

from bench.server_process import ServerProcess
from client.__main__ import main
from client.camera import CameraTrack
from client.errors import NotAServer, ServerUnreachable, SessionEnded
from client.peer import EditClient, EditedFrame
from client.sources import FileSource, PatternSource, PreparedSource
from egostream.errors import BadInstruction, BadVideo, Busy

CUP = Path(__file__).parents[1] / "data" / "cup.mp4"
SMALL = (160, 120)


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with ServerProcess("identity", ["--max-sessions", "1", "--queue", "0"]) as running:
        yield running


def pattern(fps: float = 24.0) -> PreparedSource:
    return PreparedSource.of(PatternSource(SMALL, fps), 24)


async def take(client: EditClient, num_frames: int) -> list[EditedFrame]:
    frames: list[EditedFrame] = []
    async with asyncio.timeout(20):
        async for frame in client.frames():
            frames.append(frame)
            if len(frames) == num_frames:
                break
    return frames


async def test_every_frame_is_told_by_its_timestamp(server: ServerProcess) -> None:
    async with EditClient(server.url, pattern(), instruction="make it night") as client:
        frames = await take(client, 30)
        sent_ns = [client.camera.capture_ns(frame.pts_90k) for frame in frames]
    assert client.welcome is not None and client.welcome.preset == "identity"
    assert client.num_unmatched == 0
    assert [frame.capture_ns for frame in frames] == sent_ns
    pts = [frame.pts_90k for frame in frames]
    assert pts == sorted(set(pts))
    assert all(at % 3750 == 0 for at in pts), "24 fps is 3750 ticks of 90 kHz"
    ages_ms = [frame.age_ms for frame in frames]
    assert all(age is not None and 0 < age < 2000 for age in ages_ms)
    assert (frames[0].picture.width, frames[0].picture.height) == SMALL
    assert client.first_frame_ms is not None and client.first_frame_ms > 0


async def test_an_instruction_is_accepted_then_seen(server: ServerProcess) -> None:
    async with EditClient(server.url, pattern(), instruction="make it night") as client:
        await take(client, 3)
        seq = await client.instruct("  let it   snow ")
        assert (await client.wait_accepted(seq)).seq == seq
        applied = await client.wait_applied(seq)
        assert applied.text == "let it snow"
        assert client.camera.capture_ns(applied.pts_90k) is not None
        later = await client.instruct("make it day")
        assert later > seq
        assert (await client.wait_applied(later)).pts_90k > applied.pts_90k
        for text in ("", " ", "x" * 501):
            with pytest.raises(BadInstruction):
                await client.instruct(text)


async def test_a_full_server_says_so_and_a_closed_session_frees_its_slot(
    server: ServerProcess,
) -> None:
    async with EditClient(server.url, pattern(), instruction="x") as client:
        await take(client, 1)
        with pytest.raises(Busy, match="taken"):
            await EditClient(server.url, pattern(), instruction="x").connect()
        await take(client, 1)
    async with EditClient(server.url, pattern(), instruction="x") as client:
        await take(client, 1)


async def test_the_server_goes_away() -> None:
    with ServerProcess("identity") as server:
        client = EditClient(server.url, pattern(), instruction="x")
        async with client:
            await take(client, 3)
            await asyncio.to_thread(server.stop)
            reason = await asyncio.wait_for(client.control.wait_ended(), 10)
            assert "shutting down" in reason
            with pytest.raises(SessionEnded):
                await client.instruct("too late")


@pytest.mark.parametrize("url", ["ftp://host", "http://", "http://host:99999", "file:///x", ""])
def test_no_server_address(url: str) -> None:
    with pytest.raises(NotAServer, match="looks like"):
        EditClient(url, pattern())


async def test_nobody_there() -> None:
    with pytest.raises(ServerUnreachable, match="egostream serve"):
        await EditClient("127.0.0.1:9", pattern()).connect()


async def test_somebody_else_there() -> None:
    class Stranger(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>hello</html>")

        def log_message(self, format: str, *args: object) -> None:
            pass

    stranger = HTTPServer(("127.0.0.1", 0), Stranger)
    thread = threading.Thread(target=stranger.serve_forever)
    thread.start()
    try:
        with pytest.raises(NotAServer):
            await EditClient(f"http://127.0.0.1:{stranger.server_port}", pattern()).connect()
    finally:
        stranger.shutdown()
        thread.join()
        stranger.server_close()


async def test_the_camera_keeps_its_own_time() -> None:
    camera = EditClient("localhost", pattern(fps=50.0)).camera
    first = await camera.recv()
    start = time.monotonic()
    second = await camera.recv()
    assert (first.pts, second.pts) == (0, 1800)
    assert time.monotonic() - start > 0.01
    await asyncio.sleep(0.13)  # a sender that was busy
    late = await camera.recv()
    assert late.pts is not None and late.pts >= 9 * 1800 // 2 and late.pts % 1800 == 0
    assert camera.num_skipped == late.pts // 1800 - 2
    camera.stop()


def test_bad_sources(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    for path in (tmp_path / "none.mp4", tmp_path / "text.mp4"):
        with pytest.raises(BadVideo):
            FileSource(path)
    with pytest.raises(BadVideo, match="fps"):
        PatternSource(fps=0)


def test_command_saves_what_comes_back(
    server: ServerProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "live.mp4"
    arguments = [server.url, "--file", str(CUP), "--size", "160x120", "--instruct", "make it night"]
    assert main([*arguments, "--seconds", "1.5", "--out", str(out), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["frames_unmatched"] == 0
    assert summary["frames_received"] > 20
    with av.open(str(out)) as container:
        frames = list(container.decode(video=0))
    assert len(frames) == summary["frames_received"]
    assert (frames[0].width, frames[0].height) == SMALL


def test_command_errors_are_one_line(
    server: ServerProcess, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [
        (["127.0.0.1:9"], "no server answers"),
        ([server.url, "--file", str(tmp_path / "none.mp4")], "no such file"),
        ([server.url, "--out", str(tmp_path / "out.txt")], "cannot tell the format"),
        ([server.url, "--instruct", "x" * 501], "501 characters"),
    ]
    for arguments, words in cases:
        assert main([*arguments, "--pattern"] if "--file" not in arguments else arguments) == 2
        shown = capsys.readouterr()
        assert words in shown.err and shown.err.count("\n") == 1


def test_the_client_loads_no_model() -> None:
    code = "import sys, client.peer, client.recorder; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


async def test_a_source_is_not_closed_under_the_thread_that_reads_it() -> None:
    """Python 3.11 crashed there, now and then: the reading thread closes it instead."""
    reading, go_on, closed = threading.Event(), threading.Event(), threading.Event()

    class Slow:
        fps = 24.0

        def frames(self) -> Iterator[av.VideoFrame]:
            try:
                for picture in pattern().frames():
                    reading.set()
                    go_on.wait(5)
                    yield picture
            finally:
                closed.set()

    track = CameraTrack(Slow())
    asked = asyncio.create_task(track.recv())
    await asyncio.to_thread(reading.wait, 5)
    track.stop()
    assert not closed.is_set()
    go_on.set()
    with pytest.raises(MediaStreamError):
        await asked
    assert closed.is_set()
