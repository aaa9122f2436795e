"""What lies on a desk and needs no current."""

from __future__ import annotations

import numpy as np

from distill.world.objects import forms as f
from distill.world.objects.base import Thing, kind


@kind("pen")
def pen(rng: np.random.Generator, s: float) -> Thing:
    n, r = rng.uniform(50, 60), 7.5
    barrel = f.turned(
        f.path(f"{r * 0.6},-{n} {r},-{n * 0.8} {r},{n * 0.5} {r * 0.9},{n * 0.5}"), 12
    )
    cap = f.turned(f.path(f"{r + 1},{n * 0.2} {r + 1},{n} {r - 2},{n + 3} 0,{n + 3}"), 12,
                   albedo=0.6)  # fmt: skip
    tip = f.turned(f.path(f"0,-{n + 16} 1.5,-{n + 14} {r * 0.6},-{n}"), 10, fixed=f.STEEL)
    clip = f.brick((0, -r - 2.4, n * 0.68), (1.8, 1, n * 0.3), fixed=f.STEEL)
    return f.build("pen", f.turn([barrel, cap, tip, clip], "x", 90), s, "edge", r, 0, 0.4)


@kind("notepad")
def notepad(rng: np.random.Generator, s: float) -> Thing:
    """Bound with a wire spiral."""
    x, y, z = rng.uniform(46, 54), rng.uniform(62, 72), rng.uniform(8, 12)
    pages = f.brick((1, 0, z / 2), (x - 2, y - 2, z / 2 - 1), fixed=f.CREAM)
    covers = [f.brick((0, 0, h), (x, y, 1.3), decorated=h > 3) for h in (1.3, z)]
    label = f.brick((4, y * 0.35, z + 1.5), (x * 0.55, y * 0.16, 0.5), fixed=f.WHITE)
    lines = [f.brick((4, y * k, z + 2), (x * 0.42, 1, 0.5), fixed=f.DARK) for k in (0.3, 0.4)]
    ring = f.turn([f.hoop(z * 0.85, 1.7, 12, 5, fixed=f.STEEL)], "x", 90)[0]
    places = [(-x, float(v), z / 2) for v in np.linspace(-y * 0.88, y * 0.88, 12)]
    return f.build("notepad", [pages, *covers, label, *lines, f.many(ring, places)], s, "edge", x,
                   0, 0.2)  # fmt: skip


