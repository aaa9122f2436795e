"""A tiny real preset: every part of nano, small enough to run in milliseconds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast, UMT5Config, UMT5EncoderModel

from egostream.models.change_codec import ChangeCodecConfig
from egostream.models.checkpoint import EditModel
from egostream.models.presets import Preset, get_preset, nano
from egostream.models.wan_codec_load import config_from_diffusers
from tests.unit.models.wan import DIFFUSERS_2_1

UMT5_WIDTH = 16


def tiny_preset(*, num_sink: int = 0, num_window: int = 3) -> Preset:
    """Two blocks of width 32 on pictures of 48 x 64."""
    base = nano()
    codec = ChangeCodecConfig(stem=(4, 6, 8, 8), frame_channels=6, gate_width=4, backbone=True)
    transformer = replace(
        base.transformer,
        source_channels=codec.source_channels,
        width=32,
        depth=2,
        num_heads=2,
        mlp_width=64,
        time_width=32,
    )
    return replace(
        base,
        frame_hw=(48, 64),
        codec=codec,
        transformer=transformer,
        num_sink=num_sink,
        num_window=num_window,
    )


def tiny_wan_preset() -> Preset:
    """Every part of `wan2.1-1.3b`, but for its text encoder's size: see `tiny_umt5`."""
    base = get_preset("wan2.1-1.3b")
    codec = config_from_diffusers(DIFFUSERS_2_1)
    transformer = replace(
        base.transformer,
        code_channels=codec.latent_channels,
        source_channels=codec.latent_channels,
        width=24,
        depth=2,
        num_heads=2,
        mlp_width=48,
        text_width=UMT5_WIDTH,
        time_width=32,
    )
    return replace(base, frame_hw=(48, 64), codec=codec, transformer=transformer, num_window=2)


def tiny_umt5(folder: Path) -> Path:
    """A pipeline's folder with a text encoder and a tokenizer of a few words."""
    torch.manual_seed(0)
    words = {"<pad>": 0, "</s>": 1, "<unk>": 2, "make": 3, "it": 4, "night": 5, "the": 6, "red": 7}
    tokenizer = Tokenizer(WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(folder / "tokenizer")
    config = UMT5Config(
        vocab_size=len(words), d_model=UMT5_WIDTH, d_kv=8, d_ff=32, num_layers=2, num_heads=2
    )
    UMT5EncoderModel(config).save_pretrained(folder / "text_encoder")
    return folder


def tiny_model(seed: int = 0, preset: Preset | None = None) -> EditModel:
    """Random weights, the zero-initialised ones included, so that every path carries signal."""
    torch.manual_seed(seed)
    model = EditModel(preset or tiny_preset())
    for parameter in model.parameters():
        if not bool(parameter.any()):
            torch.nn.init.normal_(parameter, std=0.05)
    return model.eval().requires_grad_(False)
