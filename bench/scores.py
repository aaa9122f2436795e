"""How good one edit is, in figures: against the exact truth, and against itself over time.

Pictures are (n, 3, h, w) in 0..1, masks (n, 1, h, w).
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from skimage.metrics import structural_similarity
from torch import Tensor

from distill.heldout import Example

BORDER = 16
BLOCKY = ("pixel_art", "stained_glass")  # their cells are blocks by intent
ENOUGH = 0.02  # of the pixels, for a figure to mean something


def psnr(error: Tensor) -> float:
    """PSNR in dB of squared errors of pictures in 0..1."""
    return float(-10 * torch.log10(error.mean().clamp(min=1e-7)))


def blockiness(pictures: Tensor) -> float:
    """Gradient energy on block borders over that elsewhere; 1 where there are no blocks."""
    ratios = []
    for dim in (-1, -2):
        energy = pictures.diff(dim=dim).square()
        border = (torch.arange(energy.shape[dim]) + 1) % BORDER == 0
        on = energy.index_select(dim, border.nonzero()[:, 0]).mean()
        off = energy.index_select(dim, (~border).nonzero()[:, 0]).mean()
        ratios.append(float((on + 1e-8) / (off + 1e-8)))
    return float(np.mean(ratios))


def border_jump(edited: Tensor, source: Tensor) -> float:
    """Change of the edit (edit - source) at chunk borders over its change inside chunks."""
    step = (edited - source).diff(dim=0).square().mean((1, 2, 3))
    first = torch.arange(len(step)) % 4 == 0
    return float((step[first].mean() + 1e-6) / (step[~first].mean() + 1e-6))


def warp_error(pictures: Tensor, flow: Tensor, valid: Tensor) -> float:
    """How much a point changes from frame to frame where it can be seen in both, RMS of 0..255.

    `flow` (n - 1, 2, h, w) in pixels, `valid` (n - 1, 1, h, w). Light and gloss move on a true video too, so
    read it against the truth's.
    """
    h, w = pictures.shape[-2:]
    y, x = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    to = flow + torch.stack([x, y])
    grid = (to + 0.5) * 2 / torch.tensor([w, h])[:, None, None] - 1
    later = F.grid_sample(pictures[1:], grid.movedim(1, -1), align_corners=False)
    change = (later - pictures[:-1]).square()[valid.expand(-1, 3, -1, -1)]
    return 255 * float(change.mean().sqrt())


def similarity(edited: Tensor, target: Tensor, where: Tensor) -> float:
    """Mean structural similarity (Wang et al. 2004; windows of 7 pixels) over what `where` selects.

    Elsewhere the truth is put in, so that a window on the border judges only what is selected.
    """
    edited = torch.where(where, edited, target)
    found = []
    for a, b, w in zip(edited, target, where[:, 0], strict=True):
        _, picture = structural_similarity(
            a.numpy(), b.numpy(), channel_axis=0, data_range=1.0, full=True
        )
        found.append(picture.mean(0)[w.numpy()])
    return float(np.concatenate(found).mean())


def score(example: Example, edited: Tensor) -> dict[str, float]:
    """All figures of one example."""
    error = (edited - example.target).square()
    found = {"border_jump": border_jump(edited, example.source)}
    inside = (example.mask > 0.5).expand_as(error)
    if bool(inside.any()):
        copying = (example.source - example.target).square()
        found["error_closed"] = 1 - float(error[inside].mean() / copying[inside].mean())
        found["edited_psnr_db"] = psnr(error[inside])
    outside = example.mask == 0
    if float(outside.float().mean()) > ENOUGH:
        found["unedited_psnr_db"] = psnr(error[outside.expand_as(error)])
        found["unedited_ssim"] = similarity(edited, example.target, outside)
    # Of a filtered picture the hand is as much part of the edit as all else.
    hand = (example.hand > 0) & outside
    if float(hand.float().mean()) > ENOUGH:
        found["hands_psnr_db"] = psnr(error[hand.expand_as(error)])
    if example.flow is not None and example.valid is not None and bool(example.valid.any()):
        found["warp_error"] = warp_error(edited, example.flow, example.valid)
        found["warp_error_of_truth"] = warp_error(example.target, example.flow, example.valid)
    if example.detail.rpartition("+")[2] not in BLOCKY:
        found["blockiness"] = blockiness(edited)
        found["blockiness_of_truth"] = blockiness(example.target)
    return found
