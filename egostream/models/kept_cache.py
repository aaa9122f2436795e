"""The KV cache of rollouts that are learned from: what was written stays as it was.

The same slots, ages and rows as `cache.KVCache`, which is served; but a ring that is written over in place would have
to be copied whole for every chunk whose backward pass reads it again. Here a slot is a tensor of its own, handed on
and never changed, and a layer's past is put together where it is read: inside a block that may be computed anew.
Shapes: see `cache.py`.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class KeptView:
    """Implements `cache.Past`: a (Y, B, N, P, E) tensor of keys and one of values for each slot."""

    keys: tuple[Tensor, ...]
    values: tuple[Tensor, ...]
    age_BS: Tensor
    full: bool

    def layer(self, index: int) -> tuple[Tensor, Tensor]:
        """See `cache.Past`."""
        keys, values = (
            torch.stack([slot[index] for slot in slots], 2).flatten(2, 3)
            for slots in (self.keys, self.values)
        )
        return keys, values


class KeptCache:
    """An empty one for so many rows (streams); `like` is a slot's shape (Y, B, N, P, E), of zeros."""

    def __init__(self, like: Tensor, num_sink: int, num_window: int) -> None:
        self._num_sink, self._num_window = num_sink, num_window
        self._rows, self._device = like.shape[1], like.device
        slots = num_sink + num_window
        self._keys = self._values = (like,) * slots
        self._count = [0] * self._rows
        self._written = [[-1] * slots for _ in range(self._rows)]

    def view(self, full: bool = False) -> KeptView:
        """See `KVCache.view`; without the slots that are empty in all rows, which would be read for nothing."""
        slots = len(self._keys)
        filled = [s for s in range(slots) if any(w[s] >= 0 for w in self._written)] or [0]
        ages = [
            [min(count - written[s], slots) if written[s] >= 0 else 0 for s in filled]
            for count, written in zip(self._count, self._written, strict=True)
        ]
        keys, values = (tuple(each[s] for s in filled) for each in (self._keys, self._values))
        return KeptView(keys, values, torch.tensor(ages, device=self._device), full)

    def write(self, keys_YBNPE: Tensor, values_YBNPE: Tensor, rows_B: Tensor | None = None) -> None:
        """One latent frame for each row (of these), in the row's next slot."""
        chosen = [True] * self._rows if rows_B is None else rows_B.tolist()
        slots = [
            self._next(count) if row else None
            for count, row in zip(self._count, chosen, strict=True)
        ]
        for slot in sorted({s for s in slots if s is not None}):
            rows = [s == slot for s in slots]
            self._keys = _with(self._keys, slot, keys_YBNPE, rows)
            self._values = _with(self._values, slot, values_YBNPE, rows)
        for row, written_in in enumerate(slots):
            if written_in is not None:
                self._written[row][written_in] = self._count[row]
            self._count[row] += chosen[row]

    def forget(self, rows_B: Tensor | None = None) -> None:
        """See `KVCache.forget`."""
        chosen = [True] * self._rows if rows_B is None else rows_B.tolist()
        for row, forgotten in enumerate(chosen):
            if forgotten:
                self._count[row] = 0
                self._written[row] = [-1] * len(self._keys)

    def _next(self, count: int) -> int | None:
        if count < self._num_sink:
            return count
        if not self._num_window:
            return None
        return self._num_sink + (count - self._num_sink) % self._num_window


def _with(
    slots: tuple[Tensor, ...], index: int, new_YBNPE: Tensor, rows: list[bool]
) -> tuple[Tensor, ...]:
    """The slots with these rows of one replaced. Of a whole batch in step nothing is copied."""
    if not all(rows):
        chosen = torch.tensor(rows, device=new_YBNPE.device)[None, :, None, None, None]
        new_YBNPE = torch.where(chosen, new_YBNPE, slots[index])
    return (*slots[:index], new_YBNPE, *slots[index + 1 :])
