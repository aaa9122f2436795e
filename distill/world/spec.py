"""Meshes and pictures into a MuJoCo model specification."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np

from distill.world.compose import Array
from distill.world.meshes import Mesh

# Nothing collides, which also spares the convex hull of every mesh.
NO_CONTACT: dict[str, int] = {"contype": 0, "conaffinity": 0}


def add_mesh(spec: Any, name: str, mesh: Mesh) -> None:
    """Registers a mesh; shell inertia, because thin and open shapes have no volume."""
    corners = mesh.faces.astype(np.int32).ravel()
    spec.add_mesh(
        name=name,
        uservert=mesh.vertices.astype(np.float32).ravel(),
        userface=corners,
        usernormal=mesh.normals.astype(np.float32).ravel(),
        userfacenormal=corners,
        usertexcoord=mesh.uv.astype(np.float32).ravel(),
        userfacetexcoord=corners,
        inertia=mujoco.mjtMeshInertia.mjMESH_INERTIA_SHELL,
    )


def add_texture(spec: Any, name: str, image: Array) -> None:
    """Registers a picture (H, W, 3) as a 2D texture; its first row is the top."""
    h, w, _ = image.shape
    texture = spec.add_texture(
        name=name, type=mujoco.mjtTexture.mjTEXTURE_2D, width=w, height=h, nchannel=3
    )
    texture.data = np.ascontiguousarray(image[::-1]).tobytes()
