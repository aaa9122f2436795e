"""What takes a battery or a cable, small and on a desk."""

from __future__ import annotations

import numpy as np

from distill.world.compose import Array
from distill.world.objects import forms as f
from distill.world.objects.base import Part, Thing, kind


def _keys(xs: Array, ys: Array, half: tuple[float, float], z: float, high: float) -> list[Part]:
    """A grid of buttons."""
    return [f.brick((float(x), float(y), z), (*half, high)) for y in ys for x in xs]


@kind("computer mouse")
def computer_mouse(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(52, 60)
    body = f.stack([(0, 30, n), (6, 32, n + 2), (16, 30, n - 3), (25, 22, n - 14), (31, 10, n - 32),
                    (32, 2, n - 45)], 20)  # fmt: skip

    def lean(v: Array) -> Array:
        v[:, 2] *= 1 - 0.25 * np.clip(v[:, 1] / n, -0.5, 1)
        return v

    seam = [f.tube(f.path(f"0,{n + 1},8 0,{n - 12},20 0,{n - 30},27 0,{n - 48},30"), 1.4, 5,
                   fixed=f.DARK),
            f.tube(f.arc(0, 0, 30, 30.5, 15, 165, 9), 1.3, 5, fixed=f.DARK)]  # fmt: skip
    wheel = f.turn([f.hoop(7, 4.5, 14, 6, fixed=f.DARK)], "y", 90)
    cable = f.tube(f.path(f"0,{n - 2},7 2,{n + 12},3 14,{n + 26},3 8,{n + 42},3 -8,{n + 50},3"), 3,
                   6, fixed=f.DARK)  # fmt: skip
    parts = [f.bend(body, lean), seam[0], *f.move(wheel, y=n - 22, z=19), cable]
    return f.build("computer mouse", parts, s, "edge", 30, 0, 0.35)


@kind("laptop")
def laptop(rng: np.random.Generator, s: float) -> Thing:
    x, y, open_ = rng.uniform(76, 84), rng.uniform(50, 56), rng.uniform(100, 118)
    deck = f.slab(f.oblong(x, y, 6), 0, 8, 1.5)
    keys = []
    for row in range(4):
        for k in range(10):
            key = f.slab(f.oblong(x * 0.072, y * 0.095, 1, 2), 8, 9.2, fixed=f.DARK)
            keys += f.move([key], (k - 4.5) * x * 0.175, y * (0.62 - 0.24 * row))
    pad = f.brick((0, -y * 0.62, 8.2), (x * 0.26, y * 0.24, 0.4), albedo=0.7)
    lid = [
        f.slab(f.oblong(x, y, 6), -3, 3, 1),
        f.brick((0, 0, 3), (x * 0.88, y * 0.84, 0.4), fixed=f.SCREEN),
        f.brick((-x * 0.3, y * 0.1, 3.3), (x * 0.35, y * 0.45, 0.4), fixed=(0.75, 0.82, 0.9)),
        f.brick((x * 0.45, -y * 0.2, 3.3), (x * 0.25, y * 0.4, 0.4), fixed=(0.35, 0.5, 0.7)),
    ]
    # fmt: skip
    screen = f.move(f.turn(f.move(lid, y=y), "x", 180 - open_), y=y - 2, z=8)
    return f.build("laptop", [deck, f.join(keys), pad, *screen], s, "edge", x, 0, 0.4)


@kind("headphones")
def headphones(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(58, 66)
    band = f.stretch(f.tube(f.arc(0, 0, r, r * 1.05, 0, 180, 17), 6.5, 8), y=1.9)
    pad = f.tube(f.arc(0, 0, r - 6, r - 3, 50, 130, 9), 5, 8, fixed=f.DARK)
    parts = [band, pad]
    for k in (-1, 1):
        cup = f.turned(f.path("0,0 24,0 30,5 30,16 22,22 0,24"), 20)
        cushion = f.turned(f.path("16,-12 26,-12 31,-7 29,1"), 20, fixed=f.DARK)
        ear = f.stretch(cup, y=1.0, x=1.25), f.stretch(cushion, x=1.25)
        parts += f.move(f.turn(ear, "y", k * 90), k * (r - 9), 0, -14)
    return f.build("headphones", f.turn(parts, "x", -62), s, "edge", 55, 20, 0.4)


@kind("calculator")
def calculator(rng: np.random.Generator, s: float) -> Thing:
    x, y = rng.uniform(38, 44), rng.uniform(62, 70)
    body = f.slab(f.oblong(x, y, 6), 0, 13, 3)
    screen = f.brick((0, y * 0.66, 13), (x * 0.8, y * 0.19, 1), fixed=(0.66, 0.74, 0.62))
    digits = [f.brick((x * k, y * 0.66, 14), (x * 0.06, y * 0.1, 0.3), fixed=f.DARK)
              for k in (0.2, 0.4, 0.6)]  # fmt: skip
    key = f.slab(f.oblong(x * 0.16, y * 0.085, 2, 3), 12, 16, 0.8, fixed=f.CREAM)
    places = [(x * 0.43 * (k - 1.5), y * (0.26 - 0.255 * row), 0.0)
              for row in range(5) for k in range(4)]  # fmt: skip
    last = f.brick((x * 0.645, y * -0.76, 14.6), (x * 0.17, y * 0.09, 2), fixed=f.RED)
    return f.build("calculator", [body, screen, *digits, f.many(key, places), last], s, "edge", x,
                   0, 0.2)  # fmt: skip


@kind("camera")
def camera(rng: np.random.Generator, s: float) -> Thing:
    x, h = rng.uniform(54, 62), rng.uniform(66, 76)
    body = f.slab(f.oblong(x, 22, 8), 0, h, 4)
    hump = f.skin(
        [
            f.path(f"-24,-22,{h - 2} 24,-22,{h - 2} 24,20,{h - 2} -24,20,{h - 2}"),
            f.path(f"-14,-18,{h + 17} 14,-18,{h + 17} 14,14,{h + 17} -14,14,{h + 17}"),
        ]
    )
    # fmt: skip
    lens = f.turned(f.path("0,0 29,0 29,24 26,26 26,36 22,38 21,34"), 22, fixed=f.DARK)
    glass = f.turned(f.path("22,33 12,37 0,38"), 18, fixed=(0.3, 0.4, 0.6))
    ring = f.turned(f.path("30,4 31,5 31,10 30,11"), 22)
    front = f.move(f.turn([lens, glass, ring], "x", 90), y=-20, z=h * 0.46)
    button = f.pole((x * 0.68, 0, h), (x * 0.68, 0, h + 6), 8, fixed=f.STEEL)
    dial = f.pole((-x * 0.68, 0, h), (-x * 0.68, 0, h + 5), 11, fixed=f.DARK)
    flash = f.brick((0, -20, h + 8), (10, 1.4, 5), fixed=f.WHITE)
    display = f.brick((0, 22, h * 0.48), (x * 0.6, 1, h * 0.32), fixed=f.SCREEN)
    return f.build("camera", [body, hump, *front, button, dial, flash, display], s, "wrap", 24, 30,
                   0.3)  # fmt: skip


@kind("remote control")
def remote_control(rng: np.random.Generator, s: float) -> Thing:
    x, y = rng.uniform(22, 26), rng.uniform(74, 86)
    body = f.slab(f.oblong(x, y, 10), 0, 15, 4)
    button = f.slab(f.disc(x * 0.2, 8), 14, 17.5, fixed=f.CREAM)
    rows = [(x * 0.55 * (k - 1), y * (-0.1 - 0.2 * r), 0.0) for r in range(4) for k in range(3)]
    power = f.pole((x * 0.45, y * 0.82, 14), (x * 0.45, y * 0.82, 18), x * 0.26, fixed=f.RED)
    pad = [f.hoop(x * 0.52, 3.2, 16, 5, fixed=f.DARK)]
    middle = f.pole((0, y * 0.4, 14), (0, y * 0.4, 17), x * 0.22, fixed=f.DARK)
    parts = [body, f.many(button, rows), power, middle, *f.move(pad, y=y * 0.4, z=15)]
    return f.build("remote control", parts, s, "edge", x, 0, 0.2)


@kind("gamepad")
def gamepad(rng: np.random.Generator, s: float) -> Thing:
    k = rng.uniform(0.92, 1.02)
    right = f.path("20,-12 34,-16 48,-44 62,-52 74,-44 76,-20 70,14 58,30 40,34 20,30")
    outline = np.concatenate([right, right[::-1] * [-1, 1]]) * k
    body = f.slab(outline, 0, 26, 9)
    sticks = []
    for x in (-24, 24):
        sticks += [f.pole((x, -8, 24), (x, -8, 34), 6, fixed=f.DARK),
                   f.ball((x, -8, 35), (12, 12, 4), fixed=f.DARK)]  # fmt: skip
    cross = [f.brick((-46, 12, 27), (w, d, 4), fixed=f.DARK) for w, d in ((13, 4.6), (4.6, 13))]
    colors = (f.RED, (0.2, 0.6, 0.25), (0.2, 0.35, 0.85), (0.95, 0.8, 0.2))
    places = ((46, 22), (46, 2), (36, 12), (56, 12))
    buttons = [f.ball((x, y, 26.5), (5.4, 5.4, 4), fixed=c)
               for (x, y), c in zip(places, colors, strict=True)]  # fmt: skip
    return f.build("gamepad", [body, *sticks, *cross, *buttons], s, "edge", 62, 4, 0.3)


@kind("fan")
def fan(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(54, 62)
    cage = f.join([f.hoop(q, w, 26, 6) for q, w in ((r, 4.5), (r * 0.62, 1.5))])
    wires = [f.tube(f.path(f"0,0,14 {r * 0.5},0,13 {r},0,0"), 1.5, 5) for _ in range(8)]
    spokes = f.join([p for k, w in enumerate(wires) for p in f.turn([w], "z", 45 * k)])
    blade = f.slab(
        f.path(f"4,-6 {r * 0.5},-16 {r * 0.86},-8 {r * 0.88},12 {r * 0.5},18 4,8"), -2, 2
    )
    blades = f.join([p for k in range(3)
                     for p in f.turn(f.turn([blade], "x", 24), "z", 120 * k)])  # fmt: skip
    hub = f.ball((0, 0, 13), (13, 13, 6), fixed=f.DARK)
    motor = f.turned(f.path("0,-34 16,-34 22,-26 22,-4 12,2"), 16)
    head = f.move(f.turn([cage, spokes, blades, hub, motor], "x", 82), y=-20, z=r + 46)
    stand = f.turned(f.path(f"0,0 46,0 46,6 16,12 9,20 8,{r + 36} 0,{r + 36}"), 20)
    return f.build("fan", [*head, stand], s, "wrap", 10, 40, 0.3)


@kind("microphone")
def microphone(rng: np.random.Generator, s: float) -> Thing:
    n = rng.uniform(104, 118)
    body = f.turned(f.path(f"0,0 13,0 14,5 17,{n * 0.7} 24,{n} 0,{n}"), 16)
    ring = f.turned(f.path(f"25,{n} 31,{n + 3} 31,{n + 10} 25,{n + 12}"), 18, fixed=f.STEEL)
    a = np.radians(np.linspace(-60, 90, 9))
    head = f.turned(np.column_stack([30 * np.cos(a), n + 22 + 28 * np.sin(a)]), 16,
                    fixed=(0.32, 0.33, 0.35))  # fmt: skip
    switch = f.brick((0, 18, n * 0.72), (4, 4, 9), fixed=f.DARK)
    return f.build("microphone", f.turn([body, ring, head, switch], "x", -86), s, "edge", 17, 6)


@kind("light bulb")
def light_bulb(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(33, 39)
    a = np.radians(np.linspace(-48, 90, 10))
    dome = np.column_stack([r * np.cos(a), 78 + r * np.sin(a)])
    glass = f.turned(np.concatenate([f.path("15,27 16,34"), dome]), 20, 0.3)
    thread = " ".join(f"{15 + 2 * (k % 2)},{6 + 2.4 * k}" for k in range(10))
    base = f.turned(f.path(f"0,0 6,0 7,4 {thread}"), 16, 0.2, fixed=f.STEEL)
    foot = f.ball((0, 0, 2), 7.0, fixed=f.DARK)
    lying = f.turn([glass, base, foot], "x", 74)
    return f.build("light bulb", lying, s, "wrap", r, r, 0.6)


@kind("wristwatch")
def wristwatch(rng: np.random.Generator, s: float) -> Thing:
    r, n = rng.uniform(27, 31), rng.uniform(80, 90)
    right = f.path(f"11,-{n} 14,-{n - 6} 17,0 15,{n - 8} 10,{n}")
    strap = f.slab(np.concatenate([right, right[::-1] * [-1, 1]]), 0, 6, 1.5)
    case = f.turned(f.path(f"0,0 {r},0 {r + 1},8 {r - 2},15 {r - 6},15"), 22)
    face = f.pole((0, 0, 10), (0, 0, 14), r - 6, fixed=f.WHITE)
    marks = [p for k in range(12) for p in f.turn(
        [f.brick((0, r - 9, 14.2), (1.1, 2.4, 0.5), fixed=f.DARK)], "z", 30 * k)]  # fmt: skip
    hands = [f.rod((0, 0, 15), (0, r * 0.55, 15), 1.3, fixed=f.DARK),
             f.rod((0, 0, 15), (r * 0.38, -2, 15), 1.7, fixed=f.DARK)]  # fmt: skip
    crown = f.pole((r, 0, 7), (r + 6, 0, 7), 4.5, fixed=f.STEEL)
    buckle = f.turn([f.hoop(13, 2.6, 4, 6, fixed=f.STEEL)], "z", 45)
    holes = [f.pole((0, y, 5), (0, y, 6.6), 2, fixed=f.DARK) for y in (n - 14, n - 24, n - 34)]
    parts = [strap, case, face, *marks[::3], *hands, crown, *f.move(buckle, y=-n, z=4), *holes]
    return f.build("wristwatch", parts, s, "edge", 17, 0, 0.4)


@kind("glasses")
def glasses(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(26, 29)
    parts = []
    for k in (-1, 1):
        rim = f.stretch(f.hoop(r, 5, 22, 8), y=0.86)
        lens = f.slab(f.disc(r, 20) * [1, 0.86], -1, 1, albedo=0.5)
        parts += f.move(f.turn([rim, lens], "x", 80), k * (r + 9), 0, r)
        line = f"{k * (2 * r + 9)},0,{r + 10} {k * (2 * r + 13)},10,{r + 10} "
        line += f"{k * (2 * r + 9)},88,{r + 4} {k * (2 * r + 5)},108,8"
        parts.append(f.tube(f.path(line), (6, 5.5, 4.5, 5), 7))
    bridge = f.tube(f.path(f"-10,0,{r + 6} 0,-2,{r + 11} 10,0,{r + 6}"), 4.5, 7)
    return f.build("glasses", [*parts, bridge], s, "edge", 2 * r, 10, 0.5)


@kind("key")
def key(rng: np.random.Generator, s: float) -> Thing:
    r, n = rng.uniform(24, 28), rng.uniform(66, 78)
    bow = f.stretch(f.hoop(r, 7.5, 22, 8), z=0.7)
    shaft = f.rod((0, -r, 0), (0, -r - n, 0), 6.5)
    collar = f.ball((0, -r - 8, 0), (10, 5, 8))
    end = -r - n
    bits = [f.brick((13, end + y, 0), (10, w, 4)) for y, w in ((4, 5), (20, 4))]
    bits.append(f.brick((19, end + 12, 0), (4, 8, 4)))
    return f.build("key", [bow, shaft, collar, *bits], s, "edge", 12, 0, 0.5)
