"""The named things of the world, recognisable by shape. Metres, standing on z = 0.

A catalogue says which kinds scenes draw from. Its order is part of what a seed means: "basic"
never changes.
"""

from __future__ import annotations

from typing import Literal

# Importing a family registers its kinds.
from distill.world.objects import (
    basic,
    desk,
    fruit,
    gadgets,
    home,
    kitchen,
    play,
    tools,
    toys,
    treats,
    utensils,
    vehicles,
    workshop,
)
from distill.world.objects.base import MAKERS, Color, Grip, Maker, Part, Thing, make

Catalogue = Literal["basic", "full"]

FAMILIES = (
    (basic, kitchen, utensils, fruit, treats, desk, gadgets)
    + (tools, workshop, toys, vehicles, play, home)
)  # fmt: skip
BASIC_KINDS: tuple[str, ...] = (
    "cup", "bottle", "can", "bowl", "plate", "vase", "ball", "block", "box", "book", "phone",
    "banana", "apple", "candle", "lamp", "teapot", "car",
)  # fmt: skip
KINDS: tuple[str, ...] = tuple(
    kind for f in FAMILIES for kind, maker in MAKERS.items() if maker.__module__ == f.__name__
)
CATALOGUES: dict[Catalogue, tuple[str, ...]] = {"basic": BASIC_KINDS, "full": KINDS}

__all__ = [
    "BASIC_KINDS", "CATALOGUES", "KINDS", "MAKERS", "Catalogue", "Color", "Grip", "Maker", "Part",
    "Thing", "make",
]  # fmt: skip
