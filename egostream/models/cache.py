"""The KV cache: raw keys and values of past chunks, `sink` chunks for ever + a rolling window.

Fixed size from the start: a ring buffer, written in place at a slot computed on the device, read with
positions relative to the current chunk, so that a stream may run for ever without growing, shifting or
re-rotating anything. Keys are stored before rotation.
Shapes: Y layers, B rows (streams), N heads, S slots (latent frames), P tokens a latent frame, E head width.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor


class Past(Protocol):
    """What a pass reads: how old the slots are (0: empty), and a layer's raw keys and values (B, N, S P, E).

    `full`: it is known that no slot is empty, so that attention needs no mask, with which the fast kernels of a GPU
    cannot be used.
    """

    @property
    def full(self) -> bool: ...

    @property
    def age_BS(self) -> Tensor: ...

    def layer(self, index: int) -> tuple[Tensor, Tensor]: ...


@dataclass(frozen=True, slots=True)
class CacheView:
    """Implements `Past` over a ring of slots."""

    keys_YBNSPE: Tensor
    values_YBNSPE: Tensor
    age_BS: Tensor
    full: bool = False

    def layer(self, index: int) -> tuple[Tensor, Tensor]:
        """See `Past`."""
        return self.keys_YBNSPE[index].flatten(2, 3), self.values_YBNSPE[index].flatten(2, 3)


@dataclass(slots=True)
class KVCache:
    """State of one batch of streams; every row has its own clock. Sizes are in latent frames."""

    keys_YBNSPE: Tensor
    values_YBNSPE: Tensor
    count_B: Tensor
    written_BS: Tensor
    num_sink: int
    num_window: int

    @staticmethod
    def empty(
        *,
        num_layers: int,
        batch: int,
        num_heads: int,
        tokens_per_frame: int,
        head_dim: int,
        num_sink: int,
        num_window: int,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> KVCache:
        """An empty cache; nothing is allocated after this."""
        slots = num_sink + num_window
        shape = (num_layers, batch, num_heads, slots, tokens_per_frame, head_dim)
        return KVCache(
            torch.zeros(shape, dtype=dtype, device=device),
            torch.zeros(shape, dtype=dtype, device=device),
            torch.zeros(batch, dtype=torch.long, device=device),
            torch.full((batch, slots), -1, dtype=torch.long, device=device),
            num_sink,
            num_window,
        )

    def view(self, full: bool = False) -> CacheView:
        """Ages on the device: past the window a sink stays at the oldest distance it was trained at."""
        slots = self.num_sink + self.num_window
        age = (self.count_B[:, None] - self.written_BS).clamp(max=slots)
        return CacheView(
            self.keys_YBNSPE, self.values_YBNSPE, torch.where(self.written_BS < 0, 0, age), full
        )

    def write(self, keys_YBNPE: Tensor, values_YBNPE: Tensor, rows_B: Tensor | None = None) -> None:
        """Store one latent frame for each row (or for the rows whose mask is true) in its next slot.

        Nothing but that slot is touched: at full size the ring is gigabytes.
        """
        slots = self.num_sink + self.num_window
        in_ring = self.num_sink + (self.count_B - self.num_sink) % max(self.num_window, 1)
        slot = torch.where(self.count_B < self.num_sink, self.count_B, in_ring)
        kept = torch.zeros_like(slot, dtype=torch.bool) if rows_B is None else ~rows_B
        if self.num_window == 0:
            kept = kept | (self.count_B >= self.num_sink)
        at = (torch.arange(len(slot), device=slot.device), slot.clamp(max=slots - 1))
        for ring, new in ((self.keys_YBNSPE, keys_YBNPE), (self.values_YBNSPE, values_YBNPE)):
            by_slot = ring.permute(1, 3, 0, 2, 4, 5)
            new_BYNPE = new.transpose(0, 1).to(ring.dtype)
            by_slot[at] = torch.where(kept[:, None, None, None, None], by_slot[at], new_BYNPE)
        self.written_BS[at] = torch.where(kept, self.written_BS[at], self.count_B)
        self.count_B += 1 if rows_B is None else rows_B.long()

    def wipe(self, row: int) -> None:
        """Overwrite what a row holds: what is no number would be read even behind a mask."""
        for ring in (self.keys_YBNSPE, self.values_YBNSPE):
            ring[:, row] = 0

    def forget(self, rows_B: Tensor | None = None) -> None:
        """Empty the cache (of these rows) without touching its memory: a new instruction, a new user."""
        if rows_B is None:
            self.count_B.zero_()
            self.written_BS.fill_(-1)
        else:
            rows_B = rows_B.to(self.count_B.device)
            self.count_B.masked_fill_(rows_B, 0)
            self.written_BS.masked_fill_(rows_B[:, None], -1)
