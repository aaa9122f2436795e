"""`python -m bench.showcase`: every edit on real footage, as one picture, with its flicker.

Streams a clip through the real editor once for each instruction and puts one frame of each into a sheet.
Flicker is the change of the edit (edit - source) at chunk borders over its change inside chunks: 1 is
none that chunking adds.
"""

from __future__ import annotations

import argparse
import logging
import math
import sys
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from bench.scores import border_jump
from bench.server_process import REPOSITORY
from distill.report import write_picture
from egostream.editor import Editor
from egostream.errors import BadVideo, EgostreamError
from egostream.frames import Fit, Frame, fit
from egostream.loading import load_editor
from egostream.model_choice import ModelChoice
from egostream.numbers import positive

INSTRUCTIONS = (
    "turn it into a pencil sketch",
    "make it night",
    "make it sunset",
    "make it snow",
    "make it black and white",
    "sepia",
    "turn it into pixel art",
    "make it a cartoon",
    "invert the colors",
    "make it underwater",
    "add fog",
    "turn it into a watercolor painting",
    "blueprint",
    "thermal camera",
    "make the cup red",
    "paint the mug blue",
    "make the cup gold",
    "turn the cup into wood",
    "remove the cup",
)
Rgb = NDArray[np.uint8]


def read(path: Path, size_hw: tuple[int, int], first: int, count: int) -> list[Rgb]:
    """`count` frames from number `first` on, at the model's size. Raises BadVideo."""
    frames: list[Rgb] = []
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise BadVideo(f"{path} has no video")
            for picture in islice(container.decode(video=0), first, first + count):
                rgb = np.asarray(picture.to_ndarray(format="rgb24"), np.uint8)
                frames.append(fit(rgb, Fit.of((rgb.shape[0], rgb.shape[1]), size_hw), size_hw))
    except (OSError, av.FFmpegError) as error:
        raise BadVideo(f"{path} cannot be read: {error}") from error
    if len(frames) < count:
        raise BadVideo(f"{path} has {len(frames)} frames from number {first} on, not {count}")
    return frames


def edit(editor: Editor, frames: Sequence[Rgb], text: str) -> list[Rgb]:
    """The frames, streamed. The last frame fills up the last chunk and is cut off again."""
    stream = editor.open(editor.encode_instruction(text))
    out: list[Rgb] = []
    while len(out) < len(frames):
        chunk = list(frames[len(out) : len(out) + stream.num_frames_wanted])
        chunk += [chunk[-1]] * (stream.num_frames_wanted - len(chunk))
        out += [f.rgb for f in stream.push([Frame(rgb, i) for i, rgb in enumerate(chunk)])]
    return out[: len(frames)]


def as_tensor(frames: Sequence[Rgb]) -> torch.Tensor:
    return torch.from_numpy(np.stack(frames)).permute(0, 3, 1, 2).float() / 255


def captioned(rgb: Rgb, text: str) -> Rgb:
    """The picture, half as large again, on a dark strip with its instruction."""
    large = cv2.resize(rgb, None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC)
    strip = np.full((34, large.shape[1], 3), 18, np.uint8)
    cv2.putText(
        strip, text, (10, 23), cv2.FONT_HERSHEY_SIMPLEX, 0.52, (235, 230, 225), 1, cv2.LINE_AA
    )
    return np.concatenate([large, strip]).astype(np.uint8)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.showcase", description=(__doc__ or "").partition("\n\n")[2]
    )
    parser.add_argument("--clip", type=Path, default=REPOSITORY / "tests" / "data" / "cup.mp4")
    parser.add_argument("--weights", type=Path, help="another checkpoint than the shipped one")
    parser.add_argument(
        "--instruct", nargs="+", metavar="TEXT", default=INSTRUCTIONS, help="other edits than usual"
    )
    parser.add_argument("--first", type=int, default=30, help="first frame, from 0 (30)")
    parser.add_argument("--frames", type=positive, default=33, help="frames streamed (33)")
    parser.add_argument("--columns", type=positive, default=5)
    parser.add_argument("--out", type=Path, default=Path("docs/images/cup-edits.png"))
    arguments = parser.parse_args(argv)
    if arguments.first < 0:
        parser.error(f"--first {arguments.first}: frames count from 0")
    logging.basicConfig(level=logging.WARNING)
    try:
        return show(arguments)
    except (EgostreamError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def show(arguments: argparse.Namespace) -> int:
    """Run every edit, write the picture, print the flicker."""
    editor = load_editor(ModelChoice(weights=arguments.weights))
    assert isinstance(editor, Editor)
    source = read(arguments.clip, editor.frame_hw, arguments.first, arguments.frames)
    tiles = [captioned(source[-1], "source")]
    rows = []
    for text in tqdm(arguments.instruct, desc="edits"):
        edited = edit(editor, source, text)
        tiles.append(captioned(edited[-1], text))
        rows.append((text, border_jump(as_tensor(edited), as_tensor(source))))
    tiles += [np.full_like(tiles[0], 18)] * (-len(tiles) % arguments.columns)
    lines = [
        np.concatenate(tiles[i : i + arguments.columns], axis=1)
        for i in range(0, len(tiles), arguments.columns)
    ]
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    write_picture(arguments.out, np.concatenate(lines))
    for text, jump in rows:
        # One chunk or less has no border to compare with its inside.
        flicker = "-" if math.isnan(jump) else f"{jump:.2f}"
        print(f"{text:34s} flicker at chunk borders {flicker}")
    print(f"wrote {arguments.out}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
