"""Contact sheets: source, truth and edit side by side, for eyes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from torch import Tensor

from distill.heldout import Example
from distill.report import to_rgb, write_picture


def write_sheet(path: Path, shown: Sequence[tuple[Example, Tensor]], columns: int = 2) -> None:
    """Rows of source | truth | edit (last frame), the instruction written on each."""
    strips = []
    for example, edited in shown:
        views = (example.source[-1], example.target[-1], edited[-1])
        strip = np.concatenate([to_rgb(v) for v in views], axis=1)
        for color, width in (((0, 0, 0), 3), ((255, 255, 255), 1)):
            cv2.putText(strip, example.text[:60], (4, 14), 0, 0.45, color, width, cv2.LINE_AA)
        strips.append(strip)
    if not strips:
        return
    strips += [np.zeros_like(strips[0])] * (-len(strips) % columns)
    height = len(strips) // columns
    sides = [np.concatenate(strips[i * height : (i + 1) * height]) for i in range(columns)]
    write_picture(path, np.concatenate(sides, axis=1))
