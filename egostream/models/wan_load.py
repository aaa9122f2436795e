"""Wan's transformer from published files: diffusers' folders, Wan's own, and what was trained from those.

Text-to-video weights get a source input of zeros, so that they start unchanged (see `transformer.patch_source`);
where the noisy target and a condition are concatenated by channels already (Lucy-Edit), the latter is the source.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor

from egostream.errors import BadCheckpoint
from egostream.models.component import Component, fill, refuse
from egostream.models.transformer import Transformer, TransformerConfig
from egostream.models.wan_names import BLOCK_LAYERS, LAYERS, from_original, is_original

HEAD_DIM = 128  # of all published Wan transformers; files without a configuration do not tell
# What files of training runs keep the network under, the averaged weights first.
NESTED = ("generator_ema", "generator", "model_ema", "model", "state_dict")
WITHOUT = ("image_dim", "added_kv_proj_dim", "pos_embed_seq_len")


def load_transformer(component: Component) -> Transformer:
    """Each tensor in the precision that its file has it in: `.to(dtype)` makes them one, autocast runs them as they
    are. Raises BadCheckpoint naming what does not fit; nothing is loaded half.
    """
    tensors = _unwrapped(component)
    if is_original(tensors):
        tensors = from_original(tensors)
        config = _config_of_original(component, tensors)
    else:
        config = _config_of_diffusers(component)
    with torch.device("meta"):
        model = Transformer(config)
    fill(model, _converted(tensors, config, component), component.path)
    return model.eval().requires_grad_(False)


def is_transformer(component: Component) -> bool:
    """Whether a file that names no class holds Wan's transformer, wrapped or not."""
    nested = [component.tensors[key] for key in NESTED if key in component.tensors]
    found = next((x for x in nested if isinstance(x, dict)), component.tensors)
    return any("patch_embedding." in str(name) for name in found)


def _unwrapped(component: Component) -> dict[str, Tensor]:
    found: Any = component.tensors
    for key in NESTED:
        if isinstance(found.get(key), dict):
            found = found[key]
            break
    strange = [k for k, v in found.items() if not isinstance(v, Tensor)]
    refuse(component.path, [f"{k} is not a tensor" for k in strange])
    if not found:
        raise BadCheckpoint(f"{component.path} holds no tensors")
    return dict(found)


def _config_of_diffusers(component: Component) -> TransformerConfig:
    c = component.config
    try:
        p_t, p_h, p_w = c["patch_size"]
        sizes = {
            "width": c["num_attention_heads"] * c["attention_head_dim"],
            "depth": c["num_layers"],
            "num_heads": c["num_attention_heads"],
            "mlp_width": c["ffn_dim"],
            "text_width": c["text_dim"],
            "time_width": c["freq_dim"],
        }
        in_channels, out_channels = c["in_channels"], c["out_channels"] or c["in_channels"]
        eps = float(c.get("eps", 1e-6))
    except (KeyError, TypeError, ValueError) as error:
        raise BadCheckpoint(f"{component.path}: the configuration lacks {error}") from error
    problems = [f"{key} is {c[key]}, which is not supported" for key in WITHOUT if c.get(key)]
    if c.get("qk_norm", "rms_norm_across_heads") != "rms_norm_across_heads":
        problems.append(f"qk_norm is {c['qk_norm']}, only rms_norm_across_heads is supported")
    if p_t != 1 or p_h != p_w:
        problems.append(f"patch_size is {c['patch_size']}, only squares of one latent frame are")
    refuse(component.path, problems)
    return _config(
        component, in_channels, out_channels, sizes, p_h,
        bool(c.get("cross_attn_norm", True)), eps,
    )  # fmt: skip


