"""What several replicas need beside Ray: who gets what, where they are, and the door between front and replica."""

from __future__ import annotations

import argparse
import importlib.util
import logging
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from egostream.cli import build_parser, main
from egostream.errors import EgostreamError
from egostream.scale import log_relay
from egostream.scale.directory import FORGOTTEN_S, MAX_REPLICAS, Directory
from egostream.scale.flags import check_scale
from egostream.scale.plan import Share, TooLittle, share
from egostream.server.session import UnknownSession
from egostream.server.sessions import NotReady
from egostream.server.viewers import view_id_of

pytest.importorskip("aiohttp")

from egostream.scale.fleet import Fleet, Replica
from egostream.scale.inside import SECRET, SESSION_S, Inside, Status


@pytest.mark.parametrize(
    ("wanted", "cores", "gpus", "expected"),
    [
        (None, 8, 0, Share(4, 2, 0.0)),
        (None, 1, 0, Share(1, 1, 0.0)),
        (2, 2, 0, Share(2, 1, 0.0)),
        (None, 32, 8, Share(8, 4, 1.0)),
        (3, 32, 8, Share(3, 10, 1.0)),
        (4, 16, 2, Share(4, 4, 0.5)),
        (5, 16, 2, Share(5, 3, 0.3333)),
    ],
)
def test_shares(wanted: int | None, cores: int, gpus: int, expected: Share) -> None:
    assert share(wanted, cores, gpus, "auto") == expected


def test_shares_of_a_cluster_and_of_none() -> None:
    assert share(None, 64, 4, "cpu") == Share(32, 2, 0.0)
    assert share(4, 64, 0, "auto", is_local=False) == Share(4, 2, 0.0)
    with pytest.raises(TooLittle, match="14 CPUs"):
        share(7, 6, 0, "auto", is_local=False)
    with pytest.raises(TooLittle, match="no GPU"):
        share(None, 6, 0, "cuda")


def test_the_directory_gives_numbers_back() -> None:
    now = 0.0
    directory = Directory(lambda: now)
    assert [directory.here(tag, f"http://{tag}", 1) for tag in ("a", "b", "a")] == [0, 1, 0]
    directory.forget("a")
    assert directory.here("c", "http://c", 2) == 0
    now = FORGOTTEN_S - 1
    directory.here("b", "http://b", 1)
    now = FORGOTTEN_S + 1
    assert [entry.tag for entry in directory.listed()] == ["b"]
    for n in range(2 * MAX_REPLICAS):
        directory.here(f"t{n}", "http://t", 1)
    assert len(directory.listed()) == MAX_REPLICAS
    assert directory.here("late", "http://late", 1) == -1


def test_relayed_lines_are_bounded_and_complete(caplog: pytest.LogCaptureFixture) -> None:
    relay = log_relay.LogRelay()
    logger = logging.Logger("egostream.some")
    logger.addHandler(relay)
    for n in range(2 * log_relay.MAX_LINES):
        logger.info("line %d", n, extra={"session": "0123456789"})
    lines = relay.take()
    assert len(lines) == log_relay.MAX_TAKEN
    assert lines[0].message == f"line {log_relay.MAX_LINES}" and lines[0].session == "01234567"
    with caplog.at_level("INFO", "egostream"):
        log_relay.write(3, lines[:1])
    assert caplog.messages == [f"replica 3: line {log_relay.MAX_LINES}"]
    assert caplog.records[0].created == lines[0].created


def test_a_view_ends_as_its_session_does() -> None:
    assert view_id_of("some-session.Tag1").endswith(".Tag1")
    assert "." not in view_id_of("some-session")


def fleet(**how: Any) -> Fleet:
    async def listed() -> list[Any]:
        return []

    return Fleet(2, "secret", listed, lambda tag: None, lambda error: None)


def status(free: int = 1, waiting: int = 0, why_not: str = "") -> Status:
    return Status(
        is_ready=not why_not,
        why_not=why_not,
        num_slots=2,
        num_free=free,
        num_waiting=waiting,
        num_sessions=2 - free + waiting,
    )


def known(fleet: Fleet, tag: str, told: Status | None) -> Replica:
    from egostream.scale.directory import Entry

    replica = Replica(Entry(tag, "http://127.0.0.1:9", 1, len(fleet.replicas)), told)
    fleet._by_tag[tag] = replica
    return replica


def test_names_lead_to_their_replica_and_nowhere_else() -> None:
    many = fleet()
    replica = known(many, "Tag_1", status())
    assert many.owner("se-ss_ion.Tag_1") is replica
    for name in ("Tag_1", ".Tag_1", "a.b.Tag_1", "a?b.Tag_1", "a/b.Tag_1", "..Tag_1", "a.Tag_2"):
        with pytest.raises(UnknownSession):
            many.owner(name)
    many.lose(replica, "a test")
    with pytest.raises(UnknownSession):
        many.owner("se-ss_ion.Tag_1")
    assert replica.lost.is_set()


def test_readiness_is_that_of_one_replica_at_least() -> None:
    many = fleet()
    with pytest.raises(NotReady, match="being started"):
        many.check_ready()
    known(many, "a", status(why_not="the model is warming up"))
    with pytest.raises(NotReady, match="warming up"):
        many.check_ready()
    known(many, "b", status(free=2))
    many.check_ready()
    assert (many.num_ready, many.total("num_free")) == (1, 2)


def test_room_counts_who_waits_and_who_is_on_the_way() -> None:
    replica = known(fleet(), "a", status(free=1))
    with replica.opening():
        assert replica.room == 0
    replica.status = status(free=0, waiting=2)
    assert replica.room == -2


class Quiet:
    """Stands in for a server's sessions, scheduler and metrics, which are not asked here."""


async def told(request: Request) -> JSONResponse:
    assert request.client is not None
    return JSONResponse({"session_s": request.state.session_s, "client": request.client.host})


def test_a_replica_answers_its_front_alone() -> None:
    app = Starlette(routes=[Route("/told", told)])
    app.state.sessions = app.state.scheduler = app.state.metrics = Quiet()
    app.add_middleware(Inside, server=app, secret="right", relay=log_relay.LogRelay())
    client = TestClient(app)
    for headers in ({}, {SECRET: "wrong"}, {SECRET: ""}):
        for path in ("/told", "/inside/status"):
            assert client.get(path, headers=headers).status_code == 403
    right = client.get("/told", headers={SECRET: "right", SESSION_S: "90"})
    assert right.json() == {"session_s": 90, "client": "127.0.0.1"}
    assert client.get("/inside/else", headers={SECRET: "right"}).status_code == 404


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--replicas", "2"], "--replicas needs --ray"),
        (["--ray-address", "auto"], "--ray-address needs --ray"),
        (["--ray", "--in-process"], "--in-process"),
    ],
)
def test_flags_that_do_not_go_together(flags: list[str], words: str) -> None:
    args: argparse.Namespace = build_parser().parse_args(["serve", *flags])
    with pytest.raises(EgostreamError, match=words):
        check_scale(args)


def test_a_missing_ray_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "ray" else find(name)
    )
    assert main(["serve", "--ray", "--preset", "identity", "--port", "18099"]) == 2
    assert "pip install 'egostream[ray]'" in capsys.readouterr().err
