"""A preset's codec as streams run it: compiled, one latent frame a call, what it remembers passed in and out.

Shapes: R rows (streams of one batch), F = stride_t frames a latent frame, groups (R, T, F, 3, h, w) in 0..1, latents
(R, T, C, H, W). A stream's first group is one frame, repeated; of what is decoded for it the last frame counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

import torch
from torch import Tensor

from egostream.compiler import Compile, Run
from egostream.errors import BadCheckpoint
from egostream.models.bank import flakes
from egostream.models.change_codec import FILL, GATE_UNIT, MAP, ChangeCodec, alone
from egostream.models.tiny_codec import TinyDecoder
from egostream.models.wan_codec import WanCodec
from egostream.networks import DecodeEdit, DecodePictures, EncodePictures, EncodeSource

T = TypeVar("T")
Rows = Sequence[bool]  # which rows of the batch


class LiveCodec(Protocol):
    """What streams need of a codec. Memory is a value of the codec's own, never changed once made."""

    def begin(self) -> Any:
        """The memory of streams that have seen nothing."""
        ...

    def encode(self, groups: Tensor, memory: Any) -> tuple[Tensor, Any]:
        """The source's latents of a chunk, which its pictures are decoded through next."""
        ...

    def decode(self, code: Tensor, groups: Tensor, memory: Any) -> tuple[Tensor, Any]:
        """The edited pictures, like `groups`."""
        ...

    def new_edit(self, memory: Any, rows: Rows) -> Any:
        """The next chunk of these rows shows another instruction's edit, which takes over from none."""
        ...

    def keep(self, rows: Rows, new: Any, old: Any) -> Any:
        """The new memory of these rows and the old one of all others."""
        ...

    def restart(self, memory: Any, rows: Rows) -> Any:
        """These rows have seen nothing."""
        ...


def choose(rows: Rows, new: Tensor, old: Tensor) -> Tensor:
    """`new` (R, ...) in these rows, `old` in all others."""
    if all(rows):
        return new
    chosen = torch.tensor(rows, device=new.device)
    return torch.where(chosen.view(-1, *(1,) * (new.ndim - 1)), new, old)


def live_codec(
    codec: ChangeCodec | WanCodec,
    decoder: TinyDecoder | None,
    frame_hw: tuple[int, int],
    compiled: Compile,
    num_rows: int = 1,
) -> LiveCodec:
    """The codec of a model; `decoder` draws instead of a codec of pictures' own."""
    if isinstance(codec, ChangeCodec):
        return LiveChangeCodec(codec, frame_hw, compiled, num_rows)
    return LivePictureCodec(codec, decoder or codec, frame_hw, compiled, num_rows)


@dataclass(frozen=True, slots=True)
class ChangeMemory:
    """The last frame's features, the code shown last where an edit was shown, and the next group's clock of each row,
    which is negative at a stream's beginning.
    """

    features: Tensor
    shown: Tensor
    has_shown: tuple[bool, ...]
    clocks: tuple[int, ...]