def _config_of_original(component: Component, tensors: Mapping[str, Tensor]) -> TransformerConfig:
    """From the tensors' shapes, and from the configuration where there is one."""
    try:
        width, in_channels, _, patch, _ = tensors["patch_embedding.weight"].shape
        sizes = {
            "width": width,
            "depth": 1 + max(int(k.split(".")[1]) for k in tensors if k.startswith("blocks.")),
            "num_heads": int(component.config.get("num_heads", width // HEAD_DIM)),
            "mlp_width": tensors["blocks.0.ffn.net.0.proj.weight"].shape[0],
            "text_width": tensors["condition_embedder.text_embedder.linear_1.weight"].shape[1],
            "time_width": tensors["condition_embedder.time_embedder.linear_1.weight"].shape[1],
        }
        out_channels = tensors["proj_out.weight"].shape[0] // patch**2
    except (KeyError, TypeError, ValueError, IndexError, ZeroDivisionError) as error:
        raise BadCheckpoint(f"{component.path} is no Wan transformer: {error}") from error
    norm = "blocks.0.norm2.weight" in tensors
    return _config(component, in_channels, out_channels, sizes, patch, norm, 1e-6)


def _config(
    component: Component,
    in_channels: int,
    out_channels: int,
    sizes: dict[str, Any],
    patch: int,
    cross_norm: bool,
    eps: float,
) -> TransformerConfig:
    numbers = sizes | {"in_channels": in_channels, "out_channels": out_channels, "patch": patch}
    refuse(
        component.path,
        [
            f"{key} is {value!r}, not a whole number above 0"
            for key, value in numbers.items()
            if not isinstance(value, int) or value < 1
        ],
    )
    if in_channels < out_channels:
        raise BadCheckpoint(
            f"{component.path} takes {in_channels} channels in and gives {out_channels}: there is no source among them"
        )
    try:
        return TransformerConfig(
            code_channels=out_channels,
            source_channels=in_channels - out_channels or out_channels,
            patch=patch,
            null_token=False,
            norm_over_heads=True,
            cross_norm=cross_norm,
            eps=eps,
            **sizes,
        )
    except ValueError as error:
        raise BadCheckpoint(f"{component.path}: {error}") from error


def _converted(
    tensors: Mapping[str, Tensor], config: TransformerConfig, component: Component
) -> dict[str, Tensor]:
    """By our names. What is missing or left over is told by theirs, which users can look up."""
    left = dict(tensors)
    problems: list[str] = []
    ours: dict[str, Tensor] = {}

    def take(name: str, make: Callable[..., Tensor], *theirs: str) -> None:
        found = [left.pop(key, None) for key in theirs]
        absent = [key for key, x in zip(theirs, found, strict=True) if x is None]
        if absent:
            problems.extend(f"missing {key}" for key in absent)
            return
        try:
            ours[name] = make(*found)
        except (RuntimeError, IndexError) as error:
            shapes = ", ".join(str(tuple(x.shape)) for x in found if x is not None)
            problems.append(f"{' + '.join(theirs)} of {shapes}: {error}")

    def layer(name: str, theirs: str) -> None:
        for part in ("weight", "bias"):
            take(f"{name}.{part}", _same, f"{theirs}.{part}")

    C, p = config.code_channels, config.patch

    def source_part(embedding: Tensor) -> Tensor:
        nothing = embedding.new_zeros(config.width, config.source_channels * p * p)
        beyond = embedding[:, C:].flatten(1)
        return beyond if beyond.numel() else nothing

    embedding = left.get("patch_embedding.weight")
    take("patch_target.weight", lambda x: x[:, :C].flatten(1), "patch_embedding.weight")
    if embedding is not None and not problems:
        ours["patch_source.weight"] = source_part(embedding)
    take("patch_target.bias", _same, "patch_embedding.bias")
    for name, theirs in LAYERS:
        layer(name, theirs)
    for i in range(config.depth):
        block, other = f"blocks.{i}", f"blocks.{i}"
        take(f"{block}.table", _first, f"{other}.scale_shift_table")
        for name, theirs in BLOCK_LAYERS:
            layer(f"{block}.{name}", f"{other}.{theirs}")
        for name, theirs in (("self_attention", "attn1"), ("cross_attention", "attn2")):
            for part in ("weight", "bias"):
                both = [f"{other}.{theirs}.to_{x}.{part}" for x in "kv"]
                take(f"{block}.{name}.to_kv.{part}", _joined, *both)
            for norm in ("norm_q", "norm_k"):
                take(f"{block}.{name}.{norm}.weight", _same, f"{other}.{theirs}.{norm}.weight")
        if config.cross_norm:
            layer(f"{block}.norm_cross", f"{other}.norm2")
    take("table_out", _first, "scale_shift_table")

    def channels_first(x: Tensor) -> Tensor:
        # Theirs has a patch's channels last.
        return x.unflatten(0, (p * p, C)).transpose(0, 1).flatten(0, 1)

    take("head.weight", channels_first, "proj_out.weight")
    take("head.bias", channels_first, "proj_out.bias")
    refuse(component.path, problems + [f"unexpected {key}" for key in left])
    return ours


def _same(x: Tensor) -> Tensor:
    return x


def _first(x: Tensor) -> Tensor:
    return x[0]


def _joined(*parts: Tensor) -> Tensor:
    return torch.cat(parts)
