"""Baked, fried and sweet."""

from __future__ import annotations

import numpy as np

from distill.world.compose import Array
from distill.world.objects import forms as f
from distill.world.objects.base import Thing, kind

CRUST = (0.78, 0.52, 0.26)
CRUMB = (0.93, 0.83, 0.62)
MEAT = (0.3, 0.16, 0.09)


@kind("bread")
def bread(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(66, 78)
    outline = f.path("-30,0 30,0 32,8 29,34 38,44 36,56 22,64 -22,64 -36,56 -38,44 -29,34 -32,8")
    loaf = f.slab(outline, -n, n, 5)
    cut = f.slab(outline * 0.9 + [0, 3], -n - 1, -n + 1, fixed=CRUMB)
    scores = [f.ball((0, 63, z), (27, 4, 4.5), fixed=CRUMB) for z in (-0.55 * n, 0, 0.55 * n)]
    return f.build("bread", f.turn([loaf, cut, *scores], "x", 90), s, "edge", 32, 0, 0.1)


@kind("cake")
def cake(rng: np.random.Generator, s: float) -> Thing:
    r, h = rng.uniform(56, 66), rng.uniform(44, 56)
    body = f.turned(f.path(f"0,0 {r},0 {r},{h - 5} {r - 5},{h} 0,{h}"), 26, decorated=True)
    cream = f.many(
        f.turned(f.path("8,-3 9,2 5,8 0,12"), 8, fixed=f.CREAM),
        [((r - 10) * np.cos(a), (r - 10) * np.sin(a), h)
         for a in np.linspace(0, 2 * np.pi, 9, endpoint=False)],
    )  # fmt: skip
    parts = [body, cream, f.turned(f.path(f"{r + 1},0 {r + 5},2 {r + 1},9"), fixed=f.CREAM)]
    for k in range(int(rng.integers(3, 6))):
        x, y = 26 * np.cos(k * 2.4), 26 * np.sin(k * 2.4)
        parts.append(f.pole((x, y, h), (x, y, h + 30), 3.2, fixed=((0.3, 0.5, 0.9), f.RED)[k % 2]))
        flame = f.ball((x, y, h + 37), (3.4, 3.4, 7), fixed=(1.0, 0.75, 0.25), emission=0.9)
        parts.append(flame)
    return f.build("cake", parts, s, "edge", r, 0, 0.15)


@kind("cheese")
def cheese(rng: np.random.Generator, s: float) -> Thing:
    h = rng.uniform(40, 50)
    back = f.arc(-60, 0, 120, 70, -36, 36, 7)[:, [0, 2]]
    wedge = f.slab(np.concatenate([[[-66.0, 0.0]], back]), 0, h, 1.5)
    holes = []
    for x, y, z, q in ((20, 8, h, 10), (-12, -4, h, 7), (36, -18, h, 8), (0, 12, h, 5),
                       (-34, 0, h, 4), (42, 16, h, 5)):  # fmt: skip
        holes.append(f.ball((x, y, z), (q, q, 1.2), albedo=0.5))
    for x, z, q in ((-20, 0.55, 8), (8, 0.3, 10), (26, 0.72, 7), (-40, 0.35, 5)):
        wide = (x + 66) * np.tan(np.radians(21.6))
        for k in (-1, 1):
            one = f.turn([f.ball((0, 0, 0), (q, 1.5, q), albedo=0.5)], "z", k * 21.6)
            holes += f.move(one, x, k * wide, z * h)
    return f.build("cheese", [wedge, *holes], s, "wrap", 25, h * 0.5, 0.2)


@kind("donut")
def donut(rng: np.random.Generator, s: float) -> Thing:
    major, minor = rng.uniform(33, 37), rng.uniform(18, 21)
    dough = f.hoop(major, minor, 26, 12, fixed=CRUST)
    icing = f.hoop(major, minor + 1.2, 26, 12)

    def drip(v: Array) -> Array:
        around = np.arctan2(v[:, 1], v[:, 0])
        low = -5 + 3.5 * np.sin(5 * around) + 2 * np.sin(8 * around)
        v[:, 2] = np.maximum(v[:, 2], low)
        return v

    colors = (f.RED, (0.95, 0.85, 0.2), (0.2, 0.5, 0.9), f.WHITE)
    sprinkles = []
    for k in range(16):
        a, out = k * 2.4, (k % 5 - 2) * 5.5
        q, z = major + out, np.sqrt((minor + 1.2) ** 2 - out**2) + 0.6
        way = (4 * np.cos(k * 1.7), 4 * np.sin(k * 1.7), 0)
        at = np.array([q * np.cos(a), q * np.sin(a), z])
        a3, b3 = at - way, at + way
        sprinkles.append(f.rod((a3[0], a3[1], z), (b3[0], b3[1], z), 1.7, fixed=colors[k % 4]))
    return f.build("donut", [dough, f.bend(icing, drip), *sprinkles], s, "edge", major, 0, 0.35)


@kind("ice cream")
def ice_cream(rng: np.random.Generator, s: float) -> Thing:
    """It lies on its side, cone and two scoops."""
    r, n = rng.uniform(30, 34), rng.uniform(84, 96)
    cone = f.turned(f.path(f"0,0 3,0 {r * 0.86},{n} {r * 0.92},{n} {r * 0.92},{n + 7} 0,{n + 7}"),
                    16, fixed=CRUST)  # fmt: skip
    lines = [f.tube(np.array([[q * np.cos(a + d * q / 22), q * np.sin(a + d * q / 22),
                               q * n / (r * 0.86)] for q in (8, 15, 21, r * 0.87)]), 1.3, 5,
                    fixed=MEAT)
             for a in np.linspace(0, 2 * np.pi, 6, endpoint=False) for d in (-1, 1)]  # fmt: skip
    scoops = [f.ball((0, 0, n + r * 0.55), r), f.ball((0, 0, n + r * 1.55), r * 0.86)]
    skirt = f.hoop(r * 0.86, 6, 18, 6)
    parts = [cone, f.join(lines), *scoops, *f.move([skirt], z=n + 8)]
    return f.build("ice cream", f.turn(parts, "x", 84), s, "edge", r, 8, 0.3)


@kind("popsicle")
def popsicle(rng: np.random.Generator, s: float) -> Thing:
    x, n = rng.uniform(27, 32), rng.uniform(88, 100)
    top = f.arc(0, n - x, x, x, 0, 180, 9)[:, [0, 2]]
    ice = f.slab(np.concatenate([f.path(f"-{x},4 -{x - 4},0 {x - 4},0 {x},4"), top]), 0, 22, 5)
    ribs = [f.ball((k * x * 0.45, n * 0.5, 22), (4, n * 0.32, 1.2), albedo=0.6) for k in (-1, 1)]
    stick = f.slab(f.oblong(8, 28, 7), 8, 13, fixed=(0.85, 0.7, 0.48))
    return f.build("popsicle", [ice, *ribs, *f.move([stick], y=-22)], s, "edge", x, 0, 0.4)


@kind("pizza")
def pizza(rng: np.random.Generator, s: float) -> Thing:
    """Whole but for one slice."""
    r = rng.uniform(78, 88)
    gap = np.radians(rng.uniform(18, 26))
    a = np.linspace(gap, 2 * np.pi - gap, 25)
    ring = np.column_stack([np.cos(a), np.sin(a)])
    base = f.slab(np.concatenate([[[0, 0]], ring * r]), 0, 6, fixed=CRUST)
    top = f.slab(np.concatenate([[[2, 0]], ring * (r - 7)]), 6, 9)
    crust = f.tube(np.insert(ring * (r - 5), 2, 7, axis=1), 7, 8, fixed=CRUST)
    salami = [f.pole((x * r, y * r, 9), (x * r, y * r, 10.2), 10, fixed=(0.62, 0.14, 0.1))
              for x, y in ((0.3, 0.5), (-0.3, 0.62), (-0.62, 0.12), (-0.2, 0.12), (-0.42, -0.48),
                           (0.12, -0.35), (0.3, -0.66))]  # fmt: skip
    leaves = [f.ball((x * r, y * r, 10), (6, 3, 1), fixed=f.LEAF)
              for x, y in ((0.05, 0.4), (-0.5, 0.4), (-0.3, -0.2), (0.1, -0.7))]  # fmt: skip
    return f.build("pizza", [base, top, crust, *salami, *leaves], s, "edge", r, 0, 0.15)


@kind("hamburger")
def hamburger(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(44, 51)
    low = f.turned(f.path(f"0,0 {r - 5},0 {r},6 {r},15"))
    patty = f.turned(f.path(f"{r - 3},22 {r + 3},24 {r + 3},33 {r - 3},36"), fixed=MEAT)
    salad = f.turned(f.path(f"{r - 6},17 {r + 6},15 {r + 6},18 {r - 6},23"), 30, fixed=f.LEAF)

    def wave(v: Array) -> Array:
        v[:, 2] += 2.5 * np.sin(9 * np.arctan2(v[:, 1], v[:, 0]))
        return v

    cheese = f.slab(f.oblong(r * 0.8, r * 0.8, 2), 35, 38, fixed=(0.95, 0.75, 0.15))
    a = np.radians(np.linspace(0, 90, 7))
    dome = np.column_stack([r * np.cos(a) ** 0.8, 42 + r * 0.66 * np.sin(a)])
    top = f.turned(np.concatenate([[[r - 6, 37]], dome]))
    seeds = []
    for k in range(12):
        up, around = (1.35, 0.7, 1.0)[k % 3], k * 2.4
        seeds.append(
            f.ball(
                (
                    r * np.cos(up) ** 0.8 * np.cos(around),
                    r * np.cos(up) ** 0.8 * np.sin(around),
                    42 + r * 0.66 * np.sin(up),
                ),
                (2.6, 3.2, 2),
                fixed=f.CREAM,
            )
        )
        # fmt: skip
    parts = [low, f.bend(salad, wave), patty, cheese, top, *seeds]
    return f.build("hamburger", parts, s, "wrap", r, 35, 0.2)


@kind("cupcake")
def cupcake(rng: np.random.Generator, s: float) -> Thing:
    h = rng.uniform(34, 42)
    case = f.turned(f.path(f"0,0 24,0 34,{h}"), 32, fixed=(0.86, 0.8, 0.7))

    def pleats(v: Array) -> Array:
        v[:, :2] *= (1 + 0.05 * np.sign(np.cos(16 * np.arctan2(v[:, 1], v[:, 0]))))[:, None]
        return v

    swirl = f.turned(
        f.path(f"30,{h - 3} 39,{h + 2} 39,{h + 9} 32,{h + 15} 33,{h + 20} 30,{h + 27} 23,{h + 31} "
               f"23,{h + 36} 19,{h + 42} 11,{h + 46} 8,{h + 53} 0,{h + 56}"), 22, 0.2)  # fmt: skip
    cherry = f.ball((0, 0, h + 57), 9.0, fixed=f.RED)
    return f.build("cupcake", [f.bend(case, pleats, 0.9), swirl, cherry], s, "wrap", 32, h * 0.6)


@kind("croissant")
def croissant(rng: np.random.Generator, s: float) -> Thing:
    a = np.radians(np.linspace(-10, 190, 29))
    line = np.column_stack([56 * np.cos(a), 44 * np.sin(a), np.full(29, 20)])
    share = np.sin(np.linspace(0.12, np.pi - 0.12, 29))
    steps = 0.84 + 0.16 * np.abs(np.sin(np.linspace(0, 4.5 * np.pi, 29)))
    body = f.tube(line, (27 * share * steps).tolist(), 12)
    bands = []
    for k in (6, 10, 18, 22):
        x, y, z = line[k]
        bands += f.move(
            f.turn(
                f.turn([f.hoop(21 * share[k] + 2.0, 2.4, 16, 5, albedo=0.55)], "x", 90),
                "z",
                float(np.degrees(a[k])),
            ),
            x,
            y,
            z,
        )
        # fmt: skip
    return f.build("croissant", [body, f.join(bands)], s, "edge", 40, 0, 0.25)


@kind("lollipop")
def lollipop(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(34, 40)
    a = np.linspace(1.1 * np.pi, 5 * np.pi, 40)
    q = r * 0.92 * a / a[-1]
    swirl = f.tube(np.column_stack([q * np.cos(a), q * np.sin(a), np.full(40, 16)]), 2.4, 5,
                   fixed=f.WHITE)  # fmt: skip
    sweet = f.slab(f.disc(r, 26), 0, 17, 5)
    stick = f.rod((0, -r, 8), (0, -r - 78, 8), 4.2, fixed=f.WHITE)
    return f.build("lollipop", [sweet, swirl, stick], s, "edge", 20, 0, 0.5)


@kind("pretzel")
def pretzel(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(8, 9.5)
    right = f.path(
        "0,0,14 12,12,10 26,28,5 40,36,1 52,32,0 58,18,0 57,2,0 52,-16,0 43,-32,0 30,-44,0 "
        "15,-50,0 0,-52,0"
    )
    left = right[::-1][1:] * [-1, 1, 1]
    left[-5:, 2] = (2, 3, 4, 3, 2)  # one end goes under the other
    first, last = f.path("-36,-38,10 -22,-24,12 -10,-10,14"), f.path("10,-12,4 22,-26,8 34,-38,11")
    knot = np.concatenate([first, right, left, last])
    smooth = np.concatenate(
        [(knot[k] * (1 - t) + knot[k + 1] * t)[None] for k in range(len(knot) - 1)
         for t in (0, 0.5)] + [knot[-1:]])  # fmt: skip
    for _ in range(5):  # a bend tighter than the tube would fold it
        smooth[1:-1] = (smooth[:-2] + 2 * smooth[1:-1] + smooth[2:]) / 4
    salt = [f.brick((float(x), float(y), float(z) + r), (2, 2, 2), fixed=f.WHITE)
            for x, y, z in smooth[3:-3:3]]  # fmt: skip
    return f.build("pretzel", [f.tube(smooth, r, 8), *salt], s, "edge", 45, 0, 0.3)


@kind("fries")
def fries(rng: np.random.Generator, s: float) -> Thing:
    h = rng.uniform(70, 80)
    low, high = f.oblong(26, 15, 4), f.oblong(38, 22, 6)
    box = f.skin([np.insert(low, 2, 0, axis=1), np.insert(high, 2, h, axis=1)], 0.8)
    back = f.slab(f.path(f"-38,{h - 3} 38,{h - 3} 38,{h + 8} 20,{h + 18} -20,{h + 18} -38,{h + 8}"),
                  -1.5, 1.5)  # fmt: skip
    parts = [box, *f.move(f.turn([back], "x", 90), y=21)]
    for k in range(14):
        x, y = (k % 7 - 3) * 9.5, -11 + (k // 7) * 17 + rng.uniform(-3, 3)
        up = rng.uniform(16, 32)
        parts += f.turn(
            f.move(
                [f.brick((0, 0, h + up / 2 - 10), (4, 4, up / 2 + 10), fixed=(0.95, 0.78, 0.32))],
                x * 0.8,
                y,
            ),
            "y",
            x * 0.35,
        )
        # fmt: skip
    return f.build("fries", parts, s, "wrap", 24, h * 0.5, 0.15)


@kind("egg")
def egg(rng: np.random.Generator, s: float) -> Thing:
    """An egg in its cup."""
    r = rng.uniform(27, 31)
    a = np.radians(np.linspace(-90, 90, 13))
    shell = f.turned(np.column_stack([r * np.cos(a), 30 + np.where(a > 0, 1.45, 1.1) * r
                                      * np.sin(a) + r * 0.5]), 18)  # fmt: skip
    holder = f.turned(f.path("0,0 22,0 20,4 8,9 8,16 20,22 29,34 26,35"), fixed=f.WHITE)
    return f.build("egg", [shell, holder], s, "wrap", r, 45, 0.3)
