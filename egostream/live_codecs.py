"""A preset's codec as a stream runs it: compiled, one latent frame a call, what it remembers passed in and out.

Shapes: B = 1, F = stride_t frames a latent frame, groups (1, T, F, 3, h, w) in 0..1, latents (1, T, C, H, W). A
stream's first group is one frame, repeated; of what is decoded for it the last frame counts.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

import torch
from torch import Tensor

from egostream.compiler import Compile, Run
from egostream.errors import BadCheckpoint
from egostream.models.bank import flakes
from egostream.models.change_codec import FILL, GATE_UNIT, MAP, ChangeCodec, alone
from egostream.models.tiny_codec import TinyDecoder
from egostream.models.wan_codec import WanCodec
from egostream.networks import DecodeEdit, DecodePictures, EncodePictures, EncodeSource


class LiveCodec(Protocol):
    """What a stream needs of a codec. Memory is a value of the codec's own, never changed once made."""

    def begin(self) -> Any:
        """The memory of a stream that has seen nothing."""
        ...

    def encode(self, groups: Tensor, memory: Any) -> tuple[Tensor, Any]:
        """The source's latents of a chunk, which its pictures are decoded through next."""
        ...

    def decode(self, code: Tensor, groups: Tensor, memory: Any) -> tuple[Tensor, Any]:
        """The edited pictures, like `groups`."""
        ...

    def new_edit(self, memory: Any) -> Any:
        """The next chunk shows another instruction's edit, which takes over from none."""
        ...


def live_codec(
    codec: ChangeCodec | WanCodec,
    decoder: TinyDecoder | None,
    frame_hw: tuple[int, int],
    compiled: Compile,
) -> LiveCodec:
    """The codec of a model; `decoder` draws instead of a codec of pictures' own."""
    if isinstance(codec, ChangeCodec):
        return LiveChangeCodec(codec, frame_hw, compiled)
    return LivePictureCodec(codec, decoder or codec, frame_hw, compiled)


@dataclass(frozen=True, slots=True)
class ChangeMemory:
    """The last frame's features, the code shown last (None: no edit yet), and the next group's clock, which is
    negative at a stream's beginning.
    """

    features: Tensor
    shown: Tensor | None
    clock: int


