"""The judge's protocol, on a real HTTP server: what it is sent, what is made of its answers, and that it all ends.

Run: pytest tests/unit/bench_egoedit/test_egoedit_judge.py
"""

from __future__ import annotations

import logging
import re
import threading
from collections import Counter
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from bench.egoedit.__main__ import main
from bench.egoedit.endpoint import Endpoint, Patience, check_url
from bench.egoedit.errors import BadJudge, ItemFailed
from bench.egoedit.journal import read_journal
from bench.egoedit.judge import JudgeSettings, JudgeSummary, judge_run, marks_path
from bench.egoedit.moments import find_moments, judged_frames
from bench.egoedit.run_folder import load_run
from distill.datasets.write import encode
from tests.unit.bench_egoedit.conftest import ITEMS, video
from tests.unit.bench_egoedit.fake_judge import GOOD, Asked, FakeJudge, Reply, always

KEY = "sk-very-secret-1234"
QUICK = Patience(attempts=3, timeout_s=5.0, first_wait_s=0.01, longest_wait_s=0.05)
SETTINGS = JudgeSettings("a-judge")


def judged(
    run: Path, server: FakeJudge, settings: JudgeSettings = SETTINGS, patience: Patience = QUICK,
    **more: int,
) -> tuple[JudgeSummary, dict[str, dict[str, object]]]:  # fmt: skip
    with Endpoint(server.url, settings.model, patience=patience) as endpoint:
        summary = judge_run(load_run(run), settings, endpoint, **{"concurrency": 1, **more})
    return summary, read_journal(marks_path(run, settings))[1]


def test_the_published_frames() -> None:
    assert judged_frames(81) == [0, 27, 54]
    assert judged_frames(32) == [0, 10, 20, 30]
    assert (judged_frames(5), judged_frames(9)) == ([0, 1, 2, 3, 4], [0, 3, 6])
    assert (judged_frames(0), judged_frames(1), judged_frames(2)) == ([], [0], [0, 1])


