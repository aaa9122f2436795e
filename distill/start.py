"""Where a run starts: from nothing, or from weights that are there already.

Either way the backbone brings what it learned from ImageNet.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from distill.pretrained import load_backbone
from egostream.errors import BadCheckpoint
from egostream.models.change_codec import ChangeCodec, ChangeCodecConfig
from egostream.models.checkpoint import EditModel, load_checkpoint
from egostream.models.presets import Preset

SOURCE_IN = "transformer.patch_source.weight"


def start_from_scratch(model: EditModel) -> None:
    """With no text-to-video weights to protect, let the source speak at once and the noise softly.

    Raises BadCheckpoint for a model that nobody trains from nothing.
    """
    codec = model.codec
    if not isinstance(codec, ChangeCodec):
        raise BadCheckpoint(
            f"preset {model.preset.name} starts from weights that there are: --init CHECKPOINT"
        )
    with torch.no_grad():
        nn.init.xavier_uniform_(model.transformer.patch_source.weight)
        model.transformer.patch_target.weight.mul_(0.3)
    if codec.backbone is not None:
        load_backbone(codec.backbone)


def fits(found: Preset, wanted: Preset) -> bool:
    """Whether a model can start from a checkpoint: the same shape, or with fewer source channels, or without
    the pooled text.
    """
    codec = found.codec
    if isinstance(codec, ChangeCodecConfig) and isinstance(wanted.codec, ChangeCodecConfig):
        codec = replace(codec, backbone=wanted.codec.backbone)
    have, want = found.transformer, wanted.transformer
    transformer = replace(have, source_channels=want.source_channels, pooled_text=want.pooled_text)
    narrower = have.source_channels <= want.source_channels and have.pooled_text <= want.pooled_text
    return narrower and (codec, transformer) == (wanted.codec, wanted.transformer)


def start_from(model: EditModel, path: Path) -> None:
    """Take a checkpoint's weights; what it lacks starts at zero, so that it starts unchanged.

    Raises BadCheckpoint where `fits` says no.
    """
    older = load_checkpoint(path)
    if not fits(older.preset, model.preset):
        raise BadCheckpoint(f"{path} holds another model than preset {model.preset.name}")
    if isinstance(model.codec, ChangeCodec) and isinstance(older.codec, ChangeCodec):
        if model.codec.backbone is not None and older.codec.backbone is None:
            load_backbone(model.codec.backbone)
    weights = model.state_dict() | older.state_dict()
    source_in = torch.zeros_like(model.transformer.patch_source.weight)
    found = older.transformer.patch_source.weight
    source_in[:, : found.shape[1]] = found
    model.load_state_dict(weights | {SOURCE_IN: source_in})
