"""Shared by all tests."""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def hear_interrupts() -> None:
    """Shells start background jobs deaf to Ctrl-C, and so would be all that tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def leave_logging_alone() -> Iterator[None]:
    """A test that runs a whole server process's start-up must not rewire pytest's capture."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    ours = logging.getLogger("egostream")
    ours_level = ours.level
    yield
    root.handlers[:], root.level = handlers, level
    ours.setLevel(ours_level)
