"""What a dry run needs to know of presets and stages: sizes, and how often networks are passed through.

Of codecs and text encoders only strides and widths matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from distill import recipes_wan
from distill.objective import Matching
from distill.recipe import Recipe
from egostream.errors import EgostreamError
from egostream.models.change_codec import STRIDE_HW, STRIDE_T
from egostream.models.presets import get_preset
from egostream.models.text import MAX_TOKENS
from egostream.models.transformer import TransformerConfig
from egostream.models.umt5 import NUM_TOKENS
from egostream.models.wan_config import WanCodecConfig


class BadPlan(EgostreamError):
    """A preset, a stage or a size that cannot be planned."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A preset's transformer, its codec's strides, and the tokens of an instruction."""

    name: str
    transformer: TransformerConfig
    stride_t: int
    stride_hw: int
    num_text: int

    def grid(self, frames: int, size_wh: tuple[int, int]) -> tuple[int, int, int]:
        """Latent frames, rows and columns of a clip. Raises BadPlan for what does not divide."""
        w, h = size_wh
        step = self.stride_hw * self.transformer.patch
        if h % step or w % step:
            raise BadPlan(f"{w}x{h} is not a multiple of {step}, as {self.name} needs")
        if (frames - 1) % self.stride_t:
            raise BadPlan(f"{frames} frames are not 1 + {self.stride_t} k, as {self.name} needs")
        return 1 + (frames - 1) // self.stride_t, h // self.stride_hw, w // self.stride_hw


def get_shape(name: str) -> Shape:
    """The shape of a preset. Raises UnknownPreset."""
    preset = get_preset(name)
    if isinstance(preset.codec, WanCodecConfig):
        stride_t, stride_hw, num_text = preset.codec.stride_t, preset.codec.stride_hw, NUM_TOKENS
    else:
        stride_t, stride_hw, num_text = STRIDE_T, STRIDE_HW, MAX_TOKENS
    return Shape(name, preset.transformer, stride_t, stride_hw, num_text)


@dataclass(frozen=True, slots=True)
class Stage:
    """What an optimizer step of a stage costs, in passes of an example through a transformer.

    `doubled`: the clean past and the noisy present go through together. `forwards` are without gradients;
    `trained` and `frozen` count the networks held. A pass of a random number of few steps counts its mean.
    `cached`: rollouts keep keys and values of the past; a single pass has none to keep.
    """

    trained: int = 1
    frozen: int = 0
    forwards: float = 0.0
    passes: float = 1.0
    doubled: bool = False
    cached: bool = False


def distilling(objective: Matching) -> Stage:
    """Student and critic against a frozen teacher, by optimizer step of the student.

    The student's turn: a rollout with gradients in one pass, the teacher (where it is guided, without the instruction
    too), the critic; then the critic's own pass over the same samples. Between two such turns critic's steps, each
    with a rollout of its own. A stream's rollout has one pass more, which writes the cache, or goes on to its last
    pass, which does; in `long_share` of the steps it has nearly twice the chunks.
    """
    # See `generate.exit_times`: half of the time the last pass, else any.
    passes = [(n + (n + 1) / 2) / 2 for n in objective.num_steps]
    if objective.streaming and objective.context == "clean":
        passes = [n + 1 for n in passes]
    elif objective.streaming:
        passes = list(objective.num_steps)
    rollout = sum(passes) / len(passes)
    past = objective.long_share if objective.streaming else 0.0
    critic_steps, judges = objective.student_every, 2 if objective.guidance == 1 else 3
    return Stage(
        trained=2,
        frozen=1,
        forwards=critic_steps * rollout * (1 + past) - 1 + judges,
        passes=critic_steps + 1,
        cached=objective.streaming,
    )


def _recipe(make: Callable[[str], Recipe]) -> Stage:
    # Wan's recipes differ in their preset alone.
    objective = make("wan2.1-1.3b").objective
    assert isinstance(objective, Matching)
    return distilling(objective)


STAGES = {
    "teacher": Stage(),
    "causal": Stage(doubled=True),
    "dmd": _recipe(recipes_wan.dmd),
    "self-forcing": _recipe(recipes_wan.self_forcing),
}
