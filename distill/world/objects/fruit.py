"""What grows and is eaten; its skin takes the colour, stems and leaves keep theirs."""

from __future__ import annotations

import numpy as np

from distill.world.compose import Array
from distill.world.objects import forms as f
from distill.world.objects.base import Part, Thing, kind

STEM = (0.32, 0.24, 0.12)


def _leaf(length: float, width: float, **look: float) -> Part:
    """A pointed leaf along +x, a little hollow."""
    half = [(0, 0.1), (0.3, 1), (0.65, 0.8), (1, 0.02)]
    upper = np.array([[x * length, y * width] for x, y in half])
    leaf = f.slab(np.concatenate([upper * [1, -1], upper[::-1]]), 0, 1.5, fixed=f.LEAF)

    def arch(v: Array) -> Array:
        v[:, 2] += 0.3 * length * np.sin(np.pi * v[:, 0] / length * 0.8)
        return v

    return f.bend(leaf, arch)


@kind("pear")
def pear(rng: np.random.Generator, s: float) -> Thing:
    r, h = rng.uniform(36, 41), rng.uniform(88, 100)
    body = f.turned(f.path(f"0,5 {r * 0.35},0 {r * 0.8},8 {r},{h * 0.27} {r * 0.93},{h * 0.45} "
                           f"{r * 0.6},{h * 0.68} {r * 0.46},{h * 0.85} {r * 0.3},{h * 0.96} "
                           f"0,{h * 0.97}"))  # fmt: skip
    stem = f.tube(f.path(f"0,0,{h * 0.95} 2,0,{h + 8} 8,0,{h + 18}"), (2.4, 2.2, 3), 6, fixed=STEM)
    leaf = f.move(f.turn([_leaf(26, 9)], "z", 40), 2, 0, h + 3)
    return f.build("pear", [body, stem, *leaf], s, "wrap", r, h * 0.3, 0.3, centre=False)


@kind("lemon")
def lemon(rng: np.random.Generator, s: float) -> Thing:
    r, n = rng.uniform(27, 31), rng.uniform(48, 53)
    body = f.turned(
        f.path(
            f"0,-{n} 4,-{n - 1} 7,-{n - 5} 8,-{n * 0.8} {r * 0.55},-{n * 0.66} {r * 0.88},-{n * 0.36} "
            f"{r},0 {r * 0.88},{n * 0.36} {r * 0.55},{n * 0.66} 10,{n * 0.8} 8,{n * 0.86} 0,{n * 0.88}"
        ),
        18,
        0.3,
    )
    stem = f.tube(f.path(f"0,0,{n * 0.84} 0,3,{n} 0,8,{n + 6}"), (3.5, 3, 3.5), 6, fixed=STEM)
    leaf = f.turn(f.move(f.turn([_leaf(38, 13)], "y", -14), 2, 0, r * 0.2), "z", 60)
    lying = f.turn([body, stem], "x", 84)
    parts = [*lying, *f.move(leaf, 0, -n * 0.7, r * 0.3)]
    return f.build("lemon", parts, s, "wrap", r, r, 0.3)


@kind("carrot")
def carrot(rng: np.random.Generator, s: float) -> Thing:
    n, r = rng.uniform(105, 120), rng.uniform(18, 22)
    root = f.turned(f.path(f"0,0 3,3 {r * 0.5},{n * 0.4} {r * 0.85},{n * 0.8} {r},{n * 0.95} "
                           f"{r * 0.7},{n + 2} 0,{n}"), 16, 0.3)  # fmt: skip
    rings = [f.turned(f.path(f"{q},{z} {q + 0.8},{z + 1} {q - 0.5},{z + 2.4}"), 16, albedo=0.6)
             for z in (n * 0.3, n * 0.52, n * 0.72, n * 0.86)
             for q in [np.interp(z, [0, n * 0.4, n * 0.8, n * 0.95],
                                 [2, r * 0.5, r * 0.85, r]) + 0.2]]  # fmt: skip
    greens = [f.tube(f.path(f"0,0,{n} {x * 0.5},{y * 0.5},{n + 24} {x},{y},{n + 50}"),
                     (3, 4, 7), 6, fixed=f.LEAF)
              for x, y in ((0, 0), (16, 4), (-16, 3), (8, -8), (-8, 9))]  # fmt: skip
    parts = f.turn([root, *rings, f.join(greens)], "x", 90 - 6)
    return f.build("carrot", parts, s, "edge", r, 0, 0.15)


