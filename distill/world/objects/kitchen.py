"""Things that stand in a kitchen and hold something."""

from __future__ import annotations

import numpy as np

from distill.world.compose import Array
from distill.world.objects import forms as f
from distill.world.objects.base import Thing, kind


@kind("wine glass")
def wine_glass(rng: np.random.Generator, s: float) -> Thing:
    w, h = rng.uniform(34, 41), rng.uniform(140, 165)
    foot = h * 0.42
    inside = f"{w * 0.86},{h} {w - 3},{foot + 36}"
    glass = f.turned(
        f.path(f"0,0 34,0 34,3 9,8 5,16 5,{foot} {w * 0.62},{foot + 14} {w},{foot + 38} "
               f"{w * 0.9},{h} {inside}"), 22, decorated=True)  # fmt: skip
    wine = f.turned(f.path(f"{w - 3},{foot + 42} 0,{foot + 42}"), 18, fixed=(0.35, 0.04, 0.08))
    return f.build("wine glass", [glass, wine], s, "wrap", w * 0.9, foot + 30, 0.5)


@kind("jug")
def jug(rng: np.random.Generator, s: float) -> Thing:
    h, belly = rng.uniform(135, 160), rng.uniform(44, 52)
    body = f.turned(
        f.path(f"0,0 36,0 {belly},{h * 0.28} {belly - 4},{h * 0.5} 30,{h * 0.78} 37,{h} "
               f"34,{h} 27,{h * 0.78} 27,{h * 0.65} 0,{h * 0.65}"), 24, decorated=True)  # fmt: skip

    def lip(v: Array) -> Array:
        r = np.hypot(v[:, 0], v[:, 1]) + 1e-6
        pull = np.clip((v[:, 2] / h - 0.78) / 0.22, 0, 1) * np.clip(-v[:, 0] / r, 0, 1) ** 6
        v[:, 0] -= 24 * pull
        v[:, 2] += 8 * pull
        return v

    handle = f.tube(f.arc(30, h * 0.55, 42, h * 0.34, -75, 95, 11), 6.5)
    return f.build("jug", [f.bend(body, lip), handle], s, "wrap", belly, h * 0.35, 0.4,
                   centre=False)  # fmt: skip


