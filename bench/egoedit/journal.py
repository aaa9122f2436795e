"""A file of results that survives anything: one line of JSON an item, behind a line that says how they were made.

A line is on disk before the next item begins; one that was torn off half-way is dropped when the file is opened
again. The last line of an item counts, so what failed may be tried once more.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from bench.egoedit.errors import BadRun

Line = dict[str, Any]
ID = "edit_id"


def read_journal(path: Path) -> tuple[Line, dict[str, Line]]:
    """The header, and each item's last line. Raises BadRun."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadRun(f"cannot read {path}: {error.strerror}") from error
    return _parse(path, raw[: raw.rfind(b"\n") + 1])


def _parse(path: Path, raw: bytes) -> tuple[Line, dict[str, Line]]:
    try:
        header, *lines = [json.loads(line) for line in raw.splitlines()] or [{}]
        return header["header"], {line[ID]: line for line in lines}
    except (ValueError, KeyError, TypeError) as error:
        raise BadRun(f"{path} is damaged or not a file of this bench; move it away") from error


class Journal:
    """Opened for writing, by one process at a time. Use as a context manager. Raises BadRun.

    `entries` is each item's last line. A file of results made under another `header` is refused: results that were
    made in different ways must not be averaged.
    """

    def __init__(self, path: Path, header: Mapping[str, Any]) -> None:
        self.path = path
        self.entries: dict[str, Line] = {}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("a+b")
        except OSError as error:
            raise BadRun(f"cannot write {path}: {error.strerror}") from error
        try:
            self._open(dict(header))
        except BaseException:
            self._file.close()
            raise

    def _open(self, header: Line) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BadRun(f"another process is writing {self.path}; let it finish") from error
        self._file.seek(0)
        raw = self._file.read()
        whole = raw[: raw.rfind(b"\n") + 1]
        self._file.truncate(len(whole))
        found, self.entries = _parse(self.path, whole) if whole else ({}, {})
        if not self.entries:  # without results any header will do
            self._file.truncate(0)
            self._write({"header": header})
            return
        differing = [k for k in {**found, **header} if found.get(k) != header.get(k)]
        if differing:
            changes = ", ".join(f"{k} {found.get(k)!r}, now {header.get(k)!r}" for k in differing)
            raise BadRun(
                f"{self.path} was made in another way ({changes}); name another folder, or move it away"
            )

    def drop_empty(self) -> None:
        """Remove the file if it holds no results."""
        if not self.entries:
            self.path.unlink(missing_ok=True)

    def add(self, entry: Mapping[str, Any]) -> None:
        """Write an item's line; it is on disk when this returns."""
        self._write(entry)
        self.entries[entry[ID]] = dict(entry)

    def _write(self, values: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(values, ensure_ascii=False).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def write_json(path: Path, values: Any) -> None:
    """A JSON file, put in place whole."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(partial, path)
