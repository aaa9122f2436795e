"""What else stands about in a workshop or on a building site."""

from __future__ import annotations

import numpy as np

from distill.world.compose import Array
from distill.world.objects import forms as f
from distill.world.objects.base import Thing, kind


@kind("drill")
def drill(rng: np.random.Generator, s: float) -> Thing:
    h = rng.uniform(104, 116)
    body = f.turned(f.path("0,-52 14,-52 23,-44 25,-20 25,22 17,36 0,36"), 18)
    chuck = f.turned(f.path("0,34 16,34 17,48 9,62 0,62"), 14, fixed=f.DARK)
    bit = f.turned(f.path("4,60 4,92 0,100"), 8, fixed=f.STEEL)
    vents = [f.brick((-38 + 9 * k, 0, 0), (2.2, 25, 10), fixed=f.DARK) for k in range(3)]
    top = f.move([*f.turn([body, chuck, bit], "y", 90), *vents], z=h)
    grip = f.turn([f.slab(f.oblong(19, 15, 9), -8, h - 12, 2)], "y", -9)
    battery = f.slab(f.oblong(33, 22, 5), 0, 26, 3, fixed=f.DARK)
    trigger = f.brick((11, 0, h - 36), (8, 6, 11), fixed=f.RED)
    parts = [*top, *f.move(grip, x=-14, z=20), battery, trigger]
    return f.build("drill", parts, s, "wrap", 20, 60, 0.3)


