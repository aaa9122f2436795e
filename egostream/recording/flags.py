"""The flags of `egostream serve` that say what is recorded."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from egostream.errors import EgostreamError
from egostream.recording.settings import WHATS, RecordSettings


def add_recording(parser: argparse.ArgumentParser) -> None:
    """Nothing is recorded without the first of them."""
    group = parser.add_argument_group(
        "recording",
        "Off unless a folder is named; people are told on the page. At a limit, or with\n"
        "less than 1 GB free on the disk, a recording ends and its session goes on;\n"
        "films are never deleted.",
    )
    group.add_argument(
        "--record-dir", type=Path, metavar="DIR", help="keep a film of every session here (off)"
    )
    group.add_argument(
        "--record",
        choices=WHATS,
        help="the camera's frames, what is sent back, or both side by side (edit)",
    )
    group.add_argument(
        "--record-limit-gb",
        type=_above_zero,
        metavar="X",
        help="record no more once all films in DIR take X GB (no limit)",
    )
    group.add_argument(
        "--record-max-minutes",
        type=_above_zero,
        metavar="N",
        help="record at most N minutes of a session (no limit)",
    )


def chosen_recording(arguments: argparse.Namespace) -> RecordSettings | None:
    """What the flags of `add_recording` said. Raises EgostreamError where they do not say where to."""
    limit_gb, minutes = arguments.record_limit_gb, arguments.record_max_minutes
    if arguments.record_dir is None:
        if (arguments.record, limit_gb, minutes) != (None, None, None):
            raise EgostreamError("nothing is recorded without a folder: name one with --record-dir")
        return None
    return RecordSettings(
        folder=arguments.record_dir,
        what=arguments.record or "edit",
        max_bytes=None if limit_gb is None else round(limit_gb * 1e9),
        max_seconds=None if minutes is None else minutes * 60,
    )


def _above_zero(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"a number above 0, not {text!r}")
    return number
