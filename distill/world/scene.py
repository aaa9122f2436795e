"""One random scene: a compiled MuJoCo model and where everything is at any time.

World frame: the table top is z = 0, the viewer sits at −y and looks towards +y. Metres, seconds.
Everything moves by baked kinematics (mocap bodies and joint angles); nothing is simulated.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import mujoco
import numpy as np

from distill.world import acts, grips, motion, palette, textures
from distill.world import hand as hands
from distill.world.acts import HAND_USES, HandTrack, HandUse, Setting
from distill.world.compose import HAND, TWIN, Array
from distill.world.lights import add_lights
from distill.world.meshes import Mesh
from distill.world.motion import Pose, View
from distill.world.objects import CATALOGUES, Catalogue, Part, Thing, make
from distill.world.other import MATERIALS, add_material, choose_twin, twin_pose
from distill.world.places import PLACES, add_place
from distill.world.primitives import primitive, put
from distill.world.solids import joined
from distill.world.spatial import quaternion
from distill.world.spec import NO_CONTACT, add_mesh, add_texture

OTHER = "other_"
OTHER_GROUP = 5


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
    """`owner` (ngeom,) is the seg id of each geom; `albedo` (ngeom,) is nan for fixed colours.

    `stage` (ngeom,) is 1 for geoms of the place shown, 2 for those of the other place, which are
    in geom group `OTHER_GROUP`, and 0 for things, hands and people, who stay wherever they are.
    `hand_sites` are the site ids of each hand in the order of `hand.JOINTS`, `hand_sides` +1 for a
    right hand, −1 for a left one. `twin` is the thing, `material` what the target can be made of
    in the other view; see `other`.
    """

    model: Any
    data: Any
    view: View
    hand_use: HandUse
    held: int
    objects: list[Placed]
    owner: Array
    albedo: Array
    camera: Pose
    duration: float
    bodies: dict[str, int] = field(default_factory=dict)
    twin: Placed | None = None
    material: str = ""
    hands: list[HandTrack] = field(default_factory=list)
    hand_sites: list[list[int]] = field(default_factory=list)
    place: str = ""
    other_place: str = ""
    stage: Array = field(default_factory=lambda: np.zeros(0, np.uint8))

    @property
    def hand_sides(self) -> list[int]:
        return [track.side for track in self.hands]

    def put_twin(self, target: Placed) -> None:
        """From now on the twin is where the target is."""
        assert self.twin is not None
        held = target.id == self.held
        pose = twin_pose(target.thing, target.pose, self.twin.thing, held)
        self.twin = replace(self.twin, pose=pose)

    def pose(self, t: float) -> None:
        """Puts bodies, fingers, lights and camera where they are at time t."""
        for placed in (*self.objects, *([self.twin] if self.twin else [])):
            self._move(f"object{placed.id}", *placed.pose(t))
        for k, track in enumerate(self.hands):
            self._move(f"hand{k}", *track.pose(t))
            joints = slice(k * hands.NUM_JOINTS, (k + 1) * hands.NUM_JOINTS)
            self.data.qpos[joints] = track.fingers(t)
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
    view: View = "frontal" if rng.random() < 0.25 else "table"
    use: HandUse = "turn" if rng.random() < 0.2 else "hold"
    if view == "table":
        use = HAND_USES[int(rng.choice(len(HAND_USES), p=acts.ODDS))]
    place, other_place = (str(p) for p in rng.choice(PLACES, 2, replace=False))
    spec = empty_spec(height, width)
    fovy = float(rng.uniform(44, 60))
    camera_at, look_at = motion.viewpoint(rng, view)
    things = _choose_things(rng, view, use, catalogue)
    names = rng.choice(palette.NAMES, len(things), replace=False)
    move = _head_move(rng, view, use)
    travel = motion.stroll(rng, duration) if move == "walk" else motion.stand
    side = 1 if rng.random() < 0.7 else -1
    setting = Setting(view, side, camera_at, look_at, fovy, duration, travel)
    poses = motion.resting(rng, things, view, _central(use))
    act = acts.choose_act(rng, use, things, poses, setting)
    poses[: len(act.moved)] = act.moved
    objects = [
        Placed(i + 1, thing, str(name), palette.jitter(str(name), rng), pose)
        for i, (thing, name, pose) in enumerate(zip(things, names, poses, strict=True))
    ]
    # What only the other view shows has chances of its own.
    chance = np.random.default_rng([seed, attempt, 0 if split == "train" else 1, 5])
    twin = _make_twin(chance, things, names, bool(act.held), catalogue)
    material = str(chance.choice(list(MATERIALS)))
    add_material(spec, material, chance)
    albedo = {}
    for placed in (*objects, twin):
        albedo.update(add_object(spec, placed, chance if placed.id == TWIN else rng))
    look = hands.random_look(rng, side, False)
    for k, track in enumerate(act.hands):
        if k == 0:
            mine = replace(look, thumb_across=track.grasping, side=track.side)
        else:
            mine = hands.other_hand(look, track.side, track.grasping)
        hands.add_hand(spec, mine, f"hand{k}")
    person = view == "frontal" and rng.random() < 0.4
    add_place(spec, rng, split, place, view == "frontal", person)
    add_place(spec, rng, split, other_place, view == "frontal", False, OTHER)
    add_lights(spec, rng, place == "outdoors")
    spec.worldbody.add_camera(name="eye", fovy=fovy)
    model = spec.compile()
    eye = motion.head(rng, camera_at, look_at, duration, move, travel)
    scene = Scene(
        model, mujoco.MjData(model), view, use, act.held, objects, np.zeros(model.ngeom, np.uint8),
        np.full(model.ngeom, np.nan), eye, duration, twin=twin, material=material, hands=act.hands, place=place,
        other_place=other_place, stage=np.zeros(model.ngeom, np.uint8),
    )  # fmt: skip
    _register(scene, albedo)
    return scene


def _register(scene: Scene, albedo: dict[str, float]) -> None:
    """Fills in whose each geom is, from the names of bodies and geoms; hides the other place."""
    model = scene.model
    for g in range(model.ngeom):
        root = model.body(model.body_rootid[model.geom_bodyid[g]]).name
        name = model.geom(g).name
        if root.startswith("object"):
            scene.owner[g] = int(root[6:])
        elif root.startswith("hand"):
            scene.owner[g] = HAND
        elif not name.startswith("person"):
            scene.stage[g] = 2 if name.startswith(OTHER) else 1
        scene.albedo[g] = albedo.get(name, np.nan)
    model.geom_group[scene.stage == 2] = OTHER_GROUP
    scene.bodies = {
        model.body(b).name: int(model.body_mocapid[b])
        for b in range(model.nbody)
        if model.body_mocapid[b] >= 0
    }
    scene.hand_sites = [
        [model.site(f"hand{k}_{joint}").id for joint in hands.JOINTS]
        for k in range(len(scene.hands))
    ]


def _make_twin(
    rng: np.random.Generator, things: list[Thing], names: Array, held: bool, catalogue: Catalogue
) -> Placed:
    thing = choose_twin(rng, things, held, catalogue)
    name = str(rng.choice([n for n in palette.NAMES if n not in names]))
    return Placed(TWIN, thing, name, palette.jitter(name, rng), motion.still(np.zeros(3)))


def _central(use: HandUse) -> int:
    """How many of the first things stand in the middle, because they are acted upon there."""
    return {"reach": 1, "pour": 2, "cut": 2}.get(use, 0)


def _head_move(rng: np.random.Generator, view: View, use: HandUse) -> motion.HeadMove:
    """Nobody walks while working on what stands on the table, or before a webcam."""
    odds = [0.4, 0.3, 0.2, 0.1]
    if view == "frontal" or use in ("reach", "pour", "cut"):
        odds = [0.6, 0.0, 0.25, 0.15]
    return motion.HEAD_MOVES[int(rng.choice(4, p=odds))]


def _choose_things(
    rng: np.random.Generator, view: View, use: HandUse, catalogue: Catalogue
) -> list[Thing]:
    """Things of different kinds; those that a hand acts upon come first."""
    every = CATALOGUES[catalogue]
    kinds = [str(k) for k in rng.permutation(every)]
    first: list[str] = []
    if use in ("hold", "turn") and rng.random() < 0.3:
        first = [str(rng.choice(["cup", "cup", "bottle", "can", "ball"]))]  # what people hold up
    elif use == "hold" and view == "table" and rng.random() < 0.2:
        first = _some(rng, grips.STICKS, every)
    elif use == "cut":
        first = _some(rng, grips.BLADES[: 1 if rng.random() < 0.8 else 3], every)
        first += _some(rng, grips.CUTTABLE, every)
    elif use == "pour":
        first = _some(rng, grips.POURERS, every)
        first += _some(rng, tuple(k for k in grips.VESSELS if k not in first), every)
    made = [make(kind, rng) for kind in first]
    num = max(int(rng.integers(3, 7) if view == "table" else rng.integers(3, 5)), len(first))
    fitting = grips.FITS.get(use)
    for kind in kinds:
        if len(made) == num:
            break
        thing = make(kind, rng)
        if kind not in first and (made or fitting is None or fitting(thing)):
            made.append(thing)
    return made


def _some(rng: np.random.Generator, kinds: tuple[str, ...], among: tuple[str, ...]) -> list[str]:
    """One of `kinds` that the catalogue has, as a list, else one of any kind of the catalogue."""
    there = [k for k in kinds if k in among]
    return [str(rng.choice(there if there else list(among)))]


def empty_spec(height: int, width: int) -> Any:
    spec = mujoco.MjSpec()
    glob, quality, mapping = spec.visual.global_, spec.visual.quality, spec.visual.map
    glob.offwidth, glob.offheight = width, height
    quality.offsamples, quality.shadowsize = 4, 512
    # Vertex counts set the speed of a software rasteriser.
    quality.numslices, quality.numstacks, quality.numquads = 10, 6, 1
    spec.stat.extent, spec.stat.center = 1.0, [0, 0, 0]
    mapping.znear, mapping.zfar, mapping.shadowclip, mapping.shadowscale = 0.03, 8.0, 0.5, 0.9
    spec.compiler.degree = False
    return spec


def add_object(spec: Any, placed: Placed, rng: np.random.Generator) -> dict[str, float]:
    """Adds the thing's geoms; returns {geom name: albedo} of those of the object's colour."""
    body = spec.worldbody.add_body(name=f"object{placed.id}", mocap=True)
    gloss = float(np.clip(placed.thing.gloss * rng.uniform(0.3, 1.4), 0, 0.6))
    shine = float(rng.uniform(0.2, 0.7))
    image = textures.pattern(rng) if rng.random() < 0.35 else None
    if image is not None:
        add_texture(spec, f"pattern{placed.id}", image)
    # Parts that look alike become one geom.
    alike: dict[tuple[Any, ...], list[Part]] = {}
    for part in placed.thing.parts:
        look = part.fixed, part.albedo, part.emission, part.decorated and image is not None
        alike.setdefault(look, []).append(part)
    albedo: dict[str, float] = {}
    for k, ((fixed, share, emission, decorated), parts) in enumerate(alike.items()):
        name = f"object{placed.id}_{k}"
        material = spec.add_material(name=name, specular=gloss, shininess=shine, emission=emission)
        if decorated:
            material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = f"pattern{placed.id}"
        add_mesh(spec, name, joined([_shape(part) for part in parts]))
        rgb = fixed if fixed is not None else (share,) * 3
        body.add_geom(
            name=name,
            type=mujoco.mjtGeom.mjGEOM_MESH,
            meshname=name,
            material=name,
            rgba=[*rgb, 1.0],
            **NO_CONTACT,
        )
        if fixed is None:
            albedo[name] = share
    return albedo


def _shape(part: Part) -> Mesh:
    """The part in the frame of its thing."""
    if part.shape == "mesh":
        assert part.mesh is not None
        return put(part.mesh, part.pos, part.quat)
    return put(primitive(part.shape, part.size), part.pos, part.quat)
