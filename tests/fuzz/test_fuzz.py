"""A short look with a fixed seed at everything that `make fuzz` tries for minutes with ever new ones."""

from __future__ import annotations

import json
import time
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.__main__ import main
from tests.fuzz.file_targets import Videos, Weights
from tests.fuzz.finding import Finding, Wrong, complaints
from tests.fuzz.joining_target import Joining
from tests.fuzz.live_targets import Control, Http, Patch
from tests.fuzz.media_targets import Datagrams, Decoding, Rtp
from tests.fuzz.mutate import mutate_bytes, mutate_lines
from tests.fuzz.run import replay, run, run_here
from tests.fuzz.scene import Scene
from tests.fuzz.seeds import OFFERS, tame
from tests.fuzz.session_target import Session
from tests.fuzz.target import Target
from tests.fuzz.targets import TARGETS
from tests.fuzz.text_targets import Access, FragmentText, Messages, Offer

SEED, COUNT, SECONDS = 7, 200, 0.7
QUIET: tuple[type[Target], ...] = (
    Offer,
    FragmentText,
    Messages,
    Access,
    Session,
    Joining,
    Decoding,
)


@pytest.mark.parametrize("kind", QUIET, ids=lambda kind: kind.name)
def test_nothing_is_found(kind: type[Target]) -> None:
    outcome = run(kind(), SEED, seconds=SECONDS, count=COUNT)
    assert not outcome.findings, "\n".join(finding.what for finding in outcome.findings)
    assert outcome.num_inputs >= 2


@pytest.mark.parametrize("kind", [Videos, Weights], ids=lambda kind: kind.name)
def test_nothing_is_found_in_files(kind: type[Target]) -> None:
    """Memory grows while codecs and torch warm up: it is looked at where there is time."""
    outcome = run(kind(), SEED, seconds=SECONDS, count=COUNT)
    found = [finding.what for finding in outcome.findings if "memory grew" not in finding.what]
    assert not found, "\n".join(found)


async def test_a_server_and_its_client_go_undisturbed() -> None:
    """One after the other on one server. A request may leave a session behind that nobody knows of, which takes its
    time to end: that is not waited for here. Nor is this a test of speed.
    """
    scene = Scene(min_rate=0.3)
    await scene.open()
    try:
        for kind in (Rtp, Datagrams, Control, Patch, Http):
            outcome = await run_here(
                kind(scene), SEED, seconds=SECONDS, count=COUNT, settles=kind is not Http
            )
            assert not outcome.findings, "\n".join(f.what for f in outcome.findings)
            assert outcome.num_inputs >= 2
    finally:
        await scene.close()


def test_every_target_has_its_short_look() -> None:
    seen = {*QUIET, Videos, Weights, Rtp, Datagrams, Control, Patch, Http}
    assert seen == set(TARGETS.values())


class Fragile(Target):
    """Cannot bear the letter x, nor y for long."""

    name = "fragile"

    def make(self, rng: Random) -> bytes:
        return mutate_bytes(rng, b"abc" + rng.choice((b"", b"x", b"y")))

    async def feed(self, data: bytes) -> None:
        if b"x" in data:
            raise Wrong(f"x at {data.find(b'x')}")
        if b"y" in data:
            raise KeyError("y")


def test_what_is_found_is_kept_and_can_be_tried_again(tmp_path: Path) -> None:
    outcome = run(Fragile(), 3, seconds=5, count=60)
    kinds = sorted(finding.what.strip().splitlines()[-1] for finding in outcome.findings)
    assert len(kinds) == 2 and kinds[0] == "KeyError: 'y'" and kinds[1].startswith("x at")
    for finding in outcome.findings:
        again = Finding.load(finding.save(tmp_path))
        assert again == finding
        assert replay(Fragile(), again) is not None
    harmless = Finding("fragile", 3, "", (b"abc",))
    assert replay(Fragile(), harmless) is None


def test_a_target_that_is_slow_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Fragile):
        async def feed(self, data: bytes) -> None:
            time.sleep(0.02)

    monkeypatch.setattr("tests.fuzz.run.ANSWER_S", 0.01)
    assert "0.01 s" in run(Slow(), 1, seconds=5, count=3).findings[0].what


def test_the_seed_decides() -> None:
    for _ in range(2):
        made = [mutate_lines(Random(5), offer) for offer in OFFERS]
        assert made == [mutate_lines(Random(5), offer) for offer in OFFERS]
    assert mutate_lines(Random(5), OFFERS[0]) != mutate_lines(Random(6), OFFERS[0])


def test_no_server_is_made_to_send_elsewhere() -> None:
    line = "a=candidate:1 1 udp 1 {} 9 typ host"
    assert tame(line.format("192.0.2.9")) == line.format("127.0.0.1")
    assert tame(line.format("2001:db8::1")) == line.format("127.0.0.1")
    assert tame(line.format("127.0.0.5")) == line.format("127.0.0.5")
    assert tame(line.format("nowhere")) == line.format("nowhere")


def test_complaints_in_a_log() -> None:
    fine = "2026-01-01 00:00:00,000 WARNING -        a: b\n"
    assert not complaints(fine)
    assert complaints(fine + "2026-01-01 00:00:00,000 ERROR   -        a: b\n")
    assert complaints(fine + "Task exception was never retrieved\n")


def test_the_command_runs_one_target(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert main(["messages", "--seconds", "5", "--count", "50", "--seed", "4"]) == 0
    told = capfd.readouterr().out
    assert "seed 4" in told and "50 inputs" in told
    path = tmp_path / "old.json"
    path.write_text(json.dumps({"target": "messages", "seed": 1, "what": "", "inputs": ["e30="]}))
    assert main(["--replay", str(path)]) == 0
