"""Which text encoder a preset's transformer was made for."""

from __future__ import annotations

import torch

from egostream.errors import BadCheckpoint
from egostream.models.presets import Preset
from egostream.models.text import TEXT_WIDTH, EncodesText, TextEncoder, find_weights
from egostream.models.umt5 import Umt5Encoder, find_pipeline


def check_text_encoder(preset: Preset) -> None:
    """Raises BadCheckpoint where the weights of a preset's text encoder are not there."""
    if preset.transformer.text_width == TEXT_WIDTH:
        find_weights()
    else:
        find_pipeline()


def text_encoder_for(preset: Preset, device: torch.device | str = "cpu") -> EncodesText:
    """Loaded anew; a large one works on `device`. Raises BadCheckpoint where its weights are not there, or of another
    width.
    """
    wanted = preset.transformer.text_width
    if wanted == TEXT_WIDTH:
        return TextEncoder()
    encoder = Umt5Encoder(device=device)
    if encoder.width != wanted:
        raise BadCheckpoint(
            f"preset {preset.name} reads token states of width {wanted}, this text encoder has {encoder.width}"
        )
    return encoder
