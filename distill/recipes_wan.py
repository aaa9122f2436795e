"""Recipes at Wan's sizes, from public text-to-video weights (`--init`): EgoEdit's own numbers (its section B).

Clips of 81 frames at 512 x 384, AdamW, float32 weights and moments in shards (`--parallel fsdp`), activations computed
anew in the backward pass; EgoEdit has no codec's stage. Not run yet: `python -m distill plan` tells what they need.
"""

from __future__ import annotations

from dataclasses import replace

from distill.objective import Matching, Objective, Redrawing
from distill.recipe import Phase, Recipe
from egostream.models.tiny_codec import tiny_2_1, tiny_2_2

CLIP = 21  # latent frames
HW = (384, 512)
CROP = (192, 256)
GUIDANCE = 4.0  # Self-Forcing's; EgoEdit does not say


def codec(preset: str) -> Recipe:
    """A tiny decoder of the latents of the full codec (`--teacher`), on crops of 13 frames as TAEHV's, then on whole
    pictures.
    """
    return Recipe(
        preset=preset,
        phases=(
            Phase(steps=36_000, batch=16, num_latents=4, size_hw=CROP, lr=5e-4, lr_end=5e-5),
            Phase(steps=4000, batch=8, num_latents=4, size_hw=HW, lr=5e-5, lr_end=5e-6),
        ),
        objective=Redrawing(decoder=tiny_2_2() if preset == "wan2.2-5b" else tiny_2_1()),
        muon=False,
        betas=(0.9, 0.99),
        ema=0.999,
        checkpoint_every=500,
        sheet_every=2000,
    )


def teacher(preset: str) -> Recipe:
    """The many-step editor (B.2)."""
    return Recipe(
        preset=preset,
        phases=(
            Phase(
                steps=30_000,
                batch=96,
                num_latents=CLIP,
                size_hw=HW,
                lr=1e-5,
                lr_end=1e-5,
                warmup=1000,
            ),
        ),
        objective=Objective(bidirectional=True, at_noise=0.0, spread=1.0, null_share=0.1),
        muon=False,
        betas=(0.9, 0.99),
        weight_decay=0.1,
        ema=0.9999,
        recompute=True,
        checkpoint_every=500,
        sheet_every=2500,
    )


def causal(preset: str) -> Recipe:
    """The teacher's weights (`--init`) made to stream by teacher forcing: EgoEdit's Self-Forcing does without it."""
    base = teacher(preset)
    (phase,) = base.phases
    return replace(
        base,
        objective=Objective(at_noise=0.3, spread=1.0, null_share=0.1),
        phases=(replace(phase, steps=5000, batch=64),),
        ema=0.999,
    )


def dmd(preset: str) -> Recipe:
    """Four steps instead of eighty (B.3): 4,500 moves of the student, five of the critic for each."""
    return _matching(preset, _judged(streaming=False, student_every=5), moves=4500)


def self_forcing(preset: str) -> Recipe:
    """The student that streams, from the one of `dmd` (`--init`), as EgoEdit's (B.3): 3,500 moves, ten of the critic
    for each.
    """
    return _matching(preset, _judged(streaming=True, student_every=10), moves=3500)


def _judged(streaming: bool, student_every: int) -> Matching:
    return Matching(
        streaming=streaming,
        student_every=student_every,
        critic_lr=0.4,
        regression=0.0,
        guidance=GUIDANCE,
        num_steps=(4,),
        shift=5.0,
        lowest=0.02,
        highest=0.98,
    )


def _matching(preset: str, objective: Matching, moves: int) -> Recipe:
    phase = Phase(
        steps=moves * objective.student_every, batch=64, num_latents=CLIP, size_hw=HW,
        lr=1e-6, lr_end=1e-6, warmup=100,
    )  # fmt: skip
    return replace(
        teacher(preset), objective=objective, phases=(phase,), betas=(0.0, 0.999), ema=0.99
    )
