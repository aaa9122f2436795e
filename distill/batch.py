"""A batch as a loss takes it: pictures, masks, clocks, names and the instruction's token states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch
from torch import Tensor

from distill.naming import name_cells
from distill.pairs import Pair
from egostream.models.change_codec import SEEN, STRIDE_T
from egostream.models.text import EncodesText


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Pictures (B, T, F, 3, h, w), mask (B, T, F, 1, h, w), clocks (B, T), names (B, T, h / 8, w / 8).

    `text` states (B, M, X) and mask (B, M), and those (1, ...) of no instruction. One seed an example; `number` is
    the batch's own, that of its step.
    """

    source: Tensor
    target: Tensor
    mask: Tensor
    clocks: Tensor
    names: Tensor
    text: Tensor
    text_mask: Tensor
    no_text: Tensor
    no_text_mask: Tensor
    seeds: tuple[int, ...] = ()
    number: int = 0

    def instructed(self, kept: Tensor) -> tuple[Tensor, Tensor]:
        """States and mask, of no instruction where `kept` (B, 1) is 0."""
        here = kept > 0
        text = torch.where(here[..., None], self.text, self.no_text)
        return text, torch.where(here, self.text_mask, self.no_text_mask)

    @property
    def picked(self) -> list[int]:
        """Two of each four frames, in turn: enough for a loss in pixels, at half its cost."""
        first = self.number % 2
        return [first, first + 2]

    def to(self, device: torch.device) -> Batch:
        """The same on a device; copies from pinned memory run beside what is computed there."""
        if device.type == "cpu":
            return self
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        for name, value in values.items():
            if isinstance(value, Tensor):
                values[name] = value.pin_memory().to(device, non_blocking=True)
        return Batch(**values)


def collate(
    pairs: Sequence[Pair], text: EncodesText, seeds: Sequence[int] = (), number: int = 0
) -> Batch:
    """Pairs of one shape as a batch."""
    T = pairs[0].source.shape[0]
    clocks = [
        (1 - STRIDE_T if p.clock == 0 else p.clock) + STRIDE_T * torch.arange(T) for p in pairs
    ]
    states, text_mask = text([p.text for p in pairs])
    no_text, no_text_mask = text.nothing()
    return Batch(
        source=torch.stack([p.source for p in pairs]),
        target=torch.stack([p.target for p in pairs]),
        mask=torch.stack([p.mask for p in pairs]),
        clocks=torch.stack(clocks),
        names=torch.stack([name_cells(p.seen[:, SEEN]) for p in pairs]),
        text=states,
        text_mask=text_mask,
        no_text=no_text,
        no_text_mask=no_text_mask,
        seeds=tuple(seeds),
        number=number,
    )
