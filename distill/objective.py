"""What a stage of training asks for: flow matching, what a codec draws, or matching a teacher's distribution."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from distill.compare import CODE_WEIGHT
from distill.dmd import GUIDANCE
from egostream.models.presets import Context
from egostream.models.tiny_codec import TinyDecoderConfig

Precision = Literal["bf16", "fp32"]
Stage = Literal["codec", "teacher", "causal", "dmd", "self-forcing"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What flow matching is asked for.

    `bidirectional`: every latent frame sees all others, at one time (the teacher); else each sees its clean
    past, as a stream does. `at_noise`: the share of examples at t = 1; the others' times are uniform, or
    logit-normal (Esser et al. 2024) with that `spread`. `null_share`: how often the instruction is left out,
    for guidance without a classifier. `code_weight`: what the error of the code itself weighs beside that of the
    picture it makes; who is to say how codes are distributed must know more of them than what shows.
    """

    bidirectional: bool = False
    at_noise: float = 0.85
    spread: float | None = None
    context_noise: float = 0.08
    null_share: float = 0.0
    code_weight: float = CODE_WEIGHT


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconstruction:
    """What nano's codec is asked for: true edits, encoded and decoded, as they were.

    `scales`: how often the pictures are halved for errors of coarser detail; `edges` and `gate` weigh the errors
    of gradients and of the gate against the true mask.
    """

    scales: int = 3
    edges: float = 1.0
    gate: float = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Redrawing:
    """What a tiny decoder is asked for: the full one's pictures of the same latents.

    `scales` and `edges` as in `Reconstruction`; `motion` weighs the errors of changes from frame to frame.
    """

    decoder: TinyDecoderConfig = field(default_factory=TinyDecoderConfig)
    scales: int = 3
    edges: float = 1.0
    motion: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """What distribution matching is asked for (see `dmd`).

    `streaming`: the student's samples are streams, chunk after chunk over its own past, as it is served
    (Self-Forcing); else it denoises a clip at once. A step's samples take one of the `num_steps` passes, so that one
    student serves them all. The critic moves at every step, by `critic_lr` times the learning rate; the student at
    each `student_every`-th, from step `critic_warmup` on: what a critic that does not know the student yet says of
    it is noise. `matching` weighs the teacher's pull (0: no critic and no pull), `regression` the error against the
    truth, which paired data has. `guidance` is the teacher's; samples are judged at times shifted by `shift`, in
    `lowest` to `highest`: near the data a teacher of pictures, which minds what codes look like and not what they
    are, says little about them.
    In `switch_share` of the streams the cache is emptied on the way, which is what a new instruction does; in
    `long_share` of the steps the clip runs backwards before it runs forwards, so that streams are longer than their
    window. `context`: what the student's cache keeps of its chunks.
    """

    streaming: bool
    num_steps: tuple[int, ...] = (4, 2, 1)
    student_every: int = 3
    critic_lr: float = 1.0
    critic_warmup: int = 0
    matching: float = 1.0
    regression: float = 1.0
    guidance: float = GUIDANCE
    shift: float = 3.0
    lowest: float = 0.3
    highest: float = 0.98
    switch_share: float = 0.2
    long_share: float = 0.25
    context: Context = "last"


AnyObjective = Objective | Reconstruction | Redrawing | Matching


def stage_of(objective: AnyObjective) -> Stage:
    """The stage that has such an objective."""
    if isinstance(objective, (Reconstruction, Redrawing)):
        return "codec"
    if isinstance(objective, Objective):
        return "teacher" if objective.bidirectional else "causal"
    return "self-forcing" if objective.streaming else "dmd"
