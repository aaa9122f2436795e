"""How weights move: learning rates by step, and which optimizer moves which weights."""

from __future__ import annotations

import math

import torch
from torch import nn

from distill.recipe import Phase, Recipe


def learning_rate(phase: Phase, step: int) -> float:
    """Linear warm-up, then half a cosine from `lr` to `lr_end`."""
    if step < phase.warmup:
        return phase.lr * (step + 1) / phase.warmup
    progress = (step - phase.warmup) / max(1, phase.steps - phase.warmup)
    return phase.lr_end + (phase.lr - phase.lr_end) * 0.5 * (1 + math.cos(math.pi * progress))


def make_optimizers(loss: nn.Module, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon (K. Jordan et al. 2024) for the blocks' matrices if the recipe has it, AdamW for the rest.

    Of sharded matrices Muon orthogonalises the whole, by collectives inside its products: right, but slow for
    large models, whose recipes leave it out.
    """
    found = {k: p for k, p in loss.named_parameters() if p.requires_grad}
    matrices = {
        k: p
        for k, p in found.items()
        if recipe.muon and ".blocks." in k and p.dim() == 2 and min(p.shape) > 8
    }
    rest = [p for k, p in found.items() if k not in matrices]
    decay = recipe.weight_decay
    adam = [
        {"params": [p for p in rest if p.dim() > 1], "weight_decay": decay, "lr_scale": 1.0},
        {"params": [p for p in rest if p.dim() <= 1], "weight_decay": 0.0, "lr_scale": 1.0},
    ]
    optimizers: list[torch.optim.Optimizer] = []
    if matrices:
        groups = [{"params": list(matrices.values()), "lr_scale": recipe.muon_scale}]
        muon = torch.optim.Muon(groups, weight_decay=decay, adjust_lr_fn="match_rms_adamw")
        optimizers.append(muon)
    return [*optimizers, torch.optim.AdamW(adam, betas=(0.9, 0.98), fused=True)]
