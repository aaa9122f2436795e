"""The loss of flow matching, chunk-causal or bidirectional: in pixels through the decoder, on the gate, on the code.

Each example's picture error inside the edit is relative to the error of copying the source, so that a
faint edit weighs as much as a strong one; outside, any change is an error.
Shapes: see `egostream/models/codec.py`; F = 4 frames a latent frame.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from distill.batch import Batch
from distill.chance import Chance, draw_chance
from distill.naming import Naming
from distill.recipe import Objective, Precision
from egostream import flow
from egostream.models.change_codec import FILL, GATE, MAP, STRIDE_HW, encode_change, falling_for
from egostream.models.checkpoint import EditModel

PIXEL_IN, PIXEL_OUT = 1.6, 60.0
CROP_PIXELS = 96 * 128
GATE_WEIGHT, OVERLAP_WEIGHT, CODE_WEIGHT, NAME_WEIGHT = 0.5, 0.8, 0.15, 0.3


def numbers(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """How networks compute in training."""
    return torch.autocast(device.type, torch.bfloat16) if precision == "bf16" else nullcontext()


def edit_weight(share: Tensor, num_pixels: int) -> Tensor:
    """What an example's edit counts, by the share (B) of its picture that is edited.

    An area-free mean would let a tiny object shout; the root keeps big ones from drowning it. The area is in
    crops of training's usual size: a thing weighs the same in a crop and in the whole picture around it, where
    its share is smaller. It is the example's own, so that how a batch is split over workers does not matter.
    """
    crops = max(1.0, num_pixels / CROP_PIXELS)
    return (share * crops).clamp(0.02, 1) ** 0.25


class FlowMatching(nn.Module):
    """Wraps a model so that its forward is the loss (what data-parallel training wants)."""

    def __init__(
        self, model: EditModel, objective: Objective, precision: Precision = "bf16"
    ) -> None:
        super().__init__()
        self.model = model
        self.objective = objective
        self.precision = precision
        self.naming = Naming(model.preset.transformer.width, STRIDE_HW)

    def forward(self, batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss and its parts: means over examples, so that the mean over equal shares is the batch's own."""
        source, target, mask, clocks = batch.source, batch.target, batch.mask, batch.clocks
        model = self.model
        with torch.no_grad():
            code = encode_change(source, target, clocks, mask)
        _, T, C, H, W = code.shape
        chance = draw_chance(batch.seeds, (T, C, H, W), self.objective).to(code.device)
        t = chance.t
        x_t = flow.interpolate(code, chance.noise, t)
        text, text_mask = batch.text, batch.text_mask * chance.kept
        with numbers(self.precision, code.device):
            latents, _ = model.codec.encode_groups(source, None)
            if T == 1 or self.objective.bidirectional:
                out = model.transformer(x_t, latents, t, text, text_mask)
                predicted, tokens = out.prediction, out.middle
            else:
                predicted, tokens = self._teacher_forced(
                    code, x_t, latents, t, text, text_mask, chance
                )
            # What it makes for itself belongs on the batch's device too.
            with code.device:
                naming = self.naming(tokens, batch.names)
        picked = [batch.first, batch.first + 2]
        loss, parts = self._compare(predicted.float(), code, source, target, mask, clocks, picked)
        loss = loss + NAME_WEIGHT * naming
        return loss, parts | {"loss": loss.detach(), "naming": naming.detach()}

    def _teacher_forced(
        self,
        code: Tensor,
        x_t: Tensor,
        latents: Tensor,
        t: Tensor,
        text: Tensor,
        text_mask: Tensor,
        chance: Chance,
    ) -> tuple[Tensor, Tensor]:
        """Clean past and noisy present in one pass: [clean; noisy], each seeing what a stream would."""
        B, T = t.shape
        window = self.model.preset.num_window
        clean = flow.interpolate(code, chance.past, chance.context.expand(B, T))
        i = torch.arange(T, device=t.device)
        before = (i[:, None] > i) & (i[:, None] - i <= window)
        same = i[:, None] == i
        none = torch.zeros_like(same)
        frame_mask = torch.cat(
            [torch.cat([before | same, none], 1), torch.cat([before, same], 1)], 0
        )
        out = self.model.transformer(
            torch.cat([clean, x_t], 1),
            torch.cat([latents, latents], 1),
            # A context pass is served at t = 0 whatever noise it carries.
            torch.cat([torch.zeros_like(t), t], 1),
            text,
            text_mask,
            positions_BT=torch.cat([i, i]).float().expand(B, 2 * T),
            frame_mask_TT=frame_mask,
        )
        return out.prediction[:, T:], out.middle[:, T:]

    def _compare(
        self,
        predicted: Tensor,
        code: Tensor,
        source: Tensor,
        target: Tensor,
        mask: Tensor,
        clocks: Tensor,
        picked: list[int],
    ) -> tuple[Tensor, dict[str, Tensor]]:
        codec = self.model.codec
        token = F.avg_pool2d(mask.mean(2).flatten(0, 1), 16).unflatten(0, mask.shape[:2])
        falling = falling_for(source, clocks).unflatten(0, source.shape[:3])
        source, target, mask, falling = (x[:, :, picked] for x in (source, target, mask, falling))
        gate, logits = codec.gate(predicted, source, picked)
        edited = codec.apply_change(predicted, source, falling.flatten(0, 2), gate)
        dims = (1, 2, 3, 4, 5)
        inside = mask.mean(dims) + 1e-4
        error = (edited - target).square()
        copying = ((source - target).square() * mask).mean(dims) / inside
        relative = (error * mask).mean(dims) / inside / (copying + 2e-3)
        edits = mask.amax(dims) > 0
        weight = torch.where(edits, edit_weight(inside, mask.shape[-2] * mask.shape[-1]), 0.0)
        pixel_in = (relative * weight).mean()
        pixel_out = (error * (1 - mask)).mean()
        wanted = mask.flatten(0, 2)
        gate_loss = F.binary_cross_entropy_with_logits(logits, wanted)
        # Small things hardly count in a mean over pixels; their overlap does.
        shown = torch.sigmoid(logits).reshape(mask.shape)
        overlap = 2 * (shown * mask).sum(dims) / (shown.sum(dims) + mask.sum(dims) + 1.0)
        overlap_loss = ((1 - overlap) * edits).mean()
        near = (F.max_pool2d(token.flatten(0, 1), 3, 1, 1) > 0).unflatten(0, mask.shape[:2])
        local = torch.where(near, 1.0, 0.1)
        difference = (predicted - code).square()
        maps, fill, cover = difference.split([MAP, FILL, GATE], dim=2)
        code_loss = (local * maps).mean() + (local * fill).mean() + 2.0 * cover.mean()
        loss = (
            PIXEL_IN * pixel_in
            + PIXEL_OUT * pixel_out
            + GATE_WEIGHT * gate_loss
            + OVERLAP_WEIGHT * overlap_loss
            + CODE_WEIGHT * code_loss
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
