"""Clips on disk: ``clip_000123.npy`` (uint8 (T, H, W, 22)) beside ``clip_000123.json``.

A clip counts as there once its JSON is: it is written last, and both files appear by renaming,
so a folder may be read while it is being rendered. Truth, if asked for, lies between the two in
``clip_000123.truth.npz``; see `truth`.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from distill.world.compose import NUM_CHANNELS, Array, ids_of
from distill.world.truth import Truth, save_truth, truth_path


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One named object: `id` in the seg maps, and the colour name it has by default."""

    id: int
    kind: str
    name: str
    default_color: str
    mean_area: float = 0.0


class OldClip(ValueError):
    """A clip that was rendered by a version whose layers were others."""


class OtherClip(ValueError):
    """A folder holds another clip where truth is to be added."""


Change = Literal["shape", "material", "place", "camera"]


@dataclass(frozen=True, slots=True)
class Other:
    """What the other view of a clip changes, and into what.

    shape: the target is another thing, `thing`, of the kind `name`; material: it is made of `name`;
    place: everything happens in the place `name`; camera: the eye has made the move `name`.
    """

    change: Change
    name: str
    thing: ObjectInfo | None = None


def joints_array(frames: list[Any]) -> NDArray[np.float32]:
    """Lists of a frame's hands as `ClipInfo.joints`; also where there are no hands, or no frames."""
    if not frames:
        return np.zeros((0, 0, 21, 3), np.float32)
    return np.asarray(frames, np.float32).reshape(len(frames), -1, 21, 3)


@dataclass(frozen=True, slots=True)
class ClipInfo:
    """What is known of a clip besides its pixels. Areas are fractions of the picture.

    `joints` (frames, hands, 21, 3) is (x, y, seen) in pixels, in the order of `hand.JOINTS`; no part of what
    makes two equal.
    """

    seed: int
    split: str
    view: str
    target: int
    held: int
    hand: str
    fps: float
    target_area: float
    objects: tuple[ObjectInfo, ...] = field(default_factory=tuple)
    place: str = "room"
    other: Other | None = None
    joints: NDArray[np.float32] = field(default_factory=lambda: joints_array([]), compare=False)

    def object(self, number: int) -> ObjectInfo:
        return next(o for o in self.objects if o.id == number)

    def to_json(self) -> dict[str, Any]:
        # A tenth of a pixel, not float32's nearest number to it.
        return asdict(self) | {"joints": self.joints.astype(float).round(1).tolist()}

    @staticmethod
    def from_json(data: dict[str, Any]) -> ClipInfo:
        objects = tuple(ObjectInfo(**o) for o in data["objects"])
        other = data.get("other")
        if other is not None:
            thing = other["thing"]
            other = Other(**{**other, "thing": thing and ObjectInfo(**thing)})
        joints = joints_array(data.get("joints", []))
        return ClipInfo(**{**data, "objects": objects, "other": other, "joints": joints})


def clip_path(folder: Path, index: int) -> Path:
    return folder / f"clip_{index:06d}.json"


def list_clips(folder: Path | str) -> list[Path]:
    """JSON paths of the finished clips, in order; call again to see clips rendered since."""
    return sorted(Path(folder).glob("clip_*.json"))


def load_info(path: Path | str) -> ClipInfo:
    return ClipInfo.from_json(json.loads(Path(path).with_suffix(".json").read_text("utf-8")))


def load_layers(path: Path | str) -> Array:
    """The layers as a read-only memory map: slice what you need, only that is read. Raises OldClip."""
    file = Path(path).with_suffix(".npy")
    layers: Array = np.load(file, mmap_mode="r")
    if layers.ndim != 4 or layers.shape[-1] != NUM_CHANNELS:
        raise OldClip(
            f"{file} has the shape {layers.shape}, not (frames, height, width, {NUM_CHANNELS}): it was "
            "rendered by another version; render into an empty folder"
        )
    return layers


def load_clip(path: Path | str) -> tuple[Array, ClipInfo]:
    return load_layers(path), load_info(path)


def save_clip(
    folder: Path, index: int, layers: Array, info: ClipInfo, truth: Truth | None = None
) -> Path:
    """Writes all files through temporary names; returns the JSON path."""
    target = clip_path(folder, index)
    tag = f".tmp{os.getpid()}"
    pixels_tmp = target.with_suffix(".npy" + tag)
    with pixels_tmp.open("wb") as stream:
        np.save(stream, layers)
    info_tmp = target.with_suffix(".json" + tag)
    info_tmp.write_text(json.dumps(info.to_json()), "utf-8")
    # Truth that is there may be that of other pixels.
    truth_path(target).unlink(missing_ok=True)
    pixels_tmp.replace(target.with_suffix(".npy"))
    if truth is not None:
        save_truth(target, truth, ids_of(layers) == info.target)
    info_tmp.replace(target)
    return target
