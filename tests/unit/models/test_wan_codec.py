"""Wan's codecs: equal to diffusers' AutoencoderKLWan, streamed equals whole, state a value, causal."""

from __future__ import annotations

import functools
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from egostream.models.codec import CodecState
from egostream.models.memory import Memory
from egostream.models.tiny_codec import TinyDecoder, TinyDecoderConfig
from egostream.models.wan_blocks import memory_shapes
from egostream.models.wan_codec import WanCodec
from egostream.models.wan_config import wan_2_1, wan_2_2
from tests.unit.models.wan import DIFFUSERS_2_1, DIFFUSERS_2_2, pair

VARIANTS = {"2.1": DIFFUSERS_2_1, "2.2": DIFFUSERS_2_2}
CASES: dict[str, tuple[dict[str, Any], int, tuple[int, int], int]] = {
    # Options of AutoencoderKLWan, pictures' size, latent frames.
    "2.1 as published, thin": (DIFFUSERS_2_1, (24, 16), 4),
    "2.1 with attention on two levels": (DIFFUSERS_2_1 | {"attn_scales": [1.0, 0.25]}, (8, 16), 3),
    "2.1 time halved first, no skips": (
        DIFFUSERS_2_1
        | {"dim_mult": [1, 1, 2], "temperal_downsample": [True, True], "num_res_blocks": 2},
        (12, 20),
        3,
    ),
    "2.1 wider decoder, six latent channels": (
        DIFFUSERS_2_1
        | {"decoder_base_dim": 6, "z_dim": 6}
        | {"latents_mean": [0.1 * i for i in range(6)], "latents_std": [1 + 0.2 * i for i in range(6)]},
        (16, 8),
        2,
    ),
    "2.1 one temporal level": (DIFFUSERS_2_1 | {"temperal_downsample": [False, True, False]}, (16, 8), 5),
    "2.2 as published, thin": (DIFFUSERS_2_2, (32, 48), 4),
    "2.2 two blocks, other widths": (
        DIFFUSERS_2_2 | {"base_dim": 6, "num_res_blocks": 2, "dim_mult": [1, 2, 2]}
        | {"temperal_downsample": [True, True], "decoder_base_dim": 4},
        (16, 24),
        3,
    ),
    "2.2 without patches": (
        DIFFUSERS_2_2
        | {"patch_size": None, "in_channels": 3, "out_channels": 3}
        | {"temperal_downsample": [True, False, True]},
        (24, 8),
        2,
    ),
}
