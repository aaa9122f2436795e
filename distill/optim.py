"""How weights move: learning rates by step, and which optimizer moves which weights."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn

from distill.objective import Matching
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
    critic = recipe.objective.critic_lr if isinstance(recipe.objective, Matching) else 1.0
    moved_by_muon: list[dict[str, Any]] = []
    moved_by_adam: list[dict[str, Any]] = []
    for scale, its in ((1.0, False), (critic, True)):
        params = {k: p for k, p in found.items() if k.startswith("critic.") == its}
        matrices = {k for k, p in params.items() if recipe.muon and _is_matrix(k, p)}
        rest = [p for k, p in params.items() if k not in matrices]
        if matrices:
            chosen = [params[k] for k in params if k in matrices]
            moved_by_muon.append({"params": chosen, "lr_scale": scale * recipe.muon_scale})
        if rest:
            flat = [p for p in rest if p.dim() <= 1]
            deep = {"params": [p for p in rest if p.dim() > 1], "lr_scale": scale}
            moved_by_adam.append({**deep, "weight_decay": recipe.weight_decay})
            moved_by_adam.append({"params": flat, "weight_decay": 0.0, "lr_scale": scale})
    optimizers: list[torch.optim.Optimizer] = []
    if moved_by_muon:
        decay = recipe.weight_decay
        muon = torch.optim.Muon(moved_by_muon, weight_decay=decay, adjust_lr_fn="match_rms_adamw")
        optimizers.append(muon)
    return [*optimizers, torch.optim.AdamW(moved_by_adam, betas=recipe.betas, fused=True)]


def _is_matrix(name: str, parameter: nn.Parameter) -> bool:
    return ".blocks." in name and parameter.dim() == 2 and min(parameter.shape) > 8
