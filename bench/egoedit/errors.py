"""What can go wrong with a run of the bench as a whole, and with one of its items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from egostream.errors import EgostreamError

ItemKind = Literal[
    "bad_instruction", "bad_video", "edit_failed", "length_mismatch", "rate_mismatch",
    "time_mismatch", "missing_video", "judge_unreachable", "judge_error", "judge_no_marks",
    "too_short", "no_caption",
]  # fmt: skip


class BadRun(EgostreamError):
    """A run's folder is missing, another run's, in use, or damaged."""

    code = "bad_run"


class BadJudge(EgostreamError):
    """The judge's endpoint or key cannot be used at all: going on would fail every item."""

    code = "bad_judge"


class BadCaptions(EgostreamError):
    """The file of captions cannot be used."""

    code = "bad_captions"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why one item has no result."""

    kind: ItemKind
    detail: str

    def as_dict(self) -> dict[str, str]:
        return {"kind": self.kind, "detail": self.detail}

    @staticmethod
    def from_dict(values: dict[str, Any]) -> Trouble:
        """The inverse of `as_dict`."""
        return Trouble(values["kind"], values["detail"])


class ItemFailed(Exception):
    """Raised where an item is worked on, caught where items are counted."""

    def __init__(self, kind: ItemKind, detail: str) -> None:
        super().__init__(detail)
        self.trouble = Trouble(kind, detail)
