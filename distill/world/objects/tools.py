"""Hand tools, lying along y."""

from __future__ import annotations

import numpy as np

from distill.world.objects import forms as f
from distill.world.objects.base import Thing, kind


@kind("hammer")
def hammer(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(128, 145)
    handle = f.turned(f.path(f"0,0 11,0 13,6 13,{n * 0.4} 9,{n * 0.55} 8,{n} 0,{n}"), 14)
    face = f.turned(f.path("0,-44 14,-44 16,-41 16,-32 11,-28 12,10 0,10"), 16, fixed=f.STEEL)
    claw = [f.turn([f.slab(f.path(f"8,{k * 2} 8,{k * 12} 26,{k * 11} 50,{k * 5} 50,{k * 3}"), -5, 5,
                           1, fixed=f.STEEL)], "z", 0)[0] for k in (-1, 1)]  # fmt: skip
    head = f.move([*f.turn([face], "y", 90), *f.turn(claw, "x", 90)], y=0, z=n - 6)
    parts = f.turn([handle, *head], "x", -90)
    return f.build("hammer", f.turn(parts, "y", 0), s, "edge", 13, 0, 0.4)


@kind("screwdriver")
def screwdriver(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(68, 80)
    handle = f.turned(f.path(f"0,0 10,0 16,6 17,{n * 0.3} 15,{n * 0.7} 11,{n * 0.82} 13,{n} 5,{n}"),
                      6)  # fmt: skip
    shaft = f.pole((0, 0, n), (0, 0, n + 72), 4, fixed=f.STEEL)
    tip = f.skin([f.path(f"-4,-4,{n + 70} 4,-4,{n + 70} 4,4,{n + 70} -4,4,{n + 70}"),
                  f.path(f"-7,-1,{n + 86} 7,-1,{n + 86} 7,1,{n + 86} -7,1,{n + 86}")],
                 fixed=f.STEEL)  # fmt: skip
    cap = f.ball((0, 0, 1), (10, 10, 5), albedo=0.5)
    parts = [f.bend(handle, lambda v: v, 0.85), shaft, tip, cap]
    return f.build("screwdriver", f.turn(parts, "x", 90), s, "edge", 15, 0, 0.4)


@kind("wrench")
def wrench(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(54, 62)
    jaw = f.path("10,6 20,12 27,26 25,42 15,52 11,36 6,28")
    right = np.concatenate([f.path(f"9,-{n}"), [[9, n - 6]], jaw + [0, n]])
    outline = np.concatenate([right, right[::-1] * [-1, 1]])
    body = f.slab(outline, 0, 11, 2)
    eye = f.stretch(f.hoop(17, 7.5, 6, 8), z=0.75)
    ring = f.move([eye], y=-n - 16, z=5.5)
    groove = f.brick((0, 0, 11.2), (4, n * 0.7, 0.4), albedo=0.55)
    return f.build("wrench", [*f.turn([body], "z", 0), *ring, groove], s, "edge", 10, 0, 0.5)


@kind("pliers")
def pliers(rng: np.random.Generator, s: float) -> Thing:
    n, spread = rng.uniform(84, 96), rng.uniform(6, 9)
    jaw = f.slab(f.path("-2,-14 16,-12 17,6 11,30 7,56 -1,58 -2,14"), 0, 13, 2, fixed=f.STEEL)
    line = f"8,-8,7 22,-30,7 24,-{n * 0.6},7 17,-{n},7 19,-{n + 6},7"
    grip = f.tube(f.path(line), (7, 9.5, 9.5, 9, 6), 8)
    half = [jaw, grip]
    parts = [*f.turn(half, "z", -spread), *f.turn([f.stretch(p, x=-1) for p in half], "z", spread)]
    pivot = f.pole((0, -2, 0), (0, -2, 16), 13, fixed=(0.5, 0.51, 0.53))
    return f.build("pliers", [*parts, pivot], s, "edge", 26, 0, 0.4)


@kind("saw")
def saw(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(116, 128)
    count = 15
    teeth = [(-22 - 7 * (k % 2) + 13 * k / (2 * count), n * k / (2 * count))
             for k in range(2 * count + 1)]  # fmt: skip
    blade = f.slab(np.array([*teeth, (10.0, n), (30.0, 0.0)]), 5, 8)
    ring = f.stretch(f.tube(f.path("-26,2,0 -24,-26,0 -18,-54,0 4,-62,0 24,-44,0 32,-4,0 16,4,0 "
                                   "-26,4,0"), 10, 8, albedo=0.5), z=0.75)  # fmt: skip
    screws = [f.pole((x, 1, 12), (x, 1, 16), 3.4, fixed=f.STEEL) for x in (-10, 14)]
    return f.build("saw", [blade, *f.move([ring], z=7), *screws], s, "edge", 22, 0, 0.4)


@kind("paintbrush")
def paintbrush(rng: np.random.Generator, s: float) -> Thing:
    w = rng.uniform(26, 32)
    right = f.path(f"{w},0 {w - 1},24 18,42 13,64 15,96 9,108 0,111")
    handle = f.slab(np.concatenate([right, right[::-1] * [-1, 1]]), 1, 17, 4)
    ferrule = f.brick((0, -5, 9), (w + 2, 7, 10), fixed=f.STEEL)
    rings = [f.brick((0, y, 9), (w + 2.6, 1.2, 10.6), fixed=(0.5, 0.51, 0.53)) for y in (-9, -1)]
    hair = f.slab(f.path(f"-{w},-12 -{w - 2},-42 -{w - 8},-46 {w - 8},-48 {w - 2},-44 {w},-12"), 2,
                  16, 3, fixed=(0.8, 0.68, 0.45))  # fmt: skip
    return f.build("paintbrush", [handle, ferrule, *rings, hair], s, "edge", 12, 0, 0.4)


@kind("axe")
def axe(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(150, 168)
    handle = f.tube(f.path(f"6,0,9 0,14,9 2,{n * 0.5},9 0,{n},9"), (11, 9, 8, 8.5), 8, albedo=0.5)
    side = f.path("-15,-16 14,-14 34,-20 58,-36 64,-12 64,12 58,34 34,20 14,14 -15,16")

    head = f.slab(side, 0, 18, 7)
    edge = f.slab(f.path("56,-32 59,-36 65,-12 65,12 59,34 56,31 61,0"), 5, 13, fixed=f.STEEL)
    parts = [handle, *f.move([head, edge], y=n - 18)]
    return f.build("axe", parts, s, "edge", 20, 0, 0.4)


@kind("trowel")
def trowel(rng: np.random.Generator, s: float) -> Thing:
    """The gardener's small shovel."""
    n, w = rng.uniform(92, 104), rng.uniform(26, 30)
    right = f.path(f"8,0 {w - 6},2 {w},12 {w},{n * 0.5} {w * 0.62},{n * 0.82} 2,{n}")
    y = np.concatenate([right, right[::-1] * [-1, 1]])
    rings = [np.insert(y, 2, z, axis=1) for z in (0.0, 3.5)]
    for ring in rings:
        ring[:, 2] += (ring[:, 0] / w) ** 2 * 13
    blade = f.skin(rings, 0.3)
    neck = f.tube(f.path("0,4,2 0,-16,10 0,-28,16"), (6, 5, 5), 7, fixed=f.STEEL)
    handle = f.turned(f.path("0,0 8,0 11,6 10,30 12,52 9,62 0,64"), 12, fixed=f.WOOD)
    grip = f.move(f.turn([handle], "x", 84), y=-24, z=14)
    return f.build("trowel", [blade, neck, *grip], s, "edge", 14, 6, 0.4)