class LiveChangeCodec:
    """nano's. Implements `LiveCodec`."""

    def __init__(
        self,
        codec: ChangeCodec,
        frame_hw: tuple[int, int],
        compiled: Compile,
        num_rows: int = 1,
    ) -> None:
        h, w = frame_hw
        self._frames, side = codec.stride_t, codec.stride_hw
        self._frame_hw = frame_hw
        device = codec.norm.weight.device
        R, grid = num_rows, (h // side, w // side)
        self._nothing = ChangeMemory(
            torch.zeros(R, codec.config.stem[-1], *grid, device=device),
            torch.zeros(R, 1, codec.code_channels, *grid, device=device),
            (False,) * R,
            (1 - self._frames,) * R,
        )
        # Examples for the check against eager: all state in play, and the same at every start.
        generator = torch.Generator().manual_seed(0)

        def random(like: Tensor) -> Tensor:
            return torch.randn(like.shape, generator=generator).to(device)

        groups = torch.rand(R, 1, self._frames, 3, h, w, generator=generator).to(device)
        features = random(self._nothing.features)
        self._encode = compiled(
            "encode",
            EncodeSource(codec),
            (groups, features, torch.full((R,), 0.5, device=device)),
        )
        # With the gate open: where it is shut, a decoder that edits nothing would pass.
        code, last = (0.3 * random(self._nothing.shown) for _ in range(2))
        for c in (code, last):
            c[:, :, MAP + FILL :] += 0.5 / GATE_UNIT
        self._decode = compiled(
            "decode", DecodeEdit(codec), (code, last, groups, self._falling((0,) * R, device))
        )

    def begin(self) -> ChangeMemory:
        """See `LiveCodec`."""
        return self._nothing

    def encode(self, groups: Tensor, memory: ChangeMemory) -> tuple[Tensor, ChangeMemory]:
        """See `LiveCodec`."""
        latents, features = [], memory.features
        for step, group in enumerate(groups.split(1, dim=1)):
            fresh = tuple(clock + step * self._frames < 0 for clock in memory.clocks)
            latent, features = self._encode(group, features, flags(fresh, groups.device))
            latents.append(latent)
        return torch.cat(latents, dim=1), replace(memory, features=features)

    def decode(
        self, code: Tensor, groups: Tensor, memory: ChangeMemory
    ) -> tuple[Tensor, ChangeMemory]:
        """See `LiveCodec`."""
        pictures, shown, has_shown, clocks = [], memory.shown, memory.has_shown, memory.clocks
        for own, group in zip(code.split(1, dim=1), groups.split(1, dim=1), strict=True):
            before = shown if all(has_shown) else choose(has_shown, shown, alone(own))
            falling = self._falling(clocks, groups.device)
            pictures.append(self._decode(own, before, group, falling))
            shown, has_shown = own, (True,) * len(has_shown)
            clocks = tuple(clock + self._frames for clock in clocks)
        return torch.cat(pictures, dim=1), replace(
            memory, shown=shown, has_shown=has_shown, clocks=clocks
        )

    def new_edit(self, memory: ChangeMemory, rows: Rows) -> ChangeMemory:
        """See `LiveCodec`."""
        has_shown = tuple(h and not row for h, row in zip(memory.has_shown, rows, strict=True))
        return replace(memory, has_shown=has_shown)

    def keep(self, rows: Rows, new: ChangeMemory, old: ChangeMemory) -> ChangeMemory:
        """See `LiveCodec`."""
        return ChangeMemory(
            choose(rows, new.features, old.features),
            choose(rows, new.shown, old.shown),
            _picked(rows, new.has_shown, old.has_shown),
            _picked(rows, new.clocks, old.clocks),
        )

    def restart(self, memory: ChangeMemory, rows: Rows) -> ChangeMemory:
        """See `LiveCodec`."""
        return self.keep(rows, self._nothing, memory)

    def _falling(self, clocks: tuple[int, ...], device: torch.device) -> Tensor:
        found = flakes(torch.tensor(clocks, device=device), self._frames, self._frame_hw)
        return found.flatten(0, 1)


def flags(rows: Rows, device: torch.device) -> Tensor:
    """1 for these rows, 0 for all others, (R,); without a transfer where all are alike."""
    if all(rows) or not any(rows):
        return torch.full((len(rows),), float(rows[0]), device=device)
    return torch.tensor(rows, dtype=torch.float32).to(device)


def _picked(rows: Rows, new: Sequence[T], old: Sequence[T]) -> tuple[T, ...]:
    return tuple(n if row else o for row, n, o in zip(rows, new, old, strict=True))


@dataclass(frozen=True, slots=True)
class PictureMemory:
    """What the encoder and the decoder remember, and whether a row has seen nothing yet."""

    encoder: tuple[Tensor, ...]
    decoder: tuple[Tensor, ...]
    fresh: tuple[bool, ...]


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
        num_rows: int = 1,
    ) -> None:
        shapes = [(x.code_channels, x.stride_t, x.stride_hw) for x in (codec, decoder)]
        if shapes[0] != shapes[1]:
            raise BadCheckpoint(
                "the decoder draws other latents than the codec's: (channels, frames, pixels a cell) "
                f"{shapes[1]}, not {shapes[0]}"
            )
        h, w = frame_hw
        device = codec.mean.device
        R = num_rows
        ours, drawn = codec.empty_memory(R, frame_hw)
        if isinstance(decoder, TinyDecoder):
            drawn = decoder.empty_memory(R, frame_hw)
        self._nothing = PictureMemory(ours, drawn, (True,) * R)
        generator = torch.Generator().manual_seed(0)

        def random(like: Tensor) -> Tensor:
            return torch.randn(like.shape, generator=generator).to(like)

        groups = torch.rand(R, 1, codec.stride_t, 3, h, w, generator=generator).to(device)
        grid = (h // codec.stride_hw, w // codec.stride_hw)
        latents = torch.zeros(R, 1, codec.code_channels, *grid, device=device)
        later = flags((False,) * R, device)
        self._encode = compiled(
            "encode", EncodePictures(codec), (groups, later, *map(random, ours))
        )
        self._decode = compiled(
            "decode", DecodePictures(decoder), (random(latents), later, *map(random, drawn))
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
        return pictures, replace(memory, decoder=kept, fresh=(False,) * len(memory.fresh))

    def new_edit(self, memory: PictureMemory, rows: Rows) -> PictureMemory:
        """See `LiveCodec`: its latents are pictures, of whatever edit."""
        return memory

    def keep(self, rows: Rows, new: PictureMemory, old: PictureMemory) -> PictureMemory:
        """See `LiveCodec`."""
        encoder, decoder = (
            tuple(choose(rows, n, o) for n, o in zip(*pair, strict=True))
            for pair in ((new.encoder, old.encoder), (new.decoder, old.decoder))
        )
        return PictureMemory(encoder, decoder, _picked(rows, new.fresh, old.fresh))

    def restart(self, memory: PictureMemory, rows: Rows) -> PictureMemory:
        """See `LiveCodec`."""
        return self.keep(rows, self._nothing, memory)

    def _stepwise(
        self, engine: Run, chunk: Tensor, memory: tuple[Tensor, ...], fresh: tuple[bool, ...]
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        made = []
        for step in chunk.split(1, dim=1):
            out, *kept = engine(step, flags(fresh, chunk.device), *memory)
            made.append(out)
            memory, fresh = tuple(kept), (False,) * len(fresh)
        return torch.cat(made, dim=1), memory
