"""The seventeen things of the basic catalogue: what nano's first training sees.

Their shapes draw from the generator in a fixed order: a change here changes every clip of a seed.
"""

from __future__ import annotations

import numpy as np

from distill.world.meshes import lathe, sweep
from distill.world.objects.base import Color, Part, Thing
from distill.world.objects.base import kind as _kind


def _turned(points: list[tuple[float, float]], s: float, sides: int = 20, **kw: object) -> Part:
    mesh = lathe([(r * s, z * s) for r, z in points], sides)
    return Part("mesh", mesh, **kw)  # type: ignore[arg-type]


def _tube(points: list[tuple[float, float, float]], radii: list[float], s: float,
          sides: int = 8, **kw: object) -> Part:  # fmt: skip
    mesh = sweep(np.asarray(points) * s, [r * s for r in radii], sides)
    return Part("mesh", mesh, **kw)  # type: ignore[arg-type]


def _arc(cx: float, cz: float, rx: float, rz: float, a0: float, a1: float,
         n: int = 9) -> list[tuple[float, float, float]]:  # fmt: skip
    return [(cx + rx * np.cos(a), 0.0, cz + rz * np.sin(a)) for a in np.linspace(a0, a1, n)]


@_kind("cup")
def cup(rng: np.random.Generator, s: float) -> Thing:
    top, bottom = 0.04, rng.uniform(0.028, 0.04)
    h = rng.uniform(0.075, 0.1)
    body = _turned([(0, 0), (bottom, 0), ((top + bottom) / 2 + 0.001, h * 0.5), (top, h),
                    (top - 0.004, h), (bottom - 0.002, 0.01), (0, 0.01)], s, 22,
                   decorated=True)  # fmt: skip
    side = (top + bottom) / 2
    handle = _tube(_arc(side - 0.003, h * 0.5, 0.028, h * 0.32, -np.pi / 2, np.pi / 2),
                   [0.0055] * 9, s)  # fmt: skip
    return Thing("cup", (body, handle), 0.055 * s, h * s, "wrap", side * s, h * 0.5 * s, 0.35)


@_kind("bottle")
def bottle(rng: np.random.Generator, s: float) -> Thing:
    r, h, neck = rng.uniform(0.027, 0.035), rng.uniform(0.17, 0.21), rng.uniform(0.010, 0.013)
    shoulder = h * rng.uniform(0.55, 0.68)
    body = _turned([(0, 0), (r * 0.9, 0), (r, 0.008), (r, shoulder),
                    (r * 0.75, shoulder + 0.022), (neck, shoulder + 0.045), (neck, h - 0.018)],
                   s, 20, decorated=True)  # fmt: skip
    cap = _turned([(neck, h - 0.02), (neck + 0.003, h - 0.02), (neck + 0.003, h), (0, h)], s, 14,
                  albedo=rng.uniform(0.45, 1.0))  # fmt: skip
    return Thing("bottle", (body, cap), r * s, h * s, "wrap", r * s, h * 0.38 * s, 0.4, True)


@_kind("can")
def can(rng: np.random.Generator, s: float) -> Thing:
    r, h = 0.033, rng.uniform(0.09, 0.125)
    body = _turned([(0, 0), (r * 0.78, 0), (r, 0.01), (r, h - 0.012), (r * 0.82, h)], s, 20,
                   decorated=True)  # fmt: skip
    lid = _turned([(r * 0.82, h), (r * 0.78, h), (r * 0.75, h - 0.003), (0, h - 0.003)], s, 18,
                  fixed=(0.68, 0.69, 0.71))  # fmt: skip
    tab = Part("box", size=(0.009 * s, 0.005 * s, 0.001 * s), pos=(0.008 * s, 0, (h - 0.002) * s),
               fixed=(0.55, 0.56, 0.58))  # fmt: skip
    return Thing("can", (body, lid, tab), r * s, h * s, "wrap", r * s, h * 0.5 * s, 0.4, True)


