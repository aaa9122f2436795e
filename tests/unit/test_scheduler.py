from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from egostream.contract import EditorLike
from egostream.errors import BadInstruction, EgostreamError, StreamFailed
from egostream.frames import Rgb
from egostream.scheduler import Scheduler
from egostream.scheduling import Edit, InputFrame, Lane, Wanted
from tests.fakes import FakeBatchEditor, FakeEditor


class Inbox:
    """A listener that collects."""

    def __init__(self) -> None:
        self.edits: list[Edit] = []
        self.failures: list[EgostreamError] = []
        self.interruptions: list[EgostreamError] = []
        self._changed = threading.Condition()

    def on_edit(self, lane: Lane, edit: Edit) -> None:
        with self._changed:
            self.edits.append(edit)
            self._changed.notify_all()

    def on_failure(self, lane: Lane, error: EgostreamError) -> None:
        with self._changed:
            self.failures.append(error)
            self._changed.notify_all()

    def on_interruption(self, lane: Lane, error: EgostreamError) -> None:
        with self._changed:
            self.interruptions.append(error)
            self._changed.notify_all()

    def wait(self, num_edits: int = 0, num_failures: int = 0) -> None:
        with self._changed:
            assert self._changed.wait_for(
                lambda: len(self.edits) >= num_edits and len(self.failures) >= num_failures, 5
            ), (self.edits, self.failures)


@pytest.fixture
def editor() -> FakeEditor:
    return FakeEditor()


@pytest.fixture
def scheduler(editor: FakeEditor) -> Iterator[Scheduler]:
    scheduler = started(editor)
    yield scheduler
    scheduler.stop()


def started(editor: EditorLike) -> Scheduler:
    scheduler = Scheduler(lambda: editor)
    scheduler.start()
    while scheduler.editor is None:
        time.sleep(0.001)
    return scheduler


def frame(pts: int, value: int = 10) -> InputFrame:
    def load() -> Rgb:
        return np.full((8, 8, 3), value, np.uint8)

    return InputFrame(pts, time.monotonic_ns(), load)


def wanted(editor: FakeEditor, text: str = "make it night", seq: int = 1) -> Wanted:
    return Wanted(seq, editor.encode_instruction(text))


def test_one_frame_first_then_chunks(scheduler: Scheduler, editor: FakeEditor) -> None:
    inbox = Inbox()
    lane = scheduler.open("a", inbox, seed=7)
    scheduler.instruct(lane, wanted(editor))
    scheduler.push(lane, frame(0))
    inbox.wait(1)
    for pts in range(1, 9):
        scheduler.push(lane, frame(pts))
        if pts == 4:
            inbox.wait(2)
    inbox.wait(3)
    assert [[f.pts for f in edit.frames] for edit in inbox.edits] == [
        [0],
        [1, 2, 3, 4],
        [5, 6, 7, 8],
    ]
    assert [edit.index for edit in inbox.edits] == [0, 1, 2]
    assert inbox.edits[0].frames[0].rgb[0, 0, 0] == 245
    assert [edit.applied and edit.applied.seq for edit in inbox.edits] == [1, None, None]
    assert editor.streams[0].seed == 7
    assert editor.threads == {"model"}
    assert lane.num_dropped == 0


def test_nothing_happens_without_an_instruction(scheduler: Scheduler, editor: FakeEditor) -> None:
    inbox = Inbox()
    lane = scheduler.open("a", inbox)
    for pts in range(9):
        scheduler.push(lane, frame(pts))
    time.sleep(0.05)
    assert not editor.streams
    scheduler.instruct(lane, wanted(editor))
    inbox.wait(1)
    assert [f.pts for f in inbox.edits[0].frames] == [8], "the newest, not the oldest"
    assert lane.num_dropped == 8


