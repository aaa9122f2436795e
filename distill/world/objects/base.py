"""What an object is: its parts, its grip, and the register of the kinds there are.

A part is either recoloured (an `albedo` factor of the object's colour) or keeps a fixed colour
of its own (pages of a book, the screen of a phone): then white and black layers agree on it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from distill.world.meshes import Mesh
from distill.world.objects.facts import FACTS

Color = tuple[float, float, float]
Grip = Literal["wrap", "edge"]


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of an object: a mesh, or a MuJoCo primitive named by `shape` with its `size`."""

    shape: Literal["mesh", "box", "cylinder", "sphere", "ellipsoid", "capsule"]
    mesh: Mesh | None = None
    size: tuple[float, ...] = ()
    pos: tuple[float, float, float] = (0.0, 0.0, 0.0)
    quat: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    albedo: float = 1.0
    fixed: Color | None = None
    decorated: bool = False
    emission: float = 0.0


@dataclass(frozen=True, slots=True)
class Thing:
    """A shape: its parts, footprint radius and height, and how a hand takes it.

    wrap: a palm meets the half width `grip_radius` at height `grip_z`. edge: fingers go under the
    thing at height `grip_z`, the knuckles at `grip_radius` from its middle. `materials` it is
    usually made of, the likeliest first; `uses` are phrases that follow "the thing".
    """

    kind: str
    parts: tuple[Part, ...]
    radius: float
    height: float
    grip: Grip = "wrap"
    grip_radius: float = 0.03
    grip_z: float = 0.05
    gloss: float = 0.25
    can_lie: bool = False
    tags: tuple[str, ...] = field(default_factory=tuple)
    materials: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()


Maker = Callable[[np.random.Generator, float], Thing]
MAKERS: dict[str, Maker] = {}


def kind(name: str) -> Callable[[Maker], Maker]:
    """Registers the maker of a kind of thing under its plainest name."""

    def register(maker: Maker) -> Maker:
        MAKERS[name] = maker
        return maker

    return register


def make(kind: str, rng: np.random.Generator) -> Thing:
    """A random example of a kind; an unknown kind is a `KeyError`."""
    thing = MAKERS[kind](rng, float(rng.uniform(0.85, 1.2)))
    materials, uses = FACTS[kind]
    return replace(thing, materials=materials, uses=uses)
