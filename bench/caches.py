"""Editors that remember otherwise than their preset says: how much of the past a stream needs."""

from __future__ import annotations

import argparse
from copy import copy
from dataclasses import dataclass, replace

from egostream.editor import Editor
from egostream.loading import cache_folder
from engines import BackendChoice


@dataclass(frozen=True, slots=True)
class Memory:
    """Chunks of the beginning that are kept for ever, and how many of the latest."""

    num_sink: int
    num_window: int

    def __str__(self) -> str:
        return f"sink {self.num_sink}, window {self.num_window}"


def parse_memory(text: str) -> Memory:
    """`SINK+WINDOW`. Raises argparse.ArgumentTypeError."""
    sink, _, window = text.partition("+")
    if not (sink.isdecimal() and window.isdecimal() and int(window) > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not SINK+WINDOW, such as 1+2")
    return Memory(int(sink), int(window))


def remembering(editor: Editor, memory: Memory, engine: BackendChoice) -> Editor:
    """An editor with the same weights and that memory; the given one stays as it is."""
    model = copy(editor.model)
    model.preset = replace(model.preset, num_sink=memory.num_sink, num_window=memory.num_window)
    return Editor(model, engine=engine, cache_dir=cache_folder())
