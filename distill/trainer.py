"""The training loop: batches drawn ahead, workers with averaged gradients, EMA, checkpoints, resume, logs.

An example is a function of its number in the run and of the list of clips, which is read anew at every
checkpoint: once all clips are rendered, a killed run goes on from its last checkpoint as if nothing had
happened, with the same recipe and as many workers.
"""

from __future__ import annotations

import logging
import os
import platform
import time
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
from distill.optim import learning_rate, make_optimizers
from distill.parallel import (
    Place,
    join,
    mean_over_workers,
    placed_like,
    recompute_blocks,
    spread,
    whole,
)
from distill.recipe import Recipe
from distill.resume import differences, read_state, restore_optimizers, write_state
from distill.stages import make_loss
from distill.start import start_from, start_from_scratch
from egostream.models.checkpoint import EditModel, save_checkpoint
from egostream.models.presets import get_preset
from egostream.models.text import TextEncoder
from egostream.prefetch import Prefetch

log = logging.getLogger(__name__)

STATE = "state.pt"


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
    ) -> None:
        self.recipe, self.out, self.place = recipe, out, place or Place()
        self.held_out = data / "heldout"
        torch.manual_seed(recipe.seed)
        self.model = EditModel(get_preset(recipe.preset))
        if init is None:
            start_from_scratch(self.model)
        else:
            start_from(self.model, init)
        self.loss = make_loss(self.model, recipe.objective, recipe.precision)
        saved = read_state(out / STATE)
        if saved is not None:
            self.model.load_state_dict(saved["model"])
            self.loss.load_state_dict(saved["heads"], strict=False)
        self.loss.to(self.place.device)
        if recipe.recompute:
            recompute_blocks(self.loss)
        # Shards replace the parameters: what holds on to those comes after.
        self.parallel: nn.Module = spread(self.loss, self.place)
        self.optimizers = make_optimizers(self.loss, recipe)
        self.ema = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.step = 0
        self.seconds = 0.0
        pairs = open_sources(data / "train", recipe.mix, added, recipe.seed)
        self.text = TextEncoder()
        self.loader = Loader(recipe, pairs, self.text, self.place.rank, self.place.world)
        if saved is not None:
            self._resume(saved)

    def _resume(self, saved: dict[str, Any]) -> None:
        """The rest of a checkpoint, once there is what it belongs to."""
        changed = differences(saved, self.settings())
        if changed and self.place.rank == 0:
            log.warning("goes on, but not as the run began: %s", "; ".join(changed))
        restore_optimizers(self.optimizers, saved["optimizers"])
        self.ema = {k: placed_like(saved["ema"][k], v) for k, v in self.ema.items()}
        self.step, self.seconds = saved["step"], saved["seconds"]
        log.info("resumed at step %d of %d", self.step, self.recipe.num_steps)

    def settings(self) -> dict[str, Any]:
        """What must stay the same for a run to go on as it began."""
        return {"recipe": asdict(self.recipe), "world": self.place.world}

    def save(self) -> None:
        """A checkpoint to resume from, and the averaged weights as a usable model. All workers must call it."""
        heads = {k: v for k, v in self.loss.state_dict().items() if not k.startswith("model.")}
        state = {
            "model": self.model.state_dict(),
            "heads": heads,
            "optimizers": [o.state_dict() for o in self.optimizers],
            "ema": self.ema,
        }
        state = whole(state, keep=self.place.rank == 0)
        if self.place.rank == 0:
            progress = {"step": self.step, "seconds": self.seconds}
            write_state(self.out / STATE, {**state, **progress, **self.settings()})
            save_checkpoint(self.out / "model.safetensors", self._filled(state["ema"]))

    def averaged(self) -> EditModel | None:
        """A copy of the model with the EMA weights, on the CPU of rank 0. All workers must call it."""
        weights = whole(self.ema, keep=self.place.rank == 0)
        return self._filled(weights) if self.place.rank == 0 else None

    def _filled(self, weights: dict[str, Any]) -> EditModel:
        model = EditModel(self.model.preset)
        model.load_state_dict(weights)
        return model.eval().requires_grad_(False)

    def take_step(self, batch: Batch) -> dict[str, float]:
        """One optimizer step; returns its row of the log."""
        phase, within = self.recipe.at(self.step)
        loss, parts = self.parallel(batch.to(self.place.device))
        self.loss.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.loss.parameters(), self.recipe.clip_norm)
        lr = learning_rate(phase, within)
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = lr * group["lr_scale"]
            optimizer.step()
        with torch.no_grad():
            keep = min(self.recipe.ema, (1 + self.step) / (10 + self.step))
            for key, value in self.model.state_dict().items():
                self.ema[key].lerp_(value, 1 - keep)
        self.step += 1
        row = mean_over_workers(parts, self.place)
        return row | {"step": self.step, "lr": lr, "grad_norm": float(whole(norm))}

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
                bar.set_postfix({k: f"{row[k]:.3f}" for k in ("loss", "data_wait")})
                journal.row(row)
                done = self.step == recipe.num_steps
                if self.step % recipe.checkpoint_every == 0 or done:
                    # Before the state: what the state has seen, no kill may take from the logs.
                    journal.flush()
                    self.save()
                if self.step % recipe.sheet_every == 0 or done:
                    model = self.averaged()
                    if model is not None:
                        journal.show(model, recipe.objective, self.held_out, self.text, self.step)
                if self.place.world > 1 and os.getppid() != parent:
                    log.warning("the run was killed; worker %d stops", self.place.rank)
                    break


def work(
    place: Place,
    address: str,
    recipe: Recipe,
    data: Path,
    out: Path,
    init: Path | None = None,
    added: Added = (),
) -> None:
    """A worker process's whole life."""
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // place.world))
    together = place.world > 1 or place.parallel == "fsdp"
    if together:
        join(place, address)
    try:
        Trainer(recipe, data, out, place, init, added).run()
    finally:
        if together:
            dist.destroy_process_group()
