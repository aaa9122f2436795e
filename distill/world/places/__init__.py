"""The places things stand in: kitchen, office desk, workshop, garden, living room, plain room.

Every place has its table top at z = 0 under the same things, so two fit into one model and the one
that is shown can be exchanged. Few vertices and small pictures: a software rasteriser draws them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distill.world import textures
from distill.world.places.base import Stage
from distill.world.places.desk import add_desk
from distill.world.places.kitchen import add_kitchen
from distill.world.places.living import add_living
from distill.world.places.outdoors import add_outdoors
from distill.world.places.person import add_person
from distill.world.places.room import add_room
from distill.world.places.workshop import add_workshop

# Each builds the place and returns the y of what closes it off behind the table.
_BUILDERS: dict[str, Callable[[Stage], float]] = {
    "kitchen": add_kitchen,
    "desk": add_desk,
    "workshop": add_workshop,
    "outdoors": add_outdoors,
    "living": add_living,
    "room": add_room,
}
PLACES: tuple[str, ...] = tuple(_BUILDERS)


def add_place(
    spec: Any,
    rng: np.random.Generator,
    split: textures.Split,
    place: str,
    frontal: bool,
    person: bool,
    prefix: str = "",
) -> None:
    """Adds one of `PLACES` to the model; names of geoms, meshes, materials begin with `prefix`.

    `frontal` leaves room for a wide view, `person` adds a figure behind the table whose geoms are
    named ``<prefix>person…``. A place that does not exist is a `KeyError`.
    """
    stage = Stage(spec, rng, split, prefix, frontal)
    wall_y = _BUILDERS[place](stage)
    if person:
        add_person(stage, wall_y)
    stage.finish()


__all__ = ["PLACES", "add_place"]
