"""Contact sheets of truth and of lenses: what training would be told, for eyes."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from distill.world import palette
from distill.world.clips import ClipInfo, load_clip
from distill.world.compose import Array, compose_view, ids_of
from distill.world.lens import STRONGEST, Bend
from distill.world.look import camera_look
from distill.world.sheet import id_colors, labelled
from distill.world.truth import Truth, load_truth

# Bones between the joints of `hand.JOINTS`, a colour a finger.
_FINGERS = ((255, 120, 60), (255, 220, 60), (90, 230, 90), (80, 200, 255), (220, 120, 255))


def depth_colors(depth: Array) -> Array:
    """Depth (H, W) → colours (H, W, 3), red near and blue far, over the picture's own range."""
    seen = depth > 0
    near, far = np.percentile(depth[seen], (1, 99)) if seen.any() else (0.0, 1.0)
    level = np.clip((far - depth) / max(far - near, 1e-6), 0, 1)
    colors = cv2.applyColorMap((level * 255).astype(np.uint8), cv2.COLORMAP_TURBO)
    return np.where(seen[..., None], colors[..., ::-1], 0).astype(np.uint8)


def flow_colors(flow: Array, longest: float) -> Array:
    """Flow (H, W, 2) → the colour wheel: hue for direction, brightness for the root of length."""
    length = np.linalg.norm(flow, axis=-1)
    turn = np.arctan2(flow[..., 1], flow[..., 0]) / (2 * np.pi) % 1
    value = np.sqrt(np.clip(length / max(longest, 1e-6), 0, 1))
    hsv = np.stack([turn * 179, np.full(turn.shape, 255), value * 255], -1).astype(np.uint8)
    return np.asarray(cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB))


def with_joints(picture: Array, truth: Truth, frame: int) -> Array:
    """The picture with the bones drawn in; hidden joints are hollow."""
    out = np.ascontiguousarray(cv2.resize(picture, None, fx=2, fy=2))
    pixels, visible = truth.hands.pixels[frame], truth.hands.visible[frame]
    for points, seen in zip(pixels, visible, strict=True):
        # Pixel centres: (x, y) of the small picture is (2x + ½, 2y + ½) of the doubled one.
        at = [(int(x), int(y)) for x, y in np.rint(points.clip(-2000, 2000) * 2 + 0.5)]
        for finger, color in enumerate(_FINGERS):
            chain = [0, *range(1 + 4 * finger, 5 + 4 * finger)]
            for a, b in zip(chain, chain[1:], strict=False):
                cv2.line(out, at[a], at[b], color, 1, cv2.LINE_AA)
            for joint in chain:
                cv2.circle(out, at[joint], 3, color, -1 if seen[joint] else 1, cv2.LINE_AA)
    return np.asarray(cv2.resize(out, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))


def _colors(info: ClipInfo) -> dict[int, Array]:
    return {o.id: palette.color(o.default_color) for o in info.objects}


def truth_row(path: Path) -> Array:
    """One clip as a strip: source, depth, flow, occlusion, ids, hand joints; uint8 (H, 6·W, 3)."""
    clip, info = load_clip(path)
    truth = load_truth(path)
    frame = max(0, len(truth.full.flow) // 2 - 1)
    layers = np.asarray(clip[frame])
    source = compose_view(layers, "full", _colors(info))
    cells = [(source, f"{path.stem} {info.view} {info.hand}")]
    depth = truth.full.depth[frame]
    cells.append((depth_colors(depth), f"depth {depth.min():.2f} to {depth.max():.2f} m"))
    if len(truth.full.flow):
        flow, valid = truth.full.flow[frame], truth.full.valid[frame]
        longest = float(np.percentile(np.linalg.norm(flow, axis=-1), 99))
        cells.append((flow_colors(flow, longest), f"flow to {longest:.1f} px"))
        unseen = np.where(valid[..., None], source // 2, [255, 40, 40]).astype(np.uint8)
        cells.append((unseen, f"lost {100 * (1 - valid.mean()):.1f} %"))
    else:
        blank = np.zeros_like(source)
        cells += [(blank, "one frame: no flow"), (blank, "")]
    cells.append((id_colors(ids_of(layers)), "ids"))
    count = int(truth.hands.visible[frame].sum())
    cells.append((with_joints(source, truth, frame), f"{count} joints seen"))
    return np.concatenate([labelled(picture, text) for picture, text in cells], 1)


def camera_row(path: Path, seed: int) -> Array:
    """One clip as a strip: source, and source, removal and ids as a head camera drawn from `seed` sees them."""
    clip, info = load_clip(path)
    rng = np.random.default_rng([seed, info.seed])
    num_frames, height, width, _ = clip.shape
    bend = Bend(float(rng.uniform(0, STRONGEST)), height, width)
    look = camera_look(rng)
    frame = max(0, num_frames // 2 - 1)
    layers = np.asarray(clip[frame : frame + 1])
    colors = _colors(info)
    source, bare = compose_view(layers, "full", colors), compose_view(layers, "bare", colors)
    seen, removed = (look.apply(bend.pictures(p), first=frame)[0] for p in (source, bare))
    ids = bend.nearest(ids_of(layers))[0]
    border = np.zeros(ids.shape, bool)
    border[:, 1:] |= ids[:, 1:] != ids[:, :-1]
    border[1:] |= ids[1:] != ids[:-1]
    marked = np.where(border[..., None], [255, 0, 255], seen).astype(np.uint8)
    cells = [
        (source[0], path.stem),
        (seen, f"bend {bend.bend:.2f}, shutter {look.shutter:.2f}"),
        (removed, f"removed, noise {look.noise:.1f}"),
        (id_colors(ids), f"ids, vignette {look.vignette:.2f}"),
        (marked, f"borders, exposure {look.exposure:+.2f}"),
    ]
    return np.concatenate([labelled(picture, text) for picture, text in cells], 1)
