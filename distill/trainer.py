"""The training loop: batches drawn ahead, workers with averaged gradients, EMA, checkpoints, resume, logs.

An example is a function of its number in the run and of the list of clips, which is read anew at every
checkpoint: once all clips are rendered, a killed run goes on from its last checkpoint as if nothing had
happened, with the same recipe and as many workers.
"""

from __future__ import annotations

import logging
import math
import os
import platform
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from tqdm import tqdm

from distill.batch import Batch
from distill.datasets.sources import Added, open_sources
from distill.journal import Journal
from distill.loader import AHEAD, Loader
from distill.made import Made, another, first_weights, new_made, reader_of, save_made, start_made
from distill.objective import Redrawing
from distill.optim import learning_rate, make_optimizers
from distill.parallel import (
    Place,
    join,
    mean_over_workers,
    peak_mb,
    placed_like,
    recompute_blocks,
    same_everywhere,
    spread,
    threads_of,
    whole,
)
from distill.recipe import Recipe
from distill.resume import (
    check_resumable,
    differences,
    only_trainer,
    read_state,
    restore_optimizers,
    write_state,
)
from distill.stages import make_loss
from distill.tiny_loss import full_codec
from distill.turns import Turn
from egostream.errors import EgostreamError
from egostream.models.presets import get_preset
from egostream.prefetch import Prefetch

log = logging.getLogger(__name__)

STATE = "state.pt"
MOST_SKIPPED = 5  # steps in a row whose gradients are no numbers, before the run gives up


def attention_kernels(device: torch.device) -> AbstractContextManager[object]:
    """Plain matrix products on the CPU: for so few tokens they beat the fused kernel's backward pass.

    The choice is the process's, not the thread's: it holds from before batches are drawn till after.
    """
    return sdpa_kernel(SDPBackend.MATH) if device.type == "cpu" else nullcontext()


