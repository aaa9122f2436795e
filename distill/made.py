"""What a run makes: an edit model; of the codec's stage at Wan's sizes, a tiny decoder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from distill.objective import AnyObjective, Redrawing
from distill.start import start_from, start_from_scratch
from egostream.errors import BadCheckpoint
from egostream.models.checkpoint import EditModel, save_checkpoint
from egostream.models.diffusers_load import load_diffusers
from egostream.models.parts import save_part
from egostream.models.presets import Preset
from egostream.models.text import EncodesText
from egostream.models.text_encoders import check_text_encoder, text_encoder_for
from egostream.models.tiny_codec import TinyDecoder, TinyDecoderConfig
from egostream.models.wan_codec import WanCodec

Made = EditModel | TinyDecoder


class NoText:
    """For what reads no instructions. Implements `EncodesText`, in states of width 1."""

    def __call__(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        return torch.zeros(len(texts), 1, 1), torch.ones(len(texts), 1)

    def nothing(self) -> tuple[Tensor, Tensor]:
        return self([""])


def new_made(objective: AnyObjective, preset: Preset) -> Made:
    """With random weights."""
    if isinstance(objective, Redrawing):
        return TinyDecoder(objective.decoder)
    return EditModel(preset)


def another(made: Made) -> Made:
    """Of the same shape, with random weights. Losses may have changed an edit model's preset: its own counts."""
    return TinyDecoder(made.config) if isinstance(made, TinyDecoder) else EditModel(made.preset)


def first_weights(objective: AnyObjective, init: Path | None, teacher: Path | None) -> Path | None:
    """What a run starts from. A few hundred steps of distillation make nothing of random weights: a student starts as
    its teacher; a tiny decoder, which is another network than its own, does not.
    """
    return init if isinstance(objective, Redrawing) else init or teacher


def start_made(made: Made, path: Path | None) -> None:
    """Take a checkpoint's weights, or those to start from nothing with. Raises BadCheckpoint."""
    if isinstance(made, TinyDecoder):
        if path is not None:
            made.load_state_dict(tiny_to_start_from(path, made.config).state_dict())
    elif path is None:
        start_from_scratch(made)
    else:
        start_from(made, path)


def tiny_to_start_from(path: Path, config: TinyDecoderConfig) -> TinyDecoder:
    """A run's weights or published ones. Raises BadCheckpoint where they are not of that shape."""
    found = load_diffusers(path)
    if isinstance(found, WanCodec):
        raise BadCheckpoint(f"{path} is the full codec, which is learned from: --teacher {path}")
    if not isinstance(found, TinyDecoder):
        raise BadCheckpoint(f"{path} holds a {type(found).__name__}, not a tiny decoder")
    if found.config != config:
        raise BadCheckpoint(f"{path} holds another tiny decoder than the recipe's: {found.config}")
    return found


def save_made(path: Path, made: Made) -> None:
    """As a file to use, in `--init` too. Raises BadCheckpoint where it cannot be written."""
    if isinstance(made, TinyDecoder):
        save_part(path, made)
    else:
        save_checkpoint(path, made)


def check_reader(objective: AnyObjective, preset: Preset) -> None:
    """Raises BadCheckpoint where `reader_of` would."""
    if not isinstance(objective, Redrawing):
        check_text_encoder(preset)


def reader_of(objective: AnyObjective, preset: Preset, device: torch.device) -> EncodesText:
    """What reads the instructions. Raises BadCheckpoint where its weights are not there."""
    if isinstance(objective, Redrawing):
        return NoText()
    return text_encoder_for(preset, device)
