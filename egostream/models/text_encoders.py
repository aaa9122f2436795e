"""Which text encoder a preset's transformer was made for."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from egostream.errors import BadCheckpoint
from egostream.models.presets import Preset
from egostream.models.text import MAX_TOKENS, TEXT_WIDTH, EncodesText, TextEncoder, find_weights
from egostream.models.umt5 import NUM_TOKENS, UMT5_WIDTH, Umt5Encoder, find_pipeline


def check_text_encoder(preset: Preset) -> None:
    """Raises BadCheckpoint where the weights of a preset's text encoder are not there."""
    if preset.transformer.text_width == TEXT_WIDTH:
        find_weights()
    else:
        find_pipeline()


class NoiseText:
    """States of noise in a preset's shape: for measuring speed where there are no weights."""

    def __init__(self, preset: Preset) -> None:
        tokens = NUM_TOKENS if preset.transformer.text_width == UMT5_WIDTH else MAX_TOKENS
        generator = torch.Generator().manual_seed(0)
        self._states = torch.randn(1, tokens, preset.transformer.text_width, generator=generator)

    def __call__(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """See `text.EncodesText`."""
        count = len(texts)
        return self._states.expand(count, -1, -1), torch.ones(count, self._states.shape[1])

    def nothing(self) -> tuple[Tensor, Tensor]:
        """See `text.EncodesText`."""
        return self([""])


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
