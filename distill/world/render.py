"""Scene → layers: white, black and id passes; as it is, without its target, changed in one way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import mujoco
import numpy as np

from distill.world.clips import Change, ClipInfo, ObjectInfo, Other, joints_array
from distill.world.compose import (
    HAND,
    NEARNESS,
    NUM_CHANNELS,
    TWIN,
    VIEWS,
    Array,
    ids_of,
    nearness,
    view_of,
)
from distill.world.crops import Box, around, grown, outline, painted, shaded
from distill.world.geometry import metres
from distill.world.objects import Catalogue
from distill.world.other import MADE_OF, MATERIALS, MOVES, moved
from distill.world.record import Recorder, hand_joints
from distill.world.scene import Placed, Scene, build_scene
from distill.world.textures import Split
from distill.world.truth import Truth

log = logging.getLogger(__name__)
HIDDEN_GROUP = 5
WHOLE: Box = (slice(None), slice(None))
MIN_AREA, MAX_AREA = 0.015, 0.35
CHANGES: tuple[Change, ...] = ("shape", "material", "place", "camera")
CHANGE_ODDS = (0.33, 0.25, 0.32, 0.10)


@dataclass(frozen=True, slots=True)
class RenderConfig:
    """Size of a clip; `fps` is the pace of the motion, `catalogue` what scenes draw from."""

    num_frames: int = 13
    height: int = 192
    width: int = 256
    fps: float = 24.0
    catalogue: Catalogue = "full"


_own = threading.local()


def _make_current() -> None:
    """This thread's GL, which lives on: a new one would compile the driver's shaders again."""
    if not hasattr(_own, "gl"):
        # Everything is drawn into buffers of the renderers' own sizes, never into this one.
        _own.gl = mujoco.gl_context.GLContext(64, 64)
    _own.gl.make_current()


class LayerRenderer:
    """Draws one scene. Use in one thread and close it."""

    def __init__(self, scene: Scene, height: int, width: int) -> None:
        self.scene = scene
        model = scene.model
        _make_current()
        self._context = mujoco.MjrContext(model, mujoco.mjtFontScale.mjFONTSCALE_50)
        # Full precision far away, and one formula whatever the driver can do.
        self._context.readDepthMap = mujoco.mjtDepthMap.mjDEPTH_ZEROFAR
        mujoco.mjr_setBuffer(mujoco.mjtFramebuffer.mjFB_OFFSCREEN, self._context)
        self._view = mujoco.MjvScene(model, maxgeom=model.ngeom + 16)
        self._option = mujoco.MjvOption()
        mujoco.mjv_defaultOption(self._option)
        self._option.geomgroup[:] = 1
        self._option.geomgroup[HIDDEN_GROUP] = 0
        self._camera = mujoco.MjvCamera()
        self._camera.type, self._camera.fixedcamid = mujoco.mjtCamera.mjCAMERA_FIXED, 0
        self._height, self._width = height, width
        self._planes = [model.vis.map.znear * model.stat.extent]
        self._planes += [model.vis.map.zfar * model.stat.extent]
        self._paint = ~np.isnan(scene.albedo)
        self._view.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = 0
        self._view.flags[mujoco.mjtRndFlag.mjRND_SKYBOX] = 0

    def close(self) -> None:
        self._context.free()

    def show(self, without: int = 0, twin: bool = False, stage: int = 1) -> None:
        """Later passes leave object `without` out, show the twin or not, and one of the two places."""
        scene = self.scene
        hidden = (scene.stage != 0) & (scene.stage != stage)
        if without:
            hidden |= scene.owner == without
        if not twin:
            hidden |= scene.owner == TWIN
        scene.model.geom_group[:] = np.where(hidden, HIDDEN_GROUP, 0)

    def dress(self, number: int, name: str) -> Callable[[], None]:
        """Makes object `number` of a material; the result undoes it."""
        model, look = self.scene.model, MATERIALS[name]
        mine = np.flatnonzero(self.scene.owner == number)
        saved = model.geom_matid[mine].copy(), model.geom_rgba[mine].copy(), self._paint.copy()
        model.geom_matid[mine] = model.material(MADE_OF).id
        model.geom_rgba[mine] = [*((1.0,) * 3 if look.surface else look.rgb), look.alpha]
        self._paint[mine] = False

        def undo() -> None:
            model.geom_matid[mine], model.geom_rgba[mine], self._paint[:] = saved

        return undo

    def _draw(
        self, shadows: bool, ids: bool, depth: Array | None = None, box: Box = WHOLE
    ) -> Array:
        """The pixels of a box; `depth`, if given, is filled from its beginning on."""
        flags = self._view.flags
        flags[mujoco.mjtRndFlag.mjRND_SHADOW] = shadows
        flags[mujoco.mjtRndFlag.mjRND_SEGMENT] = ids
        flags[mujoco.mjtRndFlag.mjRND_IDCOLOR] = ids
        mujoco.mjv_updateScene(
            self.scene.model,
            self.scene.data,
            self._option,
            None,
            self._camera,
            mujoco.mjtCatBit.mjCAT_ALL,
            self._view,
        )
        rect = self._look_at(box)
        pixels = np.empty((rect.height, rect.width, 3), np.uint8)
        mujoco.mjr_render(rect, self._view, self._context)
        mujoco.mjr_readPixels(pixels, depth, rect, self._context)
        return pixels[::-1]

    def _look_at(self, box: Box) -> mujoco.MjrRect:
        """Narrows the view to a box, pixel for pixel; the viewport for it."""
        top, bottom, _ = box[0].indices(self._height)
        left, right, _ = box[1].indices(self._width)
        for camera in self._view.camera:
            # Pixels are square, and the width of the frustum follows from the viewport's.
            pixel = (camera.frustum_top - camera.frustum_bottom) / self._height
            camera.frustum_center += pixel * ((left + right) / 2 - self._width / 2)
            camera.frustum_bottom = camera.frustum_top - pixel * bottom
            camera.frustum_top -= pixel * top
        return mujoco.MjrRect(0, 0, right - left, bottom - top)

    def color(self, colors: dict[int, Array] | float, box: Box = WHOLE) -> Array:
        """A colour pass (H, W, 3) of a box: one grey for all objects, or {id: (3,) colour in 0…1}."""
        scene = self.scene
        for number in {int(n) for n in scene.owner} - {0, HAND}:
            mine = self._paint & (scene.owner == number)
            c = np.full(3, colors) if isinstance(colors, float) else np.asarray(colors[number])
            rgb = scene.albedo[mine, None] * c[None]
            # Exactly mid-grey is MuJoCo's "no colour given": the material's would be taken.
            scene.model.geom_rgba[mine, :3] = np.where(rgb == 0.5, 0.5002, rgb)
        return self._draw(True, False, None, box)

    def surface(self, box: Box = WHOLE) -> tuple[Array, Array]:
        """Of a box the geom seen, −1 for none, and its depth in metres, 0 for none, both (H, W)."""
        # The id pass is drawn without multisampling: ids and depths are those of pixel centres.
        rows, columns = (
            len(range(n)[k]) for n, k in zip((self._height, self._width), box, strict=True)
        )
        depth = np.empty((rows, columns), np.float32)
        raw = self._draw(False, True, depth, box).astype(np.int32)
        index = raw[..., 0] + (raw[..., 1] << 8) + (raw[..., 2] << 16)
        table = np.full(self._view.ngeom + 1, -1, np.int32)
        for i in range(self._view.ngeom):
            geom = self._view.geoms[i]
            if geom.objtype == mujoco.mjtObj.mjOBJ_GEOM and geom.segid >= 0:
                table[geom.segid + 1] = geom.objid
        geoms: Array = table[np.minimum(index, len(table) - 1)]
        return geoms, np.where(geoms < 0, 0, metres(depth[::-1], *self._planes))

    def owners(self, geoms: Array) -> Array:
        """Geoms → ids."""
        ids: Array = np.append(self.scene.owner, np.uint8(0))[geoms]
        return ids

    def seg(self) -> Array:
        """The id map (H, W)."""
        return self.owners(self.surface()[0])

    def layers(self, out: Array) -> tuple[Array, Array]:
        """White, black and ids into out (H, W, 7); what `surface` gives, from the same passes."""
        geoms, depth = self.surface()
        out[..., 6] = self.owners(geoms)
        everywhere = np.ones(out.shape[:2], bool)
        self.repaint(out, out, everywhere, everywhere)
        return geoms, depth

    def repaint(self, out: Array, before: Array, shape: Array, shade: Array) -> None:
        """White and black into out (H, W, 7), whose ids are there, from those of a view `before`.

        `shape` (H, W) is where something else may be seen than before, `shade` where light may differ.
        """
        out[..., :6] = before[..., :6]
        white, black, paint = out[..., 0:3], out[..., 3:6], painted(out[..., 6])
        box = around(shape | shade)
        if box is not None:
            drawn = self.color(1.0, box)
            # A part drawn by itself may be rounded another way: that is no change.
            differs = (cv2.absdiff(drawn, np.ascontiguousarray(white[box])) > 1).any(-1)
            changed = shape.copy()
            changed[box] |= differs & shade[box]
            np.copyto(white[box], drawn, where=changed[box][..., None])
            # Where white is as it was, light is too, and so is black.
            box = around(changed & paint)
            if box is not None:
                np.copyto(black[box], self.color(0.0, box), where=changed[box][..., None])
        np.copyto(black, white, where=~paint[..., None])


def frame_times(config: RenderConfig) -> Array:
    return np.arange(config.num_frames) / config.fps


def _areas(renderer: LayerRenderer, times: Array) -> Array:
    """Visible share of the picture of each id, (number of probes, 256)."""
    rows: list[Any] = []
    renderer.show()
    for t in (times[0], times[len(times) // 2], times[-1]):
        renderer.scene.pose(float(t))
        seg = renderer.seg()
        rows.append(np.bincount(seg.ravel(), minlength=256) / seg.size)
    return np.stack(rows)


def choose_target(scene: Scene, areas: Array, rng: np.random.Generator) -> int:
    """An object that is well seen in most frames, often the held one; 0 if there is none."""
    good = (areas >= MIN_AREA) & (areas <= MAX_AREA)
    fit = [o.id for o in scene.objects if good[:, o.id].mean() > 0.6]
    if scene.held in fit and rng.random() < 0.6:
        return scene.held
    return int(rng.choice(fit)) if fit else 0


def choose_change(scene: Scene, rng: np.random.Generator) -> tuple[Change, str]:
    """What the other view changes, and into what."""
    change: Change = CHANGES[int(rng.choice(len(CHANGES), p=CHANGE_ODDS))]
    if change == "shape":
        assert scene.twin is not None
        return change, scene.twin.thing.kind
    if change == "material":
        return change, scene.material
    if change == "place":
        return change, scene.other_place
    return change, str(rng.choice(list(MOVES)))


def render_clip(seed: int, split: Split, config: RenderConfig) -> tuple[Array, ClipInfo]:
    """Layers uint8 (T, H, W, 22) and what they show; deterministic in seed, split and config.

    A scene without a well visible object is replaced by the next one derived from the seed.
    """
    layers, info, _ = _render_clip(seed, split, config, False)
    return layers, info


def render_clip_and_truth(
    seed: int, split: Split, config: RenderConfig
) -> tuple[Array, ClipInfo, Truth]:
    """The same layers, byte for byte, and the truth beside them."""
    layers, info, recorder = _render_clip(seed, split, config, True)
    assert recorder is not None
    return layers, info, recorder.truth()


def _render_clip(
    seed: int, split: Split, config: RenderConfig, truth: bool
) -> tuple[Array, ClipInfo, Recorder | None]:
    times = frame_times(config)
    for attempt in range(20):
        scene = build_scene(
            seed,
            split,
            config.height,
            config.width,
            config.num_frames / config.fps,
            attempt,
            config.catalogue,
        )
        renderer = LayerRenderer(scene, config.height, config.width)
        try:
            areas = _areas(renderer, times)
            rng = np.random.default_rng([seed, attempt, 7])
            target = choose_target(scene, areas, rng)
            if target:
                recorder = Recorder(scene, config.height, config.width) if truth else None
                change = choose_change(scene, rng)
                clip, joints = _render(renderer, target, change, times, config, recorder)
                return (
                    clip,
                    _describe(clip, scene, target, change, joints, seed, split, config),
                    recorder,
                )
        finally:
            renderer.close()
        log.debug("seed %d attempt %d shows no object well", seed, attempt)
    raise RuntimeError(f"no usable scene for seed {seed}")


def _render(
    renderer: LayerRenderer,
    target: int,
    change: tuple[Change, str],
    times: Array,
    config: RenderConfig,
    recorder: Recorder | None,
) -> tuple[Array, list[Any]]:
    """The layers, and of every frame the hands' joints as `ClipInfo` has them."""
    scene = renderer.scene
    scene.put_twin(next(o for o in scene.objects if o.id == target))
    clip = np.zeros((config.num_frames, config.height, config.width, NUM_CHANNELS), np.uint8)
    joints: list[Any] = []
    for frame, t in zip(clip, times, strict=True):
        scene.pose(float(t))
        renderer.show()
        full = renderer.layers(view_of(frame, "full"))
        frame[..., NEARNESS] = nearness(full[1])
        _, pixels, seen = hand_joints(scene, *full)
        joints.append(np.concatenate([pixels.round(1), seen[..., None]], -1).tolist())
        bare = _render_bare(renderer, target, full, frame)
        if recorder is not None:
            recorder.add(full, bare)
        _render_other(renderer, target, change, frame, full[1], bare[1])
    return clip, joints


