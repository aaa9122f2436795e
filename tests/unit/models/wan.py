"""Small random Wan codecs, and diffusers' AutoencoderKLWan with the same weights as the judge of ours."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl_wan import (
    AutoencoderKLWan,
    WanAttentionBlock,
)
from torch import Tensor

from egostream.models.wan_codec import WanCodec
from egostream.models.wan_codec_load import config_from_diffusers
from egostream.models.wan_codec_names import Naming, layer_names, name_in_file

Options = dict[str, Any]
DIFFUSERS_2_1: Options = {
    "base_dim": 4,
    "z_dim": 3,
    "num_res_blocks": 1,
    "latents_mean": [0.3, -0.2, 0.1],
    "latents_std": [0.5, 2.0, 1.2],
}
DIFFUSERS_2_2: Options = DIFFUSERS_2_1 | {
    "decoder_base_dim": 6,
    "is_residual": True,
    "patch_size": 2,
    "in_channels": 12,
    "out_channels": 12,
}


def judge(options: Options, seed: int = 0) -> AutoencoderKLWan:
    """Random weights that keep signals near 1 throughout, and most pixels within what is not clamped."""
    torch.manual_seed(seed)
    vae = AutoencoderKLWan(**options).eval().requires_grad_(False)
    for name, parameter in vae.named_parameters():
        if name.endswith("gamma"):
            parameter.copy_(1 + 0.3 * torch.randn(parameter.shape))
        elif name.endswith("bias"):
            parameter.copy_(0.2 * torch.randn(parameter.shape))
    vae.decoder.conv_out.weight.mul_(0.6)
    for block in vae.encoder.down_blocks:
        if isinstance(block, WanAttentionBlock):
            # diffusers hands every layer of a level its cache, which this one does not take.
            block.forward = _without_cache(block.forward)
    return vae


def _without_cache(forward: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    return lambda x, **_: forward(x)


def as_named(codec: WanCodec, naming: Naming) -> dict[str, Tensor]:
    """A codec's weights under the names that a published file has."""
    layers = layer_names(codec.config, naming)
    return {name_in_file(name, layers): value for name, value in codec.state_dict().items()}


@functools.lru_cache(maxsize=4)
def _pair(options: str, seed: int) -> tuple[WanCodec, AutoencoderKLWan]:
    vae = judge(json.loads(options), seed)
    codec = WanCodec(config_from_diffusers(json.loads(options))).eval().requires_grad_(False)
    weights = vae.state_dict()
    layers = layer_names(codec.config, "diffusers")
    codec.load_state_dict({k: weights.pop(name_in_file(k, layers)) for k in codec.state_dict()})
    assert not weights, weights.keys()
    return codec, vae


def pair(options: Options, seed: int = 0) -> tuple[WanCodec, AutoencoderKLWan]:
    """Our codec and diffusers', of these options, with the same weights."""
    return _pair(json.dumps(options, sort_keys=True), seed)


def clip(batch: int, frames: int, size: tuple[int, int], seed: int = 0) -> Tensor:
    """Noise in 0..1 (batch, frames, 3, height, width)."""
    return torch.rand(batch, frames, 3, *size, generator=torch.Generator().manual_seed(seed))


def noise(batch: int, latents: int, channels: int, size: tuple[int, int], seed: int = 0) -> Tensor:
    """Gaussian latents (batch, latents, channels, height, width)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, latents, channels, *size, generator=generator)
