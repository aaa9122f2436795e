"""The codec contract: causal, streaming, its state an explicit value.

`encode(frames, state, source=None) -> (latents, state)`: with no `source`, the picture's own latents (what
the transformer is conditioned on); with one, the latents of the *edit* that turns source into frames.
`decode(latents, state, source) -> (frames, state)`. Fed one chunk at a time it gives what it gives fed the
whole clip. A fresh stream's first latent frame covers one frame, every later one `stride_t` frames.
Shapes: B batch, n frames, T latent frames, pictures (B, n, 3, h, w) in 0..1, latents (B, T, C, H, W).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class CodecState:
    """What a codec remembers between calls: features of the last frame seen and the last code decoded (B, 1, C, H, W),
    None when fresh.
    """

    last: Tensor | None = None
    num_frames: int = 0
    code: Tensor | None = None

    @property
    def fresh(self) -> bool:
        """Whether the next frame is a stream's first."""
        return self.num_frames == 0


class Codec(Protocol):
    """What editor and distillation need of a codec."""

    @property
    def stride_t(self) -> int: ...

    @property
    def stride_hw(self) -> int: ...

    @property
    def source_channels(self) -> int: ...

    @property
    def code_channels(self) -> int: ...

    def encode(
        self, frames: Tensor, state: CodecState, source: Tensor | None = None
    ) -> tuple[Tensor, CodecState]: ...

    def decode(
        self, latents: Tensor, state: CodecState, source: Tensor
    ) -> tuple[Tensor, CodecState]: ...


def group_frames(frames: Tensor, stride_t: int, fresh: bool) -> Tensor:
    """(B, n, ...) to (B, T, stride_t, ...): a fresh stream's first frame is repeated to fill its group.

    Raises ValueError if n does not fill whole latent frames.
    """
    n = frames.shape[1]
    if fresh:
        first = frames[:, :1].expand(-1, stride_t, *frames.shape[2:])
        frames = torch.cat([first, frames[:, 1:]], dim=1)
        n += stride_t - 1
    if n == 0 or n % stride_t:
        raise ValueError(
            f"{frames.shape[1]} frames do not fill latent frames of {stride_t} (fresh={fresh})"
        )
    return frames.unflatten(1, (n // stride_t, stride_t))


def ungroup_frames(groups: Tensor, fresh: bool) -> Tensor:
    """The inverse of `group_frames`."""
    frames = groups.flatten(1, 2)
    return frames[:, groups.shape[2] - 1 :] if fresh else frames
