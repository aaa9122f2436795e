"""Edits whose full-size truth is known: rendered scenes, edited at their own size and seen small by the model.

Local ones come from the world's layers (a thing taken away, a thing in another colour), those of the whole picture are
functions of a pixel and its surroundings. The model is left out: its part is done perfectly, at its own size, so that
what is measured is the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from distill.world.clips import list_clips, load_clip
from distill.world.compose import compose_view, ids_of
from egostream.frames import Fit, Rgb, fit

FRAME = 2  # of each clip
RED = np.array([0.8, 0.1, 0.1], np.float32)
NIGHT = np.array([0.25, 0.35, 0.6], np.float32)
NOTICED = 2  # levels: a smaller difference is no edit
LOCAL = ("remove", "recolor")
MODEL_HW = (192, 256)


@dataclass(frozen=True, slots=True)
class Case:
    """Full-size source and truth (h, w, 3), the same two as the model has them, and where in the full size the edit
    is, (h, w).
    """

    name: str
    source: Rgb
    truth: Rgb
    small: Rgb
    edited: Rgb
    box: Fit
    mask: NDArray[np.bool_]

    @staticmethod
    def of(name: str, source: Rgb, truth: Rgb) -> Case:
        """As the model sees them."""
        box = Fit.of((source.shape[0], source.shape[1]), MODEL_HW)
        small, edited = (fit(x, box, MODEL_HW) for x in (source, truth))
        mask = cv2.absdiff(source, truth).max(axis=2) > NOTICED
        return Case(name, source, truth, small, edited, box, mask)


def cases(folder: Path) -> Iterator[Case]:
    """All edits of all clips; those too small to score are left out."""
    for number, path in enumerate(list_clips(folder)):
        layers, _ = load_clip(path)
        frame = np.array(layers[min(FRAME, len(layers) - 1)])
        for name, source, truth in _edits(frame, number):
            case = Case.of(name, source, truth)
            if case.mask.sum() > 500:
                yield case


def _edits(frame: NDArray[np.uint8], seed: int) -> Iterator[tuple[str, Rgb, Rgb]]:
    rng = np.random.default_rng(seed)
    ids = ids_of(frame)
    things = [int(i) for i in np.unique(ids) if 0 < i < 200]
    colours = {i: rng.uniform(0.2, 0.9, 3).astype(np.float32) for i in things}
    source = compose_view(frame, "full", colours)
    yield "remove", source, compose_view(frame, "bare", colours)
    if things:
        largest = max(things, key=lambda i: int((ids == i).sum()))
        yield "recolor", source, compose_view(frame, "full", {**colours, largest: RED})
    for name, filtered in FILTERS.items():
        yield name, source, filtered(source)


def _bytes(picture: NDArray[np.float32]) -> Rgb:
    return np.clip(np.rint(picture), 0, 255).astype(np.uint8)


def _night(rgb: Rgb) -> Rgb:
    levels = rgb.astype(np.float32) / 255
    return _bytes(255 * NIGHT * np.power(levels, np.float32(1.6)))


def _sepia(rgb: Rgb) -> Rgb:
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)[..., None]
    return _bytes(grey * np.array([1.0, 0.85, 0.65], np.float32))


def _sketch(rgb: Rgb) -> Rgb:
    grey = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
    ground = cv2.GaussianBlur(grey, (0, 0), rgb.shape[1] / 160)
    drawn = np.clip(255 * (grey + 1) / (np.asarray(ground) + 1), 0, 255).astype(np.float32)
    return _bytes(np.repeat(drawn[..., None], 3, axis=2))


def _cells(rgb: Rgb) -> Rgb:
    h, w = rgb.shape[:2]
    few = cv2.resize(rgb, (w // 40, h // 40), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(few, (w, h), interpolation=cv2.INTER_NEAREST), np.uint8)


FILTERS: dict[str, Callable[[Rgb], Rgb]] = {
    "night": _night,
    "fog": lambda rgb: _bytes(0.5 * rgb.astype(np.float32) + 118),
    "sepia": _sepia,
    "negative": lambda rgb: 255 - rgb,
    "posterized": lambda rgb: rgb // 64 * 64 + 32,
    "sketch": _sketch,
    "pixel art": _cells,
}
