"""The training loop: workers with averaged gradients, EMA, checkpoints, exact resume, a JSONL log.

One process a core, each drawing its own share of every batch; what a step sees depends on the step and the
worker alone, so a killed run goes on from its last checkpoint as if nothing had happened.
"""

from __future__ import annotations

import json
import logging
import math
import os
import time
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from tqdm import tqdm

from distill.loss import FlowMatching
from distill.pairs import Pair, PairSource
from distill.recipe import Phase, Recipe
from egostream.models.change_codec import STRIDE_T
from egostream.models.checkpoint import EditModel, save_checkpoint
from egostream.models.presets import get_preset
from egostream.models.text import TextEncoder

log = logging.getLogger(__name__)


class TextCache:
    """Instructions repeat: each is encoded once."""

    def __init__(self, encoder: TextEncoder) -> None:
        self._encoder = encoder
        self._known: dict[str, tuple[Tensor, Tensor]] = {}

    def __call__(self, texts: list[str]) -> tuple[Tensor, Tensor]:
        new = sorted({t for t in texts if t not in self._known})
        if new:
            states, mask = self._encoder(new)
            for i, text in enumerate(new):
                self._known[text] = (states[i].bfloat16(), mask[i])
        found = [self._known[t] for t in texts]
        return torch.stack([s for s, _ in found]).float(), torch.stack([m for _, m in found])


