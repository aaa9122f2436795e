"""The control socket of a live session."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
import websockets
from live import Client, LiveServer, connected, serving, until

from tests.fakes import FakeEditor


@pytest.fixture(scope="module")
def server() -> Iterator[LiveServer]:
    with serving(FakeEditor()) as server:
        yield server


def of_type(client: Client, kind: str) -> list[dict[str, object]]:
    return [m for m in client.messages if m["type"] == kind]


async def test_hello_ping_stats(server: LiveServer) -> None:
    async with connected(server) as client:
        welcome = await client.message("welcome")
        assert client.location.endswith(str(welcome["session"]))
        assert (welcome["preset"], welcome["chunk_frames"]) == ("fake", 4)
        assert (welcome["frame_width"], welcome["frame_height"]) == (64, 48)
        await client.say({"type": "ping", "t_ms": 12.5})
        assert (await client.message("pong"))["t_ms"] == 12.5
        assert (await client.message("applied"))["seq"] == -1, "the instruction of the URL"
        stats = await client.message("stats")
        stages = {"decode", "wait", "encode", "denoise", "latent_decode", "send"}
        assert stages <= stats["stage_ms"].keys()
        await until(lambda: len(of_type(client, "stats")) >= 2, 3, "a second one")
        latest = of_type(client, "stats")[-1]
        assert 15 < latest["fps_in"] < 35 and latest["fps_out"] > 10  # type: ignore[operator]
        assert latest["frames_in"] >= latest["frames_out"] > 10  # type: ignore[operator]


async def test_an_instruction_is_accepted_then_applied(server: LiveServer) -> None:
    async with connected(server) as client:
        await client.message("applied", seq=-1)
        await client.say({"type": "instruct", "seq": 5, "text": "  make  it snow "})
        accepted = await client.message("accepted", seq=5)
        applied = await client.message("applied", seq=5)
        assert applied["text"] == "make it snow"
        assert applied["chunk"] >= accepted["applies_from_chunk"]
        assert applied["pts_90k"] in client.camera.sent_ns


async def test_of_several_instructions_the_last_one_wins(server: LiveServer) -> None:
    async with connected(server) as client:
        await client.message("applied", seq=-1)
        for seq in range(1, 5):
            await client.say({"type": "instruct", "seq": seq, "text": f"a hard one, {seq}"})
        await client.message("applied", seq=4)
        assert [m["seq"] for m in of_type(client, "accepted")][-4:] == [1, 2, 3, 4]
        assert {m["seq"] for m in of_type(client, "superseded")} == {1, 2, 3}
        assert {m["seq"] for m in of_type(client, "applied")} == {-1, 4}


async def test_bad_messages_get_a_named_error_and_nothing_else_happens(server: LiveServer) -> None:
    async with connected(server) as client:
        for message, code, seq in [
            ("not json", "bad_message", None),
            ("[1, 2]", "bad_message", None),
            ('{"type": "ping"}', "bad_message", None),
            ('{"type": "instruct", "seq": 8, "text": "%s"}' % ("x" * 501), "bad_instruction", 8),
            ('{"type": "instruct", "seq": 9, "text": "   "}', "bad_instruction", 9),
        ]:
            client.messages.clear()
            await client.say(message)
            error = await client.message("error")
            assert (error["code"], error["seq"]) == (code, seq)
        client.messages.clear()
        await client.socket.send(b"\0\1")
        assert (await client.message("error"))["code"] == "bad_message"
        client.messages.clear()
        await client.say({"type": "set_image", "url": "x"})
        await client.say({"type": "ping", "t_ms": 1.0})
        await client.message("pong")
        assert not of_type(client, "error"), "unknown types are ignored"
        await client.flows()


async def test_an_oversize_message_closes_the_socket_not_the_session(server: LiveServer) -> None:
    async with connected(server) as client:
        await client.flows()
        await client.say("x" * 17_000)
        await asyncio.wait_for(client.closed.wait(), 3)
        assert client.socket.close_code == 1009
        await client.flows()
        await client.open_control()


async def test_a_new_socket_takes_over(server: LiveServer) -> None:
    async with connected(server) as client:
        first = client.socket
        await client.open_control()
        await asyncio.wait_for(first.wait_closed(), 3)
        assert first.close_code == 4409
        client.messages.clear()
        await client.message("stats")


async def test_a_socket_of_no_session(server: LiveServer) -> None:
    url = f"ws://127.0.0.1:{server.port}/v1/session/nobody/control"
    async with websockets.connect(url) as socket:
        assert '"unknown_session"' in await socket.recv()  # type: ignore[operator]
        with pytest.raises(websockets.ConnectionClosed):
            await socket.recv()
        assert socket.close_code == 4404


async def test_the_end_is_announced(server: LiveServer) -> None:
    async with connected(server) as client:
        await client.flows()
        await client.delete()
        await client.message("bye")
        await asyncio.wait_for(client.closed.wait(), 3)
        assert client.socket.close_code == 1000


async def test_shutdown_says_goodbye() -> None:
    with serving(FakeEditor()) as server:
        async with connected(server) as client:
            await client.flows()
            await asyncio.to_thread(server.stop)
            assert "shutting down" in str((await client.message("bye"))["reason"])
            await asyncio.wait_for(client.ended.wait(), 3)
