"""Games, sport and music."""

from __future__ import annotations

import numpy as np

from distill.world.objects import forms as f
from distill.world.objects.base import Thing, kind

GOLD = (0.85, 0.66, 0.2)


@kind("basketball")
def basketball(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(48, 58)
    a = np.radians(np.linspace(-90, 90, 13))
    skin = f.turned(np.column_stack([r * np.cos(a), r * np.sin(a)]), 22, 0.3)
    ring = f.hoop(r - 0.2, 2.2, 36, 5, fixed=f.DARK)
    rings = [ring, *f.turn([ring], "x", 90)]
    t = np.linspace(0, 2 * np.pi, 33)
    for k in (-1, 1):
        y = k * r * (0.62 - 0.2 * np.cos(2 * t))
        q = np.sqrt(np.maximum(r**2 - y**2, 0)) - 0.2
        rings.append(f.tube(np.column_stack([q * np.cos(t), y, q * np.sin(t)]), 2.2, 5,
                            fixed=f.DARK))  # fmt: skip
    tilt = f.turn(f.turn([skin, *rings], "x", rng.uniform(15, 40)), "y", rng.uniform(15, 40))
    return f.build("basketball", tilt, s, "wrap", r, r, 0.15)


@kind("skateboard")
def skateboard(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(74, 84)
    y = np.linspace(-n, n, 15)
    half = 22 * np.sqrt(np.clip(1 - np.clip((np.abs(y) - n + 20) / 20.5, 0, 1) ** 2, 0, 1))
    lift = 26 + 16 * np.clip((np.abs(y) - n * 0.68) / (n * 0.32), 0, 1) ** 1.3
    rings = [np.array([[-w, v, z], [w, v, z], [w, v, z + 5], [-w, v, z + 5]])
             for w, v, z in zip(half, y, lift, strict=True)]  # fmt: skip
    board = f.skin(rings, 0.5)
    trucks = [f.pole((-16, k * n * 0.55, 13), (16, k * n * 0.55, 13), 5, fixed=f.STEEL)
              for k in (-1, 1)]  # fmt: skip
    trucks += [f.brick((0, k * n * 0.55, 20), (10, 12, 7), fixed=f.STEEL) for k in (-1, 1)]
    wheels = [f.pole((x * 14, k * n * 0.55, 12), (x * 24, k * n * 0.55, 12), 12, fixed=f.CREAM)
              for x in (-1, 1) for k in (-1, 1)]  # fmt: skip
    return f.build("skateboard", [board, *trucks, *wheels], s, "edge", 24, 20, 0.3)


@kind("bowling pin")
def bowling_pin(rng: np.random.Generator, s: float) -> Thing:
    h = rng.uniform(140, 165)
    k, r = h / 150, rng.uniform(23, 26)
    levels = ((18, 0), (r, 30), (r + 3, 50), (r - 3, 72), (13, 98), (11, 108), (15, 128), (15, 138),
              (9, 147), (0, 150))  # fmt: skip
    body = f.turned(np.array([[0, 0], *[[q, z * k] for q, z in levels]]), 20, 0.3)
    bands = [f.turned(f.path(f"{q + 0.7},{z * k} {w + 0.7},{(z + 4) * k}"), 20, fixed=c)
             for q, w, z, c in ((12.9, 12, 98, f.RED), (11.1, 11.6, 106, f.RED))]  # fmt: skip
    return f.build("bowling pin", [body, *bands], s, "wrap", r, h * 0.35, 0.4)


@kind("dumbbell")
def dumbbell(rng: np.random.Generator, s: float) -> Thing:
    r, n = rng.uniform(32, 38), rng.uniform(62, 72)
    bar = f.pole((0, -n, 0), (0, n, 0), 10, fixed=f.STEEL)
    weights = []
    for k in (-1, 1):
        plate = f.slab(f.disc(r, 6), n - 36, n, 6, 0.8)
        weights += f.turn(f.turn([plate], "z", 0), "x", k * 90)
    return f.build("dumbbell", [bar, *f.turn(weights, "y", 30)], s, "edge", 12, 20, 0.3)


@kind("racket")
def racket(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(42, 48)
    rim = f.stretch(f.hoop(r, 6, 26, 8), y=1.2)
    strings = []
    for v in np.linspace(-0.75, 0.75, 6):
        reach = np.sqrt(1 - v * v) * r
        strings.append(
            f.pole((v * r, -reach * 1.2, 0), (v * r, reach * 1.2, 0), 1.1, fixed=f.WHITE)
        )
        strings.append(
            f.pole((-reach, v * r * 1.2, 0), (reach, v * r * 1.2, 0), 1.1, fixed=f.WHITE)
        )
    y = -r * 1.2
    throat = [f.rod((k * r * 0.5, y * 0.88, 0), (0, y - 26, 0), 5) for k in (-1, 1)]
    handle = f.slab(f.disc(9, 8), 0, 62, 2, fixed=f.DARK)
    grip = f.move(f.turn([handle], "x", 90), y=y - 22)
    return f.build("racket", [rim, *strings, *throat, *grip], s, "edge", 14, 0, 0.3)


@kind("shuttlecock")
def shuttlecock(rng: np.random.Generator, s: float) -> Thing:
    r, h = rng.uniform(38, 44), rng.uniform(78, 90)
    cork = f.turned(f.path(f"{r * 0.46},{h - 4} {r * 0.44},{h + 8} {r * 0.3},{h + 18} 0,{h + 22}"),
                    16, fixed=f.CREAM)  # fmt: skip
    feather = f.slab(f.path(f"-3,{h} -4,{h * 0.55} -11,{h * 0.3} -10,0 0,-5 10,0 11,{h * 0.3} "
                            f"4,{h * 0.55} 3,{h}"), -1.2, 1.2)  # fmt: skip
    lean = float(np.degrees(np.arctan2(r - 13, h)))
    feathers = [
        p
        for k in range(12)
        for p in f.turn(
            f.move(
                f.turn(f.turn(f.move(f.turn([feather], "x", 90), z=-h), "x", -lean), "z", 0),
                0,
                -14,
                h,
            ),
            "z",
            30 * k,
        )
    ]
    # fmt: skip
    rings = [f.move([f.hoop(14 + (r - 13) * (1 - q), 1.6, 20, 5, fixed=f.RED)], z=h * q)[0]
             for q in (0.86, 0.6)]  # fmt: skip
    return f.build("shuttlecock", [cork, f.join(feathers), *rings], s, "wrap", r * 0.7, h * 0.5)


@kind("whistle")
def whistle(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(26, 30)
    bow = f.arc(0, r, r, r, 90, 340, 15)[:, [0, 2]]
    mouth = f.path(f"{r + 42},{r * 1.35} {r + 42},{r * 2} ")
    side = f.slab(np.concatenate([bow, [[r, r * 0.95]], mouth]), -18, 18, 2.5)
    body = f.turn([side], "x", 90)
    slot = f.turn([f.slab(f.path(f"{r * 0.3},{r * 2 - 8} {r * 0.3},{r * 2 + 0.8} {r * 0.85},"
                                 f"{r * 2 + 0.8}"), -14, 14, fixed=f.DARK)], "x", 90)  # fmt: skip
    eye = f.pole((0, -18.5, r), (0, 18.5, r), r * 0.55, albedo=0.55)
    ring = f.move(f.turn([f.hoop(9, 2.6, 14, 6, fixed=f.STEEL)], "x", 90), -r - 6, 0, r * 1.3)
    return f.build("whistle", [*body, *slot, eye, *ring], s, "wrap", 18, r, 0.4)


@kind("trophy")
def trophy(rng: np.random.Generator, s: float) -> Thing:
    h, r = rng.uniform(130, 150), rng.uniform(36, 42)
    foot = f.brick((0, 0, 13), (30, 30, 13), fixed=f.DARK)
    plate = [f.brick((0, 0, 13), (a, b, 7), fixed=GOLD) for a, b in ((18, 30.6), (30.6, 18))]
    bowl = f.turned(
        f.path(f"24,26 22,30 8,38 6,50 10,58 7,64 {r * 0.62},{h * 0.56} {r * 0.9},{h * 0.75} "
               f"{r},{h} {r - 4},{h} {r * 0.82},{h * 0.76} 0,{h * 0.62}"), 22)  # fmt: skip
    ears = [f.tube(f.path(" ".join(f"{k * x},0,{h * z}" for x, z in (
        (r * 0.96, 0.94), (r + 20, 0.97), (r + 24, 0.8), (r + 10, 0.66), (r * 0.7, 0.6)))), 5)
            for k in (-1, 1)]  # fmt: skip
    return f.build("trophy", [foot, *plate, bowl, *ears], s, "wrap", 10, 45, 0.6)


@kind("bell")
def bell(rng: np.random.Generator, s: float) -> Thing:
    r, h = rng.uniform(42, 48), rng.uniform(70, 80)
    body = f.turned(f.path(f"{r - 6},4 {r},0 {r},5 {r * 0.78},18 {r * 0.62},{h * 0.5} "
                           f"{r * 0.52},{h * 0.78} {r * 0.3},{h * 0.95} 0,{h}"), 24)  # fmt: skip
    band = f.move([f.hoop(r * 0.78, 2.4, 24, 5, albedo=0.6)], z=19)
    handle = f.turned(f.path(f"7,{h - 3} 9,{h + 4} 6,{h + 12} 11,{h + 34} 10,{h + 48} 0,{h + 54}"),
                      14, fixed=f.WOOD)  # fmt: skip
    clapper = f.ball((0, 0, 9), 9, fixed=f.DARK)
    return f.build("bell", [body, *band, handle, clapper], s, "wrap", 10, h + 26, 0.6)


@kind("drum")
def drum(rng: np.random.Generator, s: float) -> Thing:
    r, h = rng.uniform(48, 54), rng.uniform(84, 96)
    shell = f.turned(f.path(f"0,0 {r},0 {r},{h} 0,{h}"), 24)
    head = f.turned(f.path(f"{r + 1},{h - 1} {r + 1},{h + 2} 0,{h + 2}"), 24, fixed=f.CREAM)
    hoops = [f.move([f.hoop(r + 1, 5, 24, 6, albedo=0.55)], z=z)[0] for z in (5, h - 3)]
    a = np.linspace(0, 2 * np.pi, 17)
    zig = np.column_stack([(r + 1.5) * np.cos(a), (r + 1.5) * np.sin(a),
                           np.where(np.arange(17) % 2, 9, h - 8)])  # fmt: skip
    cords = f.join([f.tube(zig[k : k + 2], 1.8, 5, fixed=f.WHITE) for k in range(16)])
    sticks = []
    for k in (-1, 1):
        x = 12 * k
        sticks += [f.rod((x, -r - 14, h + 9), (-x * 0.6, r * 0.35, h + 8), 3.4, fixed=f.WOOD),
                   f.ball((-x * 0.6, r * 0.4, h + 9), 7, fixed=f.WOOD)]  # fmt: skip
    return f.build("drum", [shell, head, *hoops, cords, *sticks], s, "wrap", r, h * 0.5, 0.3)


@kind("ukulele")
def ukulele(rng: np.random.Generator, s: float) -> Thing:
    k = rng.uniform(0.94, 1.04)
    right = f.path("6,-88 22,-86 36,-74 39,-56 32,-40 24,-30 23,-20 28,-8 29,4 22,15 8,20")
    body = f.slab(np.concatenate([right, right[::-1] * [-1, 1]]) * k, 0, 22, 3)
    hole = f.pole((0, -22, 21), (0, -22, 22.6), 11, fixed=f.DARK)
    rose = f.move([f.stretch(f.hoop(12.5, 1.8, 18, 5, fixed=f.CREAM), z=0.5)], y=-22, z=22)
    neck = f.brick((0, 44, 20), (6.5, 42, 5), fixed=(0.3, 0.18, 0.1))
    head = f.slab(f.path("-8,84 8,84 13,92 11,112 -11,112 -13,92"), 14, 23, 1, albedo=0.7)
    frets = [f.brick((0, y, 25), (6.5, 0.9, 0.8), fixed=f.STEEL) for y in (24, 38, 52, 66)]
    bridge = f.brick((0, -58, 23), (15, 4, 2.5), fixed=(0.3, 0.18, 0.1))
    pegs = [f.rod((q * 9, y, 18), (q * 19, y, 18), 3, fixed=f.CREAM)
            for q in (-1, 1) for y in (94, 106)]  # fmt: skip
    strings = [
        f.pole((x, -58, 25.6), (x, 86, 26.5), 0.8, fixed=f.WHITE) for x in (-4, -1.3, 1.3, 4)
    ]
    parts = [body, hole, *rose, neck, head, *frets, bridge, *pegs, *strings]
    return f.build("ukulele", parts, s * 0.9, "edge", 24, 0, 0.4)


@kind("xylophone")
def xylophone(rng: np.random.Generator, s: float) -> Thing:
    n = int(rng.integers(6, 8))
    bars, rails = [], []
    for k in range(n):
        half = 46 - 22 * k / (n - 1)
        bar = f.slab(f.oblong(9, half, 3), 16, 23, 1.5, albedo=1.0 - 0.07 * k)
        bars += f.move([bar], (k - (n - 1) / 2) * 22)
    x = n * 11 + 3
    for k in (-1, 1):
        rails.append(f.pole((-x, k * 32, 9), (x, k * 15, 9), 8, fixed=f.WOOD))
    pins = [f.ball(((k - (n - 1) / 2) * 22, q * (30 - 15 * k / (n - 1)), 23), (2.6, 2.6, 2),
                   fixed=f.STEEL) for k in range(n) for q in (-1, 1)]  # fmt: skip
    mallet = [f.rod((-20, -46, 34), (18, 16, 29), 2.8, fixed=f.WOOD),
              f.ball((20, 20, 32), 9, fixed=f.DARK)]  # fmt: skip
    return f.build("xylophone", [*bars, *rails, *pins, *mallet], s, "edge", x, 4, 0.4)


@kind("trumpet")
def trumpet(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(74, 82)
    flare = f.turned(f.path("4.5,0 5,34 9,50 17,60 34,70 36,72 33,71 14,59"), 20, 0.4)
    bell_ = f.move(f.turn([flare], "y", 90), n - 66, 0, 22)
    line = f"{n - 64},0,22 -{n * 0.4},0,22 -{n * 0.62},0,14 -{n * 0.62},0,0 -{n * 0.4},0,-8 "
    line += f"{n * 0.3},0,-8 {n * 0.46},0,-2 {n * 0.46},0,8 {n * 0.3},0,12 -{n},0,12"
    pipe = f.tube(f.path(line), 5, 8)
    cup = f.move(f.turn([f.turned(f.path("4,0 6,8 10,14 10,17 6,15"), 14)], "y", -90), -n, 0, 12)
    valves = [f.pole((x, 0, -16), (x, 0, 30), 7.5) for x in (-14, 3, 20)]
    caps = [f.pole((x, 0, 30), (x, 0, 44), 3, fixed=f.STEEL) for x in (-14, 3, 20)]
    tops = [f.pole((x, 0, 44), (x, 0, 47), 7, fixed=f.CREAM) for x in (-14, 3, 20)]

    parts = f.turn([*bell_, pipe, *cup, *valves, *caps, *tops], "x", -72)
    return f.build("trumpet", parts, s, "edge", 40, 10, 0.6)
