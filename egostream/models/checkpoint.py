"""Checkpoints: one safetensors file holds the weights of a preset and the preset itself.

Written to a temporary file and renamed, so a reader never sees half a file. Nothing is loaded half:
missing, extra or misshapen tensors are an error that lists them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from torch import Tensor, nn

from egostream.errors import BadCheckpoint
from egostream.models.change_codec import ChangeCodec, ChangeCodecConfig
from egostream.models.component import UNREADABLE, write_tensors
from egostream.models.presets import Preset
from egostream.models.transformer import Transformer
from egostream.models.wan_codec import WanCodec

FORMAT = "egostream-1"


class EditModel(nn.Module):
    """The parts of a preset, together: what a checkpoint holds. Parts that are there already are taken as they are."""

    def __init__(
        self,
        preset: Preset,
        codec: ChangeCodec | WanCodec | None = None,
        transformer: Transformer | None = None,
    ) -> None:
        super().__init__()
        self.preset = preset
        self.codec = _new_codec(preset) if codec is None else codec
        self.transformer = Transformer(preset.transformer) if transformer is None else transformer


def _new_codec(preset: Preset) -> ChangeCodec | WanCodec:
    config = preset.codec
    return ChangeCodec(config) if isinstance(config, ChangeCodecConfig) else WanCodec(config)


def change_codec_of(model: EditModel) -> ChangeCodec:
    """The model's codec, where it is nano's. Raises BadCheckpoint for another."""
    if not isinstance(model.codec, ChangeCodec):
        raise BadCheckpoint(
            f"preset {model.preset.name} has a codec of pictures; this needs nano's, of changes"
        )
    return model.codec


def save_checkpoint(
    path: Path,
    model: EditModel,
    *,
    dtype: torch.dtype | None = torch.bfloat16,
) -> None:
    """Write weights with the preset in the header, in `dtype` or as precise as they are. Raises BadCheckpoint where it
    cannot be written.

    A codec of pictures stays as precise as it is: it is not trained, and others' latents are to mean the same.
    """
    kept = isinstance(model.codec, WanCodec)
    tensors = {
        k: (v.detach() if kept and k.startswith("codec.") else v.detach().to(dtype)).contiguous()
        for k, v in model.state_dict().items()
    }
    header = {"format": FORMAT, "preset": json.dumps(model.preset.to_dict())}
    write_tensors(path, tensors, header)


def load_checkpoint(path: Path) -> EditModel:
    """A model in float32, ready for inference. Raises BadCheckpoint naming what is wrong."""
    if not path.is_file():
        raise BadCheckpoint(f"no weights at {path}")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            if header.get("format") != FORMAT:
                raise BadCheckpoint(f"{path} is not an {FORMAT} checkpoint")
            preset = Preset.from_dict(json.loads(header["preset"]))
            tensors = {key: file.get_tensor(key).float() for key in file.keys()}  # noqa: SIM118
        _check_size(preset, len(tensors))
        with torch.device("meta"):  # what a damaged header asks for may not fit into any memory
            expected = EditModel(preset).state_dict()
        problems = _compare(expected, tensors)
        if problems:
            raise BadCheckpoint(f"{path} does not fit its own preset: " + "; ".join(problems[:8]))
        model = EditModel(preset)
    except UNREADABLE as error:
        raise BadCheckpoint(f"{path} cannot be read as a checkpoint: {error}") from error
    model.load_state_dict(tensors)
    return model.eval().requires_grad_(False)


def _check_size(preset: Preset, num_tensors: int) -> None:
    """Raises ValueError where it has more blocks than tensors: even without memory they would take for ever to make."""
    codec = preset.codec
    blocks = 0 if isinstance(codec, ChangeCodecConfig) else codec.blocks_per_level
    if max(preset.transformer.depth, blocks) > num_tensors:
        raise ValueError(f"{num_tensors} tensors are too few for its blocks")


def _compare(expected: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> list[str]:
    problems = [f"missing {k}" for k in expected.keys() - found.keys()]
    problems += [f"unexpected {k}" for k in found.keys() - expected.keys()]
    for key in expected.keys() & found.keys():
        if expected[key].shape != found[key].shape:
            problems.append(f"{key} is {tuple(found[key].shape)}, not {tuple(expected[key].shape)}")
    return sorted(problems)