def test_what_is_asked_and_what_is_kept(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = tmp_path / "key"
    key.write_text(KEY + "\n")
    # An output unlike its source, so that their order can be seen.
    red = next(i for i in load_run(run).items if i.edit_id == "e-add")
    encode(red.output, video((20, 40, 230)), Fraction(8))
    with FakeJudge(always(Reply())) as server:
        command = ["judge", "--run", str(run), "--endpoint", server.url, "--model", "a-judge",
                   "--key-file", str(key), "--quiet"]  # fmt: skip
        assert main(command) == 0
        assert len(server.asked) == 4 * 3
        for request in server.asked:
            assert request.path == "/v1/chat/completions"
            assert request.headers["Authorization"] == f"Bearer {KEY}"
            assert (request.body["model"], request.body["temperature"]) == ("a-judge", 0)
            assert len(request.pictures) == 2 and "max_tokens" not in request.body
        hats = [a for a in server.asked if "Add a hat." in a.texts[0]]
        before = [a.pictures[0].mean((0, 1)) for a in hats]
        after = [a.pictures[1].mean((0, 1)) for a in hats]
        assert all(p[0] > 2 * p[2] for p in before) and all(p[2] > 2 * p[0] for p in after)
        # Frames 0, 4 and 8 of a video that darkens: the same times in both.
        assert [round(p[0]) for p in before] == sorted((round(p[0]) for p in before), reverse=True)
        expected = video((230, 40, 20))[[0, 4, 8]].mean((1, 2))
        assert np.abs(np.array(before) - expected).max() < 8
        assert main(command) == 0 and len(server.asked) == 12
    lines = read_journal(run / "marks_a-judge.jsonl")[1]
    assert len(lines) == 4 and {line["total"] for line in lines.values()} == {6.0}
    assert [f["frame"] for f in lines["e-add"]["frames"]] == [0, 4, 8]
    assert lines["e-add"]["frames"][0]["answer"] == GOOD
    said = capsys.readouterr()
    written = "".join(p.read_text() for p in run.iterdir() if p.is_file())
    assert KEY not in said.out + said.err + caplog.text + written


def test_red_and_blue_as_the_published_program_swaps_them(run: Path) -> None:
    swapped = JudgeSettings("a-judge", swap_red_blue=True)
    with FakeJudge(always(Reply())) as server:
        judged(run, server)
        judged(run, server, swapped)
        plain, reversed_ = server.asked[0].pictures[0], server.asked[12].pictures[0]
    assert plain[..., 0].mean() > 2 * plain[..., 2].mean()
    assert np.abs(plain[..., ::-1].mean((0, 1)) - reversed_.mean((0, 1))).max() < 4
    assert marks_path(run, SETTINGS) != marks_path(run, swapped)


def test_a_judge_that_rambles_is_asked_again_and_then_given_up(run: Path) -> None:
    def first_rambles(request: Asked, number: int) -> Reply:
        return Reply("Lovely!") if number == 0 else Reply()

    with FakeJudge(first_rambles) as server:
        summary, _ = judged(run, server)
        assert summary.judged == 4 and len(server.asked) == 13
        roles = [m["role"] for m in server.asked[1].body["messages"]]
        assert roles == ["user", "assistant", "user"] and "Lovely!" in server.asked[1].texts

    swapped = JudgeSettings("a-judge", swap_red_blue=True)
    with FakeJudge(lambda r, n: Reply("Lovely!" if "a hat." in r.texts[0] else GOOD)) as server:
        summary, lines = judged(run, server, swapped)
        assert {k: t.kind for k, t in summary.failed.items()} == {"e-add": "judge_no_marks"}
        assert "total" not in lines["e-add"] and len(server.asked) == 3 * 3 + 3
    with FakeJudge(always(Reply())) as server:  # only what failed is asked again
        summary, lines = judged(run, server, swapped)
        assert (summary.skipped, summary.judged, lines["e-add"]["total"]) == (3, 1, 6.0)
        assert len(server.asked) == 3


def test_a_judge_in_trouble_is_waited_for(run: Path) -> None:
    def stumbles(request: Asked, number: int) -> Reply:
        if number == 0:
            return Reply("slow down", 429, {"Retry-After": "0.04"})
        return Reply("oh", 503) if number == 1 else Reply()

    with FakeJudge(stumbles) as server:
        summary, _ = judged(run, server)
        assert summary.judged == 4 and len(server.asked) == 14


@pytest.mark.parametrize(
    ("reply", "kind", "requests", "timeout_s"),
    [
        (Reply("broken", 500), "judge_unreachable", 3, 5.0),
        (Reply(delay_s=0.3), "judge_unreachable", 3, 0.1),
        (Reply("too large", 413), "judge_error", 1, 5.0),
    ],
)
def test_what_never_works_ends(
    run: Path, reply: Reply, kind: str, requests: int, timeout_s: float
) -> None:
    patience = Patience(attempts=3, timeout_s=timeout_s, first_wait_s=0.01, longest_wait_s=0.02)
    with FakeJudge(lambda r, n: reply if "a hat." in r.texts[0] else Reply()) as server:
        summary, lines = judged(run, server, patience=patience)
        assert {k: t.kind for k, t in summary.failed.items()} == {"e-add": kind}
        assert sum("a hat." in a.texts[0] for a in server.asked) == requests and summary.judged == 3
    with FakeJudge(always(reply)) as server:
        with pytest.raises(BadJudge, match="1 items failed one after another"):
            judged(run, server, patience=patience, give_up_after=1)
        assert len(server.asked) <= 2 * requests


def test_what_always_fails_does_not_block_the_rest(run: Path) -> None:
    """With two that always fail in front, each call gets to others first."""
    hopeless = Reply("too large", 413)
    with FakeJudge(
        lambda r, n: hopeless if any(w in r.texts[0] for w in (" hat.", " ball.")) else Reply()
    ) as server:
        with pytest.raises(BadJudge, match="2 items failed one after another"):
            judged(run, server, give_up_after=2)
        before = len(server.asked)
        summary, lines = judged(run, server, give_up_after=3)
        assert summary.judged + summary.skipped == 2
        assert [lines[i].get("failures") for i, *_ in ITEMS] == [2, 2, None, None]
        order = [" hat." in a.texts[0] or " ball." in a.texts[0] for a in server.asked[before:]]
        assert order == sorted(order) and sum(order) == 2


def test_answers_under_way_are_kept_when_it_is_interrupted(
    run: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ball_is_last, counts = threading.Event(), Counter[str]()

    def answer(request: Asked, number: int) -> Reply:
        word = request.texts[0].split(".\n</instruction>")[0].rpartition(" ")[2]
        counts[word] += 1
        if (word, counts[word]) == ("hat", 3):
            ball_is_last.wait(5)
        if (word, counts[word]) == ("ball", 3):
            ball_is_last.set()
            return Reply(delay_s=0.5)
        return Reply()

    def interrupt(num_done: int, num_all: int) -> None:
        raise KeyboardInterrupt

    with FakeJudge(answer) as server, Endpoint(server.url, "a-judge", patience=QUICK) as endpoint:
        with pytest.raises(KeyboardInterrupt):
            judge_run(load_run(run), SETTINGS, endpoint, concurrency=2, progress=interrupt)
    lines = read_journal(marks_path(run, SETTINGS))[1]
    assert {"e-add", "e change/1"} <= lines.keys()
    assert all(line["total"] == 6.0 for line in lines.values())
    assert re.search(r"waiting for [12] answers, up to 5 s", caplog.text)


def test_a_key_that_is_refused_ends_it_at_once(
    run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EGOEDIT_JUDGE_KEY", KEY)
    with FakeJudge(always(Reply(f"wrong key {KEY}", 401))) as server:
        command = [
            "judge",
            "--run",
            str(run),
            "--endpoint",
            server.url,
            "--model",
            "m",
            "--concurrency",
            "1",
        ]
        assert main(command) == 2
        assert len(server.asked) == 1
    said = capsys.readouterr().err
    assert "HTTP 401" in said and "check the key" in said and KEY not in said
    monkeypatch.setenv("EGOEDIT_JUDGE_KEY", "two words")
    assert main(command) == 2
    assert "$EGOEDIT_JUDGE_KEY does not hold a key" in capsys.readouterr().err


def test_addresses() -> None:
    assert check_url("http://h:1/v1/") == check_url("http://h:1/v1/chat/completions")
    for wrong in ("h/v1", "ftp://h/v1", "http://", "http://h:x/v1"):
        with pytest.raises(BadJudge, match="is no address"):
            check_url(wrong)
    with pytest.raises(BadJudge, match="holds a password"):
        check_url("https://me:secret@h/v1")


def test_frames_are_matched_by_time(tmp_path: Path) -> None:
    """The trap of the published program: at twice the rate, frame 4 of one is not frame 4 of the other."""
    pictures = video((250, 60, 60), 24)
    source, output, long = (tmp_path / f"{n}.mp4" for n in ("source", "output", "long"))
    encode(source, pictures, Fraction(16))
    encode(output, pictures[::2], Fraction(8))
    encode(long, video((250, 60, 60), 40), Fraction(16))
    moments = find_moments(source, output, 12)
    assert [(m.frame, m.source_frame, m.time_s) for m in moments] == [
        (0, 0, 0.0),
        (4, 8, 0.5),
        (8, 16, 1.0),
    ]
    for moment in moments:
        assert abs(moment.source.mean() - moment.output.mean()) < 2
    with pytest.raises(ItemFailed, match="the source ends at 1.44 s"):
        find_moments(source, long, 40)
    with pytest.raises(ItemFailed, match="has 12 frames, not the 13"):
        find_moments(source, output, 13)
    with pytest.raises(ItemFailed, match="no such file"):
        find_moments(tmp_path / "gone.mp4", output, 12)
    encode(output, pictures[:2], Fraction(16))
    assert [m.frame for m in find_moments(source, output, 2)] == [0, 1]
