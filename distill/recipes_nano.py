"""nano's recipes, for two CPU cores: from nothing to a student that streams."""

from __future__ import annotations

from dataclasses import replace

from distill.objective import Matching, Objective, Reconstruction
from distill.recipe import Phase, Recipe


def causal() -> Recipe:
    """For two CPU cores: first single latent frames on crops, then chunk-causal sequences."""
    crop, full = (96, 128), (192, 256)
    return Recipe(
        preset="nano",
        phases=(
            Phase(steps=4000, batch=32, num_latents=1, size_hw=crop, lr=1.0e-3, lr_end=1.5e-4),
            Phase(steps=300, batch=8, num_latents=4, size_hw=crop, lr=2.0e-4, lr_end=5.0e-5),
            Phase(steps=300, batch=8, num_latents=1, size_hw=full, lr=1.5e-4, lr_end=1.0e-5),
        ),
    )


def polish() -> Recipe:
    """An hour and a half more for weights that are there already (`--init`)."""
    crop, full = (96, 128), (192, 256)
    return replace(
        causal(),
        phases=(
            Phase(steps=2400, batch=32, num_latents=1, size_hw=crop, lr=8.0e-4, lr_end=1.5e-4),
            Phase(steps=200, batch=8, num_latents=4, size_hw=crop, lr=2.0e-4, lr_end=5.0e-5),
            Phase(steps=300, batch=8, num_latents=1, size_hw=full, lr=1.5e-4, lr_end=1.0e-5),
        ),
    )


def teacher() -> Recipe:
    """The many-step teacher of nano's size, from the student's weights (`--init`): an hour on two cores.

    Gently, and with many instructions a step before long clips: 2,000 steps of eight clips, at a learning rate
    of 6e-4, took recolouring from 0.8 to 0.0.
    """
    crop, full = (96, 128), (192, 256)
    return replace(
        causal(),
        objective=Objective(
            bidirectional=True, at_noise=0.3, spread=1.0, null_share=0.1, code_weight=0.6
        ),
        phases=(
            Phase(steps=900, batch=32, num_latents=1, size_hw=crop, lr=3.0e-4, lr_end=1.0e-4),
            Phase(steps=500, batch=8, num_latents=4, size_hw=crop, lr=1.0e-4, lr_end=4.0e-5),
            Phase(steps=100, batch=2, num_latents=4, size_hw=full, lr=3.0e-5, lr_end=1.0e-5),
        ),
    )


def codec() -> Recipe:
    """The part of nano's codec that decodes by learning, on exact codes: minutes on two cores."""
    crop, full = (96, 128), (192, 256)
    return replace(
        causal(),
        objective=Reconstruction(),
        precision="fp32",
        phases=(
            Phase(steps=600, batch=8, num_latents=1, size_hw=crop, lr=2.0e-3, lr_end=5.0e-4),
            Phase(steps=200, batch=8, num_latents=1, size_hw=full, lr=5.0e-4, lr_end=2.0e-5),
        ),
    )


def _matching(streaming: bool) -> Matching:
    """For nano, whose teacher edits a little worse with a guidance of 1.5, and half as fast.

    The pull's gradient is by itself a tenth of the pictures'. Its teacher is no better than what it teaches (see the
    README): with a weight of 3 edits close less error than without a pull, with 0.3 as much, and hands and what is
    not edited are kept a little better. A critic that learns four times as fast as the student needs no steps of its
    own, of which two cores make few.
    """
    return Matching(
        streaming=streaming,
        guidance=1.0,
        matching=0.3,
        student_every=1,
        critic_lr=4.0,
        critic_warmup=40,
    )


def dmd() -> Recipe:
    """Few steps for a clip at once, from the teacher's weights."""
    return replace(
        causal(),
        objective=_matching(streaming=False),
        muon=False,
        ema=0.98,
        phases=(
            Phase(steps=500, batch=8, num_latents=4, size_hw=(96, 128), lr=6.0e-5, lr_end=1.0e-5),
        ),
    )


def self_forcing() -> Recipe:
    """The student that streams, from the teacher's weights: those that stream already are no better a start."""
    crop, full = (96, 128), (192, 256)
    return replace(
        dmd(),
        objective=_matching(streaming=True),
        phases=(
            Phase(steps=1600, batch=8, num_latents=4, size_hw=crop, lr=1.0e-4, lr_end=2.0e-5),
            Phase(steps=160, batch=2, num_latents=4, size_hw=full, lr=2.0e-5, lr_end=5.0e-6),
        ),
    )
