"""A dry run's answer: what a stage of training would need, as figures and as a table."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from distill.plan.measure import Counts, count
from distill.plan.shapes import STAGES, BadPlan, Stage, get_shape

GIB = 1024**3
PEAK_FLOPS = 989e12  # H100, dense bf16, as printed
REACHABLE_FLOPS = 790e12  # what its clocks give large products
ADAM_BYTES = 8  # two float32 moments
GPU_GIB = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be planned. `batch` is over all GPUs together."""

    preset: str
    stage: str
    gpus: int = 8
    batch: int = 8
    frames: int = 81
    size_wh: tuple[int, int] = (512, 384)
    utilisation: float = 0.4


def plan(wanted: Wanted) -> dict[str, Any]:
    """All figures, ready for JSON; memory in GiB a GPU. Raises BadPlan or UnknownPreset."""
    if wanted.batch % wanted.gpus:
        raise BadPlan(f"a batch of {wanted.batch} cannot be shared by {wanted.gpus} GPUs evenly")
    shape, stage = get_shape(wanted.preset), STAGES[wanted.stage]
    grid = shape.grid(wanted.frames, wanted.size_wh)
    counts = count(shape, grid, stage.doubled)
    patch, share = shape.transformer.patch, wanted.batch // wanted.gpus
    per_frame = grid[1] * grid[2] // patch**2
    tokens = per_frame * grid[0] * (2 if stage.doubled else 1)
    one = counts.forward_flops + counts.backward_flops
    flops = share * (stage.forwards * counts.forward_flops + stage.passes * one)
    again = share * stage.passes * counts.forward_flops

    def seconds(work: float) -> dict[str, float]:
        return {
            "at_utilisation": work / (wanted.utilisation * PEAK_FLOPS),
            "at_best": work / REACHABLE_FLOPS,
        }

    return {
        **asdict(wanted),
        "parameters": counts.parameters,
        "num_parameters": sum(counts.parameters.values()),
        "latent_grid": list(grid),
        "tokens_per_latent_frame": per_frame,
        "tokens_per_pass": tokens,
        "tokens_per_step": tokens * wanted.batch,
        "memory_gib": {
            "kept": memory(counts, stage, wanted.gpus, share, False),
            "recomputed": memory(counts, stage, wanted.gpus, share, True),
        },
        "forward_tflop_per_example": counts.forward_flops / 1e12,
        "backward_tflop_per_example": counts.backward_flops / 1e12,
        "pflop_per_step": wanted.gpus * flops / 1e15,
        "seconds_per_step": {"kept": seconds(flops), "recomputed": seconds(flops + again)},
    }


def memory(
    counts: Counts, stage: Stage, gpus: int, share: int, recomputed: bool
) -> dict[str, float]:
    """GiB on each GPU, all of them sharing the weights (FSDP); one network is in its backward pass at a time."""
    total = sum(counts.parameters.values())
    blocks = total - counts.parameters["in_and_out"]
    depth = blocks // counts.block_parameters
    held = counts.base_bytes + depth * counts.block_bytes
    if recomputed:
        held = counts.base_bytes + depth * counts.block_in_bytes + counts.block_bytes
    # The next block is fetched while one computes; the root stays for the whole pass.
    fetched = counts.parameters["in_and_out"] + 2 * counts.block_parameters
    found = {
        "weights": 4 * (stage.trained + stage.frozen) * total / gpus,
        "gradients": 4 * stage.trained * total / gpus,
        "optimizer": ADAM_BYTES * stage.trained * total / gpus,
        "ema": 4 * total / gpus,
        "gathered": 4 * fetched if gpus > 1 else 0,
        "activations": share * held,
        "keys_and_values": share * counts.cache_bytes if stage.cached else 0,
    }
    gib = {k: v / GIB for k, v in found.items()}
    return gib | {"total": sum(gib.values())}


def as_json(figures: dict[str, Any]) -> str:
    """For programs."""
    return json.dumps(figures, indent=2)


def as_text(figures: dict[str, Any]) -> str:
    """For people."""
    f, (w, h) = figures, figures["size_wh"]
    kept, again = (f["memory_gib"][k] for k in ("kept", "recomputed"))
    T, rows, columns = f["latent_grid"]
    lines = [
        f"{f['preset']}, stage {f['stage']}: batch {f['batch']} on {f['gpus']} GPUs, "
        f"{f['frames']} frames of {w}x{h}",
        "",
        "parameters",
        *(f"  {name:<22}{number / 1e6:>12,.1f} M" for name, number in f["parameters"].items()),
        f"  {'total':<22}{f['num_parameters'] / 1e6:>12,.1f} M",
        "",
        "tokens",
        f"  {'latent grid':<22}{f'{T} x {rows} x {columns}':>14}",
        f"  {'a latent frame':<22}{f['tokens_per_latent_frame']:>14,}",
        f"  {'a pass':<22}{f['tokens_per_pass']:>14,}",
        f"  {'a step':<22}{f['tokens_per_step']:>14,}",
        "",
        f"{'memory a GPU (GiB)':<24}{'as it is':>14}{'recomputing':>14}",
        *(f"  {k.replace('_', ' '):<22}{kept[k]:>14.2f}{again[k]:>14.2f}" for k in kept),
        f"  {f'fits {GPU_GIB} GB':<22}{_fits(kept):>14}{_fits(again):>14}",
        "",
        "work",
        f"  {'forward, an example':<22}{f['forward_tflop_per_example']:>8.4g} TFLOP",
        f"  {'backward, an example':<22}{f['backward_tflop_per_example']:>8.4g} TFLOP",
        f"  {'a step, all GPUs':<22}{1e3 * f['pflop_per_step']:>8.4g} TFLOP",
        "",
        f"{'seconds a step (H100)':<24}{'as it is':>14}{'recomputing':>14}",
    ]
    named = {
        "at_utilisation": f"{f['utilisation']:.0%} of {PEAK_FLOPS / 1e12:.0f} TFLOP/s",
        "at_best": f"all of {REACHABLE_FLOPS / 1e12:.0f} TFLOP/s",
    }
    for key, name in named.items():
        a, b = (f["seconds_per_step"][k][key] for k in ("kept", "recomputed"))
        lines.append(f"  {name:<22}{a:>14.3g}{b:>14.3g}")
    lines += [
        "",
        "Attention is counted dense, also where a mask leaves much of it out. Not in it: the frozen codec",
        "and text encoder, which every GPU holds and runs (UMT5: 11 GB in bf16).",
    ]
    return "\n".join(lines)


def _fits(memory_gib: dict[str, float]) -> str:
    # A tenth is lost to the allocator and to the libraries.
    return "yes" if memory_gib["total"] < 0.9 * GPU_GIB * 1e9 / GIB else "no"
