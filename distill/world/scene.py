"""One random scene: a compiled MuJoCo model and where everything is at any time.

World frame: the table top is z = 0, the viewer sits at −y and looks towards +y. Metres, seconds.
Everything moves by baked kinematics (mocap bodies and joint angles); nothing is simulated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import mujoco
import numpy as np

from distill.world import hand as hands
from distill.world import motion, palette, textures
from distill.world.compose import HAND, TWIN, Array
from distill.world.motion import HAND_USES, HandUse, Pose, View
from distill.world.objects import CATALOGUES, Catalogue, Thing, make
from distill.world.other import MATERIALS, add_material, choose_twin, twin_pose
from distill.world.room import add_lights, add_room
from distill.world.spatial import quaternion
from distill.world.spec import NO_CONTACT, add_mesh, add_texture


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing in the scene under its seg id, with its default colour and its path."""

    id: int
    thing: Thing
    color_name: str
    color: Array
    pose: Pose


@dataclass(slots=True)
class Scene:
    """`owner` (ngeom,) is the seg id of each geom; `albedo` (ngeom,) is nan for fixed colours."""

    model: Any
    data: Any
    view: View
    hand_use: HandUse
    held: int
    objects: list[Placed]
    owner: Array
    albedo: Array
    camera: Pose
    hand: Pose | None
    fingers: Callable[[float], Array] | None
    duration: float
    twin: Placed
    material: str
    stage: Array
    place: str
    other_place: str
    hand_sites: list[list[int]]
    hand_sides: list[int]
    bodies: dict[str, int] = field(default_factory=dict)

    def put_twin(self, target: Placed) -> None:
        """From now on the twin is where the target is."""
        held = target.id == self.held
        pose = twin_pose(target.thing, target.pose, self.twin.thing, held)
        self.twin = replace(self.twin, pose=pose)

    def pose(self, t: float) -> None:
        """Puts bodies, fingers, lights and camera where they are at time t."""
        for placed in (*self.objects, self.twin):
            self._move(f"object{placed.id}", *placed.pose(t))
        if self.hand is not None and self.fingers is not None:
            self._move("hand", *self.hand(t))
            self.data.qpos[:] = self.fingers(t)
        mujoco.mj_kinematics(self.model, self.data)
        mujoco.mj_comPos(self.model, self.data)
        mujoco.mj_camlight(self.model, self.data)
        position, rot = self.camera(t)
        self.data.cam_xpos[0] = position
        self.data.cam_xmat[0] = rot.ravel()

    def _move(self, body: str, position: Array, rot: Array) -> None:
        slot = self.bodies[body]
        self.data.mocap_pos[slot] = position
        self.data.mocap_quat[slot] = quaternion(rot)


def build_scene(
    seed: int,
    split: textures.Split,
    height: int = 192,
    width: int = 256,
    duration: float = 0.5,
    attempt: int = 0,
    catalogue: Catalogue = "basic",
) -> Scene:
    """The scene of a seed; the same seed, attempt, split, size and catalogue give the same."""
    rng = np.random.default_rng([seed, attempt, 0 if split == "train" else 1])
    view: View = "frontal" if rng.random() < 0.32 else "table"
    use: HandUse = "hold"
    if view == "table":
        use = HAND_USES[int(rng.choice(len(HAND_USES), p=[0.14, 0.18, 0.26, 0.42]))]
    spec = empty_spec(height, width)
    fovy = float(rng.uniform(42, 58))
    camera_at, look_at = motion.viewpoint(rng, view)
    things = _choose_things(rng, view, use, catalogue)
    names = rng.choice(palette.NAMES, len(things), replace=False)
    held = 1 if use == "hold" else 0
    side = 1 if rng.random() < 0.7 else -1
    poses: list[Pose] = []
    hand: Pose | None = None
    if held:
        object_pose, hand = motion.held_paths(
            rng, things[0], view, side, camera_at, look_at, fovy, duration
        )
        poses.append(object_pose)
    elif use != "none":
        hand = motion.free_hand(rng, use, side, camera_at, look_at, duration)
    poses += motion.resting(rng, things[len(poses) :], view)
    objects = [
        Placed(i + 1, thing, str(name), palette.jitter(str(name), rng), pose)
        for i, (thing, name, pose) in enumerate(zip(things, names, poses, strict=True))
    ]
    # What only the other view shows has chances of its own.
    chance = np.random.default_rng([seed, attempt, 0 if split == "train" else 1, 5])
    double = choose_twin(chance, things, bool(held), catalogue)
    name = str(chance.choice([n for n in palette.NAMES if n not in names]))
    twin = Placed(TWIN, double, name, palette.jitter(name, chance), motion.still(np.zeros(3)))
    albedo = {}
    for placed in objects:
        albedo.update(add_object(spec, placed, rng))
    albedo.update(add_object(spec, twin, chance))
    material = str(chance.choice(list(MATERIALS)))
    add_material(spec, material, chance)
    fingers: Callable[[float], Array] | None = None
    if hand is not None:
        grasping = use == "hold"
        hands.add_hand(spec, hands.random_look(rng, side, grasping))
        fingers = motion.fingers(rng, things[0] if grasping else None, use)
    person = view == "frontal" and rng.random() < 0.4
    add_room(spec, rng, split, view == "frontal", person)
    add_lights(spec, rng)
    spec.worldbody.add_camera(name="eye", fovy=fovy)
    model = spec.compile()
    data = mujoco.MjData(model)
    owner = np.zeros(model.ngeom, np.uint8)
    factors = np.full(model.ngeom, np.nan)
    for g in range(model.ngeom):
        root = model.body(model.body_rootid[model.geom_bodyid[g]]).name
        owner[g] = int(root[6:]) if root.startswith("object") else HAND if root == "hand" else 0
        factors[g] = albedo.get(model.geom(g).name, np.nan)
    slots = {
        model.body(b).name: int(model.body_mocapid[b])
        for b in range(model.nbody)
        if model.body_mocapid[b] >= 0
    }
    eye = motion.head(rng, camera_at, look_at)
    return Scene(
        model, data, view, use, held, objects, owner, factors, eye, hand, fingers, duration,
        twin, material, np.where(owner == 0, 1, 0), "room", "room",
        [[model.site(f"hand_{n}").id for n in hands.JOINTS]] if hand is not None else [],
        [side] if hand is not None else [], slots,
    )  # fmt: skip


