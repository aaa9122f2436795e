"""A tiny real preset: every part of nano, small enough to run in milliseconds."""

from __future__ import annotations

from dataclasses import replace

import torch

from egostream.models.change_codec import ChangeCodecConfig
from egostream.models.checkpoint import EditModel
from egostream.models.presets import Preset, nano


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


def tiny_model(seed: int = 0, preset: Preset | None = None) -> EditModel:
    """Random weights, the zero-initialised ones included, so that every path carries signal."""
    torch.manual_seed(seed)
    model = EditModel(preset or tiny_preset())
    for parameter in model.parameters():
        if not bool(parameter.any()):
            torch.nn.init.normal_(parameter, std=0.05)
    return model.eval().requires_grad_(False)