def test_a_slow_model_sees_recent_frames_only() -> None:
    editor = FakeEditor(delay_ms=60)
    scheduler = started(editor)
    inbox = Inbox()
    lane = scheduler.open("a", inbox)
    scheduler.instruct(lane, wanted(editor))
    arrivals_ns = []
    for pts in range(60):
        arrivals_ns.append(time.monotonic_ns())
        scheduler.push(lane, frame(pts))
        time.sleep(0.005)
    time.sleep(0.1)
    scheduler.stop()
    for edit in inbox.edits:
        first = edit.frames[0].pts
        newer = sum(ns < edit.started_ns for ns in arrivals_ns[first + 1 :])
        assert newer <= editor.chunk_frames, "all but one of the newest frames, at most"
        pts = [f.pts for f in edit.frames]
        assert pts == list(range(pts[0], pts[0] + len(pts))), "neighbours"
    num_edited = sum(len(edit.frames) for edit in inbox.edits)
    assert lane.num_dropped + num_edited + len(lane._gathered) == 60


def test_lanes_take_turns() -> None:
    editor = FakeEditor(delay_ms=15)
    scheduler = started(editor)
    boxes = {owner: Inbox() for owner in "abc"}
    lanes = [scheduler.open(owner, box) for owner, box in boxes.items()]
    for lane in lanes:
        scheduler.instruct(lane, wanted(editor))
    deadline = time.monotonic() + 0.6
    pts = 0
    while time.monotonic() < deadline:
        for i, lane in enumerate(lanes):
            for _ in range(3 if i == 0 else 1):  # one camera is three times as fast
                scheduler.push(lane, frame(pts := pts + 1))
        time.sleep(0.003)
    scheduler.stop()
    counts = [len(box.edits) for box in boxes.values()]
    assert min(counts) >= 5
    assert max(counts) - min(counts) <= 1, counts


def test_a_new_instruction_takes_the_next_chunk(scheduler: Scheduler, editor: FakeEditor) -> None:
    inbox = Inbox()
    lane = scheduler.open("a", inbox)
    assert scheduler.instruct(lane, wanted(editor, seq=1)) is None
    scheduler.push(lane, frame(0))
    inbox.wait(1)
    assert scheduler.instruct(lane, wanted(editor, "make it snow", seq=2)) is None
    assert scheduler.instruct(lane, wanted(editor, "make it rain", seq=3)) == 2
    for pts in range(1, 5):
        scheduler.push(lane, frame(pts))
    inbox.wait(2)
    applied = inbox.edits[1].applied
    assert applied is not None and applied.seq == 3
    assert len(editor.streams) == 1 and editor.streams[0].num_resets == 0


def test_reset_starts_the_stream_anew(scheduler: Scheduler, editor: FakeEditor) -> None:
    inbox = Inbox()
    lane = scheduler.open("a", inbox)
    scheduler.instruct(lane, wanted(editor))
    scheduler.push(lane, frame(0))
    inbox.wait(1)
    scheduler.push(lane, frame(1))
    scheduler.reset(lane)
    scheduler.push(lane, frame(9))
    inbox.wait(2)
    assert [f.pts for f in inbox.edits[1].frames] == [9]
    assert inbox.edits[1].index == 0
    assert inbox.edits[1].applied is None
    assert editor.streams[0].num_resets == 1
    assert lane.num_dropped == 1


