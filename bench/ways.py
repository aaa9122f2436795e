"""The ways of editing that the quality bench compares: baselines, the served student, other models.

A way takes an example and a seed, and gives its edited pictures, (n, 3, h, w) in 0..1.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from distill.heldout import Example
from distill.objective import Stage
from distill.sample import edit_clip, edit_in_few_steps
from egostream.editor import Editor
from egostream.frames import Frame
from egostream.loading import cache_folder
from egostream.models.checkpoint import load_checkpoint
from egostream.models.codec import CodecState
from engines import BackendChoice

Way = Callable[[Example, int], Tensor]
STREAMING: tuple[Stage, ...] = ("causal", "self-forcing")
COMPARED: tuple[Stage, ...] = ("teacher", "dmd", *STREAMING)


def as_frames(pictures: Tensor) -> list[Frame]:
    """Pictures (n, 3, h, w) in 0..1 as the editor takes them."""
    pixels = (pictures.permute(0, 2, 3, 1) * 255).round().byte().numpy()
    return [Frame(rgb, i) for i, rgb in enumerate(pixels)]


def as_pictures(frames: Sequence[Frame]) -> Tensor:
    """The inverse."""
    rgb = np.stack([f.rgb for f in frames])
    return torch.from_numpy(rgb).permute(0, 3, 1, 2).float() / 255


def run_stream(editor: Editor, example: Example, seed: int) -> Tensor:
    """The edited pictures of an example, (n, 3, h, w) in 0..1."""
    stream = editor.open(editor.encode_instruction(example.text), seed)
    frames, out = as_frames(example.source), list[Frame]()
    while len(out) < len(frames):
        wanted = stream.num_frames_wanted
        out += stream.push(frames[len(out) : len(out) + wanted])
    return as_pictures(out)


def run_without_past(editor: Editor, example: Example, seed: int) -> Tensor:
    """The same, each frame as if it were a stream's first."""
    instruction = editor.encode_instruction(example.text)
    frames = as_frames(example.source)
    return as_pictures([editor.open(instruction, seed).push([f])[0] for f in frames])


def flat(example: Example) -> Tensor:
    """One colour a frame, the truth's mean: what a picture without any content scores."""
    return example.target.mean((2, 3), keepdim=True).expand_as(example.target)


@torch.inference_mode()
def reconstruct(editor: Editor, example: Example) -> Tensor:
    """The truth, encoded by the codec and decoded: what no model of this codec can surpass."""
    codec, source = editor.model.codec, example.source[None]
    code, _ = codec.encode(example.target[None], CodecState(), source)
    return codec.decode(code, CodecState(), source)[0][0]


@dataclass(frozen=True, slots=True)
class OtherModel:
    """A model to be compared: by what stage it was trained, and in how many steps it edits."""

    stage: Stage
    path: Path
    num_steps: int

    @property
    def name(self) -> str:
        return f"{self.stage}-{self.num_steps}"


def parse_model(text: str) -> OtherModel:
    """`STAGE=CHECKPOINT:STEPS`. Raises argparse.ArgumentTypeError."""
    name, _, rest = text.partition("=")
    path, _, steps = rest.rpartition(":")
    stage = next((known for known in COMPARED if known == name), None)
    if stage is None or not path or not steps.isdecimal() or int(steps) == 0:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not STAGE=CHECKPOINT:STEPS with a stage of {', '.join(COMPARED)}"
        )
    return OtherModel(stage, Path(path), int(steps))


def with_steps(
    editor: Editor, num_steps: int, run: Callable[[Editor, Example, int], Tensor]
) -> Way:
    """A stream with so many passes a chunk."""

    def way(example: Example, seed: int) -> Tensor:
        editor.set_num_steps(num_steps)
        return run(editor, example, seed)

    return way


def ways_to_edit(
    editor: Editor, stage: Stage, steps: Sequence[int], baselines: bool
) -> dict[str, Way]:
    """What is compared, by the names of the table's rows."""
    ways: dict[str, Way] = {
        "copy": lambda example, seed: example.source,
        "flat": lambda example, seed: flat(example),
        "oracle": lambda example, seed: reconstruct(editor, example),
    }
    if baselines:
        ways["no-cache"] = with_steps(editor, steps[0], run_without_past)
    return ways | {f"{stage}-{n}": with_steps(editor, n, run_stream) for n in steps}


def other_way(editor: Editor, other: OtherModel, guidance: float, engine: BackendChoice) -> Way:
    """How another model edits. Raises BadCheckpoint."""
    model, num_steps = load_checkpoint(other.path), other.num_steps
    if other.stage in STREAMING:
        return with_steps(
            Editor(model, engine=engine, cache_dir=cache_folder()), num_steps, run_stream
        )

    def way(example: Example, seed: int) -> Tensor:
        text = editor.encode_instruction(example.text).states
        if other.stage == "teacher":
            nothing = (torch.zeros_like(text[0]), torch.zeros_like(text[1]))
            return edit_clip(model, example.source, text, nothing, num_steps, guidance, seed)
        return edit_in_few_steps(model, example.source, text, num_steps, seed)

    return way
