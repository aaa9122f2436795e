"""Pictures in memory that two processes share: written by one, then read by the other, never both at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from multiprocessing.shared_memory import SharedMemory

import numpy as np

from egostream.frames import Frame, Rgb
from egostream.worker.messages import Picture

SMALLEST = 1 << 20


class Arena:
    """A block of shared memory, made by the server and as large as the largest batch so far."""

    def __init__(self) -> None:
        self._block: SharedMemory | None = None

    def hold(self, num_bytes: int) -> SharedMemory:
        """The block, made anew where it is too small; what lay in the old one is gone."""
        if self._block is None or self._block.size < num_bytes:
            self.close()
            size = max(SMALLEST, 1 << (num_bytes - 1).bit_length())
            self._block = SharedMemory(create=True, size=size)
        return self._block

    def close(self) -> None:
        if self._block is not None:
            self._block.close()
            self._block.unlink()
            self._block = None


class Attached:
    """The worker's view of such blocks, by name: of the newest one only."""

    def __init__(self) -> None:
        self._block: SharedMemory | None = None

    def named(self, name: str) -> SharedMemory:
        if self._block is None or self._block.name != name:
            self.close()
            self._block = SharedMemory(name)
        return self._block

    def close(self) -> None:
        if self._block is not None:
            self._block.close()
            self._block = None


def write(block: SharedMemory, frames: Sequence[Frame], offset: int) -> Iterator[Picture]:
    """Copies frames into the block, one behind the other from `offset` on."""
    for frame in frames:
        h, w = frame.rgb.shape[:2]
        _view(block, offset, (h, w))[:] = frame.rgb
        yield Picture(offset, (h, w), frame.pts)
        offset += frame.rgb.nbytes


def read(block: SharedMemory, pictures: Sequence[Picture]) -> list[Frame]:
    """Copies of them: the block is written over by the next batch."""
    return [Frame(_view(block, p.offset, p.hw).copy(), p.pts) for p in pictures]


def _view(block: SharedMemory, offset: int, hw: tuple[int, int]) -> Rgb:
    return np.ndarray((*hw, 3), np.uint8, block.buf, offset)
