"""The loss of flow matching, chunk-causal or bidirectional, against the truth of pairs (see `compare`).

Shapes: see `egostream/models/codec.py`; F = 4 frames a latent frame.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from distill.batch import Batch
from distill.chance import Chance, draw_chance
from distill.coding import coding_of
from distill.naming import Naming
from distill.objective import Objective, Precision
from distill.turns import TrainingLoss, Turn
from egostream import flow
from egostream.models.change_codec import STRIDE_HW
from egostream.models.checkpoint import EditModel

NAME_WEIGHT = 0.3


def numbers(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """How networks compute in training."""
    return torch.autocast(device.type, torch.bfloat16) if precision == "bf16" else nullcontext()


class FlowMatching(TrainingLoss):
    """Wraps a model so that its forward is the loss (what data-parallel training wants)."""

    def __init__(
        self, model: EditModel, objective: Objective, precision: Precision = "bf16"
    ) -> None:
        super().__init__()
        self.model: EditModel = model
        self.objective = objective
        self.precision = precision
        self.coding = coding_of(model.codec)
        self.naming = (
            Naming(model.preset.transformer.width, STRIDE_HW) if self.coding.names_things else None
        )

    def forward(self, batch: Batch, turn: Turn = "student") -> tuple[Tensor, dict[str, Tensor]]:
        """The loss and its parts: means over examples, so that the mean over equal shares is the batch's own."""
        source, model, coding = batch.source, self.model, self.coding
        with torch.no_grad():
            code = coding.truth(batch)
        _, T, C, H, W = code.shape
        chance = draw_chance(batch.seeds, (T, C, H, W), self.objective).to(code.device)
        t = chance.t
        x_t = flow.interpolate(code, chance.noise, t)
        text, text_mask = batch.instructed(chance.kept)
        with numbers(self.precision, code.device):
            latents = coding.source(source)
            if T == 1 or self.objective.bidirectional:
                out = model.transformer(x_t, latents, t, text, text_mask)
                predicted, tokens = out.prediction, out.middle
            else:
                predicted, tokens = self._teacher_forced(
                    code, x_t, latents, t, text, text_mask, chance
                )
            naming = None
            if self.naming is not None:
                # What it makes for itself belongs on the batch's device too.
                with code.device:
                    naming = self.naming(tokens, batch.names)
        predicted = flow.as_code(predicted.float(), code, chance.noise, model.preset.prediction)
        loss, parts = coding.compare(predicted, code, batch, code_weight=self.objective.code_weight)
        if naming is not None:
            loss = loss + NAME_WEIGHT * naming
            parts |= {"naming": naming.detach()}
        return loss, parts | {"loss": loss.detach()}

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
