"""Published Wan networks, whichever they are: a component's folder or file, or a whole pipeline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from egostream.errors import BadCheckpoint
from egostream.models.checkpoint import EditModel
from egostream.models.component import Component, read_component
from egostream.models.presets import PRESETS, Preset
from egostream.models.transformer import Transformer
from egostream.models.wan_codec import WanCodec
from egostream.models.wan_codec_load import load_wan_codec
from egostream.models.wan_load import is_transformer, load_transformer

CODEC, TRANSFORMER, TEXT = "AutoencoderKLWan", "WanTransformer3DModel", "UMT5EncoderModel"


def load_diffusers(path: Path) -> Transformer | WanCodec | EditModel:
    """The network that lies there, ready for inference; of a pipeline's folder (with `transformer` and `vae` in it) an
    edit model, whose preset says how a stream is sampled.

    Raises BadCheckpoint that lists what is missing, unexpected or of another shape; nothing is loaded half.
    """
    if (path / "transformer").is_dir() and (path / "vae").is_dir():
        return _load_pipeline(path)
    component = read_component(path)
    name = component.class_name
    if name == TRANSFORMER or (not name and is_transformer(component)):
        return load_transformer(component)
    if name in ("", CODEC):
        return load_wan_codec(path)
    if name == TEXT:
        raise BadCheckpoint(
            f"{path} is the text encoder, which is read as it is: set EGOSTREAM_UMT5 to {path.parent}"
        )
    raise BadCheckpoint(f"{path} is of a {name}; known: {TRANSFORMER}, {CODEC}")


def _load_pipeline(path: Path) -> EditModel:
    transformer = load_transformer(_of_kind(path / "transformer", TRANSFORMER))
    codec = load_wan_codec(path / "vae")
    if transformer.config.code_channels != codec.code_channels:
        raise BadCheckpoint(
            f"{path}: the transformer makes latents of {transformer.config.code_channels} channels, "
            f"the codec has {codec.code_channels}"
        )
    return EditModel(preset_of(transformer, codec), codec, transformer).eval().requires_grad_(False)


def _of_kind(path: Path, kind: str) -> Component:
    component = read_component(path)
    if component.class_name not in ("", kind):
        raise BadCheckpoint(f"{path} is of a {component.class_name}, not of a {kind}")
    return component


def preset_of(transformer: Transformer, codec: WanCodec) -> Preset:
    """The preset of that shape; for a shape that has none, one named by it, sampled as the others are."""
    known = [make() for make in PRESETS.values()]
    for preset in known:
        if (preset.transformer, preset.codec) == (transformer.config, codec.config):
            return preset
    like = next(preset for preset in known if preset.name.startswith("wan"))
    config = transformer.config
    name = f"wan-{config.width}x{config.depth}"
    return replace(like, name=name, transformer=config, codec=codec.config)
