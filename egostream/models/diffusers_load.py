"""Published Wan networks, whichever they are: a component's folder or file, or a whole pipeline; and tiny decoders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from egostream.errors import BadCheckpoint
from egostream.models.checkpoint import EditModel
from egostream.models.component import Component, read_component
from egostream.models.parts import Part, is_part, load_part
from egostream.models.presets import PRESETS, Preset
from egostream.models.tiny_load import is_published_tiny, load_tiny
from egostream.models.transformer import Transformer
from egostream.models.wan_codec import WanCodec
from egostream.models.wan_codec_load import load_wan_codec
from egostream.models.wan_load import is_transformer, load_transformer

CODEC, TRANSFORMER, TEXT = "AutoencoderKLWan", "WanTransformer3DModel", "UMT5EncoderModel"
# What the configurations beside Wan's own files say, those of its codec's too; their tensors tell more.
VAGUE = ("", "WanModel", "CausalWanModel")


def load_diffusers(path: Path) -> Part | EditModel:
    """The network that lies there, ready for inference; of a pipeline's folder (with `transformer` and `vae` in it) an
    edit model, whose preset says how a stream is sampled. Parts that `egostream convert` wrote are read too.

    Raises BadCheckpoint that lists what is missing, unexpected or of another shape; nothing is loaded half.
    """
    if (path / "transformer").is_dir() and (path / "vae").is_dir():
        return _load_pipeline(path)
    if path.is_file() and is_part(path):
        return load_part(path)
    component = read_component(path)
    name = component.class_name
    if name == TRANSFORMER or (name in VAGUE and is_transformer(component)):
        return load_transformer(component)
    if path.is_file() and is_published_tiny(component):
        return load_tiny(component)
    if name == CODEC or (name in VAGUE and path.is_file()):
        return load_wan_codec(path)
    if name == TEXT:
        raise BadCheckpoint(
            f"{path} is the text encoder, which is read as it is: set EGOSTREAM_UMT5 to {path.parent}"
        )
    raise BadCheckpoint(f"{path} is of a {name or 'nameless'}; known: {TRANSFORMER}, {CODEC}")


def join(transformer: Transformer, codec: WanCodec) -> EditModel:
    """An edit model of these parts. Raises BadCheckpoint where they do not fit each other."""
    config, channels = transformer.config, codec.code_channels
    if (config.code_channels, config.source_channels) != (channels, channels):
        raise BadCheckpoint(
            f"the transformer edits latents of {config.code_channels} channels by a source of "
            f"{config.source_channels}, but the codec's have {channels}"
        )
    return EditModel(preset_of(transformer, codec), codec, transformer).eval().requires_grad_(False)


def _load_pipeline(path: Path) -> EditModel:
    if (path / "transformer_2").is_dir():
        raise BadCheckpoint(
            f"{path} has a second transformer for other times (transformer_2), which is not supported"
        )
    transformer = load_transformer(_of_kind(path / "transformer", TRANSFORMER))
    try:
        return join(transformer, load_wan_codec(path / "vae"))
    except BadCheckpoint as error:
        raise BadCheckpoint(f"{path}: {error}") from error


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
