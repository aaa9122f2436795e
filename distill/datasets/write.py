"""Writes a dataset in EgoEditData's layout: mp4 files in one folder, two CSV tables beside them."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from distill.datasets.tables import (
    DATA_COLUMNS,
    EDIT_COLUMNS,
    BadDataset,
    Split,
    data_table,
    edits_table,
    write_table,
)

Pictures = NDArray[np.uint8]
QUALITY = "12"  # H.264's constant rate factor: visually the same as the source


class DatasetWriter:
    """Add videos and edits, then `close`; the tables appear only then. `rate`: frames a second."""

    def __init__(self, folder: Path, split: Split, rate: Fraction | int) -> None:
        self.folder, self.split, self.rate = folder, split, Fraction(rate)
        for path in (data_table(folder, split), edits_table(folder, split)):
            if path.exists():
                raise BadDataset(f"{path} is there already; name an empty folder")
        (folder / "videos").mkdir(parents=True, exist_ok=True)
        self._videos: dict[str, str] = {}
        self._edits: dict[str, tuple[str, ...]] = {}

    def add_video(self, video_id: str, pictures: Pictures) -> None:
        """Pictures (n, h, w, 3), h and w even. Raises BadDataset for an id that is taken."""
        if video_id in self._videos:
            raise BadDataset(f"there is a video {video_id} already")
        name = f"{video_id}.mp4"
        encode(self.folder / "videos" / name, pictures, self.rate)
        self._videos[video_id] = f"videos/{name}"

    def add_edit(
        self,
        edit_id: str,
        source_id: str,
        instruction: str,
        *,
        target_id: str | None = None,
        task: str | None = None,
        sub_task: str = "",
    ) -> None:
        """`target_id` for training, `task` for a bench. Raises BadDataset for what cannot be read back."""
        wanted = target_id if self.split == "train" else task
        if not wanted or not instruction.strip():
            raise BadDataset(f"edit {edit_id} lacks its instruction, target or task")
        unknown = {source_id, *([target_id] if target_id else ())} - self._videos.keys()
        if unknown:
            raise BadDataset(f"edit {edit_id} names videos that were not added: {sorted(unknown)}")
        if edit_id in self._edits:
            raise BadDataset(f"there is an edit {edit_id} already")
        if self.split == "train":
            self._edits[edit_id] = (edit_id, source_id, wanted, instruction)
        else:
            self._edits[edit_id] = (edit_id, source_id, instruction, wanted, sub_task)

    def close(self) -> None:
        """Write the tables, the edits last: a folder that has them is whole."""
        write_table(data_table(self.folder, self.split), DATA_COLUMNS, list(self._videos.items()))
        columns = EDIT_COLUMNS[self.split]
        write_table(edits_table(self.folder, self.split), columns, list(self._edits.values()))


def encode(path: Path, pictures: Pictures, rate: Fraction) -> None:
    """An H.264 file, put in place whole."""
    partial = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    with av.open(str(partial), "w") as container:
        options = {"crf": QUALITY, "preset": "veryfast"}
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.height, stream.width = pictures.shape[1:3]
        stream.pix_fmt = "yuv420p"
        for picture in pictures:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    os.replace(partial, path)
