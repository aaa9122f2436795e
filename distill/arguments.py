"""The kinds of values on training's command lines, and how its processes log."""

from __future__ import annotations

import argparse
import math

LOG_FORMAT = "%(asctime)s %(name)s: %(message)s"


def above_zero(text: str) -> float:
    """A command line's number above 0."""
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def not_negative(text: str) -> float:
    """A command line's number from 0 on."""
    value = float(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 on")
    return value


def share(text: str) -> float:
    """A command line's number from 0 to 1."""
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text} is not a share from 0 to 1")
    return value
