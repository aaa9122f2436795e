"""The stream that low precisions are calibrated on and judged by: real footage, a few instructions, always the same."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor, nn

from egostream.compiler import Compile, Run
from egostream.editor import Editor
from egostream.errors import BadVideo
from egostream.frames import Fit, Frame, Rgb, fit
from egostream.models.presets import Preset
from egostream.video_reader import VideoReader

INSTRUCTIONS = ("make it night", "make the cup red", "turn it into a pencil sketch")
CHUNKS_AFTER = 5
# Of a network: enough to know its ranges, and no more than a machine can hold beside the model.
MAX_CALLS = 24
MAX_BYTES = 2 << 30

Inputs = tuple[Tensor, ...]


def sample_clip() -> Path:
    """The clip that the page offers where there is no camera. Raises BadVideo where it is not installed."""
    spec = importlib.util.find_spec("client")
    for place in (spec.submodule_search_locations or []) if spec else []:
        clip = Path(place) / "web" / "sample.mp4"
        if clip.is_file():
            return clip
    raise BadVideo("the sample clip is not installed: name one of yours with --clip")


def read_clip(path: Path, preset: Preset) -> list[Frame]:
    """The first frames at the model's size: as many as fill its cache, and then some chunks. Raises BadVideo where
    there are not so many.
    """
    per_chunk = preset.latents_per_chunk
    to_fill = -(-(preset.num_sink + preset.num_window) // per_chunk)
    wanted = 1 + preset.codec.stride_t * per_chunk * (to_fill + CHUNKS_AFTER)
    with VideoReader(path) as reader:
        pictures = [found.frame.rgb for found in islice(reader, wanted)]
    if len(pictures) < wanted:
        raise BadVideo(f"{path} has {len(pictures)} frames; judging {preset.name} takes {wanted}")
    frame_hw = preset.frame_hw
    boxes = [Fit.of((rgb.shape[0], rgb.shape[1]), frame_hw) for rgb in pictures]
    return [
        Frame(fit(rgb, box, frame_hw), i)
        for i, (rgb, box) in enumerate(zip(pictures, boxes, strict=True))
    ]


def edit_all(editor: Editor, frames: Sequence[Frame]) -> list[list[Rgb]]:
    """What the editor shows of each chunk (frames, h, w, 3), instruction after instruction."""
    shown = []
    for text in INSTRUCTIONS:
        stream = editor.open(editor.encode_instruction(text))
        at = 0
        while at + stream.num_frames_wanted <= len(frames):
            part = frames[at : at + stream.num_frames_wanted]
            shown.append([frame.rgb for frame in stream.push(part)])
            at += len(part)
        stream.close()
    return shown


class Recorder:
    """A `Compile` around another one: keeps some of each network's inputs, spread over all calls."""

    def __init__(self, compiled: Compile) -> None:
        self._compiled = compiled
        self.seen: dict[str, list[Inputs]] = {}

    def __call__(self, name: str, module: nn.Module, examples: Inputs) -> Run:
        """The network, compiled and watched."""
        run = self._compiled(name, module, examples)
        kept = self.seen.setdefault(name, [])
        count, stride = 0, 1

        def watched(*inputs: Tensor) -> Any:
            nonlocal count, stride
            if count % stride == 0:
                kept.append(tuple(x.detach().clone() for x in inputs))
                size = len(kept) * sum(x.nbytes for x in inputs)
                if len(kept) > MAX_CALLS or (size > MAX_BYTES and len(kept) > 1):
                    # Every other one of those there are, and half as many of those to come.
                    del kept[1::2]
                    stride *= 2
            count += 1
            return run(*inputs)

        return watched


def psnr_db(a: Sequence[Rgb], b: Sequence[Rgb]) -> float:
    """Of 8-bit pictures; 100 where they are the same."""
    error = np.mean(
        [
            np.square(x.astype(np.float32) - y.astype(np.float32)).mean()
            for x, y in zip(a, b, strict=True)
        ]
    )
    return float(min(100.0, 10 * np.log10(255.0**2 / max(float(error), 1e-9))))
