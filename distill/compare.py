"""A predicted code against the truth of a pair: in pixels through the decoder, on the gate, on the code itself.

Each example's picture error inside the edit is relative to the error of copying the source, so that a
faint edit weighs as much as a strong one; outside, any change is an error. F = 4 frames a latent frame.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from distill.batch import Batch
from egostream.models.change_codec import (
    FILL,
    GATE,
    MAP,
    ChangeCodec,
    falling_for,
    following,
)

PIXEL_IN, PIXEL_OUT = 1.6, 60.0
CROP_PIXELS = 96 * 128
GATE_WEIGHT, OVERLAP_WEIGHT, CODE_WEIGHT = 0.5, 0.8, 0.15
FAR = 0.1  # what codes count where nothing is edited: there are many, and all are zero


def edit_weight(share: Tensor, num_pixels: int) -> Tensor:
    """What an example's edit counts, by the share (B) of its picture that is edited.

    An area-free mean would let a tiny object shout; the root keeps big ones from drowning it. The area is in
    crops of training's usual size: a thing weighs the same in a crop and in the whole picture around it, where
    its share is smaller. It is the example's own, so that how a batch is split over workers does not matter.
    """
    crops = max(1.0, num_pixels / CROP_PIXELS)
    return (share * crops).clamp(0.02, 1) ** 0.25


def code_weights(mask: Tensor) -> Tensor:
    """What each value of a code counts, (B, T, C, H, W), by pictures' masks (B, T, F, 1, h, w).

    A code's maps and its fill count alike, its coverage twice. Maps and fill are of use in reach of the edit alone,
    elsewhere they count `FAR`; where coverage is none, all is well only if it is said to be none.
    """
    token = F.avg_pool2d(mask.mean(2).flatten(0, 1), 16)
    near = F.max_pool2d(token, 3, 1, 1) > 0
    local = torch.where(near, 1.0, FAR).unflatten(0, mask.shape[:2])
    parts = [local / MAP] * MAP + [local / FILL] * FILL + [torch.ones_like(local) * 2 / GATE] * GATE
    return torch.cat(parts, dim=2)


def compare(
    codec: ChangeCodec,
    predicted: Tensor,
    code: Tensor,
    batch: Batch,
    judged: Tensor | None = None,
    begins: Tensor | None = None,
    code_weight: float = CODE_WEIGHT,
) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss of predicted codes (B, T, C, H, W) where `code` is right, and its parts: means over examples.

    `judged` (B, T): 0 for latent frames that are left out, 1 for the others (all). `begins` (B, T): see
    `change_codec.following`. `code_weight`: what the error of the code itself weighs.
    """
    picked = batch.picked
    share = torch.ones_like(code[:, :, 0, 0, 0]) if judged is None else judged
    # So that means over all frames are means over those that count.
    share = share / share.mean(1, keepdim=True).clamp(min=1e-6)
    counts = share[:, :, None, None, None]  # (B, T, 1, 1, 1), as codes are
    shown = counts[..., None]
    falling = falling_for(batch.source, batch.clocks).unflatten(0, batch.source.shape[:3])
    source, target, mask, falling = (
        x[:, :, picked] for x in (batch.source, batch.target, batch.mask, falling)
    )
    last = following(predicted, begins)
    edited, logits = codec.show(predicted, source, falling.flatten(0, 2), last, picked)
    dims = (1, 2, 3, 4, 5)
    counted = mask * shown
    inside = counted.mean(dims) + 1e-4
    error = (edited - target).square()
    copying = ((source - target).square() * counted).mean(dims) / inside
    relative = (error * counted).mean(dims) / inside / (copying + 2e-3)
    edits = counted.amax(dims) > 0
    weight = torch.where(edits, edit_weight(inside, mask.shape[-2] * mask.shape[-1]), 0.0)
    pixel_in = (relative * weight).mean()
    pixel_out = (error * (1 - mask) * shown).mean()
    wanted = mask.flatten(0, 2)
    each = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    gate_loss = (each.reshape(mask.shape) * shown).mean()
    # Small things hardly count in a mean over pixels; their overlap does.
    opened = torch.sigmoid(logits).reshape(mask.shape) * shown
    overlap = 2 * (opened * mask).sum(dims) / (opened.sum(dims) + counted.sum(dims) + 1.0)
    overlap_loss = ((1 - overlap) * edits).mean()
    weights = code_weights(batch.mask) * counts
    code_loss = (weights * (predicted - code).square()).sum(2).mean()
    loss = (
        PIXEL_IN * pixel_in
        + PIXEL_OUT * pixel_out
        + GATE_WEIGHT * gate_loss
        + OVERLAP_WEIGHT * overlap_loss
        + code_weight * code_loss
    )
    parts = {
        "loss": loss,
        "pixel_in": pixel_in,
        "pixel_out": pixel_out,
        "gate": gate_loss,
        "overlap": overlap_loss,
        "code": code_loss,
    }
    return loss, {k: v.detach() for k, v in parts.items()}
