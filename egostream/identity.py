"""An editor that changes nothing: the transport floor of the latency bench, and a slow one for tests."""

from __future__ import annotations

import time
from collections.abc import Sequence

from egostream.contract import EditedChunk, Instruction
from egostream.errors import BadFrames
from egostream.frames import Frame
from egostream.instruction import check_instruction


class IdentityStream:
    """Returns each frame as it came, after `delay_ms` per chunk."""

    def __init__(self, instruction: Instruction, delay_ms: float) -> None:
        self._instruction = instruction
        self._delay_ms = delay_ms
        self._index = 0

    @property
    def chunk_index(self) -> int:
        return self._index

    @property
    def num_frames_wanted(self) -> int:
        return 1

    def set_instruction(self, instruction: Instruction) -> None:
        self._instruction = instruction

    def generate(self, frames: Sequence[Frame]) -> EditedChunk:
        if len(frames) != 1:
            raise BadFrames(f"the identity editor takes 1 frame at a time, got {len(frames)}")
        if self._delay_ms:
            time.sleep(self._delay_ms / 1000)
        chunk = EditedChunk(
            list(frames), self._index, self._instruction, {"denoise": self._delay_ms}
        )
        self._index += 1
        return chunk

    def finalize(self) -> None:
        """Nothing is cached."""

    def reset(self) -> None:
        self._index = 0

    def close(self) -> None:
        """Nothing is held."""


class IdentityEditor:
    """See `contract.EditorLike`."""

    name = "identity"
    frame_hw = (192, 256)
    chunk_frames = 1

    def __init__(self, delay_ms: float = 0.0) -> None:
        self.delay_ms = delay_ms

    def encode_instruction(self, text: str) -> Instruction:
        return Instruction(check_instruction(text))

    def open(self, instruction: Instruction, seed: int = 0) -> IdentityStream:
        return IdentityStream(instruction, self.delay_ms)

    def warm_up(self) -> None:
        """Nothing to warm."""
