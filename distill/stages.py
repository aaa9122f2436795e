"""What each stage brings to the one training loop: a loss, and how its model edits for people to look at."""

from __future__ import annotations

from pathlib import Path

from distill import report, samples
from distill.codec_loss import CodecReconstruction
from distill.loss import FlowMatching
from distill.made import Made
from distill.matching import DistributionMatching
from distill.objective import (
    AnyObjective,
    Matching,
    Objective,
    Precision,
    Reconstruction,
    Redrawing,
    stage_of,
)
from distill.tiny_loss import TinyRedrawing, drawing_both, full_codec, redrawing
from distill.turns import TrainingLoss
from egostream.errors import BadCheckpoint
from egostream.models.checkpoint import EditModel, load_checkpoint
from egostream.models.presets import Preset
from egostream.models.tiny_codec import TinyDecoder
from egostream.models.wan_codec import WanCodec
from egostream.models.wan_config import WanCodecConfig


def make_loss(
    model: Made,
    objective: AnyObjective,
    precision: Precision,
    teacher: Path | None = None,
    preset: Preset | None = None,
) -> TrainingLoss:
    """A module whose `forward(batch, turn)` is (loss, its parts). It decides what of the model learns.

    `preset`: the one whose latents a tiny decoder draws. Raises BadCheckpoint where distillation's teacher is missing,
    or of another kind than its student.
    """
    if isinstance(objective, Redrawing):
        assert isinstance(model, TinyDecoder) and preset is not None
        return TinyRedrawing(model, full_codec(preset, teacher), objective, precision)
    assert isinstance(model, EditModel)
    if isinstance(objective, Objective):
        return FlowMatching(model, objective, precision)
    if isinstance(objective, Reconstruction):
        return CodecReconstruction(model, objective, precision)
    return DistributionMatching(model, objective, teacher_for(model.preset, teacher), precision)


def teacher_for(student: Preset, path: Path | None) -> EditModel:
    """The teacher of a student, whose codes must mean the same."""
    if path is None:
        raise BadCheckpoint(
            "distillation needs a teacher: --teacher CHECKPOINT, from the stage teacher"
        )
    teacher = load_checkpoint(path)
    kinds = [
        (type(p.codec), p.transformer.code_channels, p.transformer.patch)
        for p in (teacher.preset, student)
    ]
    if kinds[0] != kinds[1]:
        raise BadCheckpoint(f"{path} holds a teacher of other codes than preset {student.name}'s")
    if isinstance(student.codec, WanCodecConfig) and teacher.preset.codec != student.codec:
        raise BadCheckpoint(f"{path} holds a teacher with another codec than preset {student.name}")
    return teacher


def predicting(objective: AnyObjective, full: WanCodec | None = None) -> report.Predict:
    """For sheets and held-out scores: single latent frames. `full`: the codec of a tiny decoder's latents."""
    if full is not None:
        return drawing_both(full)
    return report.through_codec if isinstance(objective, Reconstruction) else report.in_few_steps


def editing(objective: AnyObjective, full: WanCodec | None = None) -> samples.MakeEdit:
    """For sample videos: whole clips."""
    if full is not None:
        return redrawing(full)
    stage = stage_of(objective)
    if isinstance(objective, Matching) and stage == "dmd":
        return samples.in_few_steps(max(objective.num_steps))
    made: dict[str, samples.MakeEdit] = {
        "codec": samples.reconstructing,
        "teacher": samples.denoising,
        "causal": samples.streaming,
        "self-forcing": samples.streaming,
    }
    return made[stage]
