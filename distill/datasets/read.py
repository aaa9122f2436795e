"""A dataset in EgoEditData's layout, opened: which edits can be trained on, and what is wrong with the rest.

Nothing is dropped in silence: every row that cannot be used becomes a `Problem`.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from tqdm import tqdm

from distill.datasets.tables import (
    BadDataset,
    EditRow,
    Kind,
    Problem,
    Split,
    VideoRow,
    data_table,
    edits_table,
    find_split,
    read_edits,
    read_videos,
)

VIDEOS = frozenset({".mp4", ".mov", ".mkv", ".webm"})
IMAGES = frozenset({".png", ".jpg", ".jpeg", ".webp"})
PROBE_THREADS = 4
ASPECT_TOLERANCE = 0.02


@dataclass(frozen=True, slots=True)
class Clip:
    """A video file that decodes (an image is a clip of one frame). `rate` is None for an image."""

    path: Path
    num_frames: int
    rate: Fraction | None
    size_hw: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Edit:
    """One pair that can be trained on, or one item of a bench (no target)."""

    edit_id: str
    source: Clip
    target: Clip | None
    instruction: str
    task: str | None
    sub_task: str | None


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a folder holds. `num_rows`: rows of the edits table, usable or not."""

    folder: Path
    split: Split
    edits: tuple[Edit, ...]
    problems: tuple[Problem, ...]
    num_rows: int

    def summary(self) -> dict[str, object]:
        """Counts, for people and for JSON."""
        tasks = Counter(e.task for e in self.edits if e.task)
        return {
            "folder": str(self.folder),
            "split": self.split,
            "edits": self.num_rows,
            "usable_edits": len(self.edits),
            "videos_used": len({e.source.path for e in self.edits}
                               | {e.target.path for e in self.edits if e.target}),
            "problems": dict(Counter(p.kind for p in self.problems)),
            "tasks": dict(sorted(tasks.items())),
        }  # fmt: skip


def probe(path: Path) -> Clip:
    """Opens a file and decodes its first frame. Raises ValueError saying what is wrong with it."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise ValueError("it holds no video")
            stream = container.streams.video[0]
            frame = next(container.decode(stream), None)
            if frame is None:
                raise ValueError("not one frame of it decodes")
            image = path.suffix.lower() in IMAGES
            rate = None if image else stream.average_rate
            count = 1 if image else stream.frames or _count(path)
            return Clip(path, count, rate, (frame.height, frame.width))
    except (av.FFmpegError, OSError) as error:
        raise ValueError(f"it does not decode: {error}") from error


def _count(path: Path) -> int:
    """Frames of a file whose header does not tell, by reading its packets."""
    with av.open(str(path)) as container:
        return sum(1 for p in container.demux(video=0) if p.size)


def open_dataset(
    folder: Path, split: Split | None = None, *, show_progress: bool = False
) -> Dataset:
    """Read and check a folder; every video that an edit needs is opened. Raises BadDataset."""
    if not folder.is_dir():
        raise BadDataset(f"there is no folder {folder}")
    split = split or find_split(folder)
    videos, problems = read_videos(data_table(folder, split))
    edits, bad_edits = read_edits(edits_table(folder, split), split)
    needed = {i for e in edits for i in (e.source_id, e.target_id) if i}
    rows = [v for v in videos if v.video_id in needed]
    clips, bad_videos = _open_videos(folder, data_table(folder, split).name, rows, show_progress)
    known = {v.video_id for v in videos}
    usable, bad_pairs = [], []
    for row in edits:
        found = _join(row, clips, known, edits_table(folder, split).name)
        if isinstance(found, Edit):
            usable.append(found)
        else:
            bad_pairs.append(found)
    all_problems = (*problems, *bad_videos, *bad_edits, *bad_pairs)
    return Dataset(folder, split, tuple(usable), all_problems, len(edits) + len(bad_edits))


def _find_files(folder: Path) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in VIDEOS | IMAGES and path.is_file():
            found.setdefault(path.name, []).append(path)
    return found


def _open_videos(
    folder: Path,
    table: str,
    rows: list[VideoRow],
    show_progress: bool,
) -> tuple[dict[str, Clip], list[Problem]]:
    files = _find_files(folder)

    def look(row: VideoRow) -> Clip | Problem:
        def bad(kind: Kind, detail: str) -> Problem:
            return Problem(table, row.line, row.video_id, kind, detail)

        if not row.fetched:
            return bad("not_downloaded", "the table says that its download failed")
        paths = files.get(row.file_name, [])
        if not paths:
            return bad("missing_file", f"no file {row.file_name} under {folder}")
        if len(paths) > 1:
            return bad("ambiguous_file", f"{row.file_name} is there twice: {paths[0]}, {paths[1]}")
        try:
            return probe(paths[0])
        except ValueError as error:
            return bad("unreadable_video", f"{paths[0]}: {error}")

    clips, problems = {}, []
    with ThreadPoolExecutor(PROBE_THREADS) as pool:
        looked = tqdm(
            pool.map(look, rows), "open videos", len(rows), unit="file", disable=not show_progress
        )
        for row, found in zip(rows, looked, strict=True):
            if isinstance(found, Clip):
                clips[row.video_id] = found
            else:
                problems.append(found)
    return clips, problems


def _join(row: EditRow, clips: dict[str, Clip], known: set[str], table: str) -> Edit | Problem:
    wanted = {"source": row.source_id, **({"target": row.target_id} if row.target_id else {})}
    for role, video_id in wanted.items():
        if video_id not in known:
            detail = f"its {role} {video_id} is not in the data table"
            return Problem(table, row.line, row.edit_id, "unknown_video", detail)
        if video_id not in clips:
            detail = f"its {role} {video_id} cannot be used (see the data table)"
            return Problem(table, row.line, row.edit_id, "unusable_video", detail)
    source = clips[row.source_id]
    target = clips[row.target_id] if row.target_id else None
    if target is not None:
        if found := _mismatch(source, target):
            return Problem(table, row.line, row.edit_id, *found)
    return Edit(row.edit_id, source, target, row.instruction, row.task, row.sub_task)


def _mismatch(source: Clip, target: Clip) -> tuple[Kind, str] | None:
    if source.num_frames != target.num_frames:
        counts = f"{source.num_frames} and {target.num_frames}"
        return "length_mismatch", f"source and target have {counts} frames"
    if source.rate != target.rate:
        return "rate_mismatch", f"source and target run at {source.rate} and {target.rate} fps"
    (h, w), (th, tw) = source.size_hw, target.size_hw
    if abs(h * tw - th * w) > ASPECT_TOLERANCE * h * tw:
        return "aspect_mismatch", f"source and target are of {w} x {h} and {tw} x {th} pixels"
    return None
