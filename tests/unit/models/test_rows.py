"""Streams that share a batch: each is what it would be alone, and none can be seen or harmed by another."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from egostream.contract import Batching, EditedChunk
from egostream.editor import Editor
from egostream.errors import BadFrames, StreamClosed, StreamFailed
from egostream.frames import Frame, Rgb
from egostream.models.checkpoint import EditModel
from egostream.models.text import EncodesText, TextEncoder
from egostream.models.umt5 import Umt5Encoder
from egostream.stream import EditStream
from tests.unit.models.tiny import tiny_model, tiny_preset, tiny_umt5, tiny_wan_preset

NIGHT, SNOW = "make it night", "let it snow"


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, EncodesText]:
    wan = Umt5Encoder(tiny_umt5(tmp_path_factory.mktemp("umt5")), dtype=torch.float32)
    return {"nano": TextEncoder(), "wan": wan}


def model_of(kind: str, latents: int = 1) -> EditModel:
    preset = tiny_preset(num_sink=1, num_window=3) if kind == "nano" else tiny_wan_preset()
    return tiny_model(preset=replace(preset, latents_per_chunk=latents, num_window=3))


def editor_of(texts: dict[str, EncodesText], kind: str, rows: int, latents: int = 1) -> Editor:
    return Editor(
        model_of(kind, latents), engine="eager", precision="fp32", text_encoder=texts[kind],
        num_rows=rows,
    )  # fmt: skip


def film(seed: int, count: int, hw: tuple[int, int]) -> list[Frame]:
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 255, (*hw, 3), dtype=np.uint8)
    return [Frame(np.roll(start, i, axis=1), i) for i in range(count)]


class Viewer:
    """One stream and its film, and what it was shown."""

    def __init__(self, editor: Editor, seed: int, text: str = NIGHT) -> None:
        self.stream = editor.open(editor.encode_instruction(text), seed)
        self.frames = film(seed, 60, editor.frame_hw)
        self.shown: list[Rgb] = []

    def next(self) -> tuple[EditStream, list[Frame]]:
        at = len(self.shown)
        return self.stream, self.frames[at : at + self.stream.num_frames_wanted]


def step(editor: Editor, viewers: Sequence[Viewer]) -> None:
    done = editor.generate_all([v.next() for v in viewers])
    for viewer, chunk in zip(viewers, done, strict=True):
        assert isinstance(chunk, EditedChunk), chunk
        viewer.shown += [f.rgb for f in chunk.frames]
    viewers[0].stream.finalize()


def alone(editor: Editor, seed: int, chunks: int, text: str = NIGHT) -> list[Rgb]:
    viewer = Viewer(editor, seed, text)
    for _ in range(chunks):
        stream, frames = viewer.next()
        viewer.shown += [f.rgb for f in stream.push(frames)]
    return viewer.shown


def apart(a: list[Rgb], b: list[Rgb]) -> int:
    assert len(a) == len(b)
    return int(np.abs(np.stack(a).astype(int) - np.stack(b).astype(int)).max())


@pytest.mark.parametrize(("kind", "latents"), [("nano", 1), ("nano", 2), ("wan", 1), ("wan", 2)])
def test_a_row_is_what_it_would_be_alone(
    texts: dict[str, EncodesText], kind: str, latents: int
) -> None:
    """Streams of other ages and instructions beside it, some of them resting, one in its row before it."""
    editor = editor_of(texts, kind, 3, latents)
    assert isinstance(editor, Batching)
    first, old = Viewer(editor, 1), Viewer(editor, 2, SNOW)
    step(editor, [first, old])
    step(editor, [old])
    step(editor, [old, first])
    old.stream.close()
    late, third = Viewer(editor, 3), Viewer(editor, 4, SNOW)
    for _ in range(3):
        step(editor, [third, late, first])
    lone = editor_of(texts, kind, 1, latents)
    for viewer, seed, chunks, text in ((first, 1, 5, NIGHT), (late, 3, 3, NIGHT), (third, 4, 3, SNOW)):  # fmt: skip
        assert apart(viewer.shown, alone(lone, seed, chunks, text)) <= 1
    assert apart(late.shown, third.shown) > 5


def disturbed(editor: Editor, how: str) -> list[Rgb]:
    """What the first of three rows shows in six chunks, whatever happens in the others."""
    viewer = Viewer(editor, 1)
    if how == "rest":
        for _ in range(6):
            step(editor, [viewer])
        return viewer.shown
    other, third = Viewer(editor, 7), Viewer(editor, 8, SNOW)
    step(editor, [viewer, other])
    other.stream.set_instruction(editor.encode_instruction(SNOW))
    step(editor, [other, third, viewer])
    if how == "no numbers":
        memory = editor.codec.begin()
        rows = third.stream._rows
        rows._cache.keys_YBNSPE[:, 2] = torch.nan
        rows._memory = editor.codec.keep((True, True, False), rows._memory, memory)
        done = editor.generate_all([other.next(), viewer.next(), third.next()])
        assert isinstance(done[2], StreamFailed) and isinstance(done[1], EditedChunk)
        viewer.shown += [f.rgb for f in done[1].frames]
        viewer.stream.finalize()
    else:
        other.stream.reset()
        other.shown = []
        step(editor, [viewer, other])
    third.stream.close()
    step(editor, [viewer])
    again = Viewer(editor, 9)
    step(editor, [again, viewer])
    step(editor, [viewer, again])
    assert apart(again.shown, alone_in(editor, again)) == 0
    return viewer.shown


def alone_in(editor: Editor, like: Viewer) -> list[Rgb]:
    """The same stream in the same row, the last, of a batch that nobody has used."""
    fresh = Editor(
        editor.model, engine="eager", precision="fp32", text_encoder=editor._text, num_rows=3
    )
    viewer = [Viewer(fresh, seed) for seed in (7, 8, 9)][-1]
    while len(viewer.shown) < len(like.shown):
        step(fresh, [viewer])
    return viewer.shown


@pytest.mark.parametrize("kind", ["nano", "wan"])
def test_nothing_in_another_row_is_seen(texts: dict[str, EncodesText], kind: str) -> None:
    """Bit for bit: others at work, switching, starting anew, failing, leaving, and new ones in their place."""
    editor = editor_of(texts, kind, 3)
    calm = disturbed(editor, "rest")
    for how in ("work", "no numbers"):
        assert apart(calm, disturbed(editor_of(texts, kind, 3), how)) == 0


def test_what_is_wrong_with_one_is_in_its_place(texts: dict[str, EncodesText]) -> None:
    editor = editor_of(texts, "nano", 2)
    good, bad = Viewer(editor, 1), Viewer(editor, 2)
    with pytest.raises(StreamFailed, match="all 2 rows"):
        Viewer(editor, 3)
    stream, frames = bad.next()
    done = editor.generate_all([(stream, [*frames, *frames]), good.next()])
    assert isinstance(done[0], BadFrames) and isinstance(done[1], EditedChunk)
    stream.close()
    stream.close()
    with pytest.raises(StreamClosed):
        stream.generate(frames)
    taken = Viewer(editor, 3)
    with pytest.raises(StreamClosed):  # whoever has the row now
        stream.set_instruction(editor.encode_instruction(SNOW))
    assert taken.stream.chunk_index == 0


def test_a_closed_stream_leaves_nothing_behind(
    texts: dict[str, EncodesText], tmp_path: Path
) -> None:
    editor = editor_of(texts, "wan", 2)
    viewer = Viewer(editor, 1)
    for _ in range(3):
        step(editor, [viewer])
    rows = viewer.stream._rows
    viewer.stream.close()
    assert not rows._cache.keys_YBNSPE[:, 0].any() and not rows._cache.values_YBNSPE[:, 0].any()
    memory = rows._memory
    assert memory.fresh[0] and not any(x[0].any() for x in (*memory.encoder, *memory.decoder))


def test_what_a_stream_remembered_goes_with_it(texts: dict[str, EncodesText]) -> None:
    """At once: the garbage collector looks at counts of objects, and a cache is one of gigabytes."""
    viewer = Viewer(editor_of(texts, "nano", 1), 1)
    for _ in range(2):
        stream, frames = viewer.next()
        viewer.shown += [frame.rgb for frame in stream.generate(frames).frames]
        stream.finalize()
    rows = weakref.ref(viewer.stream._rows)
    gc.disable()
    try:
        viewer.stream.close()
        del viewer, stream
        assert rows() is None
    finally:
        gc.enable()