@kind("stapler")
def stapler(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(62, 72)
    base = f.slab(f.oblong(n, 16, 9), 0, 8, 2)
    plate = f.brick((n * 0.78, 0, 8.4), (8, 9, 0.8), fixed=f.STEEL)
    side = f.path(f"-{n},8 {n - 4},17 {n - 2},28 {n - 14},34 -{n * 0.5},36 -{n},30")
    arm = f.turn([f.slab(side, -13, 13, 4)], "x", 90)
    rail = f.turn([f.slab(f.path(f"-{n - 10},9 {n - 5},11 {n - 5},20 -{n - 10},20"), -10, 10,
                          fixed=f.STEEL)], "x", 90)  # fmt: skip
    hinge = f.pole((-n + 10, -16, 16), (-n + 10, 16, 16), 8, fixed=f.DARK)
    return f.build("stapler", [base, plate, *f.turn([*arm, *rail], "y", -7), hinge], s, "wrap",
                   15, 22, 0.4)  # fmt: skip


@kind("tape dispenser")
def tape_dispenser(rng: np.random.Generator, s: float) -> Thing:
    w = rng.uniform(15, 19)
    side = f.path("-58,0 56,0 60,8 58,22 48,26 40,20 20,22 -8,30 -20,44 -34,48 -48,40 -58,20")
    body = f.turn([f.slab(side, -w, w, 3)], "x", 90)
    roll = [f.pole((-18, -w + 4, 40), (-18, w - 4, 40), 31, fixed=(0.85, 0.75, 0.5)),
            f.pole((-18, -w + 3, 40), (-18, w - 3, 40), 18, fixed=f.WHITE),
            f.pole((-18, -w - 2, 40), (-18, w + 2, 40), 9, albedo=0.6)]  # fmt: skip
    walls = [
        f.turn([f.slab(f.path("-50,20 30,18 14,34 -10,50 -26,50 -46,42"), -1.5, 1.5)], "x", 90)
    ]
    guard = [p for k in (-1, 1) for p in f.move(walls[0], y=k * w)]
    tape = f.pole((6, 0, 60), (54, 0, 30), 0.8, fixed=(0.85, 0.75, 0.5))
    teeth = f.brick((57, 0, 25), (1.6, w - 3, 5), fixed=f.STEEL)
    return f.build("tape dispenser", [*body, *roll, *guard, tape, teeth], s, "wrap", w, 20, 0.4)


@kind("scissors")
def scissors(rng: np.random.Generator, s: float) -> Thing:
    n, spread = rng.uniform(78, 92), rng.uniform(10, 15)
    blade = f.slab(f.path(f"-7,-10 7,-12 8,30 1,{n} -1,{n} -7,30"), 0, 4, 0.8, fixed=f.STEEL)
    eye = f.stretch(f.hoop(20, 7.5, 20, 8), 1, 1.25, 0.75)
    neck = f.slab(f.path("-8,-6 8,-8 16,-34 4,-36"), -1, 8, 2)
    half = [blade, *f.move([neck], z=0), *f.move([eye], 18, -54, 4)]
    other = [f.stretch(p, x=-1) for p in half]
    parts = [*f.turn(half, "z", spread), *f.move(f.turn(other, "z", -spread), z=3)]
    screw = f.pole((0, 0, 2), (0, 0, 9), 5, fixed=f.DARK)
    return f.build("scissors", [*parts, screw], s, "edge", 16, 0, 0.4)


@kind("ruler")
def ruler(rng: np.random.Generator, s: float) -> Thing:
    n, w = rng.uniform(80, 90), rng.uniform(15, 18)
    body = f.slab(f.oblong(w, n, 3), 0, 4.5, 1)
    marks = []
    for k, y in enumerate(np.arange(-n + 7, n - 6, 6.0)):
        long = 0.9 if k % 5 == 0 else 0.45
        mark = f.slab(f.oblong(w * long / 2, 1.0, 0.3, 2), 4.6, 5, fixed=f.DARK)
        marks += f.move([mark], -w + w * long / 2 + 1, float(y))
    hole = f.pole((0, n - 6, 4), (0, n - 6, 5), 4, fixed=f.DARK)
    return f.build("ruler", [body, f.join(marks), hole], s, "edge", w, 0, 0.4)


@kind("globe")
def globe(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(50, 58)
    a = np.radians(np.linspace(-90, 90, 13))
    sea = f.turned(np.column_stack([r * np.cos(a), r * np.sin(a)]), 22, 0.3)
    land = []
    for lat, lon, wide, high in ((45, 0, 22, 15), (18, 24, 12, 15), (-18, 40, 14, 20), (48, 120, 20,
                                 12), (8, 130, 17, 16), (-18, 140, 10, 18), (52, 205, 28, 14),
                                 (25, 225, 15, 12), (-25, 260, 14, 9), (-88, 0, 18, 18),
                                 (72, 320, 12, 8)):  # fmt: skip
        lump = f.ball((r - 1.6, 0, 0), (3.4, wide, high), fixed=(0.3, 0.55, 0.25))
        land += f.turn(f.turn([lump], "y", -lat), "z", lon)
    meridian = f.tube(f.arc(0, 0, r + 7, r + 7, -90, 90, 13), 3.5, 6, fixed=f.STEEL)
    pins = [f.rod((0, 0, k * r), (0, 0, k * (r + 8)), 3.5, fixed=f.STEEL) for k in (-1, 1)]
    ball = f.move(f.turn([sea, *land, meridian, *pins], "y", -20), z=r + 34)
    foot = f.turned(f.path("0,0 42,0 42,5 14,11 6,18 5,30 0,30"), 20, fixed=f.WOOD)
    return f.build("globe", [*ball, *f.move([foot], x=14)], s, "wrap", r, r + 34, 0.4)


@kind("picture frame")
def picture_frame(rng: np.random.Generator, s: float) -> Thing:
    x, y, w = rng.uniform(48, 58), rng.uniform(60, 72), rng.uniform(11, 15)
    parts = [f.brick((0, 0, -2), (x - 2, y - 2, 2))]
    parts += [f.brick((k * (x - w / 2), 0, 2), (w / 2, y, 5)) for k in (-1, 1)]
    parts += [f.brick((0, k * (y - w / 2), 2), (x, w / 2, 4.6)) for k in (-1, 1)]
    x, y = x - w, y - w
    parts += [
        f.brick((0, 0, 1), (x, y, 0.5), fixed=(0.6, 0.78, 0.92)),
        f.brick((0, -y * 0.6, 1.4), (x, y * 0.4, 0.5), fixed=(0.35, 0.6, 0.25)),
        f.ball((x * 0.45, y * 0.55, 1.6), (x * 0.22, x * 0.22, 0.8), fixed=(0.98, 0.85, 0.3)),
        f.slab(f.path(f"-{x},-{y * 0.25} -{x * 0.3},{y * 0.4} {x * 0.4},-{y * 0.25}"), 1.3, 2,
               fixed=(0.5, 0.42, 0.4)),
    ]  # fmt: skip
    upright = f.turn(parts, "x", 74)
    strut = f.turn([f.brick((0, -10, 0), (9, 46, 1.5), albedo=0.6)], "x", 112)
    return f.build("picture frame", [*upright, *f.move(strut, y=34, z=-14)], s, "wrap", 26, 55)


@kind("hourglass")
def hourglass(rng: np.random.Generator, s: float) -> Thing:
    h, r = rng.uniform(110, 135), rng.uniform(32, 38)
    ends = [f.pole((0, 0, z), (0, 0, z + 9), r) for z in (0, h - 9)]
    posts = [f.pole((q * np.cos(a), q * np.sin(a), 5), (q * np.cos(a), q * np.sin(a), h - 5), 3.6)
             for q in [r - 6] for a in np.radians((30, 150, 270))]  # fmt: skip
    m, q = h / 2, r - 11
    low = f.turned(f.path(f"{q * 0.9},9 {q},{m * 0.45} {q * 0.85},{m * 0.6}"))
    empty = f.turned(f.path(f"{q * 0.85},{m * 0.6} {q * 0.55},{m * 0.82} 3.5,{m}"), fixed=f.GLASS)
    sand = f.turned(f.path(f"3.5,{m} {q * 0.55},{m * 1.18} {q * 0.85},{m * 1.4}"))
    top = f.turned(f.path(f"{q * 0.85},{m * 1.4} {q},{m * 1.55} {q * 0.9},{h - 9}"), fixed=f.GLASS)
    return f.build("hourglass", [*ends, *posts, low, empty, sand, top], s, "wrap", r, m, 0.5)


@kind("envelope")
def envelope(rng: np.random.Generator, s: float) -> Thing:
    x, y = rng.uniform(74, 84), rng.uniform(48, 56)
    body = f.slab(f.oblong(x, y, 2, 2), 0, 4)
    flap = f.slab(f.path(f"-{x},{y} 0,-{y * 0.15} {x},{y}"), 4, 5.5, albedo=0.8)
    seams = [f.rod((k * x, -y, 4), (k * 8, -y * 0.05, 4.4), 1.3, albedo=0.55) for k in (-1, 1)]
    rim = [f.rod((k * x, y, 5.3), (0, -y * 0.15, 5.3), 1.4, albedo=0.5) for k in (-1, 1)]
    seal = f.pole((0, -y * 0.12, 5), (0, -y * 0.12, 8), 12, fixed=f.RED)
    return f.build("envelope", [body, flap, *seams, *rim, seal], s, "edge", x, 0, 0.1)


@kind("magnifying glass")
def magnifying_glass(rng: np.random.Generator, s: float) -> Thing:
    r, n = rng.uniform(34, 40), rng.uniform(60, 72)
    rim = f.move([f.stretch(f.hoop(r, 6.5, 26, 8), z=1.1)], z=8)
    lens = f.ball((0, 0, 8), (r - 3, r - 3, 4), fixed=f.GLASS)
    neck = f.rod((0, -r - 4, 8), (0, -r - 16, 8), 5, fixed=f.STEEL)
    handle = f.turned(f.path(f"0,0 7,0 10,8 11,{n * 0.6} 9,{n} 0,{n + 3}"), 14)
    return f.build("magnifying glass",
                   [*rim, lens, neck, *f.move(f.turn([handle], "x", 90), 0, -r - 14, 8)], s,
                   "edge", 11, 0, 0.5)  # fmt: skip
