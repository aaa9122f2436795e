"""Scene → layers: white, black and id passes, with the target and without it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import mujoco
import numpy as np

from distill.world.clips import ClipInfo, ObjectInfo
from distill.world.compose import HAND, NUM_CHANNELS, Array
from distill.world.geometry import metres
from distill.world.objects import Catalogue
from distill.world.record import Recorder
from distill.world.scene import Scene, build_scene
from distill.world.textures import Split
from distill.world.truth import Truth

log = logging.getLogger(__name__)
HIDDEN_GROUP = 5
MIN_AREA, MAX_AREA = 0.015, 0.35


@dataclass(frozen=True, slots=True)
class RenderConfig:
    """Size of a clip; `fps` is the pace of the motion, `catalogue` what scenes draw from."""

    num_frames: int = 13
    height: int = 192
    width: int = 256
    fps: float = 24.0
    catalogue: Catalogue = "basic"


class LayerRenderer:
    """Draws one scene. Owns an off-screen context: use in one thread and close it."""

    def __init__(self, scene: Scene, height: int, width: int) -> None:
        self.scene = scene
        model = scene.model
        self._gl = mujoco.gl_context.GLContext(width, height)
        self._gl.make_current()
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
        self._rect = mujoco.MjrRect(0, 0, width, height)
        self._pixels = np.zeros((height, width, 3), np.uint8)
        self._depth = np.zeros((height, width), np.float32)
        self._planes = [model.vis.map.znear * model.stat.extent]
        self._planes += [model.vis.map.zfar * model.stat.extent]
        self._paint = ~np.isnan(scene.albedo)
        self._view.flags[mujoco.mjtRndFlag.mjRND_REFLECTION] = 0
        self._view.flags[mujoco.mjtRndFlag.mjRND_SKYBOX] = 0

    def close(self) -> None:
        self._context.free()
        self._gl.free()

    def hide(self, number: int) -> None:
        """Leaves object `number` out of every later pass (0: shows all)."""
        self.scene.model.geom_group[:] = 0
        if number:
            self.scene.model.geom_group[self.scene.owner == number] = HIDDEN_GROUP

    def _draw(self, shadows: bool, ids: bool, depth: Array | None = None) -> Array:
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
        mujoco.mjr_render(self._rect, self._view, self._context)
        mujoco.mjr_readPixels(self._pixels, depth, self._rect, self._context)
        return self._pixels[::-1]

    def color(self, colors: dict[int, Array] | float) -> Array:
        """A colour pass (H, W, 3): one grey for all objects, or {id: (3,) colour in 0…1}."""
        scene = self.scene
        for number in {int(n) for n in scene.owner} - {0, HAND}:
            mine = self._paint & (scene.owner == number)
            c = np.full(3, colors) if isinstance(colors, float) else np.asarray(colors[number])
            rgb = scene.albedo[mine, None] * c[None]
            # Exactly mid-grey is MuJoCo's "no colour given": the material's would be taken.
            scene.model.geom_rgba[mine, :3] = np.where(rgb == 0.5, 0.5002, rgb)
        return self._draw(True, False).copy()

    def _geoms(self, depth: Array | None = None) -> Array:
        raw = self._draw(False, True, depth).astype(np.int32)
        index = raw[..., 0] + (raw[..., 1] << 8) + (raw[..., 2] << 16)
        table = np.full(self._view.ngeom + 1, -1, np.int32)
        for i in range(self._view.ngeom):
            geom = self._view.geoms[i]
            if geom.objtype == mujoco.mjtObj.mjOBJ_GEOM and geom.segid >= 0:
                table[geom.segid + 1] = geom.objid
        geoms: Array = table[np.minimum(index, len(table) - 1)]
        return geoms

    def surface(self) -> tuple[Array, Array]:
        """The geom seen, −1 for none, and its depth in metres, 0 for none, both (H, W)."""
        # The id pass is drawn without multisampling: ids and depths are those of pixel centres.
        geoms = self._geoms(self._depth)
        return geoms, np.where(geoms < 0, 0, metres(self._depth[::-1], *self._planes))

    def owners(self, geoms: Array) -> Array:
        """Geoms → ids."""
        ids: Array = np.append(self.scene.owner, np.uint8(0))[geoms]
        return ids

    def seg(self) -> Array:
        """The id map (H, W)."""
        return self.owners(self._geoms())

    def layers(self, out: Array, surface: bool = False) -> tuple[Array, Array] | None:
        """White, black and ids into out (H, W, 7); what `surface` gives, from the same passes."""
        out[..., 0:3] = self.color(1.0)
        out[..., 3:6] = self.color(0.0)
        if not surface:
            out[..., 6] = self.seg()
            return None
        geoms, depth = self.surface()
        out[..., 6] = self.owners(geoms)
        return geoms, depth


def frame_times(config: RenderConfig) -> Array:
    return np.arange(config.num_frames) / config.fps


def _areas(renderer: LayerRenderer, times: Array) -> Array:
    """Visible share of the picture of each id, (number of probes, 256)."""
    rows: list[Any] = []
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


def render_clip(seed: int, split: Split, config: RenderConfig) -> tuple[Array, ClipInfo]:
    """Layers uint8 (T, H, W, 14) and what they show; deterministic in seed, split and config.

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
            target = choose_target(scene, areas, np.random.default_rng([seed, attempt, 7]))
            if target:
                recorder = Recorder(scene, config.height, config.width) if truth else None
                clip, info = _render(renderer, target, times, seed, split, config, recorder)
                return clip, info, recorder
        finally:
            renderer.close()
        log.debug("seed %d attempt %d shows no object well", seed, attempt)
    raise RuntimeError(f"no usable scene for seed {seed}")


def _render(
    renderer: LayerRenderer,
    target: int,
    times: Array,
    seed: int,
    split: Split,
    config: RenderConfig,
    recorder: Recorder | None,
) -> tuple[Array, ClipInfo]:
    scene = renderer.scene
    shape = (config.num_frames, config.height, config.width, NUM_CHANNELS)
    clip = np.zeros(shape, np.uint8)
    for frame, t in zip(clip, times, strict=True):
        scene.pose(float(t))
        renderer.hide(0)
        full = renderer.layers(frame[..., :7], recorder is not None)
        renderer.hide(target)
        bare = renderer.layers(frame[..., 7:], recorder is not None)
        if full is not None and bare is not None and recorder is not None:
            recorder.add(full, bare)
    renderer.hide(0)
    area = np.bincount(clip[..., 6].ravel(), minlength=256) / clip[..., 6].size
    objects = tuple(
        ObjectInfo(o.id, o.thing.kind, o.thing.kind, o.color_name, round(float(area[o.id]), 5))
        for o in scene.objects
    )
    return clip, ClipInfo(
        seed,
        split,
        scene.view,
        target,
        scene.held,
        scene.hand_use,
        config.fps,
        round(float(area[target]), 5),
        objects,
    )
