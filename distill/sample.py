"""The teacher at work: a whole clip denoised at once, in many steps, guided away from "no instruction".

Far from live: it is what a student is measured against and learns from. Pictures (n, 3, h, w) in 0..1.
"""

from __future__ import annotations

import torch
from torch import Tensor

from egostream import flow
from egostream.models.checkpoint import EditModel
from egostream.models.codec import CodecState

Text = tuple[Tensor, Tensor]


@torch.inference_mode()
def edit_clip(
    model: EditModel, source: Tensor, text: Text, num_steps: int, guidance: float, seed: int
) -> Tensor:
    """The edited clip, by Euler steps with classifier-free guidance (Ho and Salimans 2022).

    `text`: states (1, M, X) and mask (1, M). `guidance` 1 is none; above it, away from the empty instruction.
    Raises ValueError for frames that do not fill latent frames (1 + 4 k).
    """
    latents, _ = model.codec.encode(source[None], CodecState())
    B, T, _, H, W = latents.shape
    noise = torch.randn(
        (B, T, model.codec.code_channels, H, W), generator=torch.Generator().manual_seed(seed)
    ).to(latents.device)
    states, mask = text
    rows = 1 if guidance == 1 else 2
    seen, read = (x.expand(rows, *x.shape[1:]) for x in (latents, states))
    masks = torch.cat([mask, torch.zeros_like(mask)])[:rows]

    def velocity(x_t: Tensor, t: float) -> Tensor:
        times = torch.full((rows, T), t, device=x_t.device)
        with torch.autocast(x_t.device.type, torch.bfloat16):
            noisy = x_t.expand(rows, *x_t.shape[1:])
            out = model.transformer(noisy, seen, times, read, masks)
        found = out.prediction.float()
        guided = found[:1] if rows == 1 else found[1:] + guidance * (found[:1] - found[1:])
        return flow.to_velocity(guided, x_t, times[:1], model.preset.prediction)

    code = flow.sample_euler(velocity, noise, num_steps, model.preset.shift)
    edited, _ = model.codec.decode(code, CodecState(), source[None])
    return edited[0]
