"""Published Wan codecs into `WanCodec`: diffusers' `vae/` folders and Wan's own single files.

Nothing is loaded half: a codec comes back whole, or BadCheckpoint lists what is missing, unexpected or
misshapen, by the file's own names. Sources: the files' layouts as `AutoencoderKLWan.save_pretrained` writes
them, and as `wan/modules/vae.py` and `vae2_2.py` of Wan 2.1 and 2.2 read them.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from egostream.errors import BadCheckpoint
from egostream.models.component import UNREADABLE, Component, read_component, refuse
from egostream.models.wan_codec import WanCodec, latent_units
from egostream.models.wan_codec_names import Naming, layer_names, name_in_file
from egostream.models.wan_config import RGB, WanCodecConfig, wan_2_1, wan_2_2

CLASS = "AutoencoderKLWan"
WEIGHTS = "diffusion_pytorch_model.safetensors"
PUBLISHED = {config.latent_channels: config for config in (wan_2_1(), wan_2_2())}


def load_wan_codec(path: Path, config: WanCodecConfig | None = None) -> WanCodec:
    """A codec in float32, ready for inference.

    `path`: a folder with diffusers' `config.json` and weights (one safetensors file, or shards and their
    index), or a file with Wan's own names (`Wan2.1_VAE.pth`, `Wan2.2_VAE.pth`, or as safetensors). Such a
    file holds no configuration: without `config` its number of latent channels tells which of the two
    published ones it is. Raises BadCheckpoint naming what is wrong.
    """
    component = read_component(path)
    if path.is_dir():
        config = config or _read_config(component)
        return _assemble(path, config, component.tensors, "diffusers")
    refuse(
        path, [f"{k} is no tensor" for k, v in component.tensors.items() if not torch.is_tensor(v)]
    )
    config = config or _recognise(path, component.tensors)
    return _assemble(path, config, component.tensors, "wan")


def config_from_diffusers(values: Mapping[str, Any]) -> WanCodecConfig:
    """The configuration an AutoencoderKLWan was saved with; what is not said has diffusers' default.

    What shapes nothing (dropout, scale factors) is passed over. Raises TypeError or ValueError.
    """
    base = wan_2_1()
    width = operator.index(values.get("base_dim", base.base_width))
    patch = operator.index(values.get("patch_size") or 1)
    for key in ("in_channels", "out_channels"):
        if values.get(key, RGB) != RGB * patch**2:
            raise ValueError(
                f"{key} is {values.get(key, RGB)}, but patches of {patch} x {patch} pixels in "
                f"{RGB} colours make {RGB * patch**2}"
            )
    flags = values.get("temperal_downsample", base.temporal_down)  # diffusers' spelling
    return WanCodecConfig(
        base_width=width,
        decoder_base_width=operator.index(values.get("decoder_base_dim") or width),
        latent_channels=operator.index(values.get("z_dim", base.latent_channels)),
        latents_mean=tuple(map(float, values.get("latents_mean", base.latents_mean))),
        latents_std=tuple(map(float, values.get("latents_std", base.latents_std))),
        width_multiples=tuple(map(operator.index, values.get("dim_mult", base.width_multiples))),
        blocks_per_level=operator.index(values.get("num_res_blocks", base.blocks_per_level)),
        temporal_down=tuple(bool(operator.index(flag)) for flag in flags),
        attention_scales=tuple(map(float, values.get("attn_scales", ()))),
        residual=bool(operator.index(values.get("is_residual", False))),
        patch=patch,
    )


def _read_config(component: Component) -> WanCodecConfig:
    if component.class_name not in ("", CLASS):
        raise BadCheckpoint(f"{component.path} is of a {component.class_name}, not of an {CLASS}")
    try:
        return config_from_diffusers(component.config)
    except UNREADABLE as error:
        raise BadCheckpoint(f"{component.path} is no {CLASS} configuration: {error}") from error


def _recognise(path: Path, tensors: Mapping[str, Tensor]) -> WanCodecConfig:
    """Which published codec a file of Wan's own is, by the layer that takes latents in."""
    if "post_quant_conv.weight" in tensors:
        raise BadCheckpoint(f"{path} has diffusers' names: give its folder, with config.json in it")
    if "conv2.weight" not in tensors:
        raise BadCheckpoint(f"{path} does not fit a Wan codec: missing conv2.weight")
    channels = tensors["conv2.weight"].shape[0]
    if channels not in PUBLISHED:
        raise BadCheckpoint(
            f"{path} has {channels} latent channels, the published codecs "
            f"{' or '.join(map(str, PUBLISHED))}: give its configuration"
        )
    return PUBLISHED[channels]


def _assemble(
    path: Path, config: WanCodecConfig, found: Mapping[str, Tensor], naming: Naming
) -> WanCodec:
    try:
        # Without memory: nothing is allocated or filled at random only to be replaced.
        with torch.device("meta"):
            codec = WanCodec(config)
    except UNREADABLE as error:
        raise BadCheckpoint(f"{path} has an impossible configuration: {error}") from error
    layers, shapes = layer_names(config, naming), codec.state_dict()
    expected = {name_in_file(ours, layers): ours for ours in shapes}
    problems = [f"missing {name}" for name in expected.keys() - found.keys()]
    problems += [f"unexpected {name}" for name in found.keys() - expected.keys()]
    for name in expected.keys() & found.keys():
        have, want = tuple(found[name].shape), tuple(shapes[expected[name]].shape)
        if have != want:
            problems.append(f"{name} is {have}, not {want}")
    refuse(path, problems)
    codec.load_state_dict(
        {ours: found[name].float() for name, ours in expected.items()}, assign=True
    )
    for name, values in latent_units(config).items():
        setattr(codec, name, values)
    return codec.eval().requires_grad_(False)
