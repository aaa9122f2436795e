"""A single network of a preset in a file of its own, with its configuration in the header."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

from egostream.errors import BadCheckpoint
from egostream.models.component import UNREADABLE, fill, write_tensors
from egostream.models.tiny_codec import TinyDecoder, tiny_from_dict
from egostream.models.transformer import Transformer, TransformerConfig
from egostream.models.wan_codec import WanCodec, latent_units
from egostream.models.wan_config import codec_from_dict

FORMAT = "egostream-part-1"
Part = Transformer | WanCodec | TinyDecoder
KINDS = {"transformer": Transformer, "codec": WanCodec, "tiny-decoder": TinyDecoder}


def save_part(path: Path, module: Part) -> None:
    """Every tensor in the precision that it has; there is never half a file."""
    kind = next(name for name, type_ in KINDS.items() if isinstance(module, type_))
    header = {"format": FORMAT, "kind": kind, "config": json.dumps(asdict(module.config))}
    tensors = {k: v.detach().cpu().contiguous() for k, v in module.state_dict().items()}
    write_tensors(path, tensors, header)


def is_part(path: Path) -> bool:
    """Whether it is a file that `save_part` wrote."""
    try:
        with safe_open(path, framework="pt") as file:
            return (file.metadata() or {}).get("format") == FORMAT
    except UNREADABLE:
        return False


def load_part(path: Path) -> Part:
    """The network, ready for inference. Raises BadCheckpoint naming what is wrong."""
    if not path.is_file():
        raise BadCheckpoint(f"no weights at {path}")
    try:
        with safe_open(path, framework="pt") as file:
            header = file.metadata() or {}
            if header.get("format") != FORMAT or header.get("kind") not in KINDS:
                raise BadCheckpoint(f"{path} is not an {FORMAT} file")
            config = json.loads(header["config"])
            tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        with torch.device("meta"):
            module = _made(header["kind"], config)
    except UNREADABLE as error:
        raise BadCheckpoint(f"{path} cannot be read: {error}") from error
    fill(module, tensors, path)
    if isinstance(module, WanCodec):
        for name, values in latent_units(module.config).items():
            setattr(module, name, values)
    return module.eval().requires_grad_(False)


def _made(kind: str, config: dict[str, Any]) -> Part:
    if kind == "transformer":
        return Transformer(TransformerConfig(**config))
    if kind == "codec":
        return WanCodec(codec_from_dict(config))
    return TinyDecoder(tiny_from_dict(config))