@kind("flashlight")
def flashlight(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(86, 100)
    body = f.turned(f.path(f"0,0 14,0 17,4 17,{n * 0.75} 28,{n} 31,{n + 4} 31,{n + 26} 27,{n + 28} "
                           f"26,{n + 23}"), 18)  # fmt: skip
    glow = f.turned(f.path(f"27,{n + 23} 0,{n + 20}"), 16, fixed=(1.0, 0.95, 0.7), emission=0.5)
    rings = [f.turned(f.path(f"17,{z} 18.5,{z + 1} 18.5,{z + 5} 17,{z + 6}"), 16, albedo=0.5)
             for z in (14, 26, 38)]  # fmt: skip
    button = f.brick((0, 17, n * 0.62), (5, 3, 9), fixed=f.DARK)
    return f.build("flashlight", f.turn([body, glow, *rings, button], "x", -90), s, "edge", 18, 10,
                   0.4)  # fmt: skip


@kind("toolbox")
def toolbox(rng: np.random.Generator, s: float) -> Thing:
    x, y, h = rng.uniform(70, 80), rng.uniform(33, 40), rng.uniform(48, 58)
    body = f.slab(f.oblong(x, y, 4), 0, h, 2)
    low, high = f.oblong(x + 2, y + 2, 4), f.oblong(x - 6, y - 14, 4)
    lid = f.skin([np.insert(p, 2, z, axis=1) for p, z in ((low, h), (low, h + 8), (high, h + 26))])
    handle = f.tube(f.path(f"-34,0,{h + 24} -30,0,{h + 44} 30,0,{h + 44} 34,0,{h + 24}"), 6,
                    fixed=f.DARK)  # fmt: skip
    latches = [f.brick((q, -y - 2, h - 2), (8, 3, 12), fixed=f.STEEL) for q in (-x / 2, x / 2)]
    seam = f.slab(f.oblong(x + 2.6, y + 2.6, 4), h - 1.5, h + 1, fixed=f.DARK)
    return f.build("toolbox", [body, lid, handle, *latches, seam], s, "wrap", y, h * 0.5, 0.3)


@kind("padlock")
def padlock(rng: np.random.Generator, s: float) -> Thing:
    x, h = rng.uniform(34, 40), rng.uniform(56, 64)
    body = f.slab(f.oblong(x, 15, 8), 0, h, 4)
    q = x - 11
    legs = np.concatenate([[[q, 0, h - 4]], f.arc(0, h + 22, q, q, 0, 180, 9), [[-q, 0, h - 4]]])
    shackle = f.tube(legs, 6.5, 8, fixed=f.STEEL)
    hole = [f.pole((0, -15.6, h * 0.5), (0, -14, h * 0.5), 7, fixed=f.DARK),
            f.brick((0, -15, h * 0.36), (3, 0.8, 8), fixed=f.DARK)]  # fmt: skip
    parts = [body, shackle, *hole]
    if rng.random() < 0.5:
        parts = f.turn(parts, "x", -90)
        return f.build("padlock", parts, s, "edge", x, 0, 0.5)
    return f.build("padlock", parts, s, "wrap", 15, h * 0.5, 0.5)


@kind("traffic cone")
def traffic_cone(rng: np.random.Generator, s: float) -> Thing:
    h = rng.uniform(125, 150)
    base = f.slab(f.oblong(52, 52, 10), 0, 8, 2)
    cone = f.turned(f.path(f"41,8 39,10 9,{h} 6,{h} 6,{h - 8}"), 22)

    def q(z: float) -> float:
        return 39.6 - 30 * (z - 10) / (h - 10)

    bands = [f.turned(f.path(f"{q(a * h)},{a * h} {q(b * h)},{b * h}"), 22, fixed=f.WHITE)
             for a, b in ((0.3, 0.45), (0.62, 0.74))]  # fmt: skip
    return f.build("traffic cone", [base, cone, *bands], s, "wrap", 24, h * 0.5, 0.2)


@kind("stepladder")
def stepladder(rng: np.random.Generator, s: float) -> Thing:
    h = rng.uniform(150, 180)
    front = [f.brick((k * (36 - 8), 0, h / 2), (4.5, 4, h / 2)) for k in (-1, 1)]
    steps = [f.brick((0, -4, z * h), (30, 11, 3)) for z in (0.2, 0.42, 0.64)]
    back = [f.brick((k * 28, 0, h / 2), (3.5, 3, h / 2), albedo=0.7) for k in (-1, 1)]
    back.append(f.brick((0, 0, h * 0.3), (28, 2, 4), albedo=0.7))
    parts = [*f.move(f.turn(f.move([*front, *steps], z=-h), "x", -16), z=h),
             *f.move(f.turn(f.move(back, z=-h), "x", 16), z=h),
             f.brick((0, 0, h + 2), (36, 16, 5), fixed=f.DARK)]  # fmt: skip
    return f.build("stepladder", parts, s, "wrap", 30, h * 0.6, 0.3)


@kind("spray bottle")
def spray_bottle(rng: np.random.Generator, s: float) -> Thing:
    r, h = rng.uniform(33, 38), rng.uniform(100, 115)
    body = f.turned(f.path(f"0,0 {r - 4},0 {r},5 {r},{h * 0.5} {r - 4},{h * 0.62} 14,{h * 0.94} "
                           f"13,{h}"), 20, decorated=True)  # fmt: skip
    collar = f.turned(f.path(f"16,{h - 4} 17,{h + 10} 10,{h + 12}"), 14, fixed=f.WHITE)
    side = f.path(f"-30,{h + 22} -30,{h + 38} -20,{h + 44} 24,{h + 42} 34,{h + 36} 34,{h + 26} "
                  f"12,{h + 24} 8,{h + 8} -8,{h + 8} -12,{h + 18}")  # fmt: skip
    head = f.turn([f.slab(side, -9, 9, 3, fixed=f.WHITE)], "x", 90)
    line = f"20,0,{h + 26} 28,0,{h + 8} 24,0,{h - 12}"
    trigger = f.tube(f.path(line), (6, 5, 4), 7, fixed=f.RED)
    nozzle = f.pole((34, 0, h + 31), (42, 0, h + 31), 6, fixed=f.RED)
    return f.build("spray bottle", [body, collar, *head, trigger, nozzle], s, "wrap", r, h * 0.4,
                   0.4, centre=False)  # fmt: skip


@kind("bolt")
def bolt(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(74, 90)
    thread = " ".join(f"{15 - 3.5 * (k % 2)},{26 + (n - 28) * k / 16}" for k in range(17))
    shank = f.turned(f.path(f"15,0 15,24 {thread} 12,{n} 0,{n + 2}"), 16, 0.9)
    head = f.slab(f.disc(31, 6), -22, 0, 2.5, 0.8)
    return f.build("bolt", f.turn([shank, head], "x", 90 + 11), s, "wrap", 16, 15, 0.5)


@kind("gear")
def gear(rng: np.random.Generator, s: float) -> Thing:
    n, r = int(rng.integers(9, 13)), rng.uniform(50, 58)
    half = np.pi / n
    outline = []
    for k in range(n):
        for q, d in ((0.8, -0.62), (1.0, -0.34), (1.0, 0.34), (0.8, 0.62)):
            a = 2 * half * k + d * half
            outline.append((q * r * np.cos(a), q * r * np.sin(a)))
    body = f.slab(np.array(outline), 0, 17, 1.5)
    hub = f.turned(f.path(f"{r * 0.36},17 {r * 0.34},23 {r * 0.2},23"), 20)
    hole = f.pole((0, 0, 16), (0, 0, 22), r * 0.2, fixed=f.DARK)
    dents = [f.pole((r * 0.56 * np.cos(a), r * 0.56 * np.sin(a), 16),
                    (r * 0.56 * np.cos(a), r * 0.56 * np.sin(a), 17.4), r * 0.12, fixed=f.DARK)
             for a in np.linspace(0, 2 * np.pi, 6, endpoint=False)]  # fmt: skip
    return f.build("gear", [body, hub, hole, *dents], s, "edge", r, 0, 0.5)


@kind("magnet")
def magnet(rng: np.random.Generator, s: float) -> Thing:
    """A horseshoe with bright ends."""
    r, n = rng.uniform(34, 40), rng.uniform(40, 50)

    def bow(q: float) -> Array:
        return f.arc(0, 0, q, q, 180, 360, 11)[:, [0, 2]]

    out, inner = r + 13, r - 11
    ends = f.path(f"{out},{n} {inner},{n}"), f.path(f"-{inner},{n} -{out},{n}")
    outline = np.concatenate([bow(out), ends[0], bow(inner)[::-1], ends[1]])
    tips = [f.brick((k * (out + inner) / 2, n + 10, 11), ((out - inner) / 2, 11, 11),
                    fixed=f.STEEL) for k in (-1, 1)]  # fmt: skip
    return f.build("magnet", [f.slab(outline, 0, 22, 2.5), *tips], s, "edge", out, 0, 0.4)


@kind("bucket")
def bucket(rng: np.random.Generator, s: float) -> Thing:
    h, r = rng.uniform(88, 104), rng.uniform(54, 62)
    body = f.turned(
        f.path(f"0,0 {r * 0.7},0 {r},{h} {r + 4},{h} {r + 4},{h + 5} {r - 2},{h + 5} "
               f"{r * 0.72},6 0,5"), 24)  # fmt: skip
    wire = f.stretch(f.tube(f.arc(0, 0, r + 4, r + 8, 0, 180, 13), 2.6, 6, fixed=f.STEEL), y=1)
    grip = f.rod((-16, 0, r + 8), (16, 0, r + 8), 6, fixed=f.DARK)
    handle = f.move(f.turn([wire, grip], "x", rng.uniform(-62, 40)), z=h - 4)
    return f.build("bucket", [body, *handle], s, "wrap", r * 0.85, h * 0.5, 0.3)
