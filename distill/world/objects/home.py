"""What is worn, grown, carried and lived in."""

from __future__ import annotations

import numpy as np

from distill.world.compose import Array
from distill.world.objects import forms as f
from distill.world.objects.base import Part, Thing, kind

SOIL = (0.2, 0.13, 0.08)


def _ring(x: float, y: float, w: float, d: float, z: float, n: int = 16) -> Array:
    return np.insert(f.disc(1, n) * [w, d] + [x, y], 2, z, axis=1)


@kind("boot")
def boot(rng: np.random.Generator, s: float) -> Thing:
    h = rng.uniform(105, 125)
    foot = [(0, -18, 22, 58, 8), (0, -18, 24, 60, 18), (0, -16, 24, 56, 32), (0, -2, 23, 40, 46),
            (0, 12, 22, 27, 62), (0, 14, 22, 25, 80), (0, 15, 25, 28, h)]  # fmt: skip
    body = f.skin([_ring(*level) for level in foot], 0.2)
    sole = f.skin([_ring(0, -18, 24, 62, z) for z in (0.0, 9.0)], fixed=f.DARK)
    cuff = f.move([f.stretch(f.hoop(25, 4.5, 20, 6, albedo=0.6), y=1.13)], y=15, z=h - 2)
    inside = f.skin([_ring(0, 15, 23, 26, z) for z in (h, h + 0.8)], fixed=f.DARK)
    laces = [f.rod((-11, -26 - q, z), (11, -26 - q, z), 2.6, fixed=f.CREAM)
             for q, z in ((-11, 74), (-9, 62), (2, 50), (16, 42))]  # fmt: skip
    return f.build("boot", [body, sole, *cuff, inside, *laces], s, "wrap", 24, 85, 0.3)


