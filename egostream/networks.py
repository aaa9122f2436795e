"""A preset's networks in the shape engines take: tensors in, tensors out, sizes fixed, state passed along.

Shapes for one stream (B = 1) and one latent frame (T = 1): see `models/codec.py` and `models/cache.py`.
"""

from __future__ import annotations

from copy import deepcopy

from torch import Tensor, nn

from egostream.models.cache import CacheView, Past
from egostream.models.change_codec import ChangeCodec
from egostream.models.transformer import Block, Transformer


class EncodeSource(nn.Module):
    """Pictures (1, 1, F, 3, h, w) and the last frame's features; `fresh` is 1 for a new stream, else 0."""

    def __init__(self, codec: ChangeCodec) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, groups: Tensor, last: Tensor, fresh: Tensor) -> tuple[Tensor, Tensor]:
        return self.codec.encode_groups(groups, last, fresh)


def pass_over(
    transformer: Transformer,
    code: Tensor,
    source: Tensor,
    t: Tensor,
    text: Tensor,
    text_mask: Tensor,
    past: Past,
) -> tuple[Tensor, Tensor, Tensor]:
    """Prediction (B, 1, C, H, W), and raw keys and values (Y, B, N, P, E), of one latent frame."""
    out = transformer(code, source, t, text, text_mask, cache=past)
    return out.prediction, out.keys[:, :, :, 0], out.values[:, :, :, 0]


class Denoise(nn.Module):
    """One pass of the student over one latent frame, with the cache as tensors in and out."""

    def __init__(self, transformer: Transformer) -> None:
        super().__init__()
        self.transformer = transformer

    @staticmethod
    def to_serve(transformer: Transformer) -> Denoise:
        """Of a copy that compilers like better. What it keeps in a cache is its own: see `Attention.in_halves`."""
        copied = deepcopy(transformer)
        for block in copied.blocks:
            assert isinstance(block, Block)
            block.self_attention.in_halves()
        return Denoise(copied)

    def forward(
        self,
        noisy: Tensor,
        source: Tensor,
        t: Tensor,
        text: Tensor,
        text_mask: Tensor,
        keys: Tensor,
        values: Tensor,
        age: Tensor,
    ) -> tuple[Tensor, Tensor, Tensor]:
        past = CacheView(keys, values, age)
        return pass_over(self.transformer, noisy, source, t, text, text_mask, past)


class DecodeEdit(nn.Module):
    """A code, the one before it (an edit's first: `change_codec.alone`) and the source's pictures to edited ones."""

    def __init__(self, codec: ChangeCodec) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, code: Tensor, previous: Tensor, groups: Tensor, falling: Tensor) -> Tensor:
        return self.codec.show(code, groups, falling, previous)[0]