class Trainer:
    """One worker of a run (rank 0 writes). `init` is a checkpoint to start from, not to resume."""

    def __init__(
        self,
        recipe: Recipe,
        data: Path,
        out: Path,
        place: Place | None = None,
        init: Path | None = None,
        added: Added = (),
        teacher: Path | None = None,
    ) -> None:
        self.recipe, self.out, self.place = recipe, out, place or Place()
        self.data, self.added, self.teacher = data, added, teacher
        torch.manual_seed(recipe.seed)
        self.preset, objective = get_preset(recipe.preset), recipe.objective
        self.model = new_made(objective, self.preset)
        saved = read_state(out / STATE)
        if saved is None:
            start_made(self.model, first_weights(objective, init, teacher))
        self.loss = make_loss(self.model, objective, recipe.precision, teacher, self.preset)
        if saved is not None:
            check_resumable(saved, recipe, out)
            self.model.load_state_dict(saved["model"])
            self.loss.load_state_dict(saved["heads"], strict=False)
        self.loss.to(self.place.device)
        if recipe.recompute:
            recompute_blocks(self.loss)
        # Shards replace the parameters: what holds on to those comes after.
        self.parallel: nn.Module = spread(self.loss, self.place)
        self.optimizers = make_optimizers(self.loss, recipe)
        self.ema = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.step = self.num_moves = 0
        self.num_skipped: Counter[Turn] = Counter()
        self.seconds = 0.0
        pairs = open_sources(data / "train", recipe.mix, added, recipe.seed)
        self.text = reader_of(objective, self.preset, self.place.device)
        self.loader = Loader(recipe, pairs, self.text, self.place.rank, self.place.world)
        if saved is not None:
            self._resume(saved)
        if not same_everywhere(self.step, self.place):
            raise EgostreamError(
                f"worker {self.place.rank} would go on at step {self.step}, others elsewhere: all of them must "
                f"read the same {out / STATE}"
            )

    def _resume(self, saved: dict[str, Any]) -> None:
        """The rest of a checkpoint, once there is what it belongs to."""
        changed = differences(saved, self.settings())
        if changed and self.place.rank == 0:
            log.warning("goes on, but not as the run began: %s", "; ".join(changed))
        restore_optimizers(self.optimizers, saved["optimizers"])
        self.ema = {k: placed_like(saved["ema"][k], v) for k, v in self.ema.items()}
        self.step, self.seconds = saved["step"], saved["seconds"]
        self.num_moves = saved.get("moves", self.step)
        log.info("resumed at step %d of %d", self.step, self.recipe.num_steps)
        if self.step > self.recipe.num_steps and self.place.rank == 0:
            log.warning("the run is past the recipe's end already: nothing is left to train")

    def settings(self) -> dict[str, Any]:
        """What must stay the same for a run to go on as it began."""
        return {
            "recipe": asdict(self.recipe),
            "world": self.place.world,
            "data": str(self.data),
            "added": [[str(folder), weight] for folder, weight in self.added],
            "teacher": str(self.teacher),
        }

    def save(self) -> None:
        """A checkpoint to resume from, and the averaged weights as a usable model. All workers must call it."""
        # The student has its place; a teacher never moves.
        others = ("model.", "teacher.")
        heads = {k: v for k, v in self.loss.state_dict().items() if not k.startswith(others)}
        state = {
            "model": self.model.state_dict(),
            "heads": heads,
            "optimizers": [o.state_dict() for o in self.optimizers],
            "ema": self.ema,
        }
        state = whole(state, keep=self.place.rank == 0)
        if self.place.rank == 0:
            progress = {"step": self.step, "moves": self.num_moves, "seconds": self.seconds}
            # The state last: a run that is killed between the two makes both again.
            save_made(self.out / "model.safetensors", self._filled(state["ema"]))
            write_state(self.out / STATE, {**state, **progress, **self.settings()})

    def averaged(self) -> Made | None:
        """A copy of the model with the EMA weights, on the CPU of rank 0. All workers must call it."""
        weights = whole(self.ema, keep=self.place.rank == 0)
        return self._filled(weights) if self.place.rank == 0 else None

    def _filled(self, weights: dict[str, Any]) -> Made:
        model = another(self.model)
        model.load_state_dict(weights)
        return model.eval().requires_grad_(False)

    def take_step(self, batch: Batch) -> dict[str, float]:
        """One step of each whose turn it is; returns its row of the log.

        A batch whose gradients are no numbers moves nothing. Raises EgostreamError after several in a row.
        """
        lr = learning_rate(*self.recipe.at(self.step))
        batch = batch.to(self.place.device)
        row: dict[str, float] = {}
        for turn in self.loss.turns(self.step):
            # Before the forward pass: from there to the backward one, what FSDP has gathered hides the shards.
            self.loss.zero_grad(set_to_none=True)
            loss, parts = self.parallel(batch, turn)
            loss.backward()
            clipped = nn.utils.clip_grad_norm_(self.loss.parameters(), self.recipe.clip_norm)
            # Of the workers' common gradients: they all move, or none does.
            norm = float(whole(clipped))
            if math.isfinite(norm):
                self.num_skipped[turn] = 0
                self._move(lr, turn)
            else:
                self._skip(norm, turn)
            row |= mean_over_workers(parts, self.place)
            row["grad_norm" if turn == "student" else f"{turn}_grad_norm"] = norm
        self.step += 1
        return row | {"step": self.step, "lr": lr, "peak_mb": peak_mb(self.place.device)}

    def _skip(self, norm: float, turn: Turn) -> None:
        self.num_skipped[turn] += 1
        log.warning("step %d is skipped: the norm of its gradients is %s", self.step + 1, norm)
        if self.num_skipped[turn] == MOST_SKIPPED:
            raise EgostreamError(
                f"the gradients of {MOST_SKIPPED} steps in a row were no numbers; the weights are "
                "still those of before: go on from the last checkpoint with a lower learning rate, or in fp32"
            )

    def _move(self, lr: float, turn: Turn) -> None:
        """The optimizers' step (of what has gradients), and that of the student's average."""
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = lr * group["lr_scale"]
            optimizer.step()
        if turn != "student":
            return
        with torch.no_grad():
            keep = min(self.recipe.ema, (1 + self.num_moves) / (10 + self.num_moves))
            for key, value in self.model.state_dict().items():
                self.ema[key].lerp_(value, 1 - keep)
        self.num_moves += 1

    def train(self, num_steps: int) -> Iterator[dict[str, float]]:
        """So many steps; yields the row of each, with the share of it that was spent waiting for data."""
        ahead = Prefetch(self.loader.batches(self.step, self.step + num_steps), AHEAD)
        with attention_kernels(self.place.device), closing(ahead):
            begun = time.perf_counter()
            for drawn in ahead:
                waited = time.perf_counter() - begun
                row = self.take_step(drawn.batch)
                took = time.perf_counter() - begun
                self.seconds += took
                row |= {"seconds": self.seconds, "step_s": took, "draw_s": drawn.draw_s}
                yield row | {"data_wait": waited / took}
                begun = time.perf_counter()

    def run(self) -> None:
        """To the end of the recipe."""
        recipe, is_writer = self.recipe, self.place.rank == 0
        left = recipe.num_steps - self.step
        bar = tqdm(total=recipe.num_steps, initial=self.step, desc="train", disable=not is_writer)
        parent = os.getppid()
        with Journal(self.out if is_writer else None, self.step) as journal, bar:
            # Only the first row of a start says where it ran.
            journal.note({"cores": os.cpu_count(), "machine": platform.machine()})
            for row in self.train(left):
                bar.update()
                shown = ("loss", "critic", "data_wait")
                bar.set_postfix({k: f"{row[k]:.3f}" for k in shown if k in row})
                journal.row(row)
                done = self.step == recipe.num_steps
                if self.step % recipe.checkpoint_every == 0 or done:
                    # Before the state: what the state has seen, no kill may take from the logs.
                    journal.flush()
                    self.save()
                if self.step % recipe.sheet_every == 0 or done:
                    self._show(journal)
                if self.place.world > 1 and os.getppid() != parent:
                    log.warning("the run was killed; worker %d stops", self.place.rank)
                    break
            if left <= 0:
                # A kill may have come before the last sheet was made.
                self._show(journal, only_missing=True)

    def _show(self, journal: Journal, only_missing: bool = False) -> None:
        """Sheets, curves and samples. All workers must call it."""
        model = self.averaged()
        if model is None or (only_missing and not journal.lacks(self.step)):
            return
        try:
            held_out, objective = self.data / "heldout", self.recipe.objective
            is_tiny = isinstance(objective, Redrawing)
            # Read anew: the one that is trained with may be in shards.
            full = full_codec(self.preset, self.teacher) if is_tiny else None
            journal.show(model, objective, held_out, self.text, self.step, full)
        except Exception:
            # Hours of training are worth more than a picture of them.
            log.exception("no sheet or samples of step %d", self.step)


def work(
    place: Place,
    address: str,
    recipe: Recipe,
    data: Path,
    out: Path,
    init: Path | None = None,
    added: Added = (),
    teacher: Path | None = None,
) -> None:
    """A worker process's whole life."""
    torch.set_num_threads(threads_of(place))
    together = place.world > 1 or place.parallel == "fsdp"
    if together:
        join(place, address)
    try:
        with only_trainer(out) if place.rank == 0 else nullcontext():
            Trainer(recipe, data, out, place, init, added, teacher).run()
    finally:
        if together:
            dist.destroy_process_group()
