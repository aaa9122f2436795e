"""A contact sheet of clips: source, a later frame, target recoloured, target removed, changed, ids."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from distill.world import palette
from distill.world.clips import list_clips, load_clip
from distill.world.compose import HAND, TWIN, Array, compose_view, ids_of


def id_colors(seg: Array) -> Array:
    """Ids (..., H, W) → distinct colours uint8 (..., H, W, 3); surroundings black, hand grey."""
    table = np.zeros((256, 3), np.uint8)
    for number in range(1, 255):
        hue = (number * 0.381966) % 1.0
        table[number] = [int(127 + 120 * np.cos(2 * np.pi * (hue + k / 3))) for k in range(3)]
    table[HAND] = 170
    return table[seg]


def labelled(picture: Array, text: str) -> Array:
    """The picture (H, W, 3) with words in its corner."""
    canvas = Image.fromarray(picture)
    ImageDraw.Draw(canvas).text(
        (3, 2), text, fill=(255, 255, 255), stroke_width=1, stroke_fill=(0, 0, 0)
    )
    return np.asarray(canvas)


def contact_row(path: Path) -> Array:
    """One clip as a strip of six pictures, uint8 (H, 6·W, 3)."""
    clip, info = load_clip(path)
    rng = np.random.default_rng(info.seed)
    colors = {o.id: palette.color(o.default_color) for o in info.objects}
    colors[TWIN] = colors[info.target]
    target = info.object(info.target)
    name = palette.other_name(target.default_color, rng)
    first, last = np.asarray(clip[0]), np.asarray(clip[-1])
    cells = [
        compose_view(first, "full", colors),
        compose_view(last, "full", colors),
        compose_view(first, "full", {**colors, target.id: palette.color(name)}),
        compose_view(first, "bare", colors),
        compose_view(first, "other", colors),
        id_colors(ids_of(first)),
    ]
    words = [
        f"{path.stem[5:]} {info.place} {info.view} {info.hand}",
        "last frame",
        f"{target.default_color} {target.name} to {name}",
        f"{target.name} removed",
        f"{info.other.change}: {info.other.name}" if info.other else "",
        "ids",
    ]
    return np.concatenate([labelled(c, w) for c, w in zip(cells, words, strict=True)], 1)


def write_sheet(
    data: Path, out: Path, num_clips: int = 12, row: Callable[[Path], Array] = contact_row
) -> int:
    """Writes the sheet of up to `num_clips` clips spread over the folder; returns how many."""
    paths = list_clips(data)
    if not paths:
        raise FileNotFoundError(f"no finished clips in {data}")
    chosen = [
        paths[i] for i in np.linspace(0, len(paths) - 1, min(num_clips, len(paths))).astype(int)
    ]
    Image.fromarray(np.concatenate([row(p) for p in chosen])).save(out)
    return len(chosen)
