"""Files that people give to the command line: videos to edit, weights to load."""

from __future__ import annotations

import asyncio
import json
import struct
import tempfile
from pathlib import Path
from random import Random
from typing import ClassVar

from egostream.errors import BadCheckpoint, EgostreamError
from egostream.file_edit import EditJob, edit_file
from egostream.identity import IdentityEditor
from tests.fuzz.mutate import JSON_VALUES, NUMBERS, mutate_bytes
from tests.fuzz.seeds import video
from tests.fuzz.target import Target

MAX_SECONDS = 20.0
"""Of a video: a broken time stamp may promise hours."""


class Videos(Target):
    """`egostream edit`, with an editor that changes nothing."""

    name: ClassVar[str] = "video"
    is_native: ClassVar[bool] = True
    # some kilobytes of each broken file stay (FFmpeg or PyAV; not found out): a process edits one
    max_growth_mb: ClassVar[float] = 200.0

    async def open(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._kinds = (video(), video("libvpx", "matroska"), video("mpeg4", "mov"))
        self._num = 0

    def make(self, rng: Random) -> bytes:
        return mutate_bytes(rng, rng.choice(self._kinds), self._kinds)

    async def feed(self, data: bytes) -> None:
        self._num += 1
        source = Path(self._folder.name) / "source.mp4"
        target = Path(self._folder.name) / f"edit{self._num % 2}.mp4"
        source.write_bytes(data)
        target.unlink(missing_ok=True)
        job = EditJob(source, target, "make it night", seconds=MAX_SECONDS)
        try:
            await asyncio.to_thread(edit_file, job, IdentityEditor)
        except EgostreamError:
            if target.exists():
                raise AssertionError("half a file is left behind") from None

    async def close(self) -> None:
        self._folder.cleanup()


class Weights(Target):
    """`load_checkpoint`: the header of a safetensors file, which names tensors, sizes and the preset."""

    name: ClassVar[str] = "weights"
    is_native: ClassVar[bool] = True

    async def open(self) -> None:
        # torch is slow to import, and only these targets need it
        from egostream.models.checkpoint import EditModel, load_checkpoint, save_checkpoint
        from tests.unit.models.tiny import tiny_preset

        self._load = load_checkpoint
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name) / "weights.safetensors"
        save_checkpoint(self._path, EditModel(tiny_preset()))
        self._seed = self._path.read_bytes()

    def make(self, rng: Random) -> bytes:
        """Only what stands before the tensors' own bytes, which mean nothing."""
        (size,) = struct.unpack("<Q", self._seed[:8])
        raw = self._seed[8 : 8 + size]
        if rng.random() < 0.5:
            return self._seed[:8] + mutate_bytes(rng, raw)
        header = json.loads(raw)
        preset = json.loads(header["__metadata__"]["preset"])
        for _ in range(rng.choice((1, 1, 2))):
            place = rng.choice((header, header["__metadata__"], preset))
            if rng.random() < 0.7:
                place = rng.choice(
                    [v for v in place.values() if v and isinstance(v, dict)] or [place]
                )
            key = rng.choice(list(place))
            if rng.random() < 0.3:
                del place[key]
            else:
                place[key] = rng.choice((*JSON_VALUES, *NUMBERS, 3, 64, 10**9))
            if "__metadata__" not in header or not isinstance(header["__metadata__"], dict):
                break
        else:
            header["__metadata__"]["preset"] = json.dumps(preset)
        raw = json.dumps(header).encode("utf-8", "replace")
        return struct.pack("<Q", len(raw)) + raw

    async def feed(self, data: bytes) -> None:
        (size,) = struct.unpack("<Q", self._seed[:8])
        self._path.write_bytes(data + self._seed[8 + size :])
        try:
            self._load(self._path)
        except BadCheckpoint:
            pass

    async def close(self) -> None:
        self._folder.cleanup()
