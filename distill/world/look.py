"""The look of a camera, one draw for a source and its target: exposure, colour, blur, grain.

Unlike `lens` it moves no pixel, so masks and flow stay as they are, and it needs no flow: a shift
of the whole picture a frame is enough for the blur. NumPy and OpenCV, about a millisecond for a
picture of 256x192. Pictures are (n, H, W, 3), uint8 in 0…255 or float in 0…1.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from distill.world.compose import Array

# Blur kernels have this many pixels at most.
LONGEST_BLUR = 15
NOISE_ROOM = 32


@dataclass(frozen=True, slots=True)
class Look:
    """Everything that is constant over a clip; the default leaves pictures as they are.

    `exposure` in stops, changing by `drift` stops a second at most as a slow wave of `phase`;
    `balance` multiplies red, green, blue; `contrast` about mid-grey; `vignette` is the light
    missing in the corners; `shutter` the share of a frame's time it is open; `blur` the direction
    and length (x, y) in pixels a frame for pictures whose motion is not given; `noise` a standard
    deviation in grey levels; `seed` draws the grain.
    """

    exposure: float = 0.0
    drift: float = 0.0
    phase: float = 0.0
    balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    contrast: float = 1.0
    vignette: float = 0.0
    shutter: float = 0.0
    blur: tuple[float, float] = (0.0, 0.0)
    noise: float = 0.0
    seed: int = 0

    def apply(
        self, pictures: Array, motion: Array | None = None, first: int = 0, fps: float = 24.0
    ) -> Array:
        """The pictures as this camera shows them, of the kind given; the same for equal pictures.

        `motion` (n, 2) is how far the picture's middle moves to the next frame, x and y in pixels;
        `first` is the index in the clip of the first picture, so that a clip may come in parts.
        """
        pictures = np.asarray(pictures)
        assert pictures.ndim == 4 and pictures.shape[-1] == 3, pictures.shape
        assert motion is None or len(motion) == len(pictures), "one motion a picture"
        whole = pictures.dtype == np.uint8
        n, h, w, _ = pictures.shape
        shade = self._shade(h, w)
        grain = self._grain(h, w) if self.noise else None
        out = np.empty_like(pictures)
        for k in range(n):
            step = np.asarray(self.blur if motion is None else motion[k], float) * self.shutter
            picture = _smeared(pictures[k], step)
            gain, offset = self._gain(first + k, fps)
            # In grey levels: gain by pixel and channel, an offset that keeps mid-grey, grain.
            unit = 1.0 if whole else 255.0
            seen = cv2.multiply(picture, shade * np.float32(gain * unit), dtype=cv2.CV_32F)
            if grain is not None:
                top, left = np.random.default_rng([self.seed, first + k]).integers(0, NOISE_ROOM, 2)
                seen += grain[top : top + h, left : left + w]
            seen = np.asarray(seen + np.float32(offset), np.float32)
            if whole:
                out[k] = cv2.convertScaleAbs(np.maximum(seen, 0))
            else:
                out[k] = np.clip(seen / 255, 0, 1)
        return out

    def _gain(self, frame: int, fps: float) -> tuple[float, float]:
        stops = self.exposure + self.drift * np.sin(self.phase + frame / fps)
        return float(2.0**stops * self.contrast), 127.5 * (1 - self.contrast)

    def _shade(self, h: int, w: int) -> Array:
        """White balance and vignette, (H, W, 3) float32."""
        y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j].astype(np.float32)
        fall = 1 - self.vignette * (x * x + y * y) / 2
        return np.asarray(fall[..., None] * np.asarray(self.balance, np.float32))

    def _grain(self, h: int, w: int) -> Array:
        rng = np.random.default_rng(self.seed)
        room = (h + NOISE_ROOM, w + NOISE_ROOM, 3)
        return np.asarray(self.noise * rng.standard_normal(room, dtype=np.float32))


def _smeared(picture: Array, step: Array) -> Array:
    """Averaged along a straight streak of `step` pixels (x, y), centred."""
    length = float(np.hypot(*step))
    if length < 0.6:
        return picture
    step = step * min(1.0, (LONGEST_BLUR - 2) / length)
    kernel = np.zeros((LONGEST_BLUR, LONGEST_BLUR), np.float32)
    middle = LONGEST_BLUR // 2
    # Each sample of the streak is spread over the pixels around it.
    for part in np.linspace(-0.5, 0.5, 4 * LONGEST_BLUR):
        x, y = middle + part * step
        column, row = int(x), int(y)
        u, v = x - column, y - row
        kernel[row : row + 2, column : column + 2] += np.outer([1 - v, v], [1 - u, u])
    rows, columns = np.nonzero(kernel.any(1))[0], np.nonzero(kernel.any(0))[0]
    kernel = kernel[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] / kernel.sum()
    return np.asarray(cv2.filter2D(picture, -1, kernel, borderType=cv2.BORDER_REPLICATE))


def camera_look(rng: np.random.Generator, strength: float = 1.0) -> Look:
    """A plausible camera; `strength` 0 changes nothing, 1 is a small head camera indoors."""
    warm = strength * rng.normal(0, 0.06)
    angle, pixels = rng.uniform(0, 2 * np.pi), rng.gamma(1.2, 1.2)
    return Look(
        exposure=strength * float(rng.normal(0, 0.22)),
        drift=strength * float(rng.uniform(0, 0.25)),
        phase=float(rng.uniform(0, 2 * np.pi)),
        balance=(float(1 + warm), float(1 + strength * rng.normal(0, 0.015)), float(1 - warm)),
        contrast=float(1 + strength * rng.uniform(-0.12, 0.1)),
        vignette=strength * float(rng.uniform(0, 0.35)),
        shutter=min(1.0, strength * float(rng.uniform(0.1, 0.9))),
        blur=(float(pixels * np.cos(angle)), float(pixels * np.sin(angle))),
        noise=strength * float(rng.gamma(1.5, 1.6)),
        seed=int(rng.integers(2**31)),
    )