@kind("baseball cap")
def baseball_cap(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(48, 54)
    a = np.radians(np.linspace(0, 90, 8))
    crown = f.turned(np.column_stack([r * np.cos(a) ** 0.8, 4 + r * 0.98 * np.sin(a)]), 24)
    edge = f.arc(0, 0, r * 0.94, r + 40, 200, 340, 13)[:, [0, 2]]
    back = f.arc(0, 0, r * 0.94, r * 0.7, 200, 340, 13)[::-1, [0, 2]]
    brim = f.slab(np.concatenate([edge, back]), 2, 6, 1, albedo=0.75)

    def curve(v: Array) -> Array:
        v[:, 2] += 10 - 14 * (v[:, 0] / r) ** 2 * (v[:, 1] < -r * 0.2)
        return v

    button = f.ball((0, 0, r + 4), (6, 6, 3.5), albedo=0.75)
    seams = [
        p
        for k in range(3)
        for p in f.turn(
            [f.tube(f.arc(0, 4, r + 0.3, r * 0.98, 0, 180, 13), 1.1, 5, albedo=0.6)], "z", 60 * k
        )
    ]
    # fmt: skip
    badge = f.turn([f.ball((0, 0, 0), (13, 2.5, 11), fixed=f.WHITE)], "x", -24)
    parts = [crown, f.bend(brim, curve), button, *seams, *f.move(badge, y=-r * 0.93, z=r * 0.52)]
    return f.build("baseball cap", parts, s, "edge", r, 4, 0.1)


@kind("crown")
def crown(rng: np.random.Generator, s: float) -> Thing:
    r, h = rng.uniform(46, 54), rng.uniform(54, 66)
    n = int(rng.integers(5, 8))
    a = np.linspace(0, 2 * np.pi, 2 * n, endpoint=False)
    tips = np.arange(2 * n) % 2 == 0
    rows = []
    for q, low in ((r, True), (r - 4, False)):
        base = np.column_stack([q * np.cos(a), q * np.sin(a), np.zeros(2 * n)])
        spread = np.where(tips, 1.16, 1.02) * q
        high = np.column_stack(
            [spread * np.cos(a), spread * np.sin(a), np.where(tips, h, h * 0.48)]
        )
        rows += [base, high] if low else [high, base]
    body = f.skin(rows, 0.85)
    band = f.move([f.stretch(f.hoop(r, 5, 28, 6, albedo=0.75), z=1.5)], z=7)
    pearls = [f.ball((1.16 * r * np.cos(t), 1.16 * r * np.sin(t), h + 2), 6, fixed=f.WHITE)
              for t in a[tips]]  # fmt: skip
    gems = [
        f.ball(
            ((r + 5) * np.cos(t), (r + 5) * np.sin(t), 9), 6, fixed=(f.RED, (0.1, 0.3, 0.8))[k % 2]
        )
        for k, t in enumerate(a[tips])
    ]
    # fmt: skip
    return f.build("crown", [body, *band, *pearls, *gems], s, "wrap", r, 20, 0.6)


@kind("mitten")
def mitten(rng: np.random.Generator, s: float) -> Thing:
    k = rng.uniform(0.92, 1.05)
    outline = f.path("-28,0 28,0 33,22 48,30 62,48 64,60 56,66 46,62 35,54 34,84 26,106 8,116 "
                     "-10,115 -26,104 -34,82 -34,30")  # fmt: skip
    body = f.slab(outline * k, 0, 26, 10, 0.2)
    cuff = f.slab(f.oblong(32 * k, 15, 6), -1, 28, 7, fixed=f.CREAM)
    ribs = [f.rod((x * k, -22, 27), (x * k, -2, 27), 2.2, fixed=(0.7, 0.66, 0.58))
            for x in (-22, -11, 0, 11, 22)]  # fmt: skip
    return f.build("mitten", [body, *f.move([cuff], y=-11), *ribs], s, "edge", 32, 0, 0.02)


@kind("cactus")
def cactus(rng: np.random.Generator, s: float) -> Thing:
    h = rng.uniform(92, 112)
    pot = f.turned(f.path("0,0 24,0 32,38 36,38 36,48 31,48 30,42"), 20, fixed=f.CLAY)
    soil = f.turned(f.path("32,43 0,44"), 18, fixed=SOIL)

    def limb(points: Array, r: float) -> Part:
        share = [0.8] + [1.0] * (len(points) - 3) + [0.8, 0.4]
        return f.bend(f.tube(points, [r * q for q in share], 12), lambda v: v, 0.8)

    trunk = limb(f.path(f"0,0,42 0,0,70 0,0,{h} 0,0,{h + 14} 0,0,{h + 20}"), 19)
    low, high = h * 0.68, h * 0.82
    right = limb(f.path(f"10,0,{low} 32,0,{low} 38,0,{low + 6} 38,0,{low + 26} 38,0,{low + 32}"),
                    10)  # fmt: skip
    left = limb(f.path(f"-10,0,{high} -30,0,{high} -35,0,{high + 6} -35,0,{high + 18} "
                          f"-35,0,{high + 24}"), 9)  # fmt: skip
    prick = f.rod((18, 0, 0), (22, 0, 0), 1.3, fixed=f.CREAM)
    pricks = [
        p
        for j, z in enumerate(np.linspace(58, h + 6, 5))
        for k in range(6)
        for p in f.move(f.turn([prick], "z", 60 * k + 30 * (j % 2)), z=float(z))
    ]
    return f.build(
        "cactus", [pot, soil, trunk, right, left, f.join(pricks)], s, "wrap", 30, 24, 0.1
    )


@kind("potted plant")
def potted_plant(rng: np.random.Generator, s: float) -> Thing:
    h, r = rng.uniform(80, 92), rng.uniform(46, 52)
    pot = f.turned(f.path(f"0,0 {r * 0.66},0 {r * 0.9},{h - 16} {r},{h - 16} {r},{h} {r - 5},{h} "
                          f"{r - 7},{h - 8}"), 22, decorated=True)  # fmt: skip
    soil = f.turned(f.path(f"{r - 6},{h - 7} 0,{h - 5}"), 18, fixed=SOIL)
    half = np.array([[0, 2], [14, 7], [34, 9], [50, 5], [60, 0.6]])
    leaf = f.slab(np.concatenate([half * [1, -1], half[::-1]]), 0, 2, fixed=f.LEAF)

    def arch(v: Array) -> Array:
        v[:, 2] += 46 * np.sin(v[:, 0] / 66 * 2.1)
        v[:, 0] *= 0.8
        return v

    one = f.bend(leaf, arch)
    leaves = [p for k in range(8) for p in f.move(f.turn(f.turn([one], "y", (0, -28)[k % 2]), "z",
                                                         45 * k), z=h - 8)]  # fmt: skip
    return f.build("potted plant", [pot, soil, f.join(leaves)], s, "wrap", r * 0.85, h * 0.5, 0.3)


@kind("watering can")
def watering_can(rng: np.random.Generator, s: float) -> Thing:
    r, h = rng.uniform(37, 42), rng.uniform(70, 80)
    body = f.turned(f.path(f"0,0 {r},0 {r + 1},4 {r - 3},{h} {r - 8},{h + 5} {r - 16},{h + 5}"), 22)
    inside = f.turned(f.path(f"{r - 15},{h + 3} 0,{h + 3}"), 18, fixed=f.DARK)
    tip = (r + 42, h + 16)
    spout = f.tube(
        f.path(f"{r - 6},0,16 {r + 14},0,{h * 0.55} {tip[0]},0,{tip[1]}"), (10, 8, 7), 10
    )
    rose = f.turned(f.path("6,0 16,14 16,17 0,20"), 16)
    dots = [f.ball((9 * np.cos(a), 9 * np.sin(a), 19), (2.2, 2.2, 1), fixed=f.DARK)
            for a in np.linspace(0, 2 * np.pi, 6, endpoint=False)]  # fmt: skip
    head = f.move(f.turn([rose, *dots], "y", 42), tip[0] - 3, 0, tip[1] - 3)
    back = f.tube(f.arc(-r + 6, h * 0.6, 36, h * 0.5, 78, 282, 11), 5.5)
    brace = f.pole((r - 6, 0, h - 4), (r + 22, 0, h * 0.78), 3)
    return f.build("watering can", [body, inside, spout, *head, back, brace], s * 0.92, "wrap", r,
                   35, 0.35)  # fmt: skip


@kind("basket")
def basket(rng: np.random.Generator, s: float) -> Thing:
    r, h = rng.uniform(54, 62), rng.uniform(48, 58)
    inner = f.turned(f.path(f"0,2 {r * 0.72},2 {r - 2},{h} {r - 5},{h} {r * 0.7},6 0,5"), 24)
    a = np.linspace(0, 2 * np.pi, 29)
    rows = []
    for k in range(5):
        q = r * 0.74 + (r * 0.26) * (k + 0.5) / 5
        wave = 2.2 * np.sin(7 * a + np.pi * (k % 2))
        line = np.column_stack([(q + wave) * np.cos(a), (q + wave) * np.sin(a),
                                np.full(29, h * (k + 0.5) / 5)])  # fmt: skip
        rows.append(f.tube(line, 5, 4, albedo=(1.0, 0.8)[k % 2]))
    rim = f.move([f.hoop(r, 5.5, 28, 6)], z=h)
    bow = f.stretch(f.tube(f.arc(0, 0, r, r + 14, 0, 180, 15), 5, 7), y=1.5)
    return f.build("basket", [inner, *rows, *rim, *f.move([bow], z=h)], s, "wrap", r * 0.9, h * 0.5,
                   0.05)  # fmt: skip


@kind("fir tree")
def fir_tree(rng: np.random.Generator, s: float) -> Thing:
    h = rng.uniform(145, 170)
    trunk = f.pole((0, 0, 0), (0, 0, 34), 10, fixed=f.WOOD)
    tiers = []
    for low, high, r in ((0.14, 0.52, 56), (0.36, 0.74, 44), (0.6, 1.0, 31)):
        tier = f.turned(f.path(f"6,{low * h + 9} {r},{low * h} {r * 0.55},{(low + high) / 2 * h} "
                               f"0,{high * h}"), 14)  # fmt: skip

        def tips(v: Array) -> Array:
            v[:, :2] *= (1 + 0.09 * np.cos(7 * np.arctan2(v[:, 1], v[:, 0])))[:, None]
            return v

        tiers.append(f.bend(tier, tips, 0.7))
    star = f.stack([(-3, 4, 4), (0, 11, 11), (3, 4, 4)], 10, fixed=(0.95, 0.8, 0.25))
    star = f.bend(star, lambda v: v, 0.9)
    baubles = []
    for k in range(9):
        z, q = ((0.2, 50), (0.42, 39), (0.66, 26))[k % 3]
        a = k * 2.3
        baubles.append(f.ball((q * np.cos(a), q * np.sin(a), z * h), 5.5, fixed=(
            f.RED, (0.9, 0.75, 0.25), (0.2, 0.4, 0.85))[k // 3]))  # fmt: skip
    top = f.move(f.turn([star], "x", 90), z=h + 6)
    return f.build("fir tree", [trunk, *tiers, *baubles, *top], s, "wrap", 40, h * 0.3, 0.1)


@kind("house")
def house(rng: np.random.Generator, s: float) -> Thing:
    x, y, h = rng.uniform(46, 56), rng.uniform(36, 42), rng.uniform(48, 58)
    walls = f.brick((0, 0, h / 2), (x, y, h / 2), albedo=0.9)
    gable = f.slab(f.path(f"-{y},{h} {y},{h} 0,{h + y * 0.85}"), -x, x, albedo=0.9)
    gables = f.turn(f.turn([gable], "x", 90), "z", 90)
    roof = []
    slope = float(np.degrees(np.arctan2(0.85, 1)))
    for k in (-1, 1):
        sheet = f.brick((0, 0, 0), (x + 7, y * 0.76, 3.5), albedo=0.5)
        roof += f.move(f.turn([sheet], "x", -k * slope), 0, k * y * 0.55, h + y * 0.42 + 1)
    chimney = f.brick((x * 0.5, y * 0.4, h + y * 0.75), (8, 8, 20), fixed=f.CLAY)
    door = [f.brick((0, k * y, 15), (10, 1.2, 15), fixed=f.WOOD) for k in (-1, 1)]
    panes = [f.brick((q * x * 0.6, k * y, h * 0.55), (9, 1.2, 9), fixed=f.WHITE)
             for q in (-1, 1) for k in (-1, 1)]  # fmt: skip
    glass = [f.brick((q * x * 0.6 + d, k * y, h * 0.55 + e), (3.4, 1.8, 3.4), fixed=f.SCREEN)
             for q in (-1, 1) for k in (-1, 1) for d in (-4, 4) for e in (-4, 4)]  # fmt: skip
    parts = [walls, *gables, *roof, chimney, *door, *panes, *glass]
    return f.build("house", parts, s, "wrap", y, h * 0.5, 0.1)


@kind("tent")
def tent(rng: np.random.Generator, s: float) -> Thing:
    x, y, h = rng.uniform(46, 54), rng.uniform(60, 68), rng.uniform(74, 86)
    cloth = f.turn([f.slab(f.path(f"-{x},0 {x},0 0,{h}"), -y, y)], "x", 90)
    gap = f.turn([f.slab(f.path(f"-{x * 0.42},0 {x * 0.42},0 0,{h * 0.8}"), y, y + 0.8,
                         fixed=f.DARK)], "x", 90)  # fmt: skip
    flaps = [f.skin([f.path(f"{k * x * 0.42},-{y},0 {k * x * 0.1},-{y},0 0,-{y},{h * 0.8}"),
                     f.path(f"{k * x * 0.62},-{y + 16},0 {k * x * 0.46},-{y + 18},0 "
                            f"{k * x * 0.16},-{y + 2},{h * 0.72}")], albedo=0.75)
             for k in (-1, 1)]  # fmt: skip
    poles = [
        f.pole((0, k * (y - 1), 0), (0, k * (y - 1), h + 9), 2.2, fixed=f.WOOD) for k in (-1, 1)
    ]
    ropes = [f.pole((k * x * 0.5, q * y * 0.9, h * 0.5), (k * (x + 16), q * (y + 2), 0), 1.1,
                    fixed=f.CREAM) for k in (-1, 1) for q in (-1, 1)]  # fmt: skip
    return f.build("tent", [*cloth, *gap, *flaps, *poles, *ropes], s, "wrap", x, 20, 0.05)


@kind("castle")
def castle(rng: np.random.Generator, s: float) -> Thing:
    x, h = rng.uniform(42, 48), rng.uniform(44, 54)
    walls = f.brick((0, 0, h / 2), (x, x, h / 2), albedo=0.85)
    court = f.brick((0, 0, h), (x - 9, x - 9, 0.6), albedo=0.5)
    merlon = f.slab(f.oblong(5, 5, 0.5, 2), h - 1, h + 10, albedo=0.85)
    rows = [p for k in range(4) for v in (-0.42, 0, 0.42)
            for p in f.turn(f.move([merlon], v * x, -x + 5), "z", 90 * k)]  # fmt: skip
    tower = f.turned(f.path(f"16,0 16,{h + 20} 19,{h + 24} 19,{h + 34} 15,{h + 34} 15,{h + 28} "
                            f"0,{h + 28}"), 14)  # fmt: skip
    towers = f.many(tower, [(a * x, b * x, 0.0) for a in (-1, 1) for b in (-1, 1)])
    keep = f.turned(f.path(f"20,0 20,{h + 42} 25,{h + 42} 0,{h + 84}"), 16, albedo=0.6)
    gate = [f.brick((0, -x, 11), (9, 1.5, 11), fixed=f.WOOD),
            f.pole((0, -x - 1.5, 22), (0, -x + 1, 22), 9, fixed=f.WOOD)]  # fmt: skip
    flag = f.turn([f.slab(f.path(f"0,{h + 104} 22,{h + 97} 0,{h + 90}"), -1, 1, fixed=f.RED)], "x",
                  90)  # fmt: skip
    staff = f.pole((0, 0, h + 80), (0, 0, h + 106), 1.8, fixed=f.DARK)
    parts = [walls, court, f.join(rows), towers, keep, *gate, *flag, staff]
    return f.build("castle", parts, s, "wrap", x, h * 0.5, 0.1)
