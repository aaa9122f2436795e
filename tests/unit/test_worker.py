"""The editor in a process of its own: what it answers, and what becomes of its streams when it hangs or dies."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest

from egostream.contract import Batching, EditedChunk, EditorLike, Revivable
from egostream.errors import BadFrames, BadInstruction, StreamFailed, WorkerLost
from egostream.frames import Frame
from egostream.loading import load_editor
from egostream.model_choice import ModelChoice
from egostream.scheduler import Scheduler
from egostream.worker.remote import RemoteEditor
from tests.fakes import FakeBatchEditor, FakeEditor
from tests.unit.test_scheduler import Inbox, frame, wanted


def broken() -> EditorLike:
    raise BadInstruction("no such model")


@pytest.fixture
def editor() -> Iterator[RemoteEditor]:
    editor = RemoteEditor(FakeEditor, watchdog_s=1.0)
    editor.warm_up()
    yield editor
    editor.close()


def some(count: int, first: int = 0, size: int = 8) -> list[Frame]:
    rng = np.random.default_rng(first)
    return [
        Frame(rng.integers(0, 255, (size, 2 * size, 3), np.uint8), first + i) for i in range(count)
    ]


def test_it_answers_as_the_editor_itself(editor: RemoteEditor) -> None:
    assert isinstance(editor, Batching) and isinstance(editor, Revivable)
    assert (editor.name, editor.frame_hw, editor.chunk_frames) == ("fake", (48, 64), 4)
    stream = editor.open(editor.encode_instruction("  make it night "))
    for index, size in enumerate((8, 8, 600, 16)):  # once more than the memory that is shared
        frames = some(stream.num_frames_wanted, 10 * index, size)
        chunk = stream.generate(frames)
        stream.finalize()
        assert (chunk.index, chunk.instruction.text) == (index, "make it night")
        assert [f.pts for f in chunk.frames] == [f.pts for f in frames]
        for mine, theirs in zip(frames, chunk.frames, strict=True):
            assert np.array_equal(255 - mine.rgb, theirs.rgb)
    with pytest.raises(BadFrames):
        stream.generate(some(2))
    stream.reset()
    stream.set_instruction(editor.encode_instruction("make it snow"))
    assert (stream.chunk_index, stream.num_frames_wanted) == (0, 1)
    chunk = stream.generate(some(1))
    assert (chunk.index, chunk.instruction.text) == (0, "make it snow")
    stream.close()
    stream.close()


def test_errors_come_through_and_end_what_they_must(editor: RemoteEditor) -> None:
    with pytest.raises(BadInstruction):
        editor.encode_instruction("")
    good = editor.open(editor.encode_instruction("make it night"))
    bad = editor.open(editor.encode_instruction("explode"))
    with pytest.raises(StreamFailed):
        bad.generate(some(1))
    assert len(good.generate(some(1)).frames) == 1
    unloaded = RemoteEditor(broken)
    with pytest.raises(BadInstruction, match="no such model"):
        unloaded.warm_up()
    unloaded.close()


def test_a_batch_goes_over_as_one() -> None:
    editor = RemoteEditor(partial(FakeBatchEditor, 3))
    editor.warm_up()
    streams = [editor.open(editor.encode_instruction(t)) for t in ("night", "no numbers", "snow")]
    done = editor.generate_all([(s, some(1, i)) for i, s in enumerate(streams)])
    kinds = [type(one) for one in done]
    assert editor.num_rows == 3 and kinds == [EditedChunk, StreamFailed, EditedChunk]
    last = done[2]
    assert isinstance(last, EditedChunk)
    assert np.array_equal(last.frames[0].rgb, 255 - some(1, 2)[0].rgb)
    editor.close()


@pytest.mark.parametrize(("how", "message"), [("hang", "hung"), ("die", "ended")])
def test_what_hangs_or_dies_is_lost_and_can_be_started_again(
    editor: RemoteEditor, how: str, message: str
) -> None:
    stream = editor.open(editor.encode_instruction(how))
    started = time.monotonic()
    with pytest.raises(WorkerLost, match=message):
        stream.generate(some(1))
    assert time.monotonic() - started < 5
    with pytest.raises(WorkerLost):
        editor.encode_instruction("make it night")
    editor.revive()
    again = editor.open(editor.encode_instruction("make it night"))
    assert len(again.generate(some(1)).frames) == 1


def test_a_death_in_idleness_is_noticed_and_an_end_is_not(editor: RemoteEditor) -> None:
    lost = threading.Event()
    editor.watch(lost.set)
    assert editor.pid is not None
    os.kill(editor.pid, signal.SIGKILL)
    assert lost.wait(1)
    editor.revive()
    lost.clear()
    editor.close()
    assert not lost.wait(0.3)


def started(editor: EditorLike) -> Scheduler:
    scheduler = Scheduler(lambda: editor)
    scheduler.start()
    deadline = time.monotonic() + 20
    while scheduler.editor is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return scheduler


def test_streams_go_on_after_a_loss() -> None:
    editor, inbox = RemoteEditor(FakeEditor), Inbox()
    scheduler = started(editor)
    lane = scheduler.open("a", inbox)
    scheduler.instruct(lane, wanted(FakeEditor(), "make it night"))
    scheduler.push(lane, frame(0))
    inbox.wait(1)
    assert editor.pid is not None
    os.kill(editor.pid, signal.SIGKILL)
    give_up = time.monotonic() + 1
    while not inbox.interruptions:
        assert time.monotonic() < give_up
        time.sleep(0.005)
    for pts in range(1, 2000):
        scheduler.push(lane, frame(pts))
        time.sleep(0.005)
        if len(inbox.edits) >= 3:
            break
    assert [edit.index for edit in inbox.edits[:3]] == [0, 0, 1]
    assert not inbox.failures and scheduler.num_losses == 1 and not scheduler.is_interrupted
    scheduler.stop()


def test_a_stream_that_kills_is_ended_and_the_others_go_on() -> None:
    editor = RemoteEditor(FakeEditor)
    scheduler = started(editor)
    good, bad = Inbox(), Inbox()
    lanes = scheduler.open("good", good), scheduler.open("bad", bad)
    scheduler.instruct(lanes[0], wanted(FakeEditor(), "make it night"))
    scheduler.instruct(lanes[1], wanted(FakeEditor(), "die"))
    deadline, pts = time.monotonic() + 30, 0
    while not bad.failures or scheduler.is_interrupted:
        assert time.monotonic() < deadline
        for lane in lanes:
            scheduler.push(lane, frame(pts := pts + 1))
        time.sleep(0.01)
    assert isinstance(bad.failures[0], WorkerLost) and len(bad.interruptions) >= 1
    before = len(good.edits)
    for _ in range(8):
        scheduler.push(lanes[0], frame(pts := pts + 1))
    good.wait(before + 1)
    assert not good.failures
    scheduler.stop()


def test_the_model_itself_runs_there() -> None:
    """The shipped weights, in both: the same pixels, but for what another number of threads rounds otherwise."""
    choice = ModelChoice(engine="eager", precision="fp32")
    here, there = load_editor(choice), RemoteEditor(partial(load_editor, choice))
    there.warm_up()
    source = some(5, 3, 240)
    shown = []
    for editor in (here, there):
        stream = editor.open(editor.encode_instruction("make it night"), seed=4)
        first = stream.generate(source[:1])
        stream.finalize()
        shown.append([f.rgb for f in (*first.frames, *stream.generate(source[1:]).frames)])
    there.close()
    mine, theirs = (np.stack(pictures).astype(np.int16) for pictures in shown)
    assert (
        np.abs(mine - theirs).mean() < 0.1
        and np.abs(mine - np.stack([f.rgb for f in source])).mean() > 10
    )
