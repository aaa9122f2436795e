"""A folder of small clips in the world's own format, drawn without a renderer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from distill.batch import Batch, collate
from distill.pairs import PairSource
from distill.world.clips import ClipInfo, ObjectInfo, save_clip
from egostream.models.text import TextEncoder
from tests.unit.models.tiny import tiny_preset

torch.set_num_threads(1)

SIZE = (96, 128)


def draw_clip(seed: int) -> np.ndarray:
    """One white-able square that moves over noise, its shadow beside it, nothing once removed."""
    rng = np.random.default_rng(seed)
    layers = np.zeros((13, *SIZE, 14), np.uint8)
    ground = rng.integers(60, 200, (*SIZE, 3), dtype=np.uint8)
    for first in (0, 3, 7, 10):
        layers[..., first : first + 3] = ground
    for t in range(13):
        y, x = 20 + t, 30 + 2 * t
        layers[t, y : y + 40, x + 36 : x + 42, 0:6] //= 2
        layers[t, y : y + 40, x : x + 36, 0:3] = 200
        layers[t, y : y + 40, x : x + 36, 3:6] = 10
        layers[t, y : y + 40, x : x + 36, 6] = 1
    return layers


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`train/` and `heldout/` with three clips each."""
    root = tmp_path_factory.mktemp("world")
    for split in ("train", "heldout"):
        folder = root / split
        folder.mkdir()
        for i in range(3):
            info = ClipInfo(
                seed=i,
                split=split,
                view="table",
                target=1,
                held=0,
                hand="none",
                fps=24.0,
                target_area=0.1,
                objects=(ObjectInfo(1, "cup", "cup", "red", 0.1),),
            )
            save_clip(folder, i, draw_clip(i), info)
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


def draw_batch(source: PairSource, latents: int, count: int = 2) -> Batch:
    """Examples of 48 x 64 from a source, the same at every call."""
    pairs = [source.draw((6, i), latents, (48, 64)) for i in range(count)]
    return collate(pairs, any_text, range(5, 5 + count))  # type: ignore[arg-type]
