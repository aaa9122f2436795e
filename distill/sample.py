"""Whole clips denoised at once: by the teacher in many steps, guided away from "no instruction"; by a student in few.

Far from live: it is what the streaming student is measured against and learns from. Pictures (n, 3, h, w) in 0..1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from distill.dmd import guided
from distill.generate import Draws, edit_as_served, edit_at_once
from egostream import flow
from egostream.models.checkpoint import EditModel
from egostream.models.codec import CodecState
from egostream.rollout import Text


@torch.inference_mode()
def edit_clip(
    model: EditModel,
    source: Tensor,
    text: Text,
    nothing: Text,
    num_steps: int,
    guidance: float,
    seed: int,
) -> Tensor:
    """The edited clip, by Euler steps with classifier-free guidance (Ho and Salimans 2022).

    `text`: states (1, M, X) and mask (1, M), `nothing` those of no instruction. `guidance` 1 is none; above it, away
    from that. Raises ValueError for frames that do not fill latent frames (1 + 4 k).
    """
    latents, _ = model.codec.encode(source[None], CodecState())
    _, T, _, H, W = latents.shape
    draws = Draws([seed], 0, latents.device)
    noise = draws.normal(T, model.codec.code_channels, H, W)
    rows = 1 if guidance == 1 else 2
    seen = latents.expand(rows, *latents.shape[1:])
    states, masks = (torch.cat(both)[:rows] for both in zip(text, nothing, strict=True))

    def velocity(x_t: Tensor, t: float) -> Tensor:
        times = torch.full((rows, T), t, device=x_t.device)
        with torch.autocast(x_t.device.type, torch.bfloat16):
            noisy = x_t.expand(rows, *x_t.shape[1:])
            out = model.transformer(noisy, seen, times, states, masks)
        found = out.prediction.float()
        prediction = found if rows == 1 else guided(found[:1], found[1:], guidance)
        return flow.to_velocity(prediction, x_t, times[:1], model.preset.prediction)

    code = flow.sample_euler(velocity, noise, num_steps, model.preset.shift)
    edited, _ = model.codec.decode(code, CodecState(), source[None])
    return edited[0]


def edit_in_few_steps(
    model: EditModel, source: Tensor, text: Text, num_steps: int, seed: int
) -> Tensor:
    """The edited clip, by a student that denoises it at once in so many steps."""
    return _edit(edit_at_once, model, source, text, num_steps, seed)


def edit_as_stream(
    model: EditModel, source: Tensor, text: Text, num_steps: int, seed: int
) -> Tensor:
    """The edited clip, by a student that streams, in so many steps a chunk; with any codec."""
    return _edit(edit_as_served, model, source, text, num_steps, seed)


@torch.inference_mode()
def _edit(
    make: Callable[[EditModel, Tensor, Text, Sequence[float], Draws], Tensor],
    model: EditModel,
    source: Tensor,
    text: Text,
    num_steps: int,
    seed: int,
) -> Tensor:
    times = flow.few_step_times(num_steps, model.preset.shift)
    latents, _ = model.codec.encode(source[None], CodecState())
    with torch.autocast(latents.device.type, torch.bfloat16):
        code = make(model, latents, text, times, Draws([seed], 0, latents.device))
    edited, _ = model.codec.decode(code.float(), CodecState(), source[None])
    return edited[0]
