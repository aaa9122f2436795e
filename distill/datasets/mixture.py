"""Sources of examples mixed by weight, each shuffled, all a function of the example's number alone.

Nothing is remembered between draws, so a run that resumes at any number sees what it would have seen:
in every block of BLOCK examples each source has its exact share, in a random order of the block's own,
and a source is asked for its own running numbers 0, 1, 2, ...
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from distill.pairs import Pair

BLOCK = 100


class PairDrawer(Protocol):
    """Something to train on."""

    def draw(self, seed: tuple[int, ...], num_latents: int, size_hw: tuple[int, int]) -> Pair:
        """The example of that seed, whose last number counts the examples drawn from here."""
        ...

    def refresh(self) -> int:
        """Look for what is there by now; returns how many items there are."""
        ...


class Shuffle:
    """Running numbers to items: each of `size` items once before any comes twice."""

    def __init__(self, size: int, seed: int) -> None:
        if size < 1:
            raise ValueError("nothing to shuffle")
        self.size, self.seed = size, seed
        self._epoch, self._order = -1, np.zeros(0, np.int64)

    def __getitem__(self, number: int) -> int:
        epoch, place = divmod(number, self.size)
        if epoch != self._epoch:
            rng = np.random.default_rng((self.seed, epoch))
            self._epoch, self._order = epoch, rng.permutation(self.size)
        return int(self._order[place])


def shares(weights: Sequence[float], total: int = BLOCK) -> list[int]:
    """Whole numbers in proportion to the weights that add up to `total` (largest remainder).

    Raises ValueError for weights that are negative or all zero.
    """
    if not weights or min(weights) < 0 or sum(weights) <= 0:
        raise ValueError(f"weights {list(weights)} do not say how to mix")
    exact = [w * total / sum(weights) for w in weights]
    whole = [int(e) for e in exact]
    by_rest = sorted(range(len(exact)), key=lambda i: whole[i] - exact[i])
    for i in by_rest[: total - sum(whole)]:
        whole[i] += 1
    return whole


class Mixture:
    """Several sources as one. `parts`: a source and its weight by name."""

    def __init__(self, parts: Mapping[str, tuple[PairDrawer, float]]) -> None:
        self.names = list(parts)
        self._sources = [source for source, _ in parts.values()]
        self._shares = shares([weight for _, weight in parts.values()])
        self._template = np.repeat(np.arange(len(self.names)), self._shares)

    def where(self, seed: int, number: int) -> tuple[int, int]:
        """Which source the example of this number comes from, and its running number there."""
        block, place = divmod(number, BLOCK)
        order = np.random.default_rng((seed, block)).permutation(self._template)
        source = int(order[place])
        return source, block * self._shares[source] + int((order[:place] == source).sum())

    def draw(self, seed: tuple[int, ...], num_latents: int, size_hw: tuple[int, int]) -> Pair:
        """See PairDrawer."""
        source, number = self.where(seed[0], seed[-1])
        return self._sources[source].draw((*seed[:-1], source, number), num_latents, size_hw)

    def refresh(self) -> int:
        """See PairDrawer."""
        return sum(source.refresh() for source in self._sources)
