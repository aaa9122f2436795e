"""A picture of every kind of thing, alone on a neutral table with its name below it."""

from __future__ import annotations

from pathlib import Path

import mujoco
import numpy as np
from PIL import Image, ImageDraw

from distill.world import palette
from distill.world.compose import Array
from distill.world.motion import still
from distill.world.objects import make
from distill.world.objects.forms import surface
from distill.world.render import HIDDEN_GROUP, LayerRenderer
from distill.world.scene import Placed, Scene, add_object, empty_spec
from distill.world.spatial import look, rotation
from distill.world.spec import NO_CONTACT

Z = np.array([0.0, 0.0, 1.0])
LABEL = 14
FOVY = 24.0
# Shapes are hard to see in black and white.
COLORS = tuple(name for name in palette.NAMES if name not in ("black", "white", "navy"))
AT_ONCE = 40  # MuJoCo draws at most 1000 materials


def kinds_scene(kinds: tuple[str, ...], first: int, seed: int, size: int) -> Scene:
    """All the things in one place, of which `portrait` shows one; they are numbered from `first`."""
    spec = empty_spec(size, size)
    light = spec.visual.headlight
    light.ambient, light.diffuse, light.specular = [0.45] * 3, [0, 0, 0], [0, 0, 0]
    spec.worldbody.add_light(
        name="sun",
        type=mujoco.mjtLightType.mjLIGHT_DIRECTIONAL,
        pos=[0.6, -0.8, 1.5],
        dir=[-0.45, 0.5, -1.0],
        castshadow=True,
        ambient=[0, 0, 0],
        diffuse=[0.5] * 3,
        specular=[0.2] * 3,
    )
    spec.worldbody.add_geom(
        name="table",
        type=mujoco.mjtGeom.mjGEOM_PLANE,
        size=[2, 2, 1],
        rgba=[0.62, 0.61, 0.6, 1],
        **NO_CONTACT,
    )
    objects, albedo = [], {}
    for number, kind in enumerate(kinds, first):
        rng = np.random.default_rng([seed, number])
        yaw = rotation(Z, float(rng.uniform(0.7, 1.1)))
        name = COLORS[(7 * number + seed) % len(COLORS)]
        pose = still(np.array([0, 0, 0.0005]), yaw)
        placed = Placed(number, make(kind, rng), name, palette.color(name), pose)
        objects.append(placed)
        albedo.update(add_object(spec, placed, rng))
    spec.worldbody.add_camera(name="eye", fovy=FOVY)
    model = spec.compile()
    bodies = {f"object{o.id}": int(model.body(f"object{o.id}").mocapid[0]) for o in objects}
    owner = np.array(
        [int(model.body(b).name[6:] or 0) if b else 0 for b in model.geom_bodyid], np.uint8
    )
    factors = np.array([albedo.get(model.geom(g).name, np.nan) for g in range(model.ngeom)])
    eye = (np.array([0, -1.0, 1.0]), np.eye(3))
    return Scene(
        model, mujoco.MjData(model), "table", "none", 0, objects, owner, factors, lambda t: eye,
        1.0, bodies,
    )  # fmt: skip


def portrait(renderer: LayerRenderer, placed: Placed) -> Array:
    """One thing in its default colour, filling most of the picture (size, size, 3)."""
    scene, thing = renderer.scene, placed.thing
    scene.model.geom_group[:] = HIDDEN_GROUP
    scene.model.geom_group[scene.owner == placed.id] = 0
    scene.model.geom_group[0] = 0
    back = np.array([0.0, -np.cos(0.62), np.sin(0.62)])
    axes = look(-back, Z)
    position, yaw = placed.pose(0.0)
    points = np.concatenate([surface(p) for p in thing.parts]) @ yaw.T + position
    seen = points @ axes
    low, high = seen.min(0), seen.max(0)
    reach = max(0.56 * float((high - low)[:2].max()), 0.035)
    eye = axes @ ((low + high) / 2) + back * reach / np.tan(np.radians(FOVY / 2))
    pose = (eye, axes)
    scene.camera = lambda t: pose
    scene.pose(0.0)
    return renderer.color({o.id: o.color for o in scene.objects})


def write_kinds(
    out: Path, kinds: tuple[str, ...], seed: int = 0, size: int = 96, columns: int = 12
) -> None:
    """Writes the sheet."""
    rows = -(-len(kinds) // columns)
    sheet = Image.new("RGB", (columns * size, rows * (size + LABEL)), (245, 245, 245))
    draw = ImageDraw.Draw(sheet)
    for first in range(0, len(kinds), AT_ONCE):
        scene = kinds_scene(kinds[first : first + AT_ONCE], first + 1, seed, size)
        renderer = LayerRenderer(scene, size, size)
        try:
            for placed in scene.objects:
                k = placed.id - 1
                x, y = k % columns * size, k // columns * (size + LABEL)
                sheet.paste(Image.fromarray(portrait(renderer, placed)), (x, y))
                name = placed.thing.kind
                draw.text((x + size / 2, y + size + 1), name, (20, 20, 20), anchor="ma")
        finally:
            renderer.close()
    sheet.save(out)
