"""Errors as logs may hold them."""

from __future__ import annotations

import traceback


def without_message(error: BaseException) -> str:
    """Its type, and where it was raised: what an exception *says* may quote what a user typed."""
    where = "".join(traceback.format_tb(error.__traceback__))
    return f"{type(error).__name__}\n{where}".rstrip()
