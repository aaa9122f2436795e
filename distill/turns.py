"""Who learns from a batch: the student alone, or a critic and a student that take turns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn

from distill.batch import Batch
from distill.made import Made

Turn = Literal["critic", "student"]


class TrainingLoss(nn.Module):
    """A loss with all that learns by it: `model` is the student, whose average is what a run makes."""

    model: Made
    takes_turns = False

    def turns(self, step: int) -> Sequence[Turn]:
        """Who learns from the batch of a step, in this order."""
        return ("student",)

    def forward(self, batch: Batch, turn: Turn = "student") -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of whose turn it is, and its parts: means over examples. Only that one gets gradients."""
        raise NotImplementedError
