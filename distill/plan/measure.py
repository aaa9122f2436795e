"""Counts of a transformer's training pass without computing it: parameters, operations, bytes kept for backward.

Operations are counted on the meta device, where attention is plain products. Bytes are counted with fake tensors
under bf16 autocast, as training runs, where attention is a fused kernel that keeps no square of the tokens.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from distill.plan.shapes import Shape
from egostream.models.transformer import Transformer, TransformerConfig

Grid = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one example. Bytes: kept by everything but the blocks, by a block, and of a block's input."""

    parameters: dict[str, int]
    block_parameters: int
    forward_flops: int
    backward_flops: int
    base_bytes: int
    block_bytes: int
    block_in_bytes: int
    cache_bytes: int


def count(shape: Shape, grid: Grid, doubled: bool) -> Counts:
    """For clips of that grid (latent frames, rows, columns). `doubled`: see `shapes.Stage`."""
    config = shape.transformer
    with torch.device("meta"):
        model = Transformer(config)
    forward, backward = FlopCounterMode(display=False), FlopCounterMode(display=False)
    with forward:
        loss = _loss(model, shape, grid, "meta", doubled)
    with backward:
        loss.backward()
    # Blocks are alike: two depths tell what one keeps and what is kept besides.
    one, two = (_kept(replace(config, depth=d), shape, grid, doubled) for d in (1, 2))
    num_tokens = grid[0] * (2 if doubled else 1) * grid[1] * grid[2] // config.patch**2
    # Under autocast the tokens between blocks are float32, what attention reads bf16.
    cache = 2 * config.depth * num_tokens * config.width * 2
    return Counts(
        parameters=parameters_by_part(model),
        block_parameters=sum(p.numel() for p in model.blocks[0].parameters()),
        forward_flops=forward.get_total_flops(),
        backward_flops=backward.get_total_flops(),
        base_bytes=2 * one - two,
        block_bytes=two - one,
        block_in_bytes=num_tokens * config.width * 4,
        cache_bytes=cache,
    )


def parameters_by_part(model: Transformer) -> dict[str, int]:
    """How many there are in each part of the blocks together, and in the rest."""
    parts = dict.fromkeys(("self_attention", "cross_attention", "mlp", "in_and_out"), 0)
    for name, parameter in model.named_parameters():
        part = name.split(".")[2] if name.startswith("blocks.") else "in_and_out"
        part = {"norm_cross": "cross_attention", "table": "self_attention"}.get(part, part)
        parts[part] += parameter.numel()
    return parts


def _loss(model: Transformer, shape: Shape, grid: Grid, device: str, doubled: bool) -> Tensor:
    """A loss of one example, with tensors of the sizes that training has."""
    config, (T, H, W) = model.config, grid
    frame_mask = positions = None
    if doubled:
        frame_mask = torch.ones(2 * T, 2 * T, dtype=torch.bool, device=device)
        positions = torch.arange(T, device=device).repeat(2).float()[None]
        T *= 2
    out = model(
        torch.empty(1, T, config.code_channels, H, W, device=device),
        torch.empty(1, T, config.source_channels, H, W, device=device),
        torch.empty(1, T, device=device),
        torch.empty(1, shape.num_text, config.text_width, device=device),
        torch.empty(1, shape.num_text, device=device),
        positions_BT=positions,
        frame_mask_TT=frame_mask,
    )
    loss: Tensor = out.prediction.float().square().mean()
    return loss


def _kept(config: TransformerConfig, shape: Shape, grid: Grid, doubled: bool) -> int:
    """Bytes that autograd keeps for the backward pass, parameters apart; each storage once."""
    with FakeTensorMode():
        model = Transformer(config)
        own = {p.untyped_storage()._cdata for p in model.parameters()}
        kept: dict[int, Tensor] = {}

        def keep(x: Tensor) -> Tensor:
            kept.setdefault(x.untyped_storage()._cdata, x)
            return x

        with saved_tensors_hooks(keep, lambda x: x), torch.autocast("cpu", torch.bfloat16):
            loss = _loss(model, shape, grid, "cpu", doubled)
        total = sum(x.untyped_storage().nbytes() for key, x in kept.items() if key not in own)
        del loss
    return total
