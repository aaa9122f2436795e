"""Sample videos of a run: source, truth and edit side by side, of held-out clips.

Pictures of a video: (n, H, W, 3) uint8.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from distill.dmd import GUIDANCE
from distill.heldout import BY_NAME, Example, examples
from distill.sample import edit_as_stream, edit_clip, edit_in_few_steps
from egostream.editor import Editor
from egostream.frames import Frame
from egostream.models.change_codec import ChangeCodec
from egostream.models.checkpoint import EditModel
from egostream.models.codec import CodecState
from egostream.models.text import EncodesText, TextEncoder
from egostream.video_reader import VideoInfo
from egostream.video_writer import VideoWriter

TASKS = ("recolor", "remove", "material", "add", "fire", "night", "sketch")
COLUMNS = ("source", "truth", "edit")
RATE = 8  # frames a second: slower than life, to be looked at
TEACHER_STEPS = 8
Pictures = NDArray[np.uint8]
Edit = Callable[[Example], Tensor]  # the edited pictures (n, 3, h, w)
MakeEdit = Callable[[Any, EncodesText], Edit]  # by what the stage makes


def streaming(model: EditModel, text: EncodesText) -> Edit:
    """As it is served: chunk by chunk, with a past."""
    if not isinstance(model.codec, ChangeCodec):
        steps = model.preset.num_steps
        return lambda e: edit_as_stream(model, e.source, text([e.text]), steps, seed=0)
    assert isinstance(text, TextEncoder)
    editor = Editor(model, engine="eager", precision="fp32", text_encoder=text)

    def edit(example: Example) -> Tensor:
        live = editor.open(editor.encode_instruction(example.text))
        pixels = (example.source.permute(0, 2, 3, 1) * 255).round().byte().numpy()
        frames = [Frame(rgb, i) for i, rgb in enumerate(pixels)]
        out: list[Frame] = []
        while len(out) < len(frames):
            out += live.push(frames[len(out) : len(out) + live.num_frames_wanted])
        return torch.from_numpy(np.stack([f.rgb for f in out])).permute(0, 3, 1, 2).float() / 255

    return edit


def denoising(model: EditModel, text: EncodesText) -> Edit:
    """As a teacher does, in few of its many steps."""

    def edit(example: Example) -> Tensor:
        states = text([example.text])
        nothing = text.nothing()
        return edit_clip(model, example.source, states, nothing, TEACHER_STEPS, GUIDANCE, seed=0)

    return edit


def in_few_steps(num_steps: int) -> MakeEdit:
    """As a student that denoises clips at once does."""

    def make(model: EditModel, text: EncodesText) -> Edit:
        return lambda e: edit_in_few_steps(model, e.source, text([e.text]), num_steps, seed=0)

    return make


def reconstructing(model: EditModel, text: EncodesText) -> Edit:
    """The truth through the codec."""

    @torch.inference_mode()
    def edit(example: Example) -> Tensor:
        source = example.source[None]
        code, _ = model.codec.encode(example.target[None], CodecState(), source)
        return model.codec.decode(code, CodecState(), source)[0][0]

    return edit


def draw(edit: Edit, held_out: Path) -> Pictures:
    """One example of each task that the clips have, under each other; the instruction over it."""
    rows = []
    for task in TASKS:
        for example in examples(held_out, BY_NAME[task], 1):
            edited = edit(example)
            views = torch.cat([example.source, example.target, edited], dim=3)
            pixels = (views.clamp(0, 1) * 255).round().byte().permute(0, 2, 3, 1).numpy()
            rows.append(np.stack([_labelled(p, example.text) for p in pixels]))
    if not rows:
        raise FileNotFoundError(f"no clip in {held_out} shows an edit")
    return np.concatenate(rows, axis=1)


def _labelled(picture: Pictures, label: str) -> Pictures:
    picture = np.ascontiguousarray(picture)
    height, width = picture.shape[:2]
    texts = [(label, 5, 15)]
    texts += [(name, 5 + i * width // 3, height - 6) for i, name in enumerate(COLUMNS)]
    for color, thickness in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        for text, x, y in texts:
            cv2.putText(picture, text, (x, y), 0, 0.42, color, thickness, cv2.LINE_AA)
    return picture


def write_mp4(target: Path, pictures: Pictures) -> None:
    """Raises BadVideo where it cannot be written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    n, h, w = pictures.shape[:3]
    info = VideoInfo(
        width=w, height=h, time_base=Fraction(1, RATE), rate=Fraction(RATE), num_frames=n,
        is_exact=True, origin_s=Fraction(0), sample_aspect=None, colorspace=5, color_primaries=1,
        color_trc=1, metadata={},
    )  # fmt: skip
    with VideoWriter(target, info, w, h, None) as writer:
        for i, rgb in enumerate(pictures):
            writer.write(rgb, i, 1)


def add_gif(board: Any, tag: str, pictures: Pictures, step: int) -> None:
    """A moving picture for TensorBoard (a SummaryWriter), which shows GIFs where it shows images."""
    from PIL import Image
    from tensorboard.compat.proto.summary_pb2 import Summary

    frames = [Image.fromarray(p) for p in pictures]
    file = io.BytesIO()
    frames[0].save(
        file, "GIF", save_all=True, append_images=frames[1:], duration=1000 // RATE, loop=0
    )
    h, w = pictures.shape[1:3]
    image = Summary.Image(height=h, width=w, colorspace=3, encoded_image_string=file.getvalue())
    summary = Summary(value=[Summary.Value(tag=tag, image=image)])
    board._get_file_writer().add_summary(summary, step)
