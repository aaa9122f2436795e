"""Shared by all tests."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest


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