@kind("pumpkin")
def pumpkin(rng: np.random.Generator, s: float) -> Thing:
    r, n = rng.uniform(54, 66), int(rng.integers(8, 11))
    a = np.radians(np.linspace(-90, 90, 11))
    flat = np.column_stack([r * np.cos(a) ** 0.8, 0.76 * r * np.sin(a)])
    body = f.turned(flat, 4 * n)

    def ribs(v: Array) -> Array:
        around = np.arctan2(v[:, 1], v[:, 0])
        v[:, :2] *= (1 - 0.13 * (1 - np.abs(np.sin(around * n / 2))) ** 1.2)[:, None]
        v[:, 2] *= 1 - 0.22 * np.exp(-((((v[:, 0] ** 2 + v[:, 1] ** 2) ** 0.5) / (0.35 * r)) ** 2))
        return v

    stem = f.tube(f.path(f"0,0,{0.5 * r} 2,0,{0.8 * r} 12,0,{1.02 * r}"), (10, 7, 8), 7,
                  fixed=(0.3, 0.36, 0.14))  # fmt: skip
    return f.build("pumpkin", [f.bend(body, ribs), stem], s, "wrap", r, 0.7 * r, 0.25)


@kind("mushroom")
def mushroom(rng: np.random.Generator, s: float) -> Thing:
    r, h = rng.uniform(40, 48), rng.uniform(70, 85)
    stalk = f.turned(f.path(f"0,0 17,0 20,8 14,{h * 0.3} 12,{h * 0.65}"), 14, fixed=f.CREAM)
    a = np.radians(np.linspace(0, 90, 7))
    dome = np.column_stack([r * np.cos(a), h * 0.5 + h * 0.5 * np.sin(a)])
    under = f.turned(f.path(f"12,{h * 0.56} {r * 0.97},{h * 0.48} {r},{h * 0.5}"), fixed=f.CREAM)
    spots = []
    for k in range(9):
        up, turn = (1.25, 0) if k == 0 else ((0.85, 0.7 + k * 1.57) if k < 5 else (0.35, k * 1.57))
        at = (r * np.cos(up) * np.cos(turn), r * np.cos(up) * np.sin(turn),
              h * 0.5 + h * 0.5 * np.sin(up))  # fmt: skip
        spots.append(f.ball(at, (6.5, 6.5, 4), fixed=f.WHITE))
    return f.build("mushroom", [stalk, f.turned(dome), under, *spots], s, "wrap", 16, h * 0.25, 0.3)


@kind("strawberry")
def strawberry(rng: np.random.Generator, s: float) -> Thing:
    r, n = rng.uniform(29, 34), rng.uniform(60, 70)
    profile = f.path(f"0,0 {r * 0.25},2 {r * 0.62},{n * 0.3} {r * 0.95},{n * 0.62} {r},{n * 0.78} "
                     f"{r * 0.8},{n * 0.95} 0,{n}")  # fmt: skip
    seed = f.stack([(-2, 2.2, 3.4), (1.2, 1.2, 2)], 6, fixed=(0.95, 0.85, 0.45))
    seeds = []
    for k, z in enumerate((0.16, 0.33, 0.5, 0.66, 0.8)):
        count = (4, 6, 8, 8, 8)[k]
        q = np.interp(z * n, profile[:, 1], profile[:, 0])
        for j in range(count):
            one = f.move(f.turn([seed], "y", 90), q, 0, z * n)
            seeds += f.turn(one, "z", 360 * (j + 0.5 * (k % 2)) / count)
    leaves = [p for k in range(7)
              for p in f.turn(f.move([_leaf(r * 0.72, 7)], 2, 0, n - 3), "z", k * 51)]  # fmt: skip
    stem = f.tube(f.path(f"0,0,{n} 2,0,{n + 9} 7,0,{n + 15}"), 3, 6, fixed=f.LEAF)
    parts = [f.turned(profile, 18, 0.3), f.join(seeds), f.join(leaves), stem]
    return f.build("strawberry", f.turn(parts, "x", 112), s, "wrap", r, r, 0.35)


