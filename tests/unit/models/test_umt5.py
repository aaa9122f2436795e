"""UMT5's encoder for Wan: the states that diffusers' pipelines make, and errors that say what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from diffusers.pipelines.wan.pipeline_wan import WanPipeline
from safetensors.torch import load_file, save_file
from transformers import AutoTokenizer, UMT5EncoderModel

from egostream.errors import BadCheckpoint
from egostream.models.text_encoders import text_encoder_for
from egostream.models.umt5 import ENVIRONMENT, NUM_TOKENS, Umt5Encoder
from tests.unit.models.tiny import UMT5_WIDTH, tiny_umt5, tiny_wan_preset

TEXTS = ["make it   night", "make the red thing &amp; the other one night", ""]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_umt5(tmp_path_factory.mktemp("wan"))


def test_the_states_that_wans_pipeline_makes(pipeline: Path) -> None:
    ours = Umt5Encoder(pipeline, dtype=torch.float32)
    states, mask = ours(TEXTS)
    theirs = WanPipeline(
        AutoTokenizer.from_pretrained(pipeline / "tokenizer"),
        UMT5EncoderModel.from_pretrained(pipeline / "text_encoder").eval(),
        None, None, None,
    )  # fmt: skip
    with torch.no_grad():
        wanted, _ = theirs.encode_prompt(
            TEXTS, do_classifier_free_guidance=False, max_sequence_length=NUM_TOKENS, device="cpu"
        )
    assert states.shape == (3, NUM_TOKENS, UMT5_WIDTH) and bool((mask == 1).all())
    assert torch.allclose(states, wanted, atol=1e-4)
    assert float(states[0, :4].abs().min()) > 0 and not states[0, 4:].any()
    nothing, all_seen = ours.nothing()
    assert torch.allclose(nothing, states[2:], atol=1e-6) and all_seen.shape == (1, NUM_TOKENS)


def test_it_is_found_by_its_variable(pipeline: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    with pytest.raises(BadCheckpoint, match=f"set {ENVIRONMENT} to the folder"):
        text_encoder_for(tiny_wan_preset())
    monkeypatch.setenv(ENVIRONMENT, str(pipeline / "tokenizer"))
    with pytest.raises(BadCheckpoint, match="has no tokenizer and no text_encoder"):
        text_encoder_for(tiny_wan_preset())
    monkeypatch.setenv(ENVIRONMENT, str(pipeline))
    assert isinstance(text_encoder_for(tiny_wan_preset()), Umt5Encoder)


def test_half_an_encoder_is_none(tmp_path: Path) -> None:
    folder = tiny_umt5(tmp_path)
    weights = folder / "text_encoder" / "model.safetensors"
    tensors = load_file(weights)
    name = "encoder.final_layer_norm.weight"
    save_file({k: v for k, v in tensors.items() if k != name}, weights, {"format": "pt"})
    with pytest.raises(BadCheckpoint, match=f"lacks {name}"):
        Umt5Encoder(folder)
    weights.write_bytes(b"half a file")
    with pytest.raises(BadCheckpoint, match="no UMT5 encoder that can be read"):
        Umt5Encoder(folder)
