"""The batches of a run, drawn ahead of the steps that take them.

A thread and not a process: what is drawn need not be copied across, and drawing is numpy, OpenCV and torch, which
work beside the step as they let go of the interpreter's lock.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from distill.batch import Batch, collate
from distill.datasets.mixture import PairDrawer
from distill.recipe import Recipe
from egostream.models.text import EncodesText

# One batch in hand covers a slow draw, a second one a slow clip after that; more would only cost memory.
AHEAD = 2


@dataclass(frozen=True, slots=True)
class Drawn:
    """A batch, and the seconds that it took to draw."""

    batch: Batch
    draw_s: float


@dataclass(frozen=True, slots=True)
class Loader:
    """One worker's share of every batch. An example is a function of its number in the run and of the clips."""

    recipe: Recipe
    pairs: PairDrawer
    text: EncodesText
    rank: int
    world: int

    def draw(self, step: int) -> Batch:
        """This worker's share of that step's batch."""
        phase, _ = self.recipe.at(step)
        share = phase.batch // self.world
        first = self.recipe.examples_before(step) + self.rank * share
        numbers, seed = range(first, first + share), self.recipe.seed
        pairs = [self.pairs.draw((seed, n), phase.num_latents, phase.size_hw) for n in numbers]
        return collate(pairs, self.text, [seed * 1_000_000_007 + n for n in numbers], step)

    def batches(self, start: int, stop: int) -> Iterator[Drawn]:
        """Those of steps `start` to `stop`; clips are looked for anew where checkpoints are."""
        for step in range(start, stop):
            begun = time.perf_counter()
            if step % self.recipe.checkpoint_every == 0:
                self.pairs.refresh()
            batch = self.draw(step)
            yield Drawn(batch, time.perf_counter() - begun)