@kind("pineapple")
def pineapple(rng: np.random.Generator, s: float) -> Thing:
    r, h = rng.uniform(38, 44), rng.uniform(92, 108)
    z = np.linspace(0, 1, 15)
    body = f.turned(np.column_stack([r * np.sin(np.pi * (0.14 + 0.74 * z)) ** 0.6, h * z]), 28)

    def knobs(v: Array) -> Array:
        around, up = np.arctan2(v[:, 1], v[:, 0]) * 7, v[:, 2] / h * 7 * np.pi
        v[:, :2] *= (1 + 0.07 * np.sin(around + up) * np.sin(around - up))[:, None]
        return v

    leaves = []
    for k in range(14):
        up, wide = (74, 30) if k < 4 else (48, 42) if k < 9 else (22, 36)
        one = f.turn([_leaf(wide + 18, 8)], "y", -up)
        leaves += f.turn(f.move(one, 3, 0, h - 3), "z", k * 137.5)
    return f.build("pineapple", [f.bend(body, knobs, 0.8), f.join(leaves)], s, "wrap", r, h * 0.4,
                   0.15)  # fmt: skip


@kind("grapes")
def grapes(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(13, 15)
    a = np.radians(np.linspace(-90, 90, 6))
    one = f.turned(np.column_stack([r * np.cos(a), r + r * np.sin(a)]), 9, 0.2)
    rows = [(-46, 1), (-26, 2), (-5, 3), (16, 4)]
    places: list[f.Point] = [((k - (n - 1) / 2) * 22.0, y, 0.0) for y, n in rows for k in range(n)]
    places += [(-11.0, 6.0, 18.0), (11.0, 7.0, 18.0), (0.0, -15.0, 17.0), (0.0, 22.0, 18.0)]
    stem = f.tube(f.path("0,20,20 2,40,20 10,56,22"), (3.5, 3, 4), 6, fixed=STEM)
    leaf = f.move(f.turn([_leaf(44, 20)], "z", -25), 2, 34, 20)
    return f.build("grapes", [f.many(one, places), stem, *leaf], s, "edge", 30, 0, 0.4)


@kind("eggplant")
def eggplant(rng: np.random.Generator, s: float) -> Thing:
    r, bow = rng.uniform(26, 31), rng.uniform(8, 16)
    y = np.linspace(-62, 48, 11)
    line = np.column_stack([bow * np.cos(y / 45), y, np.full(11, r)])
    share = np.array([0.3, 0.68, 0.9, 1, 1, 0.95, 0.85, 0.73, 0.63, 0.56, 0.5])
    body = f.tube(line, (r * share).tolist(), 14)
    tip = line[-1]
    crown = [p for k in range(5) for p in f.turn([_leaf(34, 10)], "z", k * 72)]
    cap = f.move(f.turn([f.join(crown)], "x", -90), tip[0], tip[1] + 3, tip[2])
    stem = f.tube(f.path(f"{tip[0]},{tip[1] - 2},{r} {tip[0] - 4},{tip[1] + 22},{r + 3}"), (9, 5),
                  fixed=f.LEAF)  # fmt: skip
    return f.build("eggplant", [body, *cap, stem], s, "edge", r, 0, 0.5)


@kind("watermelon")
def watermelon(rng: np.random.Generator, s: float) -> Thing:
    """A slice that stands on its rind."""
    r, t = rng.uniform(74, 86), rng.uniform(13, 17)

    def half(q: float) -> Array:
        return f.arc(0, 0, q, q, 180, 360, 17)[:, [0, 2]]

    flesh = f.slab(half(r - 9), -t, t)
    rind = f.slab(np.concatenate([half(r), half(r - 9)[::-1]]), -t - 0.5, t + 0.5, fixed=f.LEAF)
    pale = f.slab(np.concatenate([half(r - 8), half(r - 12)[::-1]]), -t - 0.3, t + 0.3,
                  fixed=f.CREAM)  # fmt: skip
    seeds = [
        f.ball(
            (q * np.cos(np.radians(a)), q * np.sin(np.radians(a)), side * t),
            (3, 4.5, 1.5),
            fixed=f.DARK,
        )
        for side in (-1, 1)
        for q, a in (
            (r * 0.6, 205),
            (r * 0.62, 243),
            (r * 0.58, 290),
            (r * 0.62, 332),
            (r * 0.28, 230),
            (r * 0.3, 305),
        )
    ]
    # fmt: skip
    parts = f.turn([flesh, rind, pale, *seeds], "x", 90)
    return f.build("watermelon", parts, s, "wrap", t, r * 0.5, 0.2)
