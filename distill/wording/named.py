"""Edits that go by a name (a style, a weather, an effect, a move): every name has words of its own.

A grammar of the family has slots for those words ("{noun}", "{look}"); \
    besides, a name may have whole
wordings of its own that fit no pattern.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Words = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Named:
    """What one name is called in one vocabulary: words by slot, and wordings of its own."""

    words: Words
    own: tuple[str, ...] = ()


def table(text: str, slots: tuple[str, ...]) -> dict[str, Named]:
    """Reads "name: words | words | … | own wordings", options divided by ";"; slots in this order."""
    found = {}
    for line in text.strip().splitlines():
        name, rest = line.strip().split(": ", 1)
        fields = [tuple(o.strip() for o in f.split(";") if o.strip()) for f in rest.split("|")]
        if len(fields) != len(slots) + 1 or not all(fields[:-1]):
            raise ValueError(f"{name}: {len(slots)} slots and the own wordings are needed")
        found[name] = Named(dict(zip(slots, fields, strict=False)), fields[-1])
    return found
