"""What Python's garbage collector need not look through."""

from __future__ import annotations

import gc


def spare_what_is_loaded() -> None:
    """Once a process has loaded what stays. Collections take milliseconds then, and come by sooner: a full one waits
    until the objects made since are a quarter of all that it would look through.
    """
    gc.collect()
    gc.freeze()
