"""Edits that look drawn or made by hand (see the package)."""

from __future__ import annotations

import functools

import torch
import torch.nn.functional as F
from torch import Tensor

from distill.filters.pieces import (
    blur,
    color,
    contours,
    grey,
    hues,
    ink,
    paint,
    saturate,
    soften,
    steps,
)

PANE = 30  # pixels: usual width of a piece of stained glass
DOT = 8  # pixels between dots of a comic's halftone


def pixel_art(x: Tensor, clock: Tensor) -> Tensor:
    cells = F.avg_pool2d(x.flatten(0, 1), 8)
    big = F.interpolate(cells, scale_factor=8.0, mode="nearest").unflatten(0, x.shape[:2])
    return (1.15 * (saturate(big, 1.4) - 0.5) + 0.5).clamp(0, 1)


def sketch(x: Tensor, clock: Tensor) -> Tensor:
    y = grey(x)
    lines = (y / (blur(y, 4) + 0.04)).clamp(0, 1)
    tone = 0.80 + 0.20 * y.sqrt()
    paper = torch.tensor([0.98, 0.97, 0.94])[:, None, None]
    return paper * (tone * (1 - 2.4 * (1 - lines)).clamp(0.08, 1))


def cartoon(x: Tensor, clock: Tensor) -> Tensor:
    flat = saturate(blur(x, 2), 1.6)
    tone = grey(flat)
    stepped = flat + 0.9 * ((torch.floor(tone * 5) + 0.5) / 5 - tone)
    y = grey(x)
    ink = ((blur(y, 3) - y) / (blur(y, 3) + 0.06) * 4.0 - 0.25).clamp(0, 1)
    return ((stepped * 1.05 + 0.03) * (1 - 0.85 * ink)).clamp(0, 1)


@functools.cache
def _grain(size_hw: tuple[int, int]) -> Tensor:
    """Rough paper (h, w) about 0: fixed for all time, the same wherever a picture is cut."""
    generator = torch.Generator().manual_seed(7)
    noise = torch.randn(1, 1, 128, 128, generator=generator)
    soft = F.avg_pool2d(F.pad(noise, (1,) * 4, mode="circular"), 3, stride=1)[0, 0]
    rows, columns = (torch.arange(n) % 128 for n in size_hw)
    return soft[rows[:, None], columns]


def watercolor(x: Tensor, clock: Tensor) -> Tensor:
    wash = (1.10 * paint(saturate(x, 1.6).clamp(0, 1), 6)).clamp(0, 1)
    # Thin paint lets the paper through; where two washes meet, pigment gathers.
    pigment = 1 - wash
    thin = 1 - pigment * (0.74 + 0.19 * pigment)
    rim = contours(grey(wash), 0.05) * grey(wash)
    grain = _grain((x.shape[-2], x.shape[-1]))
    return (thin * (1 - 0.35 * rim) * (1 + 0.03 * grain) * color((1.0, 0.99, 0.96))).clamp(0, 1)


def oil_painting(x: Tensor, clock: Tensor) -> Tensor:
    dabs = paint(saturate(x, 1.35).clamp(0, 1), 6)
    # Light from the upper left on thick paint.
    y = F.pad(grey(dabs).flatten(0, 1), (1,) * 4, mode="replicate")
    relief = (y[..., 2:, 2:] - y[..., :-2, :-2]).unflatten(0, x.shape[:2])
    return (1.12 * (dabs - 0.5) + 0.5 + 0.35 * relief.clamp(-0.25, 0.25)).clamp(0, 1)


def neon(x: Tensor, clock: Tensor) -> Tensor:
    lines = contours(grey(x), 0.03)
    h, w = x.shape[-2:]
    sweep = torch.arange(h)[:, None] / 300 + torch.arange(w) / 220
    shade = 0.25 + 0.75 * hues(0.5 + sweep)
    glow = 1.6 * soften(lines)
    dark = 0.14 * saturate(x, 0.6) * color((0.7, 0.6, 1.3))
    lit = dark + shade * (0.85 * lines + 0.55 * glow) + 0.35 * lines.square()
    return lit.clamp(0, 1)


