"""Which text encoder a preset's transformer was made for."""

from __future__ import annotations

from egostream.errors import BadCheckpoint
from egostream.models.presets import Preset
from egostream.models.text import TEXT_WIDTH, EncodesText, TextEncoder
from egostream.models.umt5 import Umt5Encoder


def text_encoder_for(preset: Preset) -> EncodesText:
    """Loaded anew. Raises BadCheckpoint where its weights are not there, or of another width."""
    wanted = preset.transformer.text_width
    if wanted == TEXT_WIDTH:
        return TextEncoder()
    encoder = Umt5Encoder()
    if encoder.width != wanted:
        raise BadCheckpoint(
            f"preset {preset.name} reads token states of width {wanted}, this text encoder has {encoder.width}"
        )
    return encoder