@_kind("bowl")
def bowl(rng: np.random.Generator, s: float) -> Thing:
    r, h = rng.uniform(0.06, 0.08), rng.uniform(0.045, 0.065)
    out = [(r * (0.4 + 0.6 * np.sin(a)), 0.006 + (h - 0.006) * (1 - np.cos(a)))
           for a in np.linspace(0.0, np.pi / 2, 6)]  # fmt: skip
    inside = [(max(q - 0.004, 0.0), z + 0.003) for q, z in reversed(out)]
    body = _turned([(0, 0), (r * 0.4, 0), *out, *inside, (0, 0.009)], s, 24, decorated=True)
    return Thing("bowl", (body,), r * s, h * s, "edge", r * 0.7 * s, 0.0, 0.3)


@_kind("plate")
def plate(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(0.08, 0.11)
    body = _turned([(0, 0), (r * 0.6, 0), (r * 0.7, 0.004), (r, 0.016), (r, 0.018),
                    (r * 0.68, 0.008), (r * 0.6, 0.005), (0, 0.005)], s, 26,
                   decorated=True)  # fmt: skip
    return Thing("plate", (body,), r * s, 0.018 * s, "edge", r * s, 0.0, 0.3)


@_kind("vase")
def vase(rng: np.random.Generator, s: float) -> Thing:
    belly, h = rng.uniform(0.04, 0.055), rng.uniform(0.14, 0.2)
    out = [(0.025, 0.0), (0.03, h * 0.06), (belly * 0.9, h * 0.25), (belly, h * 0.4),
           (belly * 0.85, h * 0.58), (0.02, h * 0.8), (0.018, h * 0.88), (0.03, h)]  # fmt: skip
    body = _turned([(0, 0), *out, (0.026, h), (0.014, h * 0.85), (0, h * 0.8)], s, 20,
                   decorated=True)  # fmt: skip
    return Thing("vase", (body,), belly * s, h * s, "wrap", belly * 0.95 * s, h * 0.42 * s, 0.4)


@_kind("ball")
def ball(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(0.03, 0.055) * s
    angles = np.linspace(-np.pi / 2, np.pi / 2, 13)
    mesh = lathe([(r * np.cos(a), r + r * np.sin(a)) for a in angles], 20)
    body = Part("mesh", mesh, decorated=True)
    return Thing("ball", (body,), r, 2 * r, "wrap", r, r, 0.35)


@_kind("block")
def block(rng: np.random.Generator, s: float) -> Thing:
    a = rng.uniform(0.022, 0.034) * s
    body = Part("box", size=(a, a, a), pos=(0, 0, a), decorated=True)
    return Thing("block", (body,), a * 1.3, 2 * a, "wrap", a, a, 0.15, tags=("cube",))


@_kind("box")
def box(rng: np.random.Generator, s: float) -> Thing:
    x, y, z = (v * s for v in rng.uniform([0.045, 0.03, 0.035], [0.07, 0.045, 0.06]))
    lid = 0.18 * z
    parts = (
        Part("box", size=(x, y, z - lid), pos=(0, 0, z - lid), decorated=True),
        Part("box", size=(x + 0.003, y + 0.003, lid), pos=(0, 0, 2 * z - lid), albedo=0.8),
        Part("box", size=(0.006 * s, y + 0.0035, lid * 1.05), pos=(0, 0, 2 * z - lid), albedo=0.5),
    )
    return Thing("box", parts, float(np.hypot(x, y)), 2 * z, "wrap", y, z, 0.15)


@_kind("book")
def book(rng: np.random.Generator, s: float) -> Thing:
    x, y, z = (v * s for v in rng.uniform([0.05, 0.07, 0.010], [0.065, 0.09, 0.018]))
    t = 0.0022 * s
    parts = (
        Part("box", size=(x - 0.003, y - 0.003, z - t), pos=(0.001, 0, z), fixed=(0.9, 0.87, 0.78)),
        Part("box", size=(x, y, t), pos=(0, 0, t), decorated=False),
        Part("box", size=(x, y, t), pos=(0, 0, 2 * z - t), decorated=True),
        Part("box", size=(t, y, z), pos=(-x, 0, z)),
        Part("box", size=(x * 0.55, y * 0.16, 0.0005), pos=(0.1 * x, y * 0.4, 2 * z), albedo=0.5),
    )
    return Thing("book", parts, float(np.hypot(x, y)), 2 * z, "edge", x, 0.0, 0.15)


@_kind("phone")
def phone(rng: np.random.Generator, s: float) -> Thing:
    x, y, z = 0.036 * s, 0.073 * s, 0.0045 * s
    dark: Color = (0.04, 0.05, 0.07)
    parts = (
        Part("box", size=(x - 0.004, y, z), pos=(0, 0, z)),
        Part("box", size=(x, y - 0.004, z), pos=(0, 0, z)),
        Part("box", size=(x - 0.004, y - 0.008, 0.0006), pos=(0, 0, 2 * z), fixed=dark),
        Part("cylinder", size=(0.0055 * s, 0.0015), pos=(-x * 0.55, y * 0.78, 0), fixed=dark),
        Part("cylinder", size=(0.0055 * s, 0.0015), pos=(-x * 0.55, y * 0.55, 0), fixed=dark),
    )
    return Thing("phone", parts, y, 2 * z, "edge", x, 0.0, 0.5)


@_kind("banana")
def banana(rng: np.random.Generator, s: float) -> Thing:
    bend = rng.uniform(0.08, 0.11)
    a = np.linspace(-0.85, 0.85, 11)
    # An arc lying on its side, so that the bow is seen from above.
    points = [(bend * np.sin(t), bend * (np.cos(t) - 0.82), 0.017) for t in a]
    radii = [0.006, 0.011, 0.0145, 0.0165, 0.0175, 0.0175, 0.017, 0.016, 0.0135, 0.009, 0.005]
    body = _tube(points, radii, s, 10)
    step = np.subtract(points[-1], points[-2])
    stem = _tube([points[-1], tuple(np.add(points[-1], step * 0.9))], [0.0048, 0.004], s, 6,
                 albedo=0.35)  # fmt: skip
    tip = Part("sphere", size=(0.0062 * s,), pos=tuple(np.multiply(points[0], s)), albedo=0.3)
    return Thing("banana", (body, stem, tip), bend * 0.85 * s, 0.034 * s, "edge", 0.05 * s,
                 0.0, 0.15)  # fmt: skip


@_kind("apple")
def apple(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(0.034, 0.042)
    body = _turned([(0, 0.012), (r * 0.3, 0.003), (r * 0.62, 0.004), (r * 0.92, r * 0.55),
                    (r, r * 1.0), (r * 0.94, r * 1.4), (r * 0.7, r * 1.7), (r * 0.4, r * 1.75),
                    (r * 0.12, r * 1.6), (0, r * 1.5)], s, 20)  # fmt: skip
    stem = _tube([(0, 0, r * 1.5), (0.002, 0, r * 1.8), (0.006, 0, r * 2.05)],
                 [0.0018, 0.0018, 0.0024], s, 6, fixed=(0.32, 0.2, 0.1))  # fmt: skip
    leaf = Part("ellipsoid", size=(0.011 * s, 0.005 * s, 0.001 * s), quat=(0.96, 0, -0.26, 0),
                pos=(0.015 * s, 0, r * 1.95 * s), fixed=(0.2, 0.5, 0.15))  # fmt: skip
    return Thing("apple", (body, stem, leaf), r * s, r * 1.8 * s, "wrap", r * s, r * s, 0.3)


@_kind("candle")
def candle(rng: np.random.Generator, s: float) -> Thing:
    r, h = rng.uniform(0.016, 0.028), rng.uniform(0.07, 0.13)
    body = _turned([(0, 0), (r, 0), (r, h), (r * 0.85, h), (r * 0.7, h - 0.005), (0, h - 0.006)],
                   s, 18, decorated=True)  # fmt: skip
    wick = Part("capsule", size=(0.0015, 0.006), pos=(0, 0, h * s), fixed=(0.08, 0.07, 0.06))
    parts: tuple[Part, ...] = (body, wick)
    if rng.random() < 0.7:
        flame = [(0, 0), (0.006, 0.006), (0.0065, 0.011), (0.003, 0.021), (0, 0.03)]
        parts += (_turned([(q, z + h + 0.004) for q, z in flame], s, 10,
                          fixed=(1.0, 0.72, 0.2), emission=0.9),)  # fmt: skip
    return Thing("candle", parts, r * s, h * s, "wrap", r * s, h * 0.4 * s, 0.1)


@_kind("lamp")
def lamp(rng: np.random.Generator, s: float) -> Thing:
    h = rng.uniform(0.16, 0.22)
    r = rng.uniform(0.05, 0.065)
    base = _turned([(0, 0), (0.038, 0), (0.038, 0.006), (0.012, 0.016), (0.006, 0.025),
                    (0.006, h - 0.02)], s, 16, albedo=0.55)  # fmt: skip
    shade = _turned([(r * 0.96, h - 0.07), (r, h - 0.07), (r * 0.55, h), (r * 0.5, h),
                     (r * 0.95, h - 0.069)], s, 22, decorated=True)  # fmt: skip
    bulb = Part("sphere", size=(0.014 * s,), pos=(0, 0, (h - 0.035) * s), fixed=(1.0, 0.95, 0.8),
                emission=0.6)  # fmt: skip
    return Thing("lamp", (base, shade, bulb), r * s, h * s, "wrap", 0.01 * s, h * 0.4 * s, 0.2)


@_kind("teapot")
def teapot(rng: np.random.Generator, s: float) -> Thing:
    r = rng.uniform(0.045, 0.055)
    body = _turned([(0, 0), (r * 0.65, 0), (r * 0.92, r * 0.4), (r, r * 0.8), (r * 0.9, r * 1.2),
                    (r * 0.5, r * 1.5)], s, 22, decorated=True)  # fmt: skip
    lid = _turned([(r * 0.5, r * 1.5), (r * 0.4, r * 1.62), (r * 0.12, r * 1.7),
                   (r * 0.12, r * 1.8), (r * 0.17, r * 1.9), (0, r * 1.97)], s, 16)  # fmt: skip
    spout = _tube([(r * 0.8, 0, r * 0.6), (r * 1.25, 0, r * 0.75), (r * 1.5, 0, r * 1.15),
                   (r * 1.8, 0, r * 1.45)], [0.014, 0.011, 0.0085, 0.008], s)  # fmt: skip
    handle = _tube(_arc(-r * 0.9, r * 0.85, r * 0.65, r * 0.5, np.pi / 2, 3 * np.pi / 2),
                   [0.006] * 9, s)  # fmt: skip
    return Thing("teapot", (body, lid, spout, handle), r * 1.6 * s, r * 1.9 * s, "wrap", r * s,
                 r * 0.8 * s, 0.4)  # fmt: skip


@_kind("car")
def car(rng: np.random.Generator, s: float) -> Thing:
    x, y = rng.uniform(0.048, 0.06) * s, 0.024 * s
    w = 0.013 * s
    tyre: Color = (0.07, 0.07, 0.08)
    glass: Color = (0.25, 0.33, 0.4)
    sideways = (0.7071, 0.7071, 0.0, 0.0)
    parts = [
        Part("box", size=(x, y, 0.010 * s), pos=(0, 0, w + 0.006 * s)),
        Part("box", size=(x * 0.5, y * 0.9, 0.009 * s), pos=(-0.1 * x, 0, w + 0.025 * s),
             albedo=0.9),
        Part("box", size=(x * 0.4, y * 0.91, 0.006 * s), pos=(-0.1 * x, 0, w + 0.025 * s),
             fixed=glass),
        Part("box", size=(x * 0.51, y * 0.75, 0.006 * s), pos=(-0.1 * x, 0, w + 0.025 * s),
             fixed=glass),
    ]  # fmt: skip
    for px in (-0.6, 0.6):
        for py in (-1, 1):
            parts.append(Part("cylinder", size=(w, 0.005 * s), pos=(px * x, py * y, w),
                              quat=sideways, fixed=tyre))  # fmt: skip
    return Thing("car", tuple(parts), x, w + 0.034 * s, "wrap", y, w + 0.01 * s, 0.4)
