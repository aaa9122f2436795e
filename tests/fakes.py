"""Editors without a model: fast, deterministic, and able to misbehave on request."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence

from egostream.contract import Done, EditedChunk, Instruction
from egostream.errors import BadFrames, StreamFailed
from egostream.frames import Frame
from egostream.instruction import check_instruction


class FakeEditor:
    """Inverts pictures, four at a time after a first one, in `delay_ms` per chunk.

    An instruction containing "explode" raises in `generate`, "hang" never returns, "die" ends the process; one
    containing "hard" takes 150 ms to encode. `gate`, when given, is waited for in `warm_up`.
    """

    name = "fake"
    frame_hw = (48, 64)
    chunk_frames = 4

    def __init__(self, delay_ms: float = 0.0, gate: threading.Event | None = None) -> None:
        self.delay_ms = delay_ms
        self.gate = gate
        self.streams: list[FakeStream] = []
        self.threads: set[str] = set()

    def encode_instruction(self, text: str) -> Instruction:
        if "hard" in text:
            time.sleep(0.15)
        return Instruction(check_instruction(text))

    def open(self, instruction: Instruction, seed: int = 0) -> FakeStream:
        stream = FakeStream(self, instruction, seed)
        self.streams.append(stream)
        return stream

    def warm_up(self) -> None:
        if self.gate is not None:
            assert self.gate.wait(20)


class FakeBatchEditor(FakeEditor):
    """The same, several in the time of one; see `contract.Batching`."""

    def __init__(self, num_rows: int, delay_ms: float = 0.0) -> None:
        super().__init__(delay_ms)
        self.num_rows = num_rows
        self.batches: list[int] = []

    def generate_all(self, work: Sequence[tuple[FakeStream, Sequence[Frame]]]) -> list[Done]:
        self.batches.append(len(work))
        time.sleep(self.delay_ms / 1000)
        done: list[Done] = []
        for stream, frames in work:
            if "no numbers" in stream.instruction.text:
                done.append(StreamFailed("as asked"))
            else:
                done.append(stream.edit(frames))
        return done


class FakeStream:
    def __init__(self, editor: FakeEditor, instruction: Instruction, seed: int) -> None:
        self.editor = editor
        self.instruction = instruction
        self.seed = seed
        self.num_resets = 0
        self.num_finalized = 0
        self.is_closed = False
        self._index = 0

    @property
    def chunk_index(self) -> int:
        return self._index

    @property
    def num_frames_wanted(self) -> int:
        return 1 if self._index == 0 else self.editor.chunk_frames

    def set_instruction(self, instruction: Instruction) -> None:
        self.instruction = instruction

    def generate(self, frames: Sequence[Frame]) -> EditedChunk:
        self.editor.threads.add(threading.current_thread().name)
        if len(frames) != self.num_frames_wanted:
            raise BadFrames(f"{len(frames)} frames, not {self.num_frames_wanted}")
        if "explode" in self.instruction.text:
            raise ZeroDivisionError("as asked")
        if "hang" in self.instruction.text:
            time.sleep(60)
        if "die" in self.instruction.text:
            os._exit(3)
        time.sleep(self.editor.delay_ms / 1000)
        return self.edit(frames)

    def edit(self, frames: Sequence[Frame]) -> EditedChunk:
        edited = [Frame(255 - frame.rgb, frame.pts) for frame in frames]
        stage_ms = {"encode": 1.0, "denoise": self.editor.delay_ms, "latent_decode": 1.0}
        chunk = EditedChunk(edited, self._index, self.instruction, stage_ms)
        self._index += 1
        return chunk

    def finalize(self) -> None:
        self.num_finalized += 1

    def reset(self) -> None:
        self.num_resets += 1
        self._index = 0

    def close(self) -> None:
        self.is_closed = True
