"""The loss of the codec's stage: true edits, encoded and decoded, against themselves.

Encoding an edit is closed form, and so is most of decoding it; what learns is the small network that sharpens the
gate along the source's own edges. The stem and the frozen backbone feed the transformer alone: no pixel that is
decoded from an exact code depends on them, so their weights stay as they are.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from distill.batch import Batch
from distill.loss import numbers
from distill.objective import Precision, Reconstruction
from distill.turns import TrainingLoss, Turn
from egostream.models.change_codec import encode_change, falling_for, following
from egostream.models.checkpoint import EditModel, change_codec_of

SOFT = 1e-3  # below this an error counts by its square
AREA = 0.05  # of a picture: what smaller edits are treated as having


class CodecReconstruction(TrainingLoss):
    """Wraps a model so that its forward is the loss; only the codec's gate network learns."""

    def __init__(
        self, model: EditModel, objective: Reconstruction, precision: Precision = "fp32"
    ) -> None:
        super().__init__()
        codec = change_codec_of(model)
        model.requires_grad_(False)
        codec.gate_net.requires_grad_(True)
        self.model: EditModel = model
        self.objective = objective
        self.precision = precision

    def forward(self, batch: Batch, turn: Turn = "student") -> tuple[Tensor, dict[str, Tensor]]:
        """The loss and its parts: means over examples."""
        codec, picked = change_codec_of(self.model), batch.picked
        with torch.no_grad():
            code = encode_change(batch.source, batch.target, batch.clocks, batch.mask)
            falling = falling_for(batch.source, batch.clocks).unflatten(0, batch.source.shape[:3])
        source, target, mask, falling = (
            x[:, :, picked] for x in (batch.source, batch.target, batch.mask, falling)
        )
        with numbers(self.precision, code.device):
            decoded, logits = codec.show(
                code, source, falling.flatten(0, 2), following(code), picked
            )
        # Nothing is wrong where nothing is edited: a mean over the picture would forget small edits.
        weight = 1 / mask.mean((1, 2, 3, 4, 5)).clamp(min=AREA)
        pixels = (weight * apart(decoded, target, self.objective.scales)).mean()
        edges = (weight * edges_apart(decoded, target)).mean()
        gate_loss = F.binary_cross_entropy_with_logits(logits, mask.flatten(0, 2))
        loss = pixels + self.objective.edges * edges + self.objective.gate * gate_loss
        parts = {"loss": loss, "pixels": pixels, "edges": edges, "gate": gate_loss}
        return loss, {k: v.detach() for k, v in parts.items()}


def charbonnier(error: Tensor) -> Tensor:
    """Almost the error's size, and smooth at zero (Charbonnier et al. 1994)."""
    return (error.square() + SOFT**2).sqrt() - SOFT


def apart(a: Tensor, b: Tensor, scales: int) -> Tensor:
    """Errors (B) of pictures (B, ..., 3, h, w): the mean over `scales` sizes, each half the one before."""
    total = torch.zeros(a.shape[0], device=a.device)
    error = (a - b).flatten(1, -3)
    for _ in range(scales):
        total = total + charbonnier(error).mean((1, 2, 3))
        error = F.avg_pool2d(error, 2)
    return total / scales


def edges_apart(a: Tensor, b: Tensor) -> Tensor:
    """Errors (B), of such pictures, of the differences between neighbouring pixels."""
    error = (a - b).flatten(1, -3)
    across, down = error.diff(dim=-1), error.diff(dim=-2)
    return charbonnier(across).mean((1, 2, 3)) + charbonnier(down).mean((1, 2, 3))