def _choose_things(
    rng: np.random.Generator, view: View, use: HandUse, catalogue: Catalogue
) -> list[Thing]:
    """Things of different kinds; if a hand holds one, it is the first."""
    kinds = [str(k) for k in rng.permutation(CATALOGUES[catalogue])]
    kinds = kinds[: rng.integers(3, 7) if view == "table" else rng.integers(3, 5)]
    if use == "hold" and rng.random() < 0.35:
        often = str(rng.choice(["cup", "cup", "bottle", "can", "ball"]))  # what people hold up
        kinds = [often, *(k for k in kinds[1:] if k != often)]
    return [make(kind, rng) for kind in kinds]


def empty_spec(height: int, width: int) -> Any:
    spec = mujoco.MjSpec()
    glob, quality, mapping = spec.visual.global_, spec.visual.quality, spec.visual.map
    glob.offwidth, glob.offheight = width, height
    quality.offsamples, quality.shadowsize = 4, 1024
    # Vertex counts set the speed of a software rasteriser.
    quality.numslices, quality.numstacks, quality.numquads = 14, 8, 3
    spec.stat.extent, spec.stat.center = 1.0, [0, 0, 0]
    mapping.znear, mapping.zfar, mapping.shadowclip, mapping.shadowscale = 0.03, 8.0, 0.75, 0.9
    spec.compiler.degree = False
    return spec


_TYPES = {
    "box": mujoco.mjtGeom.mjGEOM_BOX,
    "cylinder": mujoco.mjtGeom.mjGEOM_CYLINDER,
    "sphere": mujoco.mjtGeom.mjGEOM_SPHERE,
    "ellipsoid": mujoco.mjtGeom.mjGEOM_ELLIPSOID,
    "capsule": mujoco.mjtGeom.mjGEOM_CAPSULE,
    "mesh": mujoco.mjtGeom.mjGEOM_MESH,
}


def add_object(spec: Any, placed: Placed, rng: np.random.Generator) -> dict[str, float]:
    """Adds the thing's geoms; returns {geom name: albedo} of those of the object's colour."""
    body = spec.worldbody.add_body(name=f"object{placed.id}", mocap=True)
    gloss = float(np.clip(placed.thing.gloss * rng.uniform(0.3, 1.4), 0, 0.6))
    shine = float(rng.uniform(0.2, 0.7))
    image = textures.pattern(rng) if rng.random() < 0.35 else None
    if image is not None:
        add_texture(spec, f"pattern{placed.id}", image)
    albedo: dict[str, float] = {}
    for k, part in enumerate(placed.thing.parts):
        name = f"object{placed.id}_{k}"
        # One material a part, so that emission and decoration stay with it.
        material = spec.add_material(
            name=name, specular=gloss, shininess=shine, emission=part.emission
        )
        if part.decorated and image is not None:
            material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = f"pattern{placed.id}"
        rgb = part.fixed if part.fixed is not None else (part.albedo,) * 3
        options: dict[str, Any] = {"type": _TYPES[part.shape], "pos": part.pos, "quat": part.quat}
        if part.mesh is not None:
            add_mesh(spec, name, part.mesh)
            options["meshname"] = name
        else:
            options["size"] = [*part.size, 0, 0][:3]
        body.add_geom(name=name, material=name, rgba=[*rgb, 1.0], **NO_CONTACT, **options)
        if part.fixed is None:
            albedo[name] = part.albedo
    return albedo
