"""What one cooks and eats with; long things lie along y."""

from __future__ import annotations

import numpy as np

from distill.world.compose import Array
from distill.world.objects import forms as f
from distill.world.objects.base import Thing, kind


@kind("fork")
def fork(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(58, 72)
    right = f.path(f"7,-{n + 18} 8.5,-{n} 4.5,-20 5,12 16,28 17,40 17,82 14.5,84 12,82 11,48 6.5,48 "
                   "6,82 3.5,84 1,82 1,48")  # fmt: skip
    outline = np.concatenate([right, right[::-1] * [-1, 1]])

    def curve(v: Array) -> Array:
        v[:, 2] += 14 * np.clip(np.cos((v[:, 1] - 18) / 30), -0.2, 1) * (np.abs(v[:, 1] - 18) < 54)
        return v

    # Rows across let it bend.
    body = f.bend(f.slab(outline, 0, 4.5, 1), curve)
    return f.build("fork", [body], s, "edge", 8, 0, 0.5)


@kind("knife")
def knife(rng: np.random.Generator, s: float) -> Thing:
    n, w = rng.uniform(100, 116), rng.uniform(30, 36)
    edge = f"-10,0 {w - 10},2 {w - 11},{n * 0.55} {w * 0.55 - 10},{n * 0.85} -9,{n} -10,{n * 0.9}"
    blade = f.slab(f.path(edge), 5, 8.5, 0.8)
    handle = f.slab(f.path("-9,2 8,2 6,-20 8,-44 7,-66 -8,-68 -10,-40"), 0, 13, 3, fixed=f.DARK)
    rivets = [f.ball((-1, y, 13), (2.6, 2.6, 0.8), fixed=f.STEEL) for y in (-14, -32, -50)]
    return f.build("knife", [blade, handle, *rivets], s, "edge", 9, 0, 0.5)


@kind("ladle")
def ladle(rng: np.random.Generator, s: float) -> Thing:
    r, n = rng.uniform(31, 37), rng.uniform(95, 115)
    a = np.radians(np.linspace(-90, 0, 7))
    out = np.column_stack([r * np.cos(a), r + r * np.sin(a)])
    bowl = f.turned(np.concatenate([out, out[::-1] * [0.9, 0.97] + [0, 2]]), 22)
    line = f"0,{r - 3},{r} 0,{r + 8},{r + 22} 0,{r + n * 0.5},{r + 62} 0,{r + n},{r + 98}"
    hook = f" 0,{r + n + 12},{r + 100} 0,{r + n + 14},{r + 88}"
    handle = f.tube(f.path(line + hook), (6, 5, 5, 5.5, 5.5, 5))
    return f.build("ladle", [bowl, handle], s, "edge", 12, 20, 0.5)


@kind("spatula")
def spatula(rng: np.random.Generator, s: float) -> Thing:
    w, n = rng.uniform(30, 36), rng.uniform(58, 70)
    bars = [f.brick((k * w * 0.44, n / 2, 3), (w * 0.13, n / 2 - 6, 2)) for k in (-2, -1, 0, 1, 2)]
    ends = [f.brick((0, y, 3), (w, 6, 2.2)) for y in (5, n - 5)]
    handle = f.tube(f.path("0,2,3 0,-14,9 0,-30,22 0,-110,38"), (6, 5, 7, 8))
    return f.build("spatula", [*bars, *ends, handle], s, "edge", 10, 18, 0.3)


@kind("whisk")
def whisk(rng: np.random.Generator, s: float) -> Thing:
    w, n = rng.uniform(27, 33), rng.uniform(88, 102)
    t = np.linspace(0, 2 * np.pi, 15)
    loop = np.column_stack(
        [w * np.sin(t) * (0.25 + 0.75 * (1 - np.cos(t)) / 2), n * (1 - np.cos(t)) / 2, 0 * t]
    )
    wires = [p for k in range(4) for p in f.turn([f.tube(loop, 2.4, 5)], "y", 45 * k)]
    grip = f.rod((0, -78, 0), (0, -2, 0), 10.0)
    ring = f.move([f.hoop(8, 2.5, 14, 6, fixed=f.STEEL)], 0, -92, 0)
    return f.build("whisk", [f.join(wires), grip, *ring], s, "edge", 12, 18, 0.5)


@kind("rolling pin")
def rolling_pin(rng: np.random.Generator, s: float) -> Thing:
    r, n = rng.uniform(21, 26), rng.uniform(56, 64)
    half = f"{r - 2},-{n} {r},3-{n}".replace("3-", "-")
    body = f.turned(f.path(f"0,-{n} {half} {r},{n} {r - 2},{n} 0,{n}"), 20, decorated=True)
    parts = [body]
    for k in (1, -1):
        handle = f.turned(f.path(f"6,{n} 9,{n + 6} 10,{n + 24} 6,{n + 33} 0,{n + 34}"), 12,
                          fixed=f.WOOD)  # fmt: skip
        parts += [handle] if k == 1 else f.turn([handle], "x", 180)
    return f.build("rolling pin", f.turn(parts, "x", 90), s, "edge", r, 0, 0.2)


@kind("cutting board")
def cutting_board(rng: np.random.Generator, s: float) -> Thing:
    x, y = rng.uniform(52, 60), rng.uniform(62, 70)
    top = f"{x - 6},{y - 14} {x - 14},{y - 6} 17,{y - 4} 16,{y + 26} 10,{y + 33} "
    right = f.path(f"{x - 8},-{y - 10} {x},-{y - 18} {x},{y - 22} " + top)
    outline = np.concatenate([right, right[::-1] * [-1, 1]])
    board = f.slab(outline, 0, 11, 2, decorated=True)
    hole = f.pole((0, y + 18, 6), (0, y + 18, 11.5), 7, fixed=f.DARK)
    groove = f.path(f"{x - 9},-{y - 18} {x - 9},{y - 24} -{x - 9},{y - 24} -{x - 9},-{y - 18}")
    corners = [(float(a), float(b), 11.2) for a, b in groove]
    lines = [f.pole(corners[k - 1], corners[k], 1.8, albedo=0.5) for k in range(4)]
    return f.build("cutting board", [board, hole, *lines], s, "edge", x, 0, 0.1)


@kind("grater")
def grater(rng: np.random.Generator, s: float) -> Thing:
    h = rng.uniform(120, 140)
    base, top = f.oblong(44, 32, 6), f.oblong(25, 17, 4)
    body = f.skin([np.insert(base, 2, 0, axis=1), np.insert(top, 2, h, axis=1)], 0.8)
    tooth = f.stack([(-1.5, 4.5, 4.5), (1.5, 2.5, 2.5)], 5, fixed=f.DARK)
    teeth = []
    for side, wide, deep, lean in ((0, 44, 32, 15), (90, 32, 44, 19), (180, 44, 32, 15),
                                   (270, 32, 44, 19)):  # fmt: skip
        for k in range(4):
            share = 0.18 + 0.19 * k
            half = wide - 0.44 * wide * share
            for x in (-0.55, 0, 0.55):
                one = f.turn(f.turn([tooth], "x", 90), "x", -8)
                tilt = deep - lean * share
                teeth += f.turn(f.move(one, x * half, -tilt, share * h), "z", side)
    handle = f.tube(f.arc(0, h - 2, 22, 30, 0, 180, 9), 6, fixed=f.DARK)
    return f.build("grater", [body, f.join(teeth), handle], s, "wrap", 26, h * 0.6, 0.5)
