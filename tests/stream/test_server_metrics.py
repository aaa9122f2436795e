"""The metrics of a live server, as Prometheus would read them."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from live import LiveServer, connected, new_client, serving, until
from prometheus_client.parser import text_string_to_metric_families
from test_server_process import free_port
from test_server_whip import caller

from tests.fakes import FakeBatchEditor, FakeEditor

Values = dict[tuple[str, tuple[tuple[str, str], ...]], float]


class Scrape:
    """All samples of one reading, by name and labels."""

    def __init__(self, port: int) -> None:
        response = httpx.get(f"http://127.0.0.1:{port}/metrics")
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/plain")
        self.values: Values = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(response.text)
            for sample in family.samples
        }

    def __call__(self, name: str, **labels: str) -> float:
        return self.values.get((f"egostream_{name}", tuple(sorted(labels.items()))), 0.0)


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def server(port: int) -> Iterator[LiveServer]:
    with serving(FakeEditor(), metrics_port=port) as server:
        yield server


async def test_a_session_moves_the_figures(server: LiveServer, port: int) -> None:
    before = await asyncio.to_thread(Scrape, port)
    assert before("ready") == 1
    async with connected(server) as client:
        await client.message("applied", seq=-1)
        await client.say({"type": "instruct", "seq": 1, "text": "make it snow"})
        await client.message("applied", seq=1)
        await client.say({"type": "instruct", "seq": 2, "text": "  "})
        await client.message("error", seq=2)
        await client.flows(20)
        during = await asyncio.to_thread(Scrape, port)
    assert during("sessions", state="editing") == 1
    assert (during("slots", state="taken"), during("slots", state="free")) == (1, 1)
    assert during("admissions_total", result="admitted") == 1 + before(
        "admissions_total", result="admitted"
    )
    for stage in ("camera", "edit", "send"):
        assert during("frames_total", stage=stage, outcome="ok") >= 15, stage
    for stage in ("decode", "wait", "encode", "denoise", "latent_decode", "pace", "send"):
        assert during("stage_seconds_count", stage=stage) > 0, stage
    assert during("stage_seconds_sum", stage="encode") == pytest.approx(
        0.001 * during("stage_seconds_count", stage="encode")
    ), "seconds, not milliseconds"
    assert during("frame_age_seconds_count") >= 15
    assert 0 < during("frame_age_seconds_sum") < during("frame_age_seconds_count")
    assert during("first_frame_seconds_count") == 1
    assert during("instruct_apply_seconds_count") == 2
    assert during("chunk_seconds_count") > 3 and during("batch_rows_count") > 3
    assert during("errors_total", reason="bad_instruction") == 1
    assert during("event_loop_lag_seconds_count") > 0
    assert during("process_open_fds") > 0
    assert not any("session" in dict(labels) for _, labels in during.values), "no session's name"

    await until(lambda: not server.app.state.sessions._by_id, 5, "end of the session")
    after = await asyncio.to_thread(Scrape, port)
    assert after("sessions", state="editing") == 0 and after("slots", state="free") == 2


async def test_refusals_are_counted_by_their_reason(server: LiveServer, port: int) -> None:
    before = await asyncio.to_thread(Scrape, port)
    async with connected(server, control=False), connected(server, control=False):
        late = new_client(server)
        assert (await late.start()).status_code == 503
        await late.close()
    client = new_client(server)
    assert (await client.post("no offer at all")).status_code == 422
    await client.close()
    after = await asyncio.to_thread(Scrape, port)
    for code in ("busy", "bad_offer"):
        for name, label in (("admissions_total", "result"), ("errors_total", "reason")):
            assert after(name, **{label: code}) - before(name, **{label: code}) == 1, (name, code)


def test_they_are_not_on_the_public_port(server: LiveServer) -> None:
    for path in ("/metrics", "/v1/metrics", "/static/metrics"):
        assert httpx.get(f"{server.url}{path}").status_code == 404


def test_they_are_on_loopback_alone(server: LiveServer, port: int) -> None:
    """Whoever has another address of this machine has no figures."""
    with socket.socket() as other:
        # the loopback's other addresses are this machine's too, and stand for all of them
        assert other.connect_ex(("127.0.0.2", port)) != 0


async def test_who_waits_and_who_is_refused_at_the_gate() -> None:
    port = free_port()
    with serving(FakeEditor(), metrics_port=port, max_sessions=1, queue=1) as server:
        async with connected(server, control=False) as one:
            await one.flows()
            async with connected(server):
                scrape = await asyncio.to_thread(Scrape, port)
                assert scrape("queue_depth") == 1 and scrape("slots", state="free") == 0
                assert scrape("sessions", state="queued") == 1
                assert scrape("sessions", state="editing") == 1
                assert scrape("admissions_total", result="queued") == 1
                assert scrape("admissions_total", result="admitted") == 1
        assert httpx.get(f"{server.url}/readyz", headers={"host": "a.example"}).status_code == 421
        scrape = await asyncio.to_thread(Scrape, port)
        assert scrape("errors_total", reason="wrong_host") == 1


async def test_cameras_that_only_send_and_their_viewers(server: LiveServer, port: int) -> None:
    before = await asyncio.to_thread(Scrape, port)
    async with caller(server) as camera, caller(server) as viewer:
        assert (await camera.publish()).status_code == 201
        assert (await viewer.watch(camera.view)).status_code == 201
        await until(lambda: len(viewer.pictures) > 5, 10, "pictures for the viewer")
        during = await asyncio.to_thread(Scrape, port)
    assert during("viewers") == 1
    for name, labels in (
        ("admissions_total", {"result": "admitted"}),
        ("frames_total", {"stage": "camera", "outcome": "ok"}),
        ("frames_total", {"stage": "edit", "outcome": "ok"}),
    ):
        assert during(name, **labels) > before(name, **labels), labels


async def test_a_slow_model_drops_and_is_late() -> None:
    port = free_port()
    with serving(FakeEditor(delay_ms=300), metrics_port=port) as server:
        async with connected(server, control=False) as client:
            await client.flows(12, timeout_s=10)
            scrape = await asyncio.to_thread(Scrape, port)
    assert scrape("frames_total", stage="edit", outcome="dropped_full") > 0
    assert scrape("chunks_late_total") > 0
    assert scrape("worker_restarts_total") == 0


async def test_rows_of_a_batch_are_seen() -> None:
    port = free_port()
    with serving(FakeBatchEditor(2, delay_ms=200), metrics_port=port) as server:
        async with connected(server, control=False) as one, connected(server, control=False) as two:
            await asyncio.gather(one.flows(20, 10), two.flows(20, 10))
            scrape = await asyncio.to_thread(Scrape, port)
    assert scrape("batch_rows_sum") > scrape("batch_rows_count") > 0


def test_before_the_model_is_warm_it_is_not_ready() -> None:
    port, gate = free_port(), threading.Event()
    with serving(FakeEditor(gate=gate), wait=False, metrics_port=port) as server:
        assert Scrape(port)("ready") == 0
        gate.set()
        server.wait_ready()
        assert Scrape(port)("ready") == 1


def test_a_taken_port_is_told_and_done_without(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with caplog.at_level(logging.WARNING, "egostream"):
            with serving(FakeEditor(), metrics_port=port) as server:
                assert httpx.get(f"{server.url}/readyz").status_code == 200
    (record,) = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert str(port) in record.getMessage() and "--metrics-port" in record.getMessage()


def test_the_port_is_given_back() -> None:
    port = free_port()
    for _ in range(2):
        with serving(FakeEditor(), metrics_port=port):
            assert Scrape(port)("ready") == 1
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.parametrize("is_encrypted", [False, True])
def test_the_containers_health_check(
    is_encrypted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EGOSTREAM_CONFIG", str(tmp_path))
    script = Path(__file__).parents[2] / "deploy" / "healthcheck.py"
    with serving(FakeEditor(), wait=not is_encrypted, self_signed=is_encrypted) as server:
        environment = {"EGOSTREAM_PORT": str(server.port)}
        ended = subprocess.run([sys.executable, str(script)], env=environment, timeout=20)
        assert ended.returncode == 0
