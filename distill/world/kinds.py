"""A picture of every kind of thing, alone on a neutral table with its name below it."""

from __future__ import annotations

from pathlib import Path

import mujoco
import numpy as np
from PIL import Image, ImageDraw

from distill.world import palette
from distill.world.compose import Array
from distill.world.objects import make
from distill.world.render import HIDDEN_GROUP, LayerRenderer
from distill.world.scene import Placed, Scene, add_object, empty_spec
from distill.world.spatial import look, rotation
from distill.world.spec import NO_CONTACT

Z = np.array([0.0, 0.0, 1.0])
LABEL = 14
FOVY = 24.0


def kinds_scene(kinds: tuple[str, ...], seed: int, size: int) -> Scene:
    """All the things in one place, of which `portrait` shows one at a time."""
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
    for number, kind in enumerate(kinds, 1):
        rng = np.random.default_rng([seed, number])
        yaw = rotation(Z, float(rng.uniform(0.2, 0.7)))
        name = palette.NAMES[(7 * number + seed) % len(palette.NAMES)]
        still = (np.array([0, 0, 0.0005]), yaw)
        placed = Placed(
            number, make(kind, rng), name, palette.color(name), lambda t, still=still: still
        )
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
        None, None, 1.0, bodies,
    )  # fmt: skip


def portrait(renderer: LayerRenderer, placed: Placed) -> Array:
    """One thing in its default colour, filling most of the picture (size, size, 3)."""
    scene, thing = renderer.scene, placed.thing
    scene.model.geom_group[:] = HIDDEN_GROUP
    scene.model.geom_group[scene.owner == placed.id] = 0
    scene.model.geom_group[0] = 0
    middle = np.array([0, 0, thing.height * 0.48])
    back = np.array([0.0, -np.cos(0.62), np.sin(0.62)])
    reach = max(thing.radius * 1.08, 0.5 * thing.height * 0.9 + 0.35 * thing.radius)
    eye = middle + back * reach / np.tan(np.radians(FOVY / 2))
    pose = (eye, look(-back, Z))
    scene.camera = lambda t: pose
    scene.pose(0.0)
    return renderer.color({o.id: o.color for o in scene.objects})


def write_kinds(
    out: Path, kinds: tuple[str, ...], seed: int = 0, size: int = 96, columns: int = 12
) -> None:
    """Writes the sheet."""
    renderer = LayerRenderer(kinds_scene(kinds, seed, size), size, size)
    rows = -(-len(kinds) // columns)
    sheet = Image.new("RGB", (columns * size, rows * (size + LABEL)), (245, 245, 245))
    draw = ImageDraw.Draw(sheet)
    try:
        for k, placed in enumerate(renderer.scene.objects):
            x, y = k % columns * size, k // columns * (size + LABEL)
            sheet.paste(Image.fromarray(portrait(renderer, placed)), (x, y))
            draw.text((x + size / 2, y + size + 1), placed.thing.kind, (20, 20, 20), anchor="ma")
    finally:
        renderer.close()
    sheet.save(out)