class LiveChangeCodec:
    """nano's. Implements `LiveCodec`."""

    def __init__(self, codec: ChangeCodec, frame_hw: tuple[int, int], compiled: Compile) -> None:
        h, w = frame_hw
        self._frames, side = codec.stride_t, codec.stride_hw
        self._frame_hw = frame_hw
        device = codec.norm.weight.device
        grid = (h // side, w // side)
        self._nothing = torch.zeros(1, codec.config.stem[-1], *grid, device=device)
        # Examples for the check against eager: all state in play, and the same at every start.
        generator = torch.Generator().manual_seed(0)

        def random(*shape: int) -> Tensor:
            return torch.randn(shape, generator=generator).to(device)

        groups = torch.rand(1, 1, self._frames, 3, h, w, generator=generator).to(device)
        features = random(*self._nothing.shape)
        self._encode = compiled(
            "encode",
            EncodeSource(codec),
            (groups, features, torch.full((1,), 0.5, device=device)),
        )
        # With the gate open: where it is shut, a decoder that edits nothing would pass.
        code, last = (0.3 * random(1, 1, codec.code_channels, *grid) for _ in range(2))
        for c in (code, last):
            c[:, :, MAP + FILL :] += 0.5 / GATE_UNIT
        self._decode = compiled(
            "decode", DecodeEdit(codec), (code, last, groups, self._falling(0, device))
        )

    def begin(self) -> ChangeMemory:
        """See `LiveCodec`."""
        return ChangeMemory(self._nothing, None, 1 - self._frames)

    def encode(self, groups: Tensor, memory: ChangeMemory) -> tuple[Tensor, ChangeMemory]:
        """See `LiveCodec`."""
        latents, features, clock = [], memory.features, memory.clock
        for group in groups.split(1, dim=1):
            fresh = torch.full((1,), float(clock < 0), device=groups.device)
            latent, features = self._encode(group, features, fresh)
            latents.append(latent)
            clock += self._frames
        return torch.cat(latents, dim=1), replace(memory, features=features)

    def decode(
        self, code: Tensor, groups: Tensor, memory: ChangeMemory
    ) -> tuple[Tensor, ChangeMemory]:
        """See `LiveCodec`."""
        pictures, shown, clock = [], memory.shown, memory.clock
        for own, group in zip(code.split(1, dim=1), groups.split(1, dim=1), strict=True):
            before = alone(own) if shown is None else shown
            falling = self._falling(clock, groups.device)
            pictures.append(self._decode(own, before, group, falling))
            shown = own
            clock += self._frames
        return torch.cat(pictures, dim=1), replace(memory, shown=shown, clock=clock)

    def new_edit(self, memory: ChangeMemory) -> ChangeMemory:
        """See `LiveCodec`."""
        return replace(memory, shown=None)

    def _falling(self, clock: int, device: torch.device) -> Tensor:
        clocks = torch.tensor([clock], device=device)
        return flakes(clocks, self._frames, self._frame_hw)[0]


@dataclass(frozen=True, slots=True)
class PictureMemory:
    """What the encoder and the decoder remember, and whether nothing was seen yet."""

    encoder: tuple[Tensor, ...]
    decoder: tuple[Tensor, ...]
    fresh: bool


class LivePictureCodec:
    """Wan's, or Wan's with another decoder. Implements `LiveCodec`; the source is no guide to its decoder.

    Raises BadCheckpoint for a decoder of other latents.
    """

    def __init__(
        self,
        codec: WanCodec,
        decoder: WanCodec | TinyDecoder,
        frame_hw: tuple[int, int],
        compiled: Compile,
    ) -> None:
        shapes = [(x.code_channels, x.stride_t, x.stride_hw) for x in (codec, decoder)]
        if shapes[0] != shapes[1]:
            raise BadCheckpoint(
                "the decoder draws other latents than the codec's: (channels, frames, pixels a cell) "
                f"{shapes[1]}, not {shapes[0]}"
            )
        h, w = frame_hw
        device = codec.mean.device
        ours, drawn = codec.empty_memory(1, frame_hw)
        if isinstance(decoder, TinyDecoder):
            drawn = decoder.empty_memory(1, frame_hw)
        self._nothing = PictureMemory(ours, drawn, True)
        self._flags = tuple(torch.full((1,), float(x), device=device) for x in (False, True))
        generator = torch.Generator().manual_seed(0)

        def random(like: Tensor) -> Tensor:
            return torch.randn(like.shape, generator=generator).to(like)

        groups = torch.rand(1, 1, codec.stride_t, 3, h, w, generator=generator).to(device)
        grid = (h // codec.stride_hw, w // codec.stride_hw)
        latents = torch.zeros(1, 1, codec.code_channels, *grid, device=device)
        self._encode = compiled(
            "encode", EncodePictures(codec), (groups, self._flags[0], *map(random, ours))
        )
        self._decode = compiled(
            "decode",
            DecodePictures(decoder),
            (random(latents), self._flags[0], *map(random, drawn)),
        )

    def begin(self) -> PictureMemory:
        """See `LiveCodec`."""
        return self._nothing

    def encode(self, groups: Tensor, memory: PictureMemory) -> tuple[Tensor, PictureMemory]:
        """See `LiveCodec`."""
        latents, kept = self._stepwise(self._encode, groups, memory.encoder, memory.fresh)
        return latents, replace(memory, encoder=kept)

    def decode(
        self, code: Tensor, groups: Tensor, memory: PictureMemory
    ) -> tuple[Tensor, PictureMemory]:
        """See `LiveCodec`."""
        pictures, kept = self._stepwise(self._decode, code, memory.decoder, memory.fresh)
        return pictures, replace(memory, decoder=kept, fresh=False)

    def new_edit(self, memory: PictureMemory) -> PictureMemory:
        """See `LiveCodec`: its latents are pictures, of whatever edit."""
        return memory

    def _stepwise(
        self, engine: Run, chunk: Tensor, memory: tuple[Tensor, ...], fresh: bool
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        made = []
        for step in chunk.split(1, dim=1):
            out, *kept = engine(step, self._flags[fresh], *memory)
            made.append(out)
            memory, fresh = tuple(kept), False
        return torch.cat(made, dim=1), memory
