"""Who is edited, who waits, who comes back, and how all of it ends."""

from __future__ import annotations

import asyncio
import signal

import httpx
import pytest
from live import connected, new_client, serving, until

from bench.server_process import ServerProcess
from client.peer import EditClient
from client.sources import PatternSource
from egostream.identity import IdentityEditor
from egostream.protocol import Bye, Ending, Message
from egostream.server.line import Line
from tests.fakes import FakeEditor


async def test_two_run_two_wait_two_are_refused_and_the_next_in_line_follows() -> None:
    with serving(IdentityEditor(), max_sessions=2, queue=2) as server:
        clients = [new_client(server) for _ in range(6)]
        try:
            codes = [(await c.start("make it night")).status_code for c in clients]
            assert codes == [201] * 4 + [503] * 2
            running, (third, fourth) = clients[:2], clients[2:4]
            for client in clients[:4]:
                await client.open_control()
            for client in running:
                await client.flows()
            assert (await third.message("queue"))["position"] == 1
            assert await fourth.message("queue", position=2, size=2)
            assert not third.pictures and not fourth.pictures
            await fourth.say({"type": "instruct", "seq": 5, "text": "let it snow"})
            assert await fourth.message("superseded", seq=-1)
            refused = await clients[4].post("v=0")
            assert refused.json()["code"] == "busy" and int(refused.headers["retry-after"]) > 0
            assert "2 wait" in refused.json()["message"]

            assert (await running[0].delete()).status_code == 204
            await third.message("queue", position=0)
            await fourth.message("queue", position=1, size=1)
            await third.flows()
            assert (await third.message("applied"))["text"] == "make it night"
            await third.delete()
            await fourth.flows()
            assert (await fourth.message("applied"))["text"] == "let it snow"
            await running[1].flows()
        finally:
            await asyncio.gather(*(c.close() for c in clients))


async def test_one_who_leaves_the_queue_lets_the_others_move_up() -> None:
    with serving(IdentityEditor(), max_sessions=1, queue=2) as server:
        async with connected(server), connected(server) as second, connected(server) as third:
            await third.message("queue", position=2)
            await second.delete()
            await third.message("queue", position=1, size=1)
            async with httpx.AsyncClient() as http:
                info = (await http.get(f"{server.url}/v1/info")).json()
            assert (info["slots_free"], info["waiting"], info["queue"]) == (0, 1, 2)


async def test_a_session_goes_on_over_another_connection() -> None:
    """As after a change of network: its place, its instruction, its stream and its control socket are the same."""
    editor = FakeEditor()
    with serving(editor, max_sessions=1) as server:
        first, second = new_client(server), new_client(server)
        try:
            assert (await first.start("make it night")).status_code == 201
            await first.open_control()
            await first.flows(8)
            await first.vanish()
            await asyncio.sleep(0.3)
            response = await second.start(resume=first.location)
            assert response.status_code == 200
            await second.flows(8)
            assert (second.pictures[-1].rgb > 128).mean() > 0.5, "inverted, as before"
            assert len(editor.streams) == 1 and editor.streams[0].num_resets >= 1
            assert not any(m["type"] == "bye" for m in first.messages)
            assert (await first.message("stats"))["frames_in"] >= 8, "the socket outlives it"
            missing = await second.post("v=0", resume="/v1/session/nobody")
            assert missing.status_code == 404
            bad = await second.post("v=0", resume=first.location)
            assert bad.status_code == 422
            await second.flows()
        finally:
            await asyncio.gather(first.close(), second.close())


