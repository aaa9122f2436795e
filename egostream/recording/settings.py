"""What is recorded, where to, and how much of it."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from egostream.errors import EgostreamError

What = Literal["source", "edit", "both"]
WHATS: tuple[What, ...] = ("source", "edit", "both")
FREE_FLOOR = 10**9


class CannotRecord(EgostreamError):
    """A film cannot be begun or gone on with; the session goes on without."""

    code = "cannot_record"


@dataclass(frozen=True, slots=True)
class RecordSettings:
    """`both`: source and edit beside each other. `max_bytes`: of all films in the folder, older ones too; nothing is
    ever deleted to make room. `max_seconds`: of one session. `min_free_bytes`: what is left on the disk for others.
    """

    folder: Path
    what: What = "edit"
    max_bytes: int | None = None
    max_seconds: float | None = None
    min_free_bytes: int = FREE_FLOOR

    def make_folder(self) -> None:
        """Raises CannotRecord where it is none, or nothing may be written there."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CannotRecord(f"cannot record to {self.folder}: {error.strerror}") from error
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise CannotRecord(f"cannot record to {self.folder}: no permission to write there")

    def check_room(self) -> None:
        """Raises CannotRecord at a limit, which it names."""
        try:
            free = shutil.disk_usage(self.folder).free
            used = sum(film.stat().st_size for film in self.folder.glob("*.mp4"))
        except OSError as error:
            raise CannotRecord(f"cannot record to {self.folder}: {error.strerror}") from error
        if free < self.min_free_bytes:
            raise CannotRecord(f"the disk has less than {_size(self.min_free_bytes)} left")
        if self.max_bytes is not None and used >= self.max_bytes:
            raise CannotRecord(
                f"the recordings have reached their limit of {_size(self.max_bytes)}"
            )


def _size(num_bytes: int) -> str:
    return f"{num_bytes / 1e9:.3g} GB" if num_bytes >= 1e8 else f"{num_bytes / 1e6:.3g} MB"
