"""The stage hand: puts walls, boxes and pictures of one place into a model under one prefix.

World frame as in `scene`: the table top is z = 0, the viewer looks towards +y. Metres. Everything
is a geom of the world body; nothing here has a name an instruction could say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import mujoco
import numpy as np

from distill.world import textures
from distill.world.compose import Array
from distill.world.meshes import Mesh, quad
from distill.world.primitives import Shape, Solids, add_joined, primitive, put
from distill.world.spatial import frame, quaternion, rotation
from distill.world.spec import NO_CONTACT, add_mesh, add_texture

BOX: Shape = "box"
CYLINDER: Shape = "cylinder"
ELLIPSOID: Shape = "ellipsoid"
X, Z = np.array([1.0, 0, 0]), np.array([0.0, 0, 1.0])
UP = np.eye(3)
TO_VIEWER = frame(X, Z, np.array([0, -1.0, 0]))
STEEL = (0.62, 0.63, 0.65)


def facing(yaw: float) -> Array:
    """The rotation of an upright sheet that looks at the viewer, turned by `yaw` about z."""
    return rotation(Z, yaw) @ TO_VIEWER


@dataclass(slots=True)
class Stage:
    """Where a place is built; all names begin with `prefix`."""

    spec: Any
    rng: np.random.Generator
    split: textures.Split
    prefix: str
    frontal: bool
    count: int = 0
    _solids: dict[str, Solids] = field(default_factory=dict)

    def _name(self, name: str) -> str:
        if name:
            return self.prefix + name
        self.count += 1
        return f"{self.prefix}part{self.count}"

    def texture(self, name: str, image: Array, glow: float = 0.0, gloss: float = 0.05) -> str:
        """Registers a picture under a material's name, which is returned."""
        name = self._name(name)
        add_texture(self.spec, name, image)
        material = self.spec.add_material(name=name, specular=gloss, shininess=0.3, emission=glow)
        material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name
        return name

    def solid(
        self, kind: Shape, at: Any, size: Any, rgb: Any, rot: Array = UP, name: str = ""
    ) -> None:
        """A primitive of half sizes `size` in one colour; drawn once the place is finished."""
        mesh = put(primitive(kind, size), at, quaternion(rot))
        r, g, b = np.clip(np.asarray(rgb, float), 0, 1).tolist()
        self._solids.setdefault(name, {}).setdefault((r, g, b), []).append(mesh)

    def finish(self) -> None:
        """Adds the solids, those of one name and colour as one geom."""
        for name, solids in self._solids.items():
            add_joined(self.spec, self.spec.worldbody, f"{self.prefix}{name or 'solid'}", solids)

    def box(self, low: Any, high: Any, rgb: Any, name: str = "") -> None:
        """An upright box between two corners."""
        a, b = np.asarray(low, float), np.asarray(high, float)
        self.solid(BOX, (a + b) / 2, (b - a) / 2, rgb, name=name)

    def block(self, low: Any, high: Any, material: str) -> None:
        """An upright box between two corners in a registered material."""
        a, b = np.asarray(low, float), np.asarray(high, float)
        self.spec.worldbody.add_geom(
            name=self._name(""), type=mujoco.mjtGeom.mjGEOM_BOX, pos=(a + b) / 2,
            size=(b - a) / 2, material=material, **NO_CONTACT,
        )  # fmt: skip

    def sheet(
        self,
        at: Any,
        size: tuple[float, float],
        image: Array | None = None,
        repeat: tuple[float, float] = (1.0, 1.0),
        rgb: Any = (1.0, 1.0, 1.0),
        rot: Array = UP,
        glow: float = 0.0,
        name: str = "",
        cells: int = 2,
    ) -> None:
        """A rectangle facing the +z of `rot` with a picture on it; `glow` is light of its own."""
        self.mesh(quad(*size, repeat, cells), at, image, rgb, rot, glow, name)

    def mesh(
        self,
        mesh: Mesh,
        at: Any,
        image: Array | None = None,
        rgb: Any = (1.0, 1.0, 1.0),
        rot: Array = UP,
        glow: float = 0.0,
        name: str = "",
        material: str = "",
    ) -> None:
        """A mesh with a picture of its own, or one that is registered already."""
        name = self._name(name)
        add_mesh(self.spec, name, mesh)
        if not material:
            made = self.spec.add_material(name=name, specular=0.05, shininess=0.2, emission=glow)
            if image is not None:
                add_texture(self.spec, name, image)
                made.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name
        self.spec.worldbody.add_geom(
            name=name, type=mujoco.mjtGeom.mjGEOM_MESH, meshname=name, material=material or name,
            rgba=[*np.clip(rgb, 0, 1), 1.0], pos=np.asarray(at, float), quat=quaternion(rot),
            **NO_CONTACT,
        )  # fmt: skip

    def choose(self, *items: Any) -> Any:
        return items[int(self.rng.integers(len(items)))]

    def color(self, low: float = 0.05, high: float = 0.95) -> Array:
        return np.asarray(self.rng.uniform(low, high, 3))

    def tint(self, rgb: Any, spread: float = 0.15) -> Array:
        """A colour near `rgb`."""
        scale = self.rng.uniform(1 - spread, 1 + spread) * self.rng.uniform(0.95, 1.05, 3)
        return np.clip(np.asarray(rgb, float) * scale, 0, 1)

    def chance(self, odds: float) -> bool:
        return bool(self.rng.random() < odds)

    def side(self) -> int:
        return -1 if self.chance(0.5) else 1

    def surface(self, *names: str) -> Array:
        """A picture of one of `names`; the held-out split shows its own now and then."""
        if self.split == "heldout" and self.chance(0.35):
            names = textures.HELDOUT_SURFACES
        return textures.surface(str(self.choose(*names)), self.rng)

    def top(
        self, image: Array, back: float, repeat: tuple[float, float], width: float = 2.4
    ) -> None:
        """The table top from the viewer's lap to y = `back`."""
        depth = back + 0.8
        shade = self.rng.uniform(0.85, 1.0) * np.ones(3)
        self.sheet(
            (0, back - depth / 2, 0), (width, depth), image, repeat, shade, name="table", cells=6
        )

    def floor(self, image: Array, z: float = -0.75, repeat: float = 6.0) -> None:
        self.sheet((0, 1.2, z), (6.0, 5.0), image, (repeat, repeat * 0.8), (0.8,) * 3, name="floor")
