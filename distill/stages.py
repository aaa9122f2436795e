"""What each stage brings to the one training loop: a loss, and how its model edits for people to look at."""

from __future__ import annotations

from torch import nn

from distill import report, samples
from distill.codec_loss import CodecReconstruction
from distill.loss import FlowMatching
from distill.recipe import AnyObjective, Objective, Precision
from egostream.models.checkpoint import EditModel


def make_loss(model: EditModel, objective: AnyObjective, precision: Precision) -> nn.Module:
    """A module whose `forward(batch)` is (loss, its parts). It decides what of the model learns."""
    if isinstance(objective, Objective):
        return FlowMatching(model, objective, precision)
    return CodecReconstruction(model, objective, precision)


def predicting(objective: AnyObjective) -> report.Predict:
    """For sheets and held-out scores: single latent frames."""
    return report.in_few_steps if isinstance(objective, Objective) else report.through_codec


def editing(objective: AnyObjective) -> samples.MakeEdit:
    """For sample videos: whole clips."""
    if not isinstance(objective, Objective):
        return samples.reconstructing
    return samples.denoising if objective.bidirectional else samples.streaming