async def test_a_session_that_ends_takes_no_other_connection(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Asked together: the second would stay open for nobody."""
    with serving(IdentityEditor(), max_sessions=1) as server:
        first, second = new_client(server), new_client(server)
        close = Line.close

        async def slowly(line: Line) -> None:
            await asyncio.sleep(1)
            await close(line)

        try:
            assert (await first.start("x")).status_code == 201
            await first.flows(8)
            monkeypatch.setattr(Line, "close", slowly)
            ending = asyncio.create_task(first.delete())
            await asyncio.sleep(0.2)
            assert (await second.start(resume=first.location)).status_code == 404
            await ending
        finally:
            await asyncio.gather(first.close(), second.close())


async def test_who_leaves_the_queue_is_not_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    editor = FakeEditor()
    with serving(editor, max_sessions=1, queue=1) as server:
        close, lines = Line.close, list[Line]()

        async def slowly(line: Line) -> None:
            lines.append(line)
            if line is lines[0]:  # of the one who waits: the place is free before it is gone
                await asyncio.sleep(1)
            await close(line)

        async with connected(server) as first:
            second = new_client(server)
            assert (await second.start("x")).status_code == 201
            monkeypatch.setattr(Line, "close", slowly)
            leaving = asyncio.create_task(second.delete())
            await asyncio.sleep(0.2)
            await first.delete()
            await leaving
            await second.close()
        await until(lambda: not server.app.state.scheduler._lanes, 5, "lanes are left")


async def test_who_does_not_come_back_loses_the_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """ICE notices after half a minute that nobody is there; here it is told at once."""
    monkeypatch.setattr("egostream.server.session.GRACE_S", 1.5)
    with serving(IdentityEditor(), max_sessions=1) as server:
        async with connected(server) as client:
            await client.flows()
            (session,) = server.app.state.sessions._by_id.values()
            server.call(session._media_ended, session._line, "the connection failed", True)
            assert len(server.app.state.sessions._by_id) == 1
            assert "did not come back" in (await client.message("bye"))["reason"]


async def test_a_sessions_time_is_limited_and_it_is_told_before() -> None:
    with serving(IdentityEditor(), max_session_s=2.0) as server:
        async with connected(server) as client:
            ending = await client.message("ending")
            assert 0 < ending["in_s"] <= 2
            assert "time of this session" in (await client.message("bye"))["reason"]


async def heard_until(client: EditClient, heard: list[Message], kind: type[Message]) -> Message:
    await until(lambda: any(isinstance(m, kind) for m in heard), 10, kind.__name__)
    return next(m for m in heard if isinstance(m, kind))


async def test_sigterm_lets_sessions_finish_and_takes_no_new_ones() -> None:
    """Three of them: all are told; two leave by themselves, and the last is ended at the time limit."""
    heard: list[list[Message]] = [[], [], []]
    arguments = ["--max-sessions", "3", "--drain-timeout", "4"]
    with ServerProcess("identity", arguments) as server:
        clients = [
            EditClient(
                server.url, PatternSource((128, 96), 15.0), instruction="x",
                on_message=lambda message, _, box=box: box.append(message),
            )
            for box in heard
        ]  # fmt: skip
        for client in clients:
            await client.connect()
        assert server.process.poll() is None
        server.process.send_signal(signal.SIGTERM)
        for client, box in zip(clients, heard, strict=True):
            ending = await heard_until(client, box, Ending)
            assert isinstance(ending, Ending) and ending.in_s == 4
        assert not server.is_ready()
        before = [client.num_received for client in clients]
        for client, number in zip(clients, before, strict=True):
            await until(lambda c=client, n=number: c.num_received > n + 5, 10, "pictures")
        await clients[0].close()
        await clients[1].close()
        bye = await heard_until(clients[2], heard[2], Bye)
        assert isinstance(bye, Bye) and "shutting down" in bye.reason
        await clients[2].close()
        assert await asyncio.to_thread(server.process.wait, 15) == 0


async def test_a_second_signal_ends_it_now() -> None:
    with ServerProcess("identity", ["--drain-timeout", "60"]) as server:
        client = EditClient(server.url, PatternSource((128, 96), 15.0), instruction="x")
        await client.connect()
        server.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.5)
        assert server.process.poll() is None
        server.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(server.process.wait, 15) == 0
        await client.close()