def _render_bare(
    renderer: LayerRenderer, target: int, full: tuple[Array, Array], frame: Array
) -> tuple[Array, Array]:
    """The view without the target, from the full one where the two agree; its geoms and depth."""
    before, out = view_of(frame, "full"), view_of(frame, "bare")
    geoms, depth = full[0].copy(), full[1].copy()
    mine = before[..., 6] == target
    renderer.show(without=target)
    box = around(mine)
    if box is not None:
        for whole, part in zip((geoms, depth), renderer.surface(box), strict=True):
            np.copyto(whole[box], part, where=mine[box])
    out[..., 6] = renderer.owners(geoms)
    renderer.repaint(out, before, grown(mine), shaded(renderer.scene, target, full[1]))
    return geoms, depth


def _render_other(
    renderer: LayerRenderer,
    target: int,
    change: tuple[Change, str],
    frame: Array,
    depth: Array,
    bare_depth: Array,
) -> None:
    """The view with one change, from that view of the others which is most like it."""
    scene, (what, name) = renderer.scene, change
    full, bare, out = (view_of(frame, view) for view in VIEWS)
    if what == "shape":
        renderer.show(without=target, twin=True)
        out[..., 6] = bare[..., 6]
        box = outline(scene, TWIN, depth.shape)
        if box is not None:
            out[..., 6][box] = renderer.owners(renderer.surface(box)[0])
        renderer.repaint(out, bare, grown(out[..., 6] == TWIN), shaded(scene, TWIN, bare_depth))
    elif what == "material":
        renderer.show()
        undo = renderer.dress(target, name)
        # A material has its own colour; what shows through glass has that of the thing behind.
        mine = full[..., 6] == target
        out[..., 6] = np.where(mine, bare[..., 6], full[..., 6])
        # Only what lets light through throws another shadow.
        solid = MATERIALS[name].alpha == 1
        shade = np.zeros_like(mine) if solid else shaded(scene, target, depth)
        renderer.repaint(out, full, grown(mine), shade)
        undo()
    elif what == "place":
        renderer.show(stage=2)
        renderer.layers(out)
    else:
        renderer.show()
        position, rot = moved(scene.data.cam_xpos[0], scene.data.cam_xmat[0].reshape(3, 3), name)
        scene.data.cam_xpos[0], scene.data.cam_xmat[0] = position, rot.ravel()
        renderer.layers(out)


def _describe(
    clip: Array,
    scene: Scene,
    target: int,
    change: tuple[Change, str],
    joints: list[Any],
    seed: int,
    split: Split,
    config: RenderConfig,
) -> ClipInfo:
    ids, others = ids_of(clip), ids_of(clip, "other")
    area = np.bincount(ids.ravel(), minlength=256) / ids.size
    area[TWIN] = np.mean(others == TWIN)

    def known(placed: Placed) -> ObjectInfo:
        kind, share = placed.thing.kind, round(float(area[placed.id]), 5)
        return ObjectInfo(placed.id, kind, kind, placed.color_name, share)

    what, name = change
    return ClipInfo(
        seed,
        split,
        scene.view,
        target,
        scene.held,
        scene.hand_use,
        config.fps,
        round(float(area[target]), 5),
        tuple(known(o) for o in scene.objects),
        scene.place,
        Other(what, name, known(scene.twin) if scene.twin and what == "shape" else None),
        joints_array(joints),
    )
