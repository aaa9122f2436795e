"""Native-resolution output: what the model did at its own size, done to the camera's own pixels.

The edited picture, enlarged, is soft: it holds no more than the model saw. What it lacks is the source's detail, the
difference between the camera's picture and its own enlarged small copy, and how much of that belongs into the edit is
seen at the small size: in every neighbourhood, the edit's contrast over the source's.

    shown = enlarged(edited) + enlarged(gain) * (source - enlarged(small))

Nothing edited: the gain is 1 and the camera's pixels come back byte for byte. Night: detail as dim as the rest. A thing
that was painted over: the gain is near 0 and its texture goes with it. A negative: -1. So restyles and local edits
need no modes of their own. The idea is that of the fast guided filter (He and Sun, 2015: a local linear model, fitted
small and applied large) and of joint bilateral upsampling (Kopf et al., 2007), each channel guided by itself.
Shapes: rgb is (height, width, 3) uint8. Knows numpy and OpenCV, never torch.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from egostream.frames import Fit, Rgb

# Contrast, in squared levels, below which a neighbourhood says little of its gain.
DOUBT: Final = 3.0
# A gain as a byte: from -1 in steps of 1 / 64, so that -1, 0 and 1, "as it was", are exact.
STEPS: Final = 64
# How far a changed small pixel reaches: into its neighbours' gains, then through cubic enlarging.
REACH: Final = 3
ROWS: Final = 40  # of the large picture at a time: what they need stays in the processor's cache

_Bytes = NDArray[np.uint8]


class Compositor:
    """Keeps the memory that it works in, of the last size seen: a few pictures. One thread at a time."""

    def __init__(self) -> None:
        self._enlarged: tuple[_Bytes, _Bytes, _Bytes] | None = None
        self._strips: tuple[_Bytes, _Bytes, _Bytes, _Bytes] | None = None

    def composite(self, source: Rgb, small: Rgb, edited: Rgb, box: Fit) -> Rgb:
        """The edit at the source's size.

        `small` and `edited`, of the model's size, are the source as the model saw it and what it made of it; `box` is
        where in them the source sits. May return `source` itself where nothing was edited.
        """
        inside = (slice(box.top, box.top + box.height), slice(box.left, box.left + box.width))
        small, edited = (np.ascontiguousarray(x[inside]) for x in (small, edited))
        changed = _changed(small, edited)
        if changed is None:
            return source
        if edited.shape == source.shape:
            return edited
        self._hold(source.shape)
        assert self._enlarged is not None
        # A camera below the model's size has no detail to add, but its pixels are kept all the same.
        is_larger = source.shape[0] > box.height
        soft, even = (
            (cv2.INTER_CUBIC, cv2.INTER_LINEAR) if is_larger else (cv2.INTER_AREA, cv2.INTER_AREA)
        )
        gain = detail_gain(small, edited)
        for to, of, how in zip(
            self._enlarged, (edited, small, gain), (soft, soft, even), strict=True
        ):
            cv2.resize(of, (source.shape[1], source.shape[0]), dst=to, interpolation=how)
        rows, columns = _enlarged(changed, (box.height, box.width), source.shape)
        is_all = rows == slice(0, source.shape[0]) and columns == slice(0, source.shape[1])
        shown = np.empty_like(source, order="C") if is_all else source.copy(order="C")
        self._add_detail(np.ascontiguousarray(source), shown, rows, columns)
        return shown

    def _add_detail(self, source: Rgb, shown: Rgb, rows: slice, columns: slice) -> None:
        """shown = base + gain * (source - blurred) there. In bytes throughout, which OpenCV adds and multiplies many
        at a time: the size of a detail, and beside it whether it is to be added or taken away.
        """
        assert self._enlarged is not None and self._strips is not None
        colours = source.shape[2]
        across = slice(columns.start * colours, columns.stop * colours)
        base, blurred, gain = (_flat(x) for x in self._enlarged)
        source, shown = _flat(source), _flat(shown)
        for top in range(rows.start, rows.stop, ROWS):
            part = (slice(top, min(top + ROWS, rows.stop)), across)
            here = (slice(0, part[0].stop - top), slice(0, across.stop - across.start))
            size, sign, other, zero = (x[here] for x in self._strips)
            cv2.absdiff(source[part], blurred[part], dst=size)
            cv2.absdiff(gain[part], zero, dst=other)
            cv2.multiply(size, other, dst=size, scale=1 / STEPS)
            cv2.compare(source[part], blurred[part], cv2.CMP_GE, dst=sign)
            cv2.compare(gain[part], zero, cv2.CMP_LT, dst=other)
            cv2.bitwise_xor(sign, other, dst=sign)
            cv2.add(base[part], size, dst=other)
            to = shown[part]
            cv2.subtract(base[part], size, dst=to)
            cv2.copyTo(other, sign, to)

    def _hold(self, shape: tuple[int, ...]) -> None:
        if self._enlarged is not None and self._enlarged[0].shape == shape:
            return
        first, second, third = (np.empty(shape, np.uint8) for _ in range(3))
        self._enlarged = (first, second, third)
        strip = (ROWS, shape[1] * shape[2])
        size, sign, other = (np.empty(strip, np.uint8) for _ in range(3))
        self._strips = (size, sign, other, np.full(strip, STEPS, np.uint8))


def _flat(picture: _Bytes) -> _Bytes:
    """(h, w, 3) as (h, 3 w), not copied."""
    return picture.reshape(picture.shape[0], -1)


def detail_gain(small: Rgb, edited: Rgb) -> Rgb:
    """How much of the source's detail is in the edit, for each channel of (h, w, 3) in bytes (see `STEPS`).

    The slope of edit over source among 3 x 3 pixels. Where these are flat, detail is thought to fade as it does when a
    picture is multiplied towards black or screened towards white, whichever leaves less of it.
    """
    s, e = small.astype(np.float32), edited.astype(np.float32)
    # Sums of products of bytes are exact: where the two agree, so do their means, to the last bit.
    mean_s, mean_e = _mean(s), _mean(e)
    spread = _mean(s * s)
    spread -= mean_s * mean_s
    common = _mean(s * e)
    common -= mean_s * mean_e
    darker = (mean_e + 1.0) / (mean_s + 1.0)
    lighter = (256.0 - mean_e) / (256.0 - mean_s)
    gain = np.minimum(darker, lighter, out=darker)
    gain *= DOUBT
    gain += common
    spread += DOUBT
    gain /= spread
    gain += 1.0
    gain *= STEPS
    np.rint(gain, out=gain)
    return np.clip(gain, 0, 255, out=gain).astype(np.uint8)


def _mean(x: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.blur(x, (3, 3), borderType=cv2.BORDER_REPLICATE), np.float32)


def _changed(small: Rgb, edited: Rgb) -> tuple[slice, slice] | None:
    """The smallest box of rows and columns that holds every changed pixel."""
    differs = np.asarray(cv2.absdiff(small, edited))
    height, width, colours = differs.shape
    flat = differs.reshape(height, width * colours)
    down = np.flatnonzero(cv2.reduce(flat, 1, cv2.REDUCE_MAX))
    if not len(down):
        return None
    across = np.flatnonzero(cv2.reduce(flat, 0, cv2.REDUCE_MAX)) // colours
    return slice(int(down[0]), int(down[-1]) + 1), slice(int(across[0]), int(across[-1]) + 1)


def _enlarged(
    changed: tuple[slice, slice], from_hw: tuple[int, int], to: tuple[int, ...]
) -> tuple[slice, slice]:
    """Where in the large picture a changed part of the small one can show."""
    rows, columns = (
        slice(max(0, (x.start - REACH) * n // of), min(n, -(-(x.stop + REACH) * n // of)))
        for x, of, n in zip(changed, from_hw, to[:2], strict=True)
    )
    return rows, columns
