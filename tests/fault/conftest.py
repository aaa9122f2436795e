"""What all tests under bad conditions share. `make test-fault` runs them; a few short ones are in every run."""

from __future__ import annotations

import functools

import pytest

from bench.network.lab import why_unavailable

why_no_lab = functools.cache(why_unavailable)


@pytest.fixture(scope="session")
def lab() -> None:
    """Skips where no private network can be made, as in a container without rights."""
    if (why := why_no_lab()) is not None:
        pytest.skip(why)
