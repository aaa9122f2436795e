"""A run's folder: `items.jsonl` (what was edited, how), `run.json` (on what, from where) and `videos/`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.egoedit.errors import BadRun, Trouble
from bench.egoedit.journal import Line, read_journal
from bench.egoedit.tasks import canonical

ITEMS, ABOUT, VIDEOS = "items.jsonl", "run.json", "videos"
LONGEST_NAME = 180


@dataclass(frozen=True, slots=True)
class Done:
    """An item of a run. `num_frames` is the output's; `trouble` is set where there is no output."""

    edit_id: str
    task: str
    sub_task: str | None
    instruction: str
    source: Path
    output: Path
    num_frames: int
    trouble: Trouble | None


@dataclass(frozen=True, slots=True)
class Run:
    """A folder that `run` has written. `header` says how the edits were made, `about` on what."""

    folder: Path
    header: Line
    about: dict[str, Any]
    items: tuple[Done, ...]

    @property
    def edited(self) -> tuple[Done, ...]:
        """The items that have an output."""
        return tuple(i for i in self.items if i.trouble is None)


def video_name(edit_id: str) -> str:
    """A safe file name for an edit's id, and no other id's."""
    name = quote(edit_id, safe=" ")
    if len(name) > LONGEST_NAME or name.startswith("."):
        name = name.lstrip(".")[:LONGEST_NAME] + hashlib.sha256(edit_id.encode()).hexdigest()[:12]
    return f"{name}.mp4"


def load_run(folder: Path, bench: Path | None = None) -> Run:
    """What a folder holds; `bench` where the sources have moved since. Raises BadRun."""
    if not (folder / ITEMS).is_file():
        raise BadRun(
            f"{folder} holds no run; make one: python -m bench.egoedit run --bench FOLDER --out {folder}"
        )
    header, entries = read_journal(folder / ITEMS)
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        root = bench or Path(about["bench"])
        items = tuple(_item(folder, root, line) for line in entries.values())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadRun(f"{folder} is damaged: {error!r}; edit into another folder") from error
    return Run(folder, header, about, items)


def _item(folder: Path, bench: Path, line: Line) -> Done:
    return Done(
        edit_id=line["edit_id"],
        task=canonical(line["task"]),
        sub_task=line["sub_task"],
        instruction=line["instruction"],
        source=bench / line["source"],
        output=folder / line["output"],
        num_frames=line.get("frames", 0),
        trouble=Trouble.from_dict(line["problem"]) if "problem" in line else None,
    )
