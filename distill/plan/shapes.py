"""What a dry run needs to know of presets and stages: sizes, and how often networks are passed through.

The large presets' figures are those of the public Wan checkpoints; their codecs and text encoder are named by
their strides and widths alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from distill.objective import Matching
from egostream.errors import EgostreamError
from egostream.models.change_codec import STRIDE_HW, STRIDE_T
from egostream.models.presets import PRESETS, get_preset
from egostream.models.text import MAX_TOKENS
from egostream.models.transformer import TransformerConfig


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


def _wan(name: str, channels: int, stride_hw: int, width: int, heads: int, mlp: int) -> Shape:
    transformer = TransformerConfig(
        code_channels=channels,
        source_channels=channels,
        width=width,
        depth=30,
        num_heads=heads,
        mlp_width=mlp,
        text_width=4096,
        patch=2,
        null_token=False,
        norm_over_heads=True,
    )
    return Shape(name, transformer, stride_t=4, stride_hw=stride_hw, num_text=512)


WAN = {
    shape.name: shape
    for shape in (
        _wan("wan2.1-1.3b", 16, 8, width=1536, heads=12, mlp=8960),
        _wan("wan2.2-5b", 48, 16, width=3072, heads=24, mlp=14336),
    )
}
NAMES = (*sorted(PRESETS), *WAN)


def get_shape(name: str) -> Shape:
    """The shape of a preset. Raises UnknownPreset."""
    if name in WAN:
        return WAN[name]
    return Shape(name, get_preset(name).transformer, STRIDE_T, STRIDE_HW, MAX_TOKENS)


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

    A critic's step: a rollout, and the critic's own pass. The student's: a rollout with gradients in one pass,
    the teacher (where it is guided, without the instruction too), the critic. A stream's rollout has one pass more,
    which writes the cache, or goes on to its last pass, which does.
    """
    # See `generate.exit_times`: half of the time the last pass, else any.
    passes = [(n + (n + 1) / 2) / 2 for n in objective.num_steps]
    if objective.streaming and objective.context == "clean":
        passes = [n + 1 for n in passes]
    elif objective.streaming:
        passes = list(objective.num_steps)
    rollout = sum(passes) / len(passes)
    critic_steps, judges = objective.student_every, 2 if objective.guidance == 1 else 3
    return Stage(
        trained=2,
        frozen=1,
        forwards=critic_steps * rollout + rollout - 1 + judges,
        passes=critic_steps + 1,
        cached=objective.streaming,
    )


STAGES = {
    "teacher": Stage(),
    "causal": Stage(doubled=True),
    "dmd": distilling(Matching(streaming=False, student_every=5)),
    "self-forcing": distilling(Matching(streaming=True, student_every=5)),
}
