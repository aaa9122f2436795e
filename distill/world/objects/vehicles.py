"""Toy vehicles that drive, fly and float; they look towards +x."""

from __future__ import annotations

import numpy as np

from distill.world.compose import Array
from distill.world.objects import forms as f
from distill.world.objects.base import Part, Thing, kind


def _wheels(xs: tuple[float, ...], y: float, r: float, half: float = 5.0) -> list[Part]:
    """Pairs of wheels with bright hubs."""
    wheels = [f.pole((x, k * (y - half), r), (x, k * (y + half), r), r, fixed=f.DARK)
              for x in xs for k in (-1, 1)]  # fmt: skip
    hubs = [f.pole((x, k * y, r), (x, k * (y + half + 0.6), r), r * 0.45, fixed=f.STEEL)
            for x in xs for k in (-1, 1)]  # fmt: skip
    return [*wheels, *hubs]


@kind("train")
def train(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(60, 70)
    frame = f.brick((0, 0, 17), (n, 20, 5), albedo=0.5)
    boiler = f.turned(f.path(f"0,-10 22,-10 22,{n} 17,{n + 5} 0,{n + 5}"), 18)
    front = f.move(f.turn([boiler], "y", 90), z=42)
    bands = f.move(f.turn([f.hoop(22, 2.2, 18, 5, fixed=f.STEEL)], "y", 90), n * 0.55, 0, 42)
    cab = f.brick((-n * 0.58, 0, 52), (n * 0.36, 24, 32))
    roof = f.brick((-n * 0.58, 0, 86), (n * 0.46, 29, 4), albedo=0.6)
    windows = [f.brick((-n * 0.58, 0, 64), (n * 0.2, 24.5, 11), fixed=f.GLASS),
               f.brick((-n * 0.58, 0, 64), (n * 0.365, 14, 10), fixed=f.GLASS)]  # fmt: skip
    chimney = f.turned(f.path("8,58 8,80 14,94 11,94 7,84"), 14, fixed=f.DARK)
    dome = f.ball((n * 0.16, 0, 62), (11, 11, 13), fixed=(0.85, 0.65, 0.2))
    guard = f.turn([f.slab(f.path(f"{n},4 {n + 20},4 {n},24"), -18, 18, fixed=f.RED)], "x", 90)
    parts = [frame, *front, *bands, cab, roof, *windows, *f.move([chimney], x=n * 0.75), dome]
    parts += [*guard, *_wheels((-n * 0.66, -n * 0.1), 22, 17), *_wheels((n * 0.55,), 22, 12)]
    return f.build("train", parts, s, "wrap", 24, 42, 0.35)


@kind("truck")
def truck(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(62, 72)
    frame = f.brick((0, 0, 19), (n, 20, 4), fixed=f.DARK)
    cab = f.turn([f.slab(f.path(f"{n * 0.42},22 {n},22 {n},44 {n * 0.86},66 {n * 0.42},66"), -26, 26,
                         3)], "x", 90)  # fmt: skip
    glass = f.turn([f.slab(f.path(f"{n * 0.56},46 {n * 0.9},46 {n * 0.81},61 {n * 0.56},61"), -26.8,
                           26.8, fixed=f.GLASS)], "x", 90)  # fmt: skip
    pane = f.brick((n * 0.945, 0, 54), (2, 20, 10), fixed=f.GLASS)
    shield = f.move(f.turn(f.move([pane], -n * 0.945, 0, -54), "y", -23), n * 0.94, 0, 54)
    low = f.path(f"-{n * 1.02},-27 {n * 0.34},-27 {n * 0.34},27 -{n * 1.02},27")
    high = low * [1.1, 1.12] + [n * 0.05, 0]
    bed = f.skin([np.insert(low, 2, 26, axis=1), np.insert(high, 2, 58, axis=1)], albedo=0.6)
    load = f.ball((-n * 0.32, 0, 56), (n * 0.66, 26, 16), fixed=(0.62, 0.5, 0.34))
    lights = [f.ball((n, k * 17, 32), (2.5, 5, 5), fixed=(1.0, 0.95, 0.7)) for k in (-1, 1)]
    parts = [frame, *cab, *glass, *shield, bed, load, *lights]
    parts += _wheels((-n * 0.78, -n * 0.34, n * 0.62), 24, 17, 7)
    return f.build("truck", parts, s, "wrap", 26, 40, 0.4)


@kind("airplane")
def airplane(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(78, 86)
    body = f.turned(f.path(f"0,-{n} 5,-{n} 13,-{n * 0.4} 15,0 15,{n * 0.6} 11,{n * 0.86} 4,{n} 0,{n}"),
                    16, 0.3)  # fmt: skip
    hull = f.turn([body], "y", 90)
    half = f.path(f"{n * 0.32},0 {-n * 0.12},{n * 0.95} {-n * 0.36},{n * 0.95} {-n * 0.14},0")
    wing = f.slab(np.concatenate([half, half[::-1][1:-1] * [1, -1]]), -8, -4)
    half = f.path(f"{-n * 0.7},0 {-n * 0.88},{n * 0.36} {-n * 1.0},{n * 0.36} {-n * 0.94},0")
    tail = f.slab(np.concatenate([half, half[::-1][1:-1] * [1, -1]]), 3, 6)
    fin = f.turn([f.slab(f.path(f"{-n * 0.66},6 {-n * 0.9},42 {-n * 1.02},42 {-n * 0.96},4"), -2.5,
                         2.5)], "x", 90)  # fmt: skip
    glass = f.ball((n * 0.74, 0, 8), (13, 8, 6), fixed=f.SCREEN)
    jets = [f.pole((n * -0.05, k * n * 0.42, -13), (n * 0.24, k * n * 0.42, -13), 8, fixed=f.STEEL)
            for k in (-1, 1)]  # fmt: skip
    ports = [f.ball((n * x, k * 14, 4), (3, 1.6, 3), fixed=f.SCREEN)
             for x in (-0.3, -0.1, 0.1, 0.3, 0.5) for k in (-1, 1)]  # fmt: skip
    legs = [f.rod((n * 0.6, 0, -16), (n * 0.6, 0, -20), 5, fixed=f.DARK)]
    legs += [f.rod((-n * 0.05, k * 14, -12), (-n * 0.05, k * 14, -20), 5, fixed=f.DARK)
             for k in (-1, 1)]  # fmt: skip
    parts = [*hull, wing, tail, *fin, glass, *jets, *ports, *legs]
    return f.build("airplane", parts, s, "edge", 30, 16, 0.4)


@kind("rocket")
def rocket(rng: np.random.Generator, s: float) -> Thing:
    h, r = rng.uniform(130, 150), rng.uniform(25, 29)
    hull = f.turned(f.path(f"14,18 {r * 0.75},24 {r},{h * 0.38} {r},{h * 0.6} {r * 0.84},{h * 0.76}"),
                    20)  # fmt: skip
    nose = f.turned(f.path(f"{r * 0.84},{h * 0.76} {r * 0.55},{h * 0.9} 4,{h + 8} 0,{h + 10}"),
                    20, fixed=f.RED)  # fmt: skip
    jet = f.turned(f.path("0,8 17,8 12,20"), 14, fixed=f.DARK)
    fin = f.turn(
        [f.slab(f.path(f"14,{h * 0.42} 50,16 52,0 40,8 16,26"), -3, 3, albedo=0.6)], "x", 90
    )
    fins = [p for k in range(4) for p in f.turn(fin, "z", 45 + 90 * k)]
    port = [
        p
        for a in (0, 180)
        for p in f.turn(
            [
                f.pole((r - 4, 0, h * 0.58), (r + 1, 0, h * 0.58), 11, fixed=f.STEEL),
                f.pole((r - 4, 0, h * 0.58), (r + 2, 0, h * 0.58), 8, fixed=f.SCREEN),
            ],
            "z",
            a - 90,
        )
    ]
    # fmt: skip
    return f.build("rocket", [hull, nose, jet, *fins, *port], s, "wrap", r, h * 0.45, 0.4)


@kind("sailboat")
def sailboat(rng: np.random.Generator, s: float) -> Thing:
    n, h = rng.uniform(62, 72), rng.uniform(125, 145)

    def deck(k: float, w: float, z: float) -> Array:
        half = np.array([[n * k, 0], [n * 0.55 * k, w * 0.8], [0, w], [-n * 0.8 * k, w * 0.75]])
        return np.insert(np.concatenate([half, half[::-1][:3] * [1, -1]]), 2, z, axis=1)

    hull = f.skin([deck(0.6, 10, 0), deck(0.84, 22, 14), deck(1, 27, 32)])
    floor = f.skin([deck(0.92, 23, 32), deck(0.92, 23, 33.5)], fixed=f.WOOD)
    mast = f.pole((4, 0, 30), (4, 0, h + 6), 3, fixed=f.WOOD)
    main = f.slab(f.path(f"0,44 -{n * 0.86},46 -{n * 0.4},{h * 0.62} 0,{h}"), -2, 2)
    jib = f.slab(f.path(f"9,{h * 0.86} {n * 0.94},42 9,44"), -1.5, 1.5, albedo=0.75)
    sails = f.turn([main, jib], "x", 90)
    flag = f.turn([f.slab(f.path(f"4,{h + 6} -18,{h} 4,{h - 6}"), -1, 1, fixed=f.RED)], "x", 90)
    return f.build("sailboat", [hull, floor, mast, *sails, *flag], s, "wrap", 26, 20, 0.25)


@kind("helicopter")
def helicopter(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(74, 84)
    cabin = f.ball((16, 0, 42), (38, 26, 27))
    glass = f.ball((29, 0, 46), (29, 22, 19), fixed=f.GLASS)
    boom = f.turn([f.turned(f.path(f"14,0 6,{n * 1.1} 0,{n * 1.1}"), 12)], "y", -90)
    fin = f.turn([f.slab(f.path(f"-{n * 0.9},44 -{n * 1.12},78 -{n * 1.2},78 -{n * 1.06},40"), -2.5,
                         2.5)], "x", 90)  # fmt: skip
    mast = f.pole((8, 0, 64), (8, 0, 82), 5, fixed=f.STEEL)
    blades = f.turn([f.brick((0, 0, 0), (n, 6, 1.6), albedo=0.55),
                     f.brick((0, 0, 0), (6, n, 1.6), albedo=0.55)], "z", 32)  # fmt: skip
    tail = f.move([f.brick((0, 0, 0), (3, 1.5, 20), fixed=f.DARK),
                   f.brick((0, 0, 0), (20, 1.5, 3), fixed=f.DARK)], -n * 1.1, -6, 60)  # fmt: skip
    skids = [f.rod((-24, k * 24, 4), (50, k * 24, 4), 4, fixed=f.DARK) for k in (-1, 1)]
    skids += [f.rod((x, k * 24, 4), (x, k * 14, 24), 3, fixed=f.DARK)
              for x in (0, 32) for k in (-1, 1)]  # fmt: skip
    parts = [cabin, glass, *f.move(boom, z=46), *fin, mast, *f.move(blades, x=8, z=83), *tail]
    return f.build("helicopter", [*parts, *skids], s * 0.88, "wrap", 26, 40, 0.35)
