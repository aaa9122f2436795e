"""A preset's networks in the shape engines take: tensors in, tensors out, sizes fixed, state passed along.

Codecs work on one latent frame at a time (T = 1), the transformer on a chunk. Shapes: see `models/codec.py`,
`models/cache.py` and `models/transformer.py`.
"""

from __future__ import annotations

from copy import deepcopy

from torch import Tensor, nn

from egostream.models.cache import CacheView, Past
from egostream.models.change_codec import ChangeCodec
from egostream.models.tiny_codec import TinyDecoder
from egostream.models.transformer import Block, Transformer
from egostream.models.wan_codec import WanCodec


class EncodeSource(nn.Module):
    """Pictures (B, 1, F, 3, h, w) and the last frame's features; `fresh` (B,) is 1 for new streams, else 0."""

    def __init__(self, codec: ChangeCodec) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, groups: Tensor, last: Tensor, fresh: Tensor) -> tuple[Tensor, Tensor]:
        return self.codec.encode_groups(groups, last, fresh[:, None, None, None, None])


def pass_over(
    transformer: Transformer,
    code: Tensor,
    source: Tensor,
    t: Tensor,
    text: Tensor,
    text_mask: Tensor,
    past: Past,
) -> tuple[Tensor, Tensor, Tensor]:
    """Prediction (B, T, C, H, W), and raw keys and values (Y, B, N, T, P, E), of one chunk."""
    out = transformer(code, source, t, text, text_mask, cache=past)
    return out.prediction, out.keys, out.values


class Denoise(nn.Module):
    """One pass of the student over one chunk, with the cache as tensors in and out; `full`: see `cache.Past`."""

    def __init__(self, transformer: Transformer, full: bool = False) -> None:
        super().__init__()
        self.transformer = transformer
        self.full = full

    @staticmethod
    def to_serve(transformer: Transformer, full: bool = False) -> Denoise:
        """Of a copy that compilers like better. What it keeps in a cache is its own: see `Attention.in_halves`."""
        copied = deepcopy(transformer)
        for block in copied.blocks:
            assert isinstance(block, Block)
            block.self_attention.in_halves()
        return Denoise(copied, full)

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
        past = CacheView(keys, values, age, self.full)
        prediction, new_keys, new_values = pass_over(
            self.transformer, noisy, source, t, text, text_mask, past
        )
        return prediction, new_keys.to(keys.dtype), new_values.to(values.dtype)


class DecodeEdit(nn.Module):
    """A code, the one before it (an edit's first: `change_codec.alone`) and the source's pictures to edited ones."""

    def __init__(self, codec: ChangeCodec) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, code: Tensor, previous: Tensor, groups: Tensor, falling: Tensor) -> Tensor:
        return self.codec.show(code, groups, falling, previous)[0]


class EncodePictures(nn.Module):
    """Pictures (B, 1, F, 3, h, w), 1 for rows that start here (B,), and what the codec remembers of its stream."""

    def __init__(self, codec: WanCodec) -> None:
        super().__init__()
        self.codec = codec

    def forward(self, groups: Tensor, fresh: Tensor, *memory: Tensor) -> tuple[Tensor, ...]:
        latents, kept = self.codec.encode_groups(groups, memory, fresh)
        return latents, *kept


class DecodePictures(nn.Module):
    """Latents (B, 1, C, H, W) to pictures in 0..1; the rest as in `EncodePictures`."""

    def __init__(self, decoder: WanCodec | TinyDecoder) -> None:
        super().__init__()
        self.decoder = decoder

    def forward(self, latents: Tensor, fresh: Tensor, *memory: Tensor) -> tuple[Tensor, ...]:
        groups, kept = self.decoder.decode_groups(latents, memory, fresh)
        return groups.clamp(0, 1), *kept
