"""The training loop: workers with averaged gradients, EMA, checkpoints, resume, a JSONL log.

One process a core, each drawing its own share of every batch. An example is a function of its number in the run
and of the list of clips, which is read anew at every checkpoint: once all clips are rendered, a killed run goes
on from its last checkpoint as if nothing had happened, with the same recipe and as many workers.
"""

from __future__ import annotations

import json
import logging
import math
import os
import platform
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel
from tqdm import tqdm

from distill.datasets.sources import Added, open_sources
from distill.loss import FlowMatching
from distill.naming import name_cells
from distill.pairs import Pair
from distill.recipe import Phase, Recipe
from distill.start import start_from, start_from_scratch
from egostream.models.change_codec import SEEN, STRIDE_T
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


def collate(pairs: list[Pair]) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """Source, target, mask, clocks and names of a batch."""
    T = pairs[0].source.shape[0]
    clocks = [
        (1 - STRIDE_T if p.clock == 0 else p.clock) + STRIDE_T * torch.arange(T) for p in pairs
    ]
    return (
        torch.stack([p.source for p in pairs]),
        torch.stack([p.target for p in pairs]),
        torch.stack([p.mask for p in pairs]),
        torch.stack(clocks),
        torch.stack([name_cells(p.seen[:, SEEN]) for p in pairs]),
    )


def learning_rate(phase: Phase, step: int) -> float:
    """Linear warm-up, then half a cosine from `lr` to `lr_end`."""
    if step < phase.warmup:
        return phase.lr * (step + 1) / phase.warmup
    progress = (step - phase.warmup) / max(1, phase.steps - phase.warmup)
    return phase.lr_end + (phase.lr - phase.lr_end) * 0.5 * (1 + math.cos(math.pi * progress))


def make_optimizers(loss: FlowMatching, recipe: Recipe) -> list[torch.optim.Optimizer]:
    """Muon (K. Jordan et al. 2024) for the blocks' matrices, AdamW for the rest."""
    matrices = [
        p for p in loss.model.transformer.blocks.parameters() if p.dim() == 2 and min(p.shape) > 8
    ]
    chosen = {id(p) for p in matrices}
    rest = [p for p in loss.parameters() if p.requires_grad and id(p) not in chosen]
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


def flat(value: Any, name: str) -> dict[str, Any]:
    """Nested settings as dotted names."""
    if isinstance(value, dict):
        return {k: v for key in value for k, v in flat(value[key], f"{name}.{key}").items()}
    if isinstance(value, (list, tuple)):
        return {k: v for i, x in enumerate(value) for k, v in flat(x, f"{name}.{i}").items()}
    return {name: value}