def collate(pairs: list[Pair]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Source, target, mask and clocks of a batch."""
    T = pairs[0].source.shape[0]
    clocks = [
        (1 - STRIDE_T if p.clock == 0 else p.clock) + STRIDE_T * torch.arange(T) for p in pairs
    ]
    return (
        torch.stack([p.source for p in pairs]),
        torch.stack([p.target for p in pairs]),
        torch.stack([p.mask for p in pairs]),
        torch.stack(clocks),
    )


def learning_rate(phase: Phase, step: int) -> float:
    """Linear warm-up, then half a cosine from `lr` to `lr_end`."""
    if step < phase.warmup:
        return phase.lr * (step + 1) / phase.warmup
    progress = (step - phase.warmup) / max(1, phase.steps - phase.warmup)
    return phase.lr_end + (phase.lr - phase.lr_end) * 0.5 * (1 + math.cos(math.pi * progress))


def start_from_scratch(model: EditModel) -> None:
    """With no text-to-video weights to protect, let the source speak at once and the noise softly."""
    with torch.no_grad():
        nn.init.xavier_uniform_(model.transformer.patch_source.weight)
        model.transformer.patch_target.weight.mul_(0.3)


def make_optimizers(model: EditModel, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon (K. Jordan et al. 2024) for the blocks' matrices, AdamW for the rest."""
    matrices = [
        p for p in model.transformer.blocks.parameters() if p.dim() == 2 and min(p.shape) > 8
    ]
    chosen = {id(p) for p in matrices}
    rest = [p for p in model.parameters() if id(p) not in chosen]
    decay = recipe.weight_decay
    adam = [
        {"params": [p for p in rest if p.dim() > 1], "weight_decay": decay, "lr_scale": 1.0},
        {"params": [p for p in rest if p.dim() <= 1], "weight_decay": 0.0, "lr_scale": 1.0},
    ]
    muon = torch.optim.Muon(
        [{"params": matrices, "lr_scale": recipe.muon_scale}],
        weight_decay=decay,
        adjust_lr_fn="match_rms_adamw",
    )
    return [muon, torch.optim.AdamW(adam, betas=(0.9, 0.98), fused=True)]


class Trainer:
    """One worker of a run (rank 0 writes)."""

    def __init__(self, recipe: Recipe, data: Path, out: Path, rank: int, world: int) -> None:
        self.recipe, self.out, self.rank, self.world = recipe, out, rank, world
        self.held_out = data / "heldout"
        torch.manual_seed(recipe.seed)
        self.model = EditModel(get_preset(recipe.preset))
        start_from_scratch(self.model)
        self.loss = FlowMatching(self.model, recipe.at_noise, recipe.context_noise)
        self.parallel: nn.Module = DistributedDataParallel(self.loss) if world > 1 else self.loss
        self.optimizers = make_optimizers(self.model, recipe)
        self.ema = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.step = 0
        self.seconds = 0.0
        self.pairs = PairSource(data / "train", recipe.mix)
        self.text = TextCache(TextEncoder())
        self.resume()

    def resume(self) -> None:
        """Go on from the last checkpoint, if there is one."""
        path = self.out / "state.pt"
        if not path.is_file():
            return
        state: dict[str, Any] = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.ema = state["ema"]
        self.step, self.seconds = state["step"], state["seconds"]
        log.info("resumed at step %d of %d", self.step, self.recipe.num_steps)

    def save(self) -> None:
        """A checkpoint to resume from, and the averaged weights as a usable model."""
        state = {
            "model": self.model.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
            "ema": self.ema,
            "step": self.step,
            "seconds": self.seconds,
        }
        partial = self.out / ".state.pt.tmp"
        torch.save(state, partial)
        os.replace(partial, self.out / "state.pt")
        save_checkpoint(self.out / "model.safetensors", self.averaged())

    def averaged(self) -> EditModel:
        """A copy of the model with the EMA weights."""
        model = EditModel(self.model.preset)
        model.load_state_dict(self.ema)
        return model.eval().requires_grad_(False)

    def draw(self, phase: Phase) -> tuple[list[Pair], int]:
        """This worker's share of the step's batch, and the seed of its noise."""
        share = phase.batch // self.world
        seeds = [(self.recipe.seed, self.step, self.rank, i) for i in range(share)]
        pairs = [self.pairs.draw(s, phase.num_latents, phase.size_hw) for s in seeds]
        return pairs, (self.recipe.seed * 1_000_003 + self.step) * 64 + self.rank

    def train_step(self) -> dict[str, float]:
        """One optimizer step; returns the log row."""
        phase, within = self.recipe.at(self.step)
        if self.step % self.recipe.checkpoint_every == 0:
            self.pairs.refresh()
        start = time.perf_counter()
        pairs, seed = self.draw(phase)
        drawn = time.perf_counter()
        text, text_mask = self.text([p.text for p in pairs])
        loss, parts = self.parallel(*collate(pairs), text, text_mask, seed)
        self.model.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip_norm)
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
        took = time.perf_counter() - start
        self.seconds += took
        row = {k: float(v) for k, v in parts.items()}
        row |= {"step": self.step, "lr": lr, "grad_norm": float(norm), "seconds": self.seconds}
        return row | {"step_s": took, "draw_s": drawn - start}

    def run(self) -> None:
        """To the end of the recipe."""
        from distill.report import curves, sheet

        bar = tqdm(
            total=self.recipe.num_steps, initial=self.step, desc="train", disable=self.rank > 0
        )
        with (self.out / "log.jsonl").open("a") as file:
            parent = os.getppid()
            while self.step < self.recipe.num_steps:
                if self.world > 1 and os.getppid() != parent:
                    log.warning("the run was killed; worker %d stops", self.rank)
                    break
                row = self.train_step()
                bar.update()
                if self.rank == 0:
                    bar.set_postfix({k: f"{row[k]:.3f}" for k in ("loss", "pixel_in", "gate")})
                    file.write(json.dumps(row) + "\n")
                    file.flush()
                    done = self.step == self.recipe.num_steps
                    if self.step % self.recipe.checkpoint_every == 0 or done:
                        self.save()
                    if self.step % self.recipe.sheet_every == 0 or done:
                        sheet(self.averaged(), self.held_out, self.text, self.out, self.step)
                        curves(self.out)
        bar.close()


def work(rank: int, world: int, recipe: Recipe, data: Path, out: Path, port: int) -> None:
    """A worker process's whole life."""
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // world))
    if world > 1:
        address = f"tcp://127.0.0.1:{port}"
        dist.init_process_group("gloo", init_method=address, rank=rank, world_size=world)
    try:
        Trainer(recipe, data, out, rank, world).run()
    finally:
        if world > 1:
            dist.destroy_process_group()