@kind("pan")
def pan(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(50, 56)
    body = f.turned(f.path(f"0,0 {r - 8},0 {r},22 {r - 3},22 {r - 10},4"), 26)
    floor = f.turned(f.path(f"{r - 10},4 0,4"), 26, fixed=f.DARK)
    handle = f.slab(f.oblong(40, 8, 7), 14, 22, 2)
    rivets = f.ball((r - 6, 0, 19), 5.0, fixed=f.STEEL)
    tilted = f.move(f.turn([handle], "y", -7), r + 36, 0, 3)
    return f.build("pan", [body, floor, rivets, *tilted], s, "edge", 70, 10, 0.35)


@kind("pot")
def pot(rng: np.random.Generator, s: float) -> Thing:
    r, h = rng.uniform(54, 62), rng.uniform(58, 74)
    body = f.turned(f.path(f"0,0 {r - 4},0 {r},5 {r},{h} {r + 3},{h + 2} {r + 3},{h + 5}"), 24,
                    decorated=True)  # fmt: skip
    lid = f.turned(f.path(f"{r + 3},{h + 4} {r - 6},{h + 10} {r * 0.5},{h + 17} 0,{h + 19}"), 24,
                   albedo=0.85)  # fmt: skip
    knob = f.turned(f.path(f"5,{h + 16} 5,{h + 24} 11,{h + 27} 11,{h + 32} 0,{h + 34}"), 14,
                    fixed=f.DARK)  # fmt: skip
    loops = [
        f.tube(f.path(" ".join(f"{k * x},{y},{h - 14}" for x, y in
                               ((r - 2, -20), (r + 17, -16), (r + 17, 16), (r - 2, 20)))),
               5, fixed=f.DARK) for k in (-1, 1)]  # fmt: skip
    return f.build("pot", [body, lid, knob, *loops], s, "edge", r, 0, 0.4)


@kind("coffee pot")
def coffee_pot(rng: np.random.Generator, s: float) -> Thing:
    """The eight-sided stove-top kind."""
    h = rng.uniform(125, 150)
    base = f.turned(f.path(f"0,0 39,0 38,8 29,{h * 0.46} 31,{h * 0.46} 31,{h * 0.5}"), 8)
    top = f.turned(f.path(f"27,{h * 0.5} 38,{h * 0.95} 36,{h * 0.96} 10,{h * 1.06} 0,{h * 1.07}"),
                   8)  # fmt: skip
    faceted = [f.bend(p, lambda v: v, 0.9) for p in (base, top)]
    band = f.turned(f.path(f"31,{h * 0.46} 32,{h * 0.47} 32,{h * 0.51} 27,{h * 0.52}"), 16,
                    fixed=f.STEEL)  # fmt: skip
    knob = f.ball((0, 0, h * 1.11), 7.0, fixed=f.DARK)
    spout = f.skin([f.path(f"-26,-5,{h * 0.66} -26,5,{h * 0.66} -30,0,{h * 0.6}"),
                    f.path(f"-36,-11,{h * 0.95} -36,11,{h * 0.95} -50,0,{h * 0.95}")])  # fmt: skip
    line = f"34,0,{h * 0.9} 60,0,{h * 0.92} 64,0,{h * 0.8} 58,0,{h * 0.42}"
    handle = f.tube(f.path(line), (6, 7, 7, 5), fixed=f.DARK)
    return f.build("coffee pot", [*faceted, band, knob, spout, handle], s, "wrap", 34, h * 0.4,
                   0.5, centre=False)  # fmt: skip


@kind("jar")
def jar(rng: np.random.Generator, s: float) -> Thing:
    r, h = rng.uniform(36, 44), rng.uniform(85, 110)
    body = f.turned(f.path(f"0,0 {r - 4},0 {r},6 {r},{h - 26} {r - 9},{h - 14} {r - 9},{h - 10}"))
    label = f.turned(f.path(f"{r + 0.6},{h * 0.26} {r + 0.6},{h * 0.5}"), fixed=f.CREAM)
    lid = f.turned(
        f.path(f"{r - 7},{h - 14} {r - 4},{h - 14} {r - 4},{h} {r - 7},{h + 2} 0,{h + 2}"),
        albedo=0.55)  # fmt: skip
    return f.build("jar", [body, label, lid], s, "wrap", r, h * 0.4, 0.5, can_lie=True)


@kind("salt shaker")
def salt_shaker(rng: np.random.Generator, s: float) -> Thing:
    h = rng.uniform(62, 76)
    body = f.turned(f.path(f"0,0 27,0 27,4 18,{h * 0.7} 19,{h * 0.72}"), 10, decorated=True)
    cap = f.turned(f.path(f"20,{h * 0.7} 21,{h * 0.84} 16,{h * 0.96} 8,{h} 0,{h + 1}"),
                   fixed=f.STEEL)  # fmt: skip
    holes = [
        f.ball((9 * np.cos(a), 9 * np.sin(a), h - 0.5), (2.4, 2.4, 1.2), fixed=f.DARK)
        for a in np.linspace(0, 2 * np.pi, 5, endpoint=False)
    ]
    return f.build("salt shaker", [f.bend(body, lambda v: v, 0.9), cap, *holes], s, "wrap", 24,
                   h * 0.4, 0.5)  # fmt: skip


@kind("pepper mill")
def pepper_mill(rng: np.random.Generator, s: float) -> Thing:
    h = rng.uniform(140, 185)
    body = f.turned(
        f.path(f"0,0 28,0 29,{h * 0.05} 25,{h * 0.12} 27,{h * 0.18} 17,{h * 0.42} 22,{h * 0.6} "
               f"25,{h * 0.66} 20,{h * 0.69} 13,{h * 0.7}"))  # fmt: skip
    head = f.turned(
        f.path(f"13,{h * 0.7} 20,{h * 0.71} 26,{h * 0.78} 24,{h * 0.87} 14,{h * 0.93} 0,{h * 0.94}")
    )
    nut = f.ball((0, 0, h * 0.97), 7.0, fixed=f.STEEL)
    return f.build("pepper mill", [body, head, nut], s, "wrap", 18, h * 0.42, 0.4)


@kind("mortar")
def mortar(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(46, 54)
    bowl = f.turned(
        f.path(f"0,0 32,0 34,8 24,14 {r * 0.8},26 {r},62 {r + 3},66 {r - 7},66 {r * 0.6},34 0,28"),
        22)  # fmt: skip
    pestle = f.turned(f.path("0,0 13,2 16,12 12,24 7,50 7,90 10,100 8,108 0,111"), 12)
    return f.build("mortar", [bowl, *f.move(f.turn([pestle], "y", 32), -8, 0, 30)], s, "wrap",
                   r, 40, 0.2, centre=False)  # fmt: skip


@kind("toaster")
def toaster(rng: np.random.Generator, s: float) -> Thing:
    x, y, h = rng.uniform(58, 66), rng.uniform(36, 42), rng.uniform(74, 86)
    body = f.slab(f.oblong(x, y, 14), 6, h, 7, decorated=True)
    feet = f.brick((0, 0, 4), (x - 6, y - 5, 4), fixed=f.DARK)
    parts = [body, feet]
    for side in (-1, 1):
        parts.append(f.brick((0, side * y * 0.36, h), (x - 17, 7, 0.6), fixed=f.DARK))
        bread = f.slab(f.path("-30,-30 30,-30 30,12 36,22 24,32 -24,32 -36,22 -30,12"), -5, 5, 1,
                       fixed=(0.8, 0.55, 0.28))  # fmt: skip
        parts += f.move(f.turn([bread], "x", 90), 0, side * y * 0.36, h - 6)
    parts.append(f.brick((x + 6, 0, h * 0.55), (6, 9, 4), fixed=f.DARK))
    return f.build("toaster", parts, s, "wrap", y, h * 0.4, 0.5)
