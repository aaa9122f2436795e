"""What a causal convolutional network remembers of a stream, passed in and returned, never kept.

One tensor per causal convolution: the last frames of its input. A stream starts with zeros before it. Its
first latent frame stands for one frame only, which is the last of its group; the places before it hold no
frame, so for rows of the batch that start here ("fresh") they are made zero wherever a convolution would
see them. Shapes are thereby the same in every call, and streams of different ages may share a batch.
Where shapes may change (a clip coded at once, outside of engines), the first frame stands alone instead: it
is one frame at every rate, nothing is made zero, and the three places before it cost nothing.
Shapes: B batch, C channels, T frames at the layer's rate, H W the layer's grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the pyramid a layer works: its frames a latent frame, and pixels along a side of its cells."""

    frames: int
    pixels: int


class Memory:
    """One call's way through a network: hands each convolution its past, collects what is to be remembered.

    Convolutions come in the order they run in. With no pasts at all every stream of the batch must be
    fresh, and zeros are made as needed. `fresh_B`: 1 for rows that start here (their past is ignored),
    0 for the others; None says that no row does and saves the masking. `alone`: every row is fresh, and
    its first frame comes without the places before it (then there are neither pasts nor flags).
    """

    def __init__(
        self, pasts: Sequence[Tensor], fresh_B: Tensor | None, alone: bool = False
    ) -> None:
        self.alone = alone
        self._pasts = iter(pasts) if pasts else None
        self._fresh = None if fresh_B is None else fresh_B[:, None, None, None, None]
        self._kept: list[Tensor] = []

    @property
    def kept(self) -> tuple[Tensor, ...]:
        """What the next call of these streams needs as `pasts`."""
        return tuple(self._kept)

    def extend(self, x_BCTHW: Tensor, span: int, lead: int) -> Tensor:
        """`x` behind the `span` frames before it. For fresh rows these and x's first `lead` are zero."""
        B, C, _, H, W = x_BCTHW.shape
        if self._pasts is None:
            past = x_BCTHW.new_zeros(B, C, span, H, W)
        else:
            past = next(self._pasts)
        # One copy of `x` at most: of what is large, nothing is written twice.
        longer = torch.cat([self._shown(past), *self._split(x_BCTHW, lead)], dim=2)
        self.keep(longer, span)
        return longer

    def keep(self, x_BCTHW: Tensor, span: int) -> None:
        """Remembers the last `span` frames for the convolution at hand."""
        # A copy: a view would keep the whole of `x` alive until the next call.
        self._kept.append(x_BCTHW[:, :, -span:].clone())

    def without(self, x_BCTHW: Tensor, lead: int) -> Tensor:
        """`x` with its first `lead` frames zero in fresh rows."""
        parts = self._split(x_BCTHW, lead)
        return x_BCTHW if len(parts) == 1 else torch.cat(parts, dim=2)

    def _split(self, x_BCTHW: Tensor, lead: int) -> list[Tensor]:
        """`x` in one or two parts, the first of which is zero in fresh rows."""
        if self._fresh is None or lead == 0:
            return [x_BCTHW]
        return [self._shown(x_BCTHW[:, :, :lead]), x_BCTHW[:, :, lead:]]

    def _shown(self, frames: Tensor) -> Tensor:
        """These frames, zero in fresh rows."""
        return frames if self._fresh is None else frames * (1.0 - self._fresh).to(frames.dtype)

    def start_with(self, x_BCTHW: Tensor, first_BC1HW: Tensor, at: int) -> Tensor:
        """`x` with its frame `at` replaced by `first` in fresh rows."""
        if self._fresh is None:
            return x_BCTHW
        here = torch.where(self._fresh > 0.5, first_BC1HW, x_BCTHW[:, :, at : at + 1])
        return torch.cat([x_BCTHW[:, :, :at], here, x_BCTHW[:, :, at + 1 :]], dim=2)