def differences(saved: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """What changed since a checkpoint; one written before a setting was kept says nothing of it."""
    found = []
    for key in now.keys() & saved.keys():
        old, new = flat(saved[key], key), flat(now[key], key)
        names = [n for n in {**old, **new} if old.get(n) != new.get(n)]
        found += [f"{n} was {old.get(n)}, is {new.get(n)}" for n in names]
    return sorted(found)


def forget_after(path: Path, step: int) -> None:
    """Drop the rows of steps that will be taken again, and a last line that a kill cut short."""
    if not path.is_file():
        return
    kept = []
    for line in path.read_text().splitlines():
        try:
            if json.loads(line)["step"] <= step:
                kept.append(line + "\n")
        except ValueError:
            log.warning("%s: dropped a line that is not JSON", path)
    partial = path.with_name(f".{path.name}.tmp")
    partial.write_text("".join(kept))
    os.replace(partial, path)


class Trainer:
    """One worker of a run (rank 0 writes). `init` is a checkpoint to start from, not to resume."""

    def __init__(
        self,
        recipe: Recipe,
        data: Path,
        out: Path,
        rank: int,
        world: int,
        init: Path | None = None,
        added: Added = (),
    ) -> None:
        self.recipe, self.out, self.rank, self.world = recipe, out, rank, world
        self.held_out = data / "heldout"
        torch.manual_seed(recipe.seed)
        self.model = EditModel(get_preset(recipe.preset))
        if init is None:
            start_from_scratch(self.model)
        else:
            start_from(self.model, init)
        self.loss = FlowMatching(self.model, recipe.objective)
        self.parallel: nn.Module = DistributedDataParallel(self.loss) if world > 1 else self.loss
        self.optimizers = make_optimizers(self.loss, recipe)
        self.ema = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.step = 0
        self.seconds = 0.0
        self.pairs = open_sources(data / "train", recipe.mix, added, recipe.seed)
        self.text = TextCache(TextEncoder())
        self.resume()

    def resume(self) -> None:
        """Go on from the last checkpoint, if there is one."""
        path = self.out / "state.pt"
        if not path.is_file():
            return
        state: dict[str, Any] = torch.load(path, weights_only=True)
        changed = differences(state, self.settings())
        if changed and self.rank == 0:
            log.warning("goes on, but not as the run began: %s", "; ".join(changed))
        self.model.load_state_dict(state["model"])
        self.loss.naming.load_state_dict(state["naming"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"], strict=True):
            # A state dict brings its groups' settings along; the recipe's are the ones that count.
            wanted = [(g["lr_scale"], g["weight_decay"]) for g in optimizer.param_groups]
            optimizer.load_state_dict(saved)
            for group, (scale, decay) in zip(optimizer.param_groups, wanted, strict=True):
                group["lr_scale"], group["weight_decay"] = scale, decay
        self.ema = state["ema"]
        self.step, self.seconds = state["step"], state["seconds"]
        log.info("resumed at step %d of %d", self.step, self.recipe.num_steps)

    def settings(self) -> dict[str, Any]:
        """What must stay the same for a run to go on as it began."""
        return {"recipe": asdict(self.recipe), "world": self.world}

    def save(self) -> None:
        """A checkpoint to resume from, and the averaged weights as a usable model."""
        state = {
            "model": self.model.state_dict(),
            "naming": self.loss.naming.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
            "ema": self.ema,
            "step": self.step,
            "seconds": self.seconds,
            **self.settings(),
        }
        partial = self.out / ".state.pt.tmp"
        with partial.open("wb") as file:
            torch.save(state, file)
            file.flush()
            # Else a power cut after the renaming could leave an empty file in the good one's place.
            os.fsync(file.fileno())
        os.replace(partial, self.out / "state.pt")
        save_checkpoint(self.out / "model.safetensors", self.averaged())

    def averaged(self) -> EditModel:
        """A copy of the model with the EMA weights."""
        model = EditModel(self.model.preset)
        model.load_state_dict(self.ema)
        return model.eval().requires_grad_(False)

    def draw(self, phase: Phase) -> tuple[list[Pair], list[int]]:
        """This worker's share of the step's batch, and the seeds of their noise."""
        share = phase.batch // self.world
        first = self.recipe.examples_before(self.step) + self.rank * share
        numbers, seed = range(first, first + share), self.recipe.seed
        pairs = [self.pairs.draw((seed, n), phase.num_latents, phase.size_hw) for n in numbers]
        return pairs, [seed * 1_000_000_007 + n for n in numbers]

    def train_step(self) -> dict[str, float]:
        """One optimizer step; returns the log row."""
        phase, within = self.recipe.at(self.step)
        if self.step % self.recipe.checkpoint_every == 0:
            self.pairs.refresh()
        start = time.perf_counter()
        pairs, seeds = self.draw(phase)
        drawn = time.perf_counter()
        text, text_mask = self.text([p.text for p in pairs])
        loss, parts = self.parallel(*collate(pairs), text, text_mask, seeds, self.step % 2)
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
        # Only the first row of a start says where it ran.
        place: dict[str, Any] = {"cores": os.cpu_count(), "machine": platform.machine()}
        if self.rank == 0:
            for name in ("log.jsonl", "scores.jsonl"):
                forget_after(self.out / name, self.step)
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
                    file.write(json.dumps(row | place) + "\n")
                    file.flush()
                    place = {}
                    done = self.step == self.recipe.num_steps
                    if self.step % self.recipe.checkpoint_every == 0 or done:
                        self.save()
                    if self.step % self.recipe.sheet_every == 0 or done:
                        sheet(self.averaged(), self.held_out, self.text, self.out, self.step)
                        curves(self.out)
        bar.close()


def work(
    rank: int,
    world: int,
    recipe: Recipe,
    data: Path,
    out: Path,
    port: int,
    init: Path | None = None,
    added: Added = (),
) -> None:
    """A worker process's whole life."""
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // world))
    if world > 1:
        address = f"tcp://127.0.0.1:{port}"
        dist.init_process_group("gloo", init_method=address, rank=rank, world_size=world)
    try:
        Trainer(recipe, data, out, rank, world, init, added).run()
    finally:
        if world > 1:
            dist.destroy_process_group()
