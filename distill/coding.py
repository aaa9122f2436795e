"""What a stage of training asks of a model's codec: the source as the transformer sees it, the truth, the error.

nano's codec is judged in pixels, through its decoder and with its own weights of what matters in a code (see
`compare`); a codec of pictures, such as Wan's, is frozen and judged by its latents alone, as EgoEdit's is.
Shapes: see `egostream/models/codec.py`; pictures (B, T, F, 3, h, w).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from distill import compare
from distill.batch import Batch
from egostream.models.change_codec import ChangeCodec, encode_change, falling_for
from egostream.models.codec import Codec
from egostream.models.wan_codec import WanCodec

PIECE = 4  # latent frames
CodePiece = Callable[[Tensor, tuple[Tensor, ...], Tensor | None], tuple[Tensor, tuple[Tensor, ...]]]


class Coding(Protocol):
    """How the codec of a model takes part."""

    names_things: bool  # whether training also asks what is where (see `naming`)

    def keep_codes(self) -> None:
        """Nothing that decides what a code looks like learns any more: a teacher has learned what they are."""

    def source(self, groups: Tensor) -> Tensor:
        """The source's latents (B, T, S, H, W)."""

    def truth(self, batch: Batch) -> Tensor:
        """The code (B, T, C, H, W) of the edit that is wanted."""

    def weights(self, mask: Tensor) -> Tensor:
        """What values of a code count in a mean of them; broadcasts over codes."""

    def compare(
        self,
        predicted: Tensor,
        code: Tensor,
        batch: Batch,
        judged: Tensor | None = None,
        begins: Tensor | None = None,
        code_weight: float = compare.CODE_WEIGHT,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """See `compare.compare`."""

    def pictures(self, code: Tensor, groups: Tensor, clocks: Tensor) -> Tensor:
        """What a code shows, as `groups`, which are the source's."""


def coding_of(codec: Codec) -> Coding:
    """That of a model's codec."""
    if isinstance(codec, ChangeCodec):
        return ChangeCoding(codec)
    assert isinstance(codec, WanCodec)
    return LatentCoding(codec)


class ChangeCoding:
    """nano's: what encodes the source learns, and so does the gate until `keep_codes`."""

    names_things = True

    def __init__(self, codec: ChangeCodec) -> None:
        self._codec = codec

    def keep_codes(self) -> None:
        self._codec.gate_net.requires_grad_(False)

    def source(self, groups: Tensor) -> Tensor:
        return self._codec.encode_groups(groups, None)[0]

    def truth(self, batch: Batch) -> Tensor:
        return encode_change(batch.source, batch.target, batch.clocks, batch.mask)

    def weights(self, mask: Tensor) -> Tensor:
        return compare.code_weights(mask)

    def compare(
        self,
        predicted: Tensor,
        code: Tensor,
        batch: Batch,
        judged: Tensor | None = None,
        begins: Tensor | None = None,
        code_weight: float = compare.CODE_WEIGHT,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        return compare.compare(self._codec, predicted, code, batch, judged, begins, code_weight)

    def pictures(self, code: Tensor, groups: Tensor, clocks: Tensor) -> Tensor:
        return self._codec.show(code, groups, falling_for(groups, clocks))[0]


class LatentCoding:
    """That of a codec of pictures, which never learns. Every clip is a stream's beginning: of its first latent frame
    the last picture counts. Clips are coded one by one and in pieces, as streams are: at full size the activations of
    a whole clip are gigabytes. In float32, as when edits are made, so that a source and its unchanged copy are equal.
    """

    names_things = False

    def __init__(self, codec: WanCodec) -> None:
        self._codec = codec.requires_grad_(False)

    def keep_codes(self) -> None:
        pass

    @torch.no_grad()
    def source(self, groups: Tensor) -> Tensor:
        return _in_pieces(self._codec.encode_groups, groups)

    def truth(self, batch: Batch) -> Tensor:
        return self.source(batch.target)

    def weights(self, mask: Tensor) -> Tensor:
        return mask.new_ones(1, 1, 1, 1, 1)

    def compare(
        self,
        predicted: Tensor,
        code: Tensor,
        batch: Batch,
        judged: Tensor | None = None,
        begins: Tensor | None = None,
        code_weight: float = compare.CODE_WEIGHT,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The mean square of the error, whatever `code_weight`; in the log also that of edited cells alone."""
        del begins, code_weight
        error = (predicted - code).square().mean(2)
        counts = torch.ones_like(error[:, :, 0, 0]) if judged is None else judged
        counts = (counts / counts.mean(1, keepdim=True).clamp(min=1e-6))[:, :, None, None]
        loss = (error * counts).mean()
        H, W = error.shape[-2:]
        cells = F.adaptive_avg_pool2d(batch.mask.mean((2, 3)), (H, W))
        edited = (cells > 0) * counts
        inside = (error * edited).sum() / edited.sum().clamp(min=1e-6)
        return loss, {"loss": loss.detach(), "code": inside.detach()}

    @torch.no_grad()
    def pictures(self, code: Tensor, groups: Tensor, clocks: Tensor) -> Tensor:
        shown = _in_pieces(self._codec.decode_groups, code)
        # The first latent frame is one picture.
        still = shown[:, :1, -1:].expand_as(shown[:, :1])
        return torch.cat([still, shown[:, 1:]], dim=1)


def _in_pieces(code: CodePiece, clips: Tensor) -> Tensor:
    """Clips (B, T, ...) coded from their beginning on, `PIECE` latent frames of one at a time."""
    made = []
    with torch.autocast(clips.device.type, enabled=False):
        for clip in clips.float().split(1):
            memory: tuple[Tensor, ...] = ()
            parts = []
            for i, piece in enumerate(clip.split(PIECE, 1)):
                part, memory = code(piece, memory, clip.new_ones(1) if i == 0 else None)
                parts.append(part)
            made.append(torch.cat(parts, 1))
    return torch.cat(made)
