"""The loss of a tiny decoder: the full decoder's pictures of the same latents, which the full encoder makes of clips.

Not the clips themselves: what the encoder lost cannot be drawn, and whoever is asked to blurs what it does not know;
the full decoder's pictures are a function of the latents, and what an edit would look like without a tiny decoder. It
costs a full decoding a step. Compared are pictures at several sizes, edges (what is left over when pictures agree
but for their sharpness) and changes from frame to frame (where a decoder of few weights flickers).
Ideas: TAEHV's training example in madebyollin/seraena (MIT), which learns a decoder on short crops against the clips
and an adversary; without the adversary fine texture is drawn softer.
Shapes: see `egostream/models/codec.py`; groups (B, T, F, 3, h, w).
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from distill import report, samples
from distill.batch import Batch, collate
from distill.codec_loss import apart, charbonnier, edges_apart
from distill.coding import LatentCoding
from distill.heldout import Example
from distill.loss import numbers
from distill.made import NoText
from distill.objective import Precision, Redrawing
from distill.pairs import Pair
from distill.turns import TrainingLoss, Turn
from egostream.errors import BadCheckpoint
from egostream.models.codec import CodecState, ungroup_frames
from egostream.models.diffusers_load import load_diffusers
from egostream.models.presets import Preset
from egostream.models.text import EncodesText
from egostream.models.tiny_codec import TinyDecoder
from egostream.models.wan_codec import WanCodec


def full_codec(preset: Preset, path: Path | None) -> WanCodec:
    """The codec of that preset: as `egostream convert` wrote it or as published. Raises BadCheckpoint."""
    if path is None:
        raise BadCheckpoint(
            "a tiny decoder learns from the full one: --teacher CODEC (see `egostream convert --help`)"
        )
    found = load_diffusers(path)
    if not isinstance(found, WanCodec):
        raise BadCheckpoint(f"{path} holds a {type(found).__name__}, not the full codec alone")
    if found.config != preset.codec:
        raise BadCheckpoint(f"{path} holds another codec than preset {preset.name}'s")
    return found.float()


class TinyRedrawing(TrainingLoss):
    """Wraps a tiny decoder so that its forward is the loss; the full codec is frozen."""

    def __init__(
        self,
        model: TinyDecoder,
        teacher: WanCodec,
        objective: Redrawing,
        precision: Precision = "bf16",
    ) -> None:
        """Raises BadCheckpoint for a decoder of other latents than the codec's."""
        super().__init__()
        strides = [(x.code_channels, x.stride_t, x.stride_hw) for x in (model, teacher)]
        if strides[0] != strides[1]:
            raise BadCheckpoint(
                "a tiny decoder of (channels, frames, pixels) a latent cell "
                f"{strides[0]} cannot draw a codec's of {strides[1]}"
            )
        self.model: TinyDecoder = model
        self.teacher = teacher
        self.coding = LatentCoding(teacher)
        self.objective = objective
        self.precision = precision

    def forward(self, batch: Batch, turn: Turn = "student") -> tuple[Tensor, dict[str, Tensor]]:
        """The loss and its parts: means over examples; `db` is the PSNR against the full decoder's pictures."""
        # In turn: what a camera saw, and what edits look like.
        clips = batch.target if batch.number % 2 else batch.source
        code = self.coding.source(clips)
        wanted = ungroup_frames(self.coding.pictures(code, clips, batch.clocks), fresh=True)
        with numbers(self.precision, code.device):
            groups, _ = self.model.decode_groups(code, (), code.new_ones(code.shape[0]))
        drawn = ungroup_frames(groups.float(), fresh=True)
        pixels = apart(drawn, wanted, self.objective.scales).mean()
        edges = edges_apart(drawn, wanted).mean()
        # A single picture does not move.
        steps = (drawn - wanted).diff(dim=1) if drawn.shape[1] > 1 else torch.zeros_like(drawn)
        motion = charbonnier(steps).mean()
        loss = pixels + self.objective.edges * edges + self.objective.motion * motion
        error = (drawn.detach().clamp(0, 1) - wanted).square().mean((1, 2, 3, 4))
        db = -10 * torch.log10(error.clamp(min=1e-10)).mean()
        parts = {"loss": loss, "pixels": pixels, "edges": edges, "motion": motion, "db": db}
        return loss, {k: v.detach() for k, v in parts.items()}


def drawing_both(codec: WanCodec) -> report.Predict:
    """For sheets: the truth through the full decoder and through a tiny one."""

    @torch.inference_mode()
    def predict(tiny: TinyDecoder, pairs: list[Pair], text: EncodesText) -> dict[str, Tensor]:
        batch, coding = collate(pairs, NoText()), LatentCoding(codec)
        code = coding.truth(batch)
        full = coding.pictures(code, batch.target, batch.clocks)
        groups, _ = tiny.decode_groups(code, (), code.new_ones(code.shape[0]))
        still = groups[:, :1, -1:].expand_as(groups[:, :1])
        return {"full": full, "tiny": torch.cat([still, groups[:, 1:]], 1).clamp(0, 1)}

    return predict


def redrawing(codec: WanCodec) -> samples.MakeEdit:
    """For sample videos: the truth through the full encoder and the tiny decoder."""

    def make(tiny: TinyDecoder, text: EncodesText) -> samples.Edit:
        @torch.inference_mode()
        def edit(example: Example) -> Tensor:
            code, _ = codec.encode(example.target[None], CodecState())
            return tiny.decode(code, CodecState())[0][0]

        return edit

    return make
