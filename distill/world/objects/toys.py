"""Toys and small animals."""

from __future__ import annotations

import numpy as np

from distill.world.objects import forms as f
from distill.world.objects.base import Part, Thing, kind


def _eyes(x: float, y: float, z: float, r: float) -> list[Part]:
    """Two dark eyes that look towards −y."""
    return [f.ball((k * x, y, z), r, fixed=f.DARK) for k in (-1, 1)]


@kind("teddy bear")
def teddy_bear(rng: np.random.Generator, s: float) -> Thing:
    k = rng.uniform(0.92, 1.05)
    fur: list[Part] = [f.ball((0, 0, 44), (35, 30, 42)), f.ball((0, -4, 108), (34, 30, 30))]
    fur += [f.ball((q * 27, 0, 134), (13, 7, 13)) for q in (-1, 1)]
    inner = [f.ball((q * 27, -5, 134), (8, 5, 8), fixed=f.CREAM) for q in (-1, 1)]
    fur += [f.rod((q * 32, -4, 66), (q * 50, -22, 40), 12) for q in (-1, 1)]
    fur += [f.rod((q * 22, -14, 17), (q * 36, -48, 16), 15) for q in (-1, 1)]
    soles = [f.ball((q * 37, -59, 17), (10, 5, 11), fixed=f.CREAM) for q in (-1, 1)]
    muzzle = f.ball((0, -30, 100), (15, 11, 11), fixed=f.CREAM)
    nose = f.ball((0, -41, 104), (6, 4, 4), fixed=f.DARK)
    belly = f.ball((0, -18, 42), (22, 15, 26), fixed=f.CREAM)
    parts = [*fur, *inner, *soles, muzzle, nose, belly, *_eyes(13, -30, 114, 4.6)]
    return f.build("teddy bear", parts, s * k, "wrap", 34, 50, 0.05)


