"""The two CSV tables of a dataset in EgoEditData's layout, and what may be wrong with their rows.

A data table names videos, an edits table names pairs of them: `data_id` is the video's id in the one and the
edit's id in the other. `data_url` may be an address or a path; only its base name counts, because every
published way of downloading puts the videos under some folder by that name.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from egostream.errors import EgostreamError

Split = Literal["train", "bench"]
STEMS: dict[Split, str] = {"train": "egoeditdata", "bench": "egoeditbench"}
DATA_COLUMNS = ("data_id", "data_url")
PROMPT = "source_to_target_edit_prompt"
EDIT_COLUMNS: dict[Split, tuple[str, ...]] = {
    "train": ("data_id", "source_data_id", "target_data_id", PROMPT),
    "bench": ("data_id", "source_data_id", PROMPT, "edit_task", "sub_edit_task"),
}
FETCHED = "download_success"  # a column that the download script adds
Kind = Literal[
    "empty_field", "duplicate_id", "not_downloaded", "missing_file", "ambiguous_file",
    "unreadable_video", "unknown_video", "unusable_video", "length_mismatch", "rate_mismatch",
    "aspect_mismatch",
]  # fmt: skip


class BadDataset(EgostreamError):
    """A dataset's folder or one of its tables cannot be used at all."""

    code = "bad_dataset"


@dataclass(frozen=True, slots=True)
class Problem:
    """One row that cannot be used, and why. `line` counts from 1 with the header, as editors do."""

    table: str
    line: int
    row_id: str
    kind: Kind
    detail: str

    def __str__(self) -> str:
        return f"{self.table}:{self.line}: {self.row_id or '(no id)'}: {self.detail}"


@dataclass(frozen=True, slots=True)
class VideoRow:
    """A row of a data table."""

    line: int
    video_id: str
    url: str
    fetched: bool

    @property
    def file_name(self) -> str:
        return PurePosixPath(self.url.replace("\\", "/")).name


@dataclass(frozen=True, slots=True)
class EditRow:
    """A row of an edits table; a bench has no targets, training has no tasks."""

    line: int
    edit_id: str
    source_id: str
    instruction: str
    target_id: str | None = None
    task: str | None = None
    sub_task: str | None = None


def data_table(folder: Path, split: Split) -> Path:
    return folder / "annotation" / f"{STEMS[split]}_data_table.csv"


def edits_table(folder: Path, split: Split) -> Path:
    return folder / "annotation" / f"{STEMS[split]}_edits_table.csv"


def find_split(folder: Path) -> Split:
    """The split whose tables a folder holds; training where it holds both. Raises BadDataset."""
    for split in STEMS:
        if data_table(folder, split).is_file():
            return split
    wanted = " or ".join(f"annotation/{s}_data_table.csv" for s in STEMS.values())
    raise BadDataset(f"{folder} is no dataset: it has no {wanted}")


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and named fields of each row. Raises BadDataset."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            lacking = [c for c in columns if c not in (reader.fieldnames or ())]
            if lacking:
                raise BadDataset(f"{path} lacks the columns {', '.join(lacking)}")
            for row in reader:
                yield reader.line_num, {k: (v or "").strip() for k, v in row.items() if k}
    except FileNotFoundError as error:
        raise BadDataset(f"there is no table {path}") from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadDataset(f"{path} cannot be read as CSV: {error}") from error


def read_videos(path: Path) -> tuple[list[VideoRow], list[Problem]]:
    """The usable rows of a data table, and the others. Raises BadDataset."""
    rows, problems, seen = [], [], dict[str, int]()
    for line, row in _rows(path, DATA_COLUMNS):
        video_id, url = row["data_id"], row["data_url"]
        fetched = row.get(FETCHED, "true").lower() not in ("false", "0", "no")
        if found := _flaw(video_id, {"data_url": url}, seen):
            problems.append(Problem(path.name, line, video_id, *found))
            continue
        seen[video_id] = line
        rows.append(VideoRow(line, video_id, url, fetched))
    return rows, problems


def read_edits(path: Path, split: Split) -> tuple[list[EditRow], list[Problem]]:
    """The usable rows of an edits table, and the others. Raises BadDataset."""
    rows, problems, seen = [], [], dict[str, int]()
    required = [c for c in EDIT_COLUMNS[split] if c != "sub_edit_task"]
    for line, row in _rows(path, EDIT_COLUMNS[split]):
        edit_id = row["data_id"]
        if found := _flaw(edit_id, {c: row[c] for c in required}, seen):
            problems.append(Problem(path.name, line, edit_id, *found))
            continue
        seen[edit_id] = line
        rows.append(
            EditRow(
                line,
                edit_id,
                row["source_data_id"],
                row[PROMPT],
                row.get("target_data_id"),
                row.get("edit_task"),
                row.get("sub_edit_task") or None,
            )
        )
    return rows, problems


def _flaw(row_id: str, required: dict[str, str], seen: dict[str, int]) -> tuple[Kind, str] | None:
    empty = [name for name, value in {"data_id": row_id, **required}.items() if not value]
    if empty:
        return "empty_field", f"{', '.join(empty)} is empty"
    if row_id in seen:
        return "duplicate_id", f"the id is taken by line {seen[row_id]}"
    return None


def write_table(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table, put in place whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)
    os.replace(partial, path)
