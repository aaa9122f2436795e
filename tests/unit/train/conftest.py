"""A folder of small clips in the world's own format, drawn without a renderer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from distill.batch import Batch, collate
from distill.pairs import PairSource
from distill.world.clips import ClipInfo, ObjectInfo, Other, joints_array, save_clip
from distill.world.compose import HAND, NEARNESS, NUM_CHANNELS, TWIN, Array, view_of
from egostream.models.text import TextEncoder
from tests.unit.models.tiny import tiny_preset

torch.set_num_threads(1)

SIZE = (96, 128)
# What each clip's other view changes, so that there is one of every kind.
OTHERS = (
    Other("shape", "vase", ObjectInfo(TWIN, "vase", "vase", "red", 0.1)),
    Other("material", "wood"),
    Other("place", "kitchen"),
    Other("camera", "left"),
)
PAN = 6  # pixels to the right of what an eye sees that moved to the left


def _put(layers: Array, box: tuple[slice, slice], white: int, black: int, number: int) -> None:
    layers[box] = [white] * 3 + [black] * 3 + [number]


def _draw_view(
    layers: Array, ground: Array, at: tuple[int, int], number: int, narrower: int = 0
) -> None:
    """One frame (H, W, 7): noise, a still bottle and hand, and a square with its shadow, or no square (0)."""
    y, x = at
    layers[..., 0:3] = layers[..., 3:6] = ground
    _put(layers, np.s_[30:60, 100:124], 180, 20, 2)
    _put(layers, np.s_[76:, 20:60], 150, 150, HAND)
    if number:
        layers[y : y + 40, x + 36 : x + 42, 0:6] //= 2
        _put(layers, np.s_[y : y + 40, x + narrower : x + 36 - narrower], 200, 10, number)


def draw_clip(seed: int, other: Other = OTHERS[0]) -> Array:
    """One white-able square that moves over noise, its shadow beside it, nothing once removed."""
    rng = np.random.default_rng(seed)
    clip = np.zeros((13, *SIZE, NUM_CHANNELS), np.uint8)
    ground, elsewhere = rng.integers(60, 200, (2, *SIZE, 3), dtype=np.uint8)
    for t, frame in enumerate(clip):
        at = 20 + t, 30 + 2 * t
        full, changed = view_of(frame, "full"), view_of(frame, "other")
        _draw_view(full, ground, at, 1)
        _draw_view(view_of(frame, "bare"), ground, at, 0)
        if other.change == "shape":
            _draw_view(changed, ground, at, TWIN, narrower=6)
        else:
            _draw_view(changed, elsewhere if other.change == "place" else ground, at, 1)
        if other.change == "material":
            changed[changed[..., 6] == 1, :6] = [140, 90, 50] * 2
        elif other.change == "camera":
            changed[:] = np.roll(full, PAN, axis=1)
        frame[..., NEARNESS] = np.linspace(30, 180, SIZE[0])[:, None]
        frame[full[..., 6] > 0, NEARNESS] = 220
    return clip


def describe_clip(seed: int, split: str = "train", other: Other = OTHERS[0]) -> ClipInfo:
    """A hand with 21 joints in a row holds a cup, and there is a bottle."""
    joints = [[24 + 1.5 * j, 80.0 + j % 12, True] for j in range(21)]
    return ClipInfo(
        seed=seed,
        split=split,
        view="table",
        target=1,
        held=1,
        hand="hold",
        fps=24.0,
        target_area=0.1,
        objects=(
            ObjectInfo(1, "cup", "cup", "red", 0.1),
            ObjectInfo(2, "bottle", "bottle", "blue", 0.06),
        ),
        place="room",
        other=other,
        joints=joints_array([[joints]] * 13),
    )


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`train/` and `heldout/` with a clip of each change in each."""
    root = tmp_path_factory.mktemp("world")
    for split in ("train", "heldout"):
        folder = root / split
        folder.mkdir()
        for i, other in enumerate(OTHERS):
            save_clip(folder, i, draw_clip(i, other), describe_clip(i, split, other))
    return root


@pytest.fixture(scope="session")
def text_encoder() -> TextEncoder:
    """Loaded once: it takes about a second."""
    return TextEncoder()


def any_text(texts: list[str], seed: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Token states of no meaning, for what only needs their shape."""
    generator = torch.Generator().manual_seed(seed)
    width = tiny_preset().transformer.text_width
    return torch.randn(len(texts), 4, width, generator=generator), torch.ones(len(texts), 4)


class AnyText:
    """Such states as an encoder's."""

    def __call__(self, texts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
        return any_text(list(texts))

    def nothing(self) -> tuple[torch.Tensor, torch.Tensor]:
        states, mask = any_text([""])
        return torch.zeros_like(states), torch.zeros_like(mask)


def draw_batch(source: PairSource, latents: int, count: int = 2) -> Batch:
    """Examples of 48 x 64 from a source, the same at every call."""
    pairs = [source.draw((6, i), latents, (48, 64)) for i in range(count)]
    return collate(pairs, AnyText(), range(5, 5 + count))
