"""Exact truth beside a clip: depth, camera, optical flow, occlusion and hand joints.

It lies in ``clip_000123.truth.npz``, written only when asked for. Conventions are those of
`geometry`: OpenCV camera, pixel centres at whole numbers, metres, world as in `scene`. Depth and
flow are stored as half floats: a rounding of at most 1/2048 of the value, so depth is within
0.25 mm at half a metre and flow within 0.001 px below 2 px and within 0.008 px below 16 px.
Numpy only, so that training may read it without MuJoCo.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from distill.world.compose import HAND, Array


class NoTruth(FileNotFoundError):
    """A clip was rendered without truth."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Of the scene with or without its target: depth (T, H, W), 0 where nothing is seen; flow from
    each frame to the next (T − 1, H, W, 2) in pixels, x before y; `valid` (T − 1, H, W): the point
    is seen in the next frame too, neither covered nor outside the picture.
    """

    depth: Array
    flow: Array
    valid: Array


@dataclass(frozen=True, slots=True)
class Hands:
    """N hands (0 to 2) of 21 joints in the order of `hand.JOINTS`.

    `world` (T, N, 21, 3) metres, `pixels` (T, N, 21, 2), `visible` (T, N, 21): inside the picture
    and nothing but the joint's own flesh before it; `sides` (N,): +1 a right hand, −1 a left one.
    """

    world: Array
    pixels: Array
    visible: Array
    sides: Array


@dataclass(frozen=True, slots=True)
class Truth:
    """`full` with the target, `bare` without it; `camera` (T, 4, 4) camera to world; `lens` (4,)
    the intrinsics fx, fy, cx, cy in pixels.
    """

    full: Motion
    bare: Motion
    camera: Array
    lens: Array
    hands: Hands


def hand_mask(seg: Array) -> Array:
    """Where a hand or arm is seen, bool, of id maps of any shape."""
    return np.asarray(seg == HAND)


def object_masks(seg: Array, numbers: Iterable[int] | None = None) -> dict[int, Array]:
    """{id: mask} of the objects named, or of all that are seen; never of hands."""
    found = numbers if numbers is not None else (int(n) for n in np.unique(seg))
    return {n: np.asarray(seg == n) for n in found if n not in (0, HAND)}


def truth_path(path: Path | str) -> Path:
    """Where the truth of a clip lies, given any of the clip's files."""
    file = Path(path)
    return file if file.name.endswith(".truth.npz") else file.with_suffix(".truth.npz")


def save_truth(path: Path | str, truth: Truth, target: Array) -> Path:
    """Writes the truth of a clip by renaming; `target` (T, H, W) is where the target is seen.

    A point that the target does not cover has one depth and one flow, which are kept once.
    """
    full, bare, hands = truth.full, truth.bare, truth.hands
    arrays = {
        "depth": full.depth.astype(np.float16),
        "flow": full.flow.astype(np.float16),
        "valid": np.packbits(full.valid, axis=-1),
        "target": np.packbits(target, axis=-1),
        "bare_depth": bare.depth[target].astype(np.float16),
        "bare_flow": bare.flow[target[:-1]].astype(np.float16),
        "bare_valid": np.packbits(bare.valid, axis=-1),
        "camera": truth.camera,
        "lens": truth.lens,
        "joints_world": hands.world,
        "joints_pixels": hands.pixels,
        "joints_visible": hands.visible,
        "sides": hands.sides,
    }
    out = truth_path(path)
    tmp = out.with_suffix(f".npz.tmp{os.getpid()}")
    # Level 1: half floats hardly shrink further, and level 6 costs more than drawing them.
    with zipfile.ZipFile(tmp, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, value in arrays.items():
            with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, np.asarray(value), allow_pickle=False)
    tmp.replace(out)
    return out


def load_truth(path: Path | str) -> Truth:
    """The truth of a clip, given any of its files; depth and flow as single floats."""
    file = truth_path(path)
    if not file.exists():
        raise NoTruth(
            f"{file.name} is missing in {file.parent}: render the same folder again with --truth, "
            "its clips then get their truth"
        )
    with np.load(file) as data:
        depth, flow = data["depth"].astype(np.float32), data["flow"].astype(np.float32)
        width = depth.shape[-1]
        valid, target, bare_valid = (
            np.unpackbits(data[name], axis=-1, count=width).astype(bool)
            for name in ("valid", "target", "bare_valid")
        )
        bare_depth, bare_flow = depth.copy(), flow.copy()
        bare_depth[target], bare_flow[target[:-1]] = data["bare_depth"], data["bare_flow"]
        return Truth(
            Motion(depth, flow, valid),
            Motion(bare_depth, bare_flow, bare_valid),
            data["camera"],
            data["lens"],
            Hands(
                data["joints_world"], data["joints_pixels"], data["joints_visible"], data["sides"]
            ),
        )
