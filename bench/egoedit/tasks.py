"""The bench's fifteen tasks, under one spelling each: tables, file names and the paper spell them in several ways."""

from __future__ import annotations

import re
from collections.abc import Iterable

# Task, the number of its items in the release, and further spellings.
_TASKS: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("Add Object", 50, ("add", "object addition")),
    ("Remove Object", 50, ("remove", "object removal")),
    ("Change Object", 400, ("change", "object change")),
    ("Change Background", 100, ("background", "background change")),
    ("Change Camera Pose", 100, ("camera pose", "change camera", "camera")),
    ("Add Effect", 100, ("effect", "effects")),
    ("Stylization", 100, ("style", "stylisation")),
    ("Reasoning", 100, ()),
    ("Combined", 100, ("combined task", "combined tasks", "combination")),
    ("Depth-to-Video", 100, ("depth",)),
    ("Sketch-to-Video", 100, ("sketch", "canny to video")),
    ("Pose-to-Video", 100, ("pose",)),
    ("Video-to-Depth", 100, ("depth estimation",)),
    ("Video-to-Sketch", 100, ("sketch estimation", "edge detection", "video to canny")),
    ("Video-to-Pose", 100, ("pose estimation",)),
)
TASKS = tuple(name for name, _, _ in _TASKS)
NUM_ITEMS = {name: count for name, count, _ in _TASKS}


def _folded(text: str) -> str:
    return " ".join(re.split(r"[\W_]+", text.casefold())).strip()


_KNOWN = {_folded(word): name for name, _, others in _TASKS for word in (name, *others)}


def canonical(task: str) -> str:
    """The task's one spelling; a task that is not among the fifteen stays as it is written."""
    return _KNOWN.get(_folded(task), " ".join(task.split()))


def in_order(tasks: Iterable[str]) -> list[str]:
    """Each once: the fifteen in their order, then others by name."""
    found = set(tasks)
    return [t for t in TASKS if t in found] + sorted(found - set(TASKS))
