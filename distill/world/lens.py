"""What a real head camera adds to composed pictures: a bent lens, blur, drifting exposure, noise.

Everything is drawn once for a clip, so source and target get the very same camera. Ids, depth and
flow can be bent along with the pictures: their pixels are those of the lensed picture, while depth
stays along the optical axis. Camera poses and intrinsics stay those of the unbent picture. NumPy
and OpenCV only.

Shapes: n frames, (n, H, W, 3) uint8 pictures. An output pixel at radius r (1 in the corner) shows
the input at r·(1 + bend·r²) / (1 + bend): a barrel whose corners stay put, so nothing is missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np

from distill.world.compose import Array

# OpenCV's maps are pairs here, not split in two; its type stubs do not know that.
UNSPLIT: Any = None
BLUR_TAPS = 5
NOISE_ROOM = 64


@dataclass(frozen=True, slots=True)
class Lens:
    """How strong everything is; all zero leaves pictures as they are.

    `bend` of the barrel; `shutter`, the share of a frame's time it is open; `vignette`, the light
    missing in the corners; `drift` of the exposure, in stops; `noise` of a pixel and `banding` of a
    row, standard deviations in grey levels.
    """

    bend: float = 0.0
    shutter: float = 0.0
    vignette: float = 0.0
    drift: float = 0.0
    noise: float = 0.0
    banding: float = 0.0


def random_lens(rng: np.random.Generator, strength: float = 1.0) -> Lens:
    """A plausible head camera; `strength` 0 is none, 1 a small wide-angle one."""
    return Lens(
        bend=strength * float(rng.uniform(0.0, 0.3)),
        shutter=min(1.0, strength * float(rng.uniform(0.0, 0.9))),
        vignette=min(1.0, strength * float(rng.uniform(0.0, 0.4))),
        drift=strength * float(rng.uniform(0.0, 0.35)),
        noise=strength * float(rng.uniform(0.0, 4.0)),
        banding=strength * float(rng.uniform(0.0, 1.2)),
    )


class LensedCamera:
    """One lens over one clip of `num_frames` pictures of a size; deterministic in `rng`."""

    def __init__(
        self, lens: Lens, num_frames: int, height: int, width: int, rng: np.random.Generator
    ) -> None:
        self.lens = lens
        y, x = np.indices((height, width)).astype(np.float32)
        self._middle = np.array([(width - 1) / 2, (height - 1) / 2], np.float32)
        self._corner = float(np.hypot(*self._middle))
        self._grid = np.stack([x, y], -1)
        out = self._grid - self._middle
        square = (out**2).sum(-1) / self._corner**2
        # The input pixel that each output pixel shows.
        self._from = self._grid
        if lens.bend:
            factor = (1 + lens.bend * square) / (1 + lens.bend)
            self._from = self._middle + out * factor[..., None]
        self._nearest = np.rint(self._from).astype(int)
        gain = np.repeat(1 - lens.vignette * square[..., None], 3, -1)
        self._gain = gain.astype(np.float32)
        clock = np.linspace(0, 1, max(num_frames, 2))[:num_frames]
        speed, phase = rng.uniform(1.0, 4.0, 2), rng.uniform(0, 2 * np.pi, 2)
        wave = np.sin(speed[:, None] * clock + phase[:, None]).mean(0)
        self._exposure = 2.0 ** (lens.drift * wave)
        # One sheet of noise, of which every frame sees another part.
        room = (height + NOISE_ROOM, width + NOISE_ROOM, 3)
        grain = lens.noise * rng.standard_normal(room, dtype=np.float32)
        grain += lens.banding * rng.standard_normal((room[0], 1, 1), dtype=np.float32)
        self._noise = np.rint(grain).astype(np.int16)
        self._corners = rng.integers(0, NOISE_ROOM, (num_frames, 2))

    def pictures(self, rgb: Array, flow: Array | None = None, first: int = 0) -> Array:
        """Lensed pictures (n, H, W, 3), the clip's frames from `first` on.

        `flow` (n, H, W, 2) of the *unbent* pictures adds motion blur along it; take the flow of
        the scene shown (with the target or without it).
        """
        assert first + len(rgb) <= len(self._exposure), "more frames than the camera was made for"
        out = np.empty_like(rgb)
        for k, picture in enumerate(rgb):
            if flow is not None and self.lens.shutter:
                picture = self._blurred(picture, flow[k])
            elif self.lens.bend:
                picture = cv2.remap(
                    picture, self._from, UNSPLIT, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
                )
            out[k] = self._developed(picture, first + k)
        return out

    def _blurred(self, picture: Array, flow: Array) -> Array:
        """Bent, and averaged over the time the shutter is open, which is around the frame's."""
        flow = np.asarray(flow, np.float32)
        step = (
            flow if not self.lens.bend else cv2.remap(flow, self._from, UNSPLIT, cv2.INTER_LINEAR)
        )
        total = np.zeros(picture.shape, np.float32)
        for part in np.linspace(-0.5, 0.5, BLUR_TAPS) * self.lens.shutter:
            # What is here now was at −part·flow then; read along the streak.
            tap = self._from + np.float32(part) * step
            seen = cv2.remap(
                picture, tap, UNSPLIT, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            )
            cv2.accumulate(seen, total)
        return np.asarray(cv2.convertScaleAbs(total, alpha=1 / BLUR_TAPS))

    def _developed(self, picture: Array, frame: int) -> Array:
        lens = self.lens
        if lens.vignette or lens.drift:
            gain = self._gain * np.float32(self._exposure[frame])
            picture = cv2.multiply(picture, gain, dtype=cv2.CV_8U)
        if lens.noise or lens.banding:
            top, left = self._corners[frame]
            h, w = picture.shape[:2]
            grain = self._noise[top : top + h, left : left + w]
            picture = cv2.add(picture, grain, dtype=cv2.CV_8U)
        return np.asarray(picture)

    def nearest(self, maps: Array) -> Array:
        """Ids, masks or depths (n, H, W) bent along: the nearest pixel's value, none invented."""
        return np.asarray(maps[:, self._nearest[..., 1], self._nearest[..., 0]])

    def flow(self, flow: Array) -> Array:
        """Flow (n, H, W, 2) of the unbent pictures → that of the lensed ones."""
        step = flow[:, self._nearest[..., 1], self._nearest[..., 0]]
        if not self.lens.bend:
            return np.asarray(step)
        return np.asarray(self._bent(self._from + step) - self._grid)

    def _bent(self, points: Array) -> Array:
        """Where input points (..., 2) appear in the output."""
        out = points - self._middle
        r = np.linalg.norm(out, axis=-1) / self._corner
        bend, to = self.lens.bend, r
        # Newton's method; the curve is convex and rising, so a few steps are exact.
        for _ in range(6):
            excess = to * (1 + bend * to**2) - r * (1 + bend)
            to = to - excess / (1 + 3 * bend * to**2)
        scale = np.where(r > 1e-9, to / np.maximum(r, 1e-9), 1 + bend)
        return np.asarray(self._middle + out * scale[..., None])