def blueprint(x: Tensor, clock: Tensor) -> Tensor:
    y = grey(x)
    h, w = x.shape[-2:]
    ruled = torch.maximum((torch.arange(h) % 16 == 8)[:, None], torch.arange(w) % 16 == 8).float()
    sheet = color((0.05, 0.21, 0.50)) + 0.14 * (soften(y) - 0.5) + 0.07 * ruled
    lines = torch.maximum(0.9 * contours(y, 0.03), 0.45 * ink(y))
    return (sheet + 0.92 * lines * (color((0.93, 0.97, 1.0)) - sheet)).clamp(0, 1)


def comic(x: Tensor, clock: Tensor) -> Tensor:
    y = grey(x)
    flat = saturate(paint(x, 4), 1.9)
    tone = grey(flat)
    stepped = flat + (steps(tone) - tone)
    h, w = x.shape[-2:]
    rows, columns = torch.arange(h)[:, None], torch.arange(w)
    turn = torch.pi / DOT
    weave = 0.5 + 0.25 * (torch.cos(turn * (rows + columns)) + torch.cos(turn * (rows - columns)))
    # Dots grow as the tone falls from light to middling, and give way to solid colour below.
    around = soften(y)
    dots = (4.0 * (weave - 0.22 - around)).clamp(0, 1) * (4.0 * around - 0.4).clamp(0, 1)
    drawn = (stepped * 1.08 + 0.02) * (1 - 0.38 * dots)
    return (drawn * (1 - 0.95 * torch.maximum(ink(y), contours(y, 0.07)))).clamp(0, 1)


@functools.cache
def _panes(size_hw: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
    """Which pane each pixel belongs to (h, w), leading between panes (h, w) in 0..1, panes' tints (3, n)."""
    h, w = size_hw
    rows, columns = h // PANE + 3, w // PANE + 3
    y, x = torch.meshgrid(torch.arange(rows), torch.arange(columns), indexing="ij")
    number = (y * 61 + x).float()
    # Jitter without a generator, so that a pane's place does not depend on the picture's size.
    jitter = torch.stack([(number * 0.7549) % 1, (number * 0.5698 + 0.31) % 1]) - 0.5
    centre = (torch.stack([y, x]) - 0.5 + 0.75 * jitter) * PANE
    pixels = torch.stack(torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij"))
    points, centres = (t.flatten(1).T.float() for t in (pixels, centre))
    nearest, which = torch.cdist(points, centres).topk(2, largest=False)
    # Soft lead: a sharp line would ask for more than its width is worth.
    leading = (1 - (nearest[:, 1] - nearest[:, 0]) / 7).clamp(0, 1)
    tints = 1 + 0.07 * (hues((number * 0.618).reshape(1, 1, -1))[:, 0] - 0.5)
    return which[:, 0].reshape(h, w), leading.reshape(h, w), tints


def stained_glass(x: Tensor, clock: Tensor) -> Tensor:
    which, leading, tints = _panes((x.shape[-2], x.shape[-1]))
    flat = x.flatten(-2).flatten(0, 2)
    count = tints.shape[1]
    sums = torch.zeros(flat.shape[0], count).index_add_(1, which.flatten(), flat)
    sizes = torch.bincount(which.flatten(), minlength=count).clamp(min=1)
    panes = (sums / sizes).reshape(-1, 3, count) * tints
    glass = panes[..., which.flatten()].reshape(x.shape)
    vivid = (1.2 * (saturate(glass, 2.2) - 0.5) + 0.5).clamp(0.02, 1)
    # Lead runs along strong outlines too, or nothing could be told.
    y = grey(x)
    drawing = 1 - 0.92 * torch.maximum(0.8 * ink(y), contours(y, 0.09))
    return vivid * drawing * (1 - 0.85 * leading)


def charcoal(x: Tensor, clock: Tensor) -> Tensor:
    y = grey(x)
    strokes = torch.maximum(ink(y), 0.9 * contours(y, 0.025))
    grain = _grain((x.shape[-2], x.shape[-1]))
    shade = (1.25 * (1 - soften(y)) - 0.30).clamp(0, 1)
    rubbed = shade * (1 + 0.35 * grain)
    paper = (0.95 - 0.80 * rubbed) * (1 - 0.88 * strokes)
    return paper.clamp(0.03, 1) * color((1.0, 0.985, 0.955))