@kind("rubber duck")
def rubber_duck(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(24, 28)
    body = f.stack([(0, 26, 34), (6, 36, 46), (20, 40, 50), (36, 34, 42), (46, 18, 24), (49, 4, 6)],
                   20)  # fmt: skip
    tail = f.turn([f.turned(f.path("17,0 11,14 0,28"), 12)], "x", -50)
    head = f.ball((0, -26, 68), r)
    beak = [f.ball((0, -26 - r, 64), (12, 13, 3.6), fixed=(0.95, 0.5, 0.1)),
            f.ball((0, -24 - r, 59), (9, 9, 3), fixed=(0.85, 0.4, 0.08))]  # fmt: skip
    wings = [f.turn([f.ball((k * 38, 8, 28), (7, 27, 16), albedo=0.85)], "x", 8)[0]
             for k in (-1, 1)]  # fmt: skip
    eyes = _eyes(11, -26 - r * 0.78, 76, 4.4)
    parts = [body, *f.move(tail, y=38, z=32), head, *beak, *wings, *eyes]
    return f.build("rubber duck", parts, s, "wrap", 38, 24, 0.4)


@kind("robot")
def robot(rng: np.random.Generator, s: float) -> Thing:
    h = rng.uniform(44, 52)
    body = f.slab(f.oblong(30, 20, 5), 34, 34 + h, 3)
    top = 34 + h
    head = f.slab(f.oblong(24, 19, 4), top + 8, top + 46, 3)
    neck = f.pole((0, 0, top), (0, 0, top + 10), 9, fixed=f.STEEL)
    legs = [f.brick((k * 15, 0, 22), (8, 9, 14), albedo=0.7) for k in (-1, 1)]
    feet = [f.brick((k * 16, -5, 6), (12, 18, 6)) for k in (-1, 1)]
    arms = [f.brick((k * 38, -2, 34 + h * 0.6), (6, 7, h * 0.36), albedo=0.7) for k in (-1, 1)]
    hands = [f.move(f.turn([f.hoop(8, 3.6, 12, 6, fixed=f.STEEL)], "x", 90), k * 38, -2, 36)[0]
             for k in (-1, 1)]  # fmt: skip
    eyes = [f.ball((k * 10, -19, top + 30), (6, 3, 6), fixed=(1.0, 0.9, 0.4), emission=0.5)
            for k in (-1, 1)]  # fmt: skip
    mouth = f.brick((0, -19, top + 17), (11, 1, 3), fixed=f.DARK)
    panel = f.brick((0, -20, 34 + h * 0.6), (18, 1, h * 0.26), fixed=f.STEEL)
    lamps = [f.ball((x, -21, 34 + h * 0.6), 4.4, fixed=c)
             for x, c in ((-9, f.RED), (3, (0.2, 0.7, 0.3)))]  # fmt: skip
    mast = [f.pole((0, 0, top + 44), (0, 0, top + 60), 2, fixed=f.STEEL),
            f.ball((0, 0, top + 62), 5.5, fixed=f.RED)]  # fmt: skip
    parts = [body, head, neck, *legs, *feet, *arms, *hands, *eyes, mouth, panel, *lamps, *mast]
    return f.build("robot", parts, s, "wrap", 24, 60, 0.4)


@kind("dice")
def dice(rng: np.random.Generator, s: float) -> Thing:
    a = rng.uniform(27, 33)
    body = f.slab(f.oblong(a, a, 7), -a, a, 5)
    d = a * 0.5
    faces: dict[int, list[tuple[float, float]]] = {
        1: [(0, 0)],
        2: [(-d, -d), (d, d)],
        3: [(-d, -d), (0, 0), (d, d)],
        4: [(-d, -d), (-d, d), (d, -d), (d, d)],
        5: [(-d, -d), (-d, d), (d, -d), (d, d), (0, 0)],
        6: [(-d, -d), (-d, 0), (-d, d), (d, -d), (d, 0), (d, d)],
    }
    pip = f.stack([(a - 1, a * 0.19, a * 0.19), (a + 0.5, a * 0.19, a * 0.19)], 10, fixed=f.WHITE)
    pips: list[Part] = []
    turns: tuple[tuple[int, f.Axis, float], ...] = (
        (5, "x", 0), (2, "x", 180), (1, "x", 90), (6, "x", -90), (3, "y", 90), (4, "y", -90),
    )  # fmt: skip
    for number, axis, degrees in turns:
        on_top = [p for x, y in faces[number] for p in f.move([pip], x, y)]
        pips += f.turn(on_top, axis, degrees)
    return f.build("dice", [body, f.join(pips)], s, "wrap", a, a, 0.4)


@kind("spinning top")
def spinning_top(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(42, 50)
    body = f.turned(
        f.path(f"0,0 4,2 9,14 {r * 0.7},36 {r},50 {r * 0.95},58 {r * 0.4},66 10,70"), 24
    )
    band = f.turned(f.path(f"{r * 0.72},37 {r * 0.87},43.3"), 24, fixed=f.WHITE)
    band = f.stretch(band, 1.015, 1.015)
    ring = f.stretch(f.turned(f.path(f"{r * 0.8},60 {r * 0.6},63.5"), 24, fixed=f.WHITE), z=1.015)
    stem = f.turned(f.path("9,68 5,74 5,98 9,103 8,108 0,110"), 12, fixed=f.WOOD)
    lean = f.turn([body, band, ring, stem], "y", 17)
    return f.build("spinning top", lean, s, "wrap", r, 52, 0.4, centre=False)


@kind("puzzle cube")
def puzzle_cube(rng: np.random.Generator, s: float) -> Thing:
    """Nine tiles a side, in three tones of the cube's colour and a few of their own."""
    a = rng.uniform(29, 34)
    core = f.brick((0, 0, 0), (a, a, a), fixed=f.DARK)
    tile = f.slab(f.oblong(a * 0.29, a * 0.29, 3, 3), a, a + 1.6)
    groups: dict[int, list[Part]] = {0: [], 1: [], 2: []}
    sides: tuple[tuple[f.Axis, float], ...] = (("x", 0), ("x", 90), ("x", -90), ("y", 90),
                                               ("y", -90), ("x", 180))  # fmt: skip
    for axis, degrees in sides:
        for x in (-1, 0, 1):
            for y in (-1, 0, 1):
                tone = int(rng.choice(3, p=[0.5, 0.3, 0.2]))
                groups[tone] += f.turn(f.move([tile], x * a * 0.66, y * a * 0.66), axis, degrees)
    looks = (f.Look(albedo=1.0), f.Look(albedo=0.5), f.Look(fixed=f.WHITE))
    tones = []
    for group, look in zip(groups.values(), looks, strict=True):
        mesh = f.join(group).mesh
        assert mesh is not None
        tones.append(f.of(mesh, **look))
    return f.build("puzzle cube", [core, *tones], s, "wrap", a, a, 0.4)


@kind("turtle")
def turtle(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(44, 50)
    a = np.radians(np.linspace(0, 90, 7))
    shell = f.turned(np.column_stack([r * np.cos(a), 14 + 0.72 * r * np.sin(a)]), 20)
    rim = f.move([f.stretch(f.hoop(r, 6, 24, 6, albedo=0.7), z=0.8)], z=15)
    skin = (0.45, 0.6, 0.3)
    plates: list[Part] = []
    for up, around in [(1.4, 0.0)] + [(0.72, k * np.pi / 3) for k in range(6)]:
        q = np.array([r * np.cos(up) * np.cos(around), r * np.cos(up) * np.sin(around)])
        flat = f.stack([(-2, 10, 10), (2, 8, 8)], 6, albedo=0.55)
        plate = f.turn(f.turn([flat], "y", 90 - float(np.degrees(up))), "z",
                       float(np.degrees(around)))  # fmt: skip
        plates += f.move(plate, float(q[0]), float(q[1]), 14 + 0.72 * r * np.sin(up))
    legs = [f.rod((x * r * 0.6, y * r * 0.6, 12), (x * r * 0.95, y * r * 0.95, 8), 8.5, fixed=skin)
            for x in (-1, 1) for y in (-1, 1)]  # fmt: skip
    head = [f.rod((0, -r * 0.8, 16), (0, -r - 12, 24), 10, fixed=skin),
            f.ball((0, -r - 18, 28), (13, 15, 12), fixed=skin)]  # fmt: skip
    tail = f.rod((0, r, 12), (0, r + 14, 7), 4, fixed=skin)
    eyes = _eyes(9, -r - 26, 33, 3)
    parts = [f.stretch(shell, y=1.12), f.stretch(rim[0], y=1.12), *plates, *legs, *head, tail]
    return f.build("turtle", [*parts, *eyes], s, "wrap", r, 26, 0.2)


@kind("piggy bank")
def piggy_bank(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(40, 46)
    body = f.ball((0, 0, r + 12), (r, r * 1.25, r * 0.95))
    legs = [f.pole((x * r * 0.5, y * r * 0.65, 0), (x * r * 0.5, y * r * 0.6, 26), 11)
            for x in (-1, 1) for y in (-1, 1)]  # fmt: skip
    snout = f.pole((0, -r * 1.05, r + 10), (0, -r * 1.5, r + 8), 17)
    nostrils = [f.ball((k * 6, -r * 1.5, r + 8), (3.2, 1.2, 5), fixed=f.DARK) for k in (-1, 1)]
    ear = f.skin(
        [f.path("-10,-3,0 10,-3,0 10,3,0 -10,3,0"), f.path("-2,-6,24 2,-6,24 2,-3,24 -2,-3,24")]
    )
    ears = [
        p
        for k in (-1, 1)
        for p in f.move(f.turn([ear], "y", k * 24), k * r * 0.5, -r * 0.72, r * 1.6 + 10)
    ]
    # fmt: skip
    slot = f.brick((0, 6, r * 1.95 + 12), (3, 15, 2), fixed=f.DARK)
    coil = np.array([[7 * np.cos(t), r * 1.22 + 1.6 * t, r + 22 + 7 * np.sin(t)]
                     for t in np.linspace(0, 9, 14)])  # fmt: skip
    eyes = _eyes(r * 0.42, -r * 1.0, r * 1.4 + 12, 4.4)
    parts = [body, *legs, snout, *nostrils, *ears, slot, f.tube(coil, 3, 6), *eyes]
    return f.build("piggy bank", parts, s, "wrap", r, r, 0.4)


@kind("snowman")
def snowman(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(38, 44)
    body = [f.ball((0, 0, r * 0.92), r), f.ball((0, 0, r * 2.25), r * 0.72),
            f.ball((0, 0, r * 3.25), r * 0.52)]  # fmt: skip
    nose = f.turn([f.turned(f.path("0,0 6,0 0,28"), 10, fixed=(0.95, 0.5, 0.1))], "x", 90)
    face = [*f.move(nose, y=-r * 0.48, z=r * 3.22), *_eyes(8, -r * 0.46, r * 3.42, 3.4)]
    buttons = [f.ball((0, -r * q, r * z), 4, fixed=f.DARK) for q, z in ((0.66, 2.5), (0.71, 2.15),
                                                                      (0.66, 1.88))]  # fmt: skip
    top = r * 3.68
    hat = f.turned(f.path(f"0,{top - 4} 30,{top - 4} 30,{top} 19,{top + 2} 20,{top + 30} "
                          f"0,{top + 30}"), 18, fixed=f.DARK)  # fmt: skip
    scarf = f.move([f.hoop(r * 0.48, 6, 20, 6, fixed=f.RED)], z=r * 2.86)
    arms = [f.rod((k * r * 0.6, 0, r * 2.4), (k * r * 1.5, -6, r * 2.8), 2.8, fixed=f.WOOD)
            for k in (-1, 1)]  # fmt: skip
    return f.build("snowman", [*body, *face, *buttons, hat, *scarf, *arms], s, "wrap", r, r, 0.1)