def test_a_failure_ends_that_lane_alone(
    scheduler: Scheduler, editor: FakeEditor, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = Inbox(), Inbox()
    good_lane, bad_lane = scheduler.open("good", good), scheduler.open("bad", bad)
    scheduler.instruct(good_lane, wanted(editor))
    scheduler.instruct(bad_lane, wanted(editor, "explode"))
    scheduler.push(bad_lane, frame(0))
    bad.wait(0, 1)
    assert isinstance(bad.failures[0], StreamFailed)
    assert "as asked" not in str(bad.failures[0]), "inner workings go to the log"
    assert any("as asked" in (r.exc_text or "") for r in caplog.records)
    scheduler.push(bad_lane, frame(1))
    scheduler.push(good_lane, frame(0))
    good.wait(1)
    assert not bad.edits and len(bad.failures) == 1
    scheduler.open("bad", bad)  # its place is free again


def test_results_of_a_closed_lane_go_nowhere() -> None:
    editor = FakeEditor(delay_ms=80)
    scheduler = started(editor)
    old, new = Inbox(), Inbox()
    lane = scheduler.open("a", old)
    scheduler.instruct(lane, wanted(editor))
    scheduler.push(lane, frame(0))
    while not editor.threads:
        time.sleep(0.001)
    scheduler.close(lane)
    scheduler.close(lane)
    successor = scheduler.open("a", new)
    scheduler.instruct(successor, wanted(editor))
    scheduler.push(successor, frame(5))
    new.wait(1)
    scheduler.stop()
    assert not old.edits and [f.pts for f in new.edits[0].frames] == [5]


def test_a_superseded_instruction_is_not_applied_as_well() -> None:
    editor = FakeEditor(delay_ms=80)
    scheduler = started(editor)
    inbox = Inbox()
    lane = scheduler.open("a", inbox)
    scheduler.instruct(lane, wanted(editor, seq=1))
    scheduler.push(lane, frame(0))
    while not editor.threads:
        time.sleep(0.001)
    assert scheduler.instruct(lane, wanted(editor, "make it snow", seq=2)) == 1
    inbox.wait(1)
    for pts in range(1, 5):
        scheduler.push(lane, frame(pts))
    inbox.wait(2)
    scheduler.stop()
    assert [edit.applied and edit.applied.seq for edit in inbox.edits] == [None, 2]


def test_an_editor_that_cannot_be_loaded_is_told() -> None:
    told = threading.Event()

    def build() -> EditorLike:
        raise BadInstruction("no")

    scheduler = Scheduler(build, told.set)
    scheduler.start()
    assert told.wait(5)
    assert isinstance(scheduler.failure, BadInstruction)
    with pytest.raises(RuntimeError):
        scheduler.open("a", Inbox())
    scheduler.stop()


def test_finalize_follows_every_chunk(scheduler: Scheduler, editor: FakeEditor) -> None:
    inbox = Inbox()
    lane = scheduler.open("a", inbox)
    scheduler.instruct(lane, wanted(editor))
    scheduler.push(lane, frame(0))
    inbox.wait(1)
    deadline = time.monotonic() + 2
    while editor.streams[0].num_finalized != 1:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_streams_that_share_a_batch_are_edited_together() -> None:
    """What gets ready while others are being edited goes in the next batch, the most urgent first."""
    editor = FakeBatchEditor(2, delay_ms=60)
    scheduler = started(editor)
    boxes = {owner: Inbox() for owner in "abcd"}
    lanes = {owner: scheduler.open(owner, box) for owner, box in boxes.items()}
    for owner, lane in lanes.items():
        scheduler.instruct(lane, wanted(editor, "no numbers" if owner == "c" else "make it night"))
    scheduler.push(lanes["a"], frame(0))
    while not editor.threads:
        time.sleep(0.001)
    for owner in "bcd":
        scheduler.push(lanes[owner], frame(0))
        time.sleep(0.001)
    boxes["d"].wait(1)
    assert editor.batches == [2], "a alone, b and c, d alone"
    assert [len(box.edits) for box in boxes.values()] == [1, 1, 0, 1]
    assert len(boxes["c"].failures) == 1
    assert boxes["b"].edits[0].done_ns <= boxes["d"].edits[0].started_ns
    scheduler.stop()


def test_streams_are_closed_in_the_model_thread(scheduler: Scheduler, editor: FakeEditor) -> None:
    inbox = Inbox()
    lane = scheduler.open("a", inbox)
    scheduler.instruct(lane, wanted(editor))
    scheduler.push(lane, frame(0))
    inbox.wait(1)
    scheduler.close(lane)
    deadline = time.monotonic() + 2
    while not editor.streams[0].is_closed:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_a_chunk_after_its_deadline_is_counted() -> None:
    editor = FakeEditor(delay_ms=50)
    scheduler = started(editor)
    inbox = Inbox()
    lane = scheduler.open("a", inbox)
    scheduler.instruct(lane, wanted(editor))
    scheduler.push(lane, frame(0))
    inbox.wait(1)
    for pts in range(4):
        scheduler.push(lane, frame(1 + pts))  # a thousandth of a second's worth
    inbox.wait(2)
    for pts in range(4):
        scheduler.push(lane, frame(90_000 * (1 + pts)))
    inbox.wait(3)
    assert scheduler.num_late == 1
    scheduler.stop()
