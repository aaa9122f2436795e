"""`python -m bench.budget`: what a chunk costs before anything is measured.

FLOPs and bytes of every stage of each preset, counted from the networks that streams run (no GPU and no weights are
needed), and the least time that these take on an H100 and an H200 at their ceilings. What a machine really does
is measured by `python -m bench.throughput`, which puts its figures beside these.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.budget_count import Stages, count_stages, pass_parts
from bench.work import Work
from egostream.models.presets import PRESETS, Preset, get_preset
from egostream.numbers import positive

OUT = Path("bench/results/budget.json")
STEPS = (4, 2)


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What large dense products and large copies reach on a machine, a second."""

    name: str
    bf16_flops: float
    bytes: float


# 790: what an H100's and an H200's clocks give large bf16 products (989 printed). Memory as printed.
H100 = Ceilings("H100", 790e12, 3.35e12)
H200 = Ceilings("H200", 790e12, 4.8e12)
MACHINES = (H100, H200)


@dataclass(frozen=True, slots=True)
class Budget:
    """A preset at so many latent frames a chunk."""

    preset: Preset
    latents: int
    stages: Stages

    @staticmethod
    def of(preset: Preset, latents: int) -> Budget:
        """Counted now: some seconds."""
        return Budget(preset, latents, count_stages(preset, latents))

    @property
    def frames(self) -> int:
        """Of a chunk that is not a stream's first."""
        return self.latents * self.preset.codec.stride_t

    def rows(self) -> dict[str, Work]:
        """The stages of one chunk; of passes, one."""
        s = self.stages
        rows = {
            "encode": s.encode * self.latents,
            "pass": s.denoise,
            "decode": s.decode * self.latents,
        }
        if s.tiny_decode is not None:
            rows["tiny decode"] = s.tiny_decode * self.latents
        return rows

    def num_passes(self, steps: int) -> int:
        """With the pass that writes the cache, where there is one."""
        return steps + (self.preset.context == "clean")

    def chunk_ms(self, on: Ceilings, steps: int, tiny: bool, share: float = 1.0) -> float:
        """At least, every stage by itself at that share of the ceilings."""
        rows = self.rows()
        decode = rows["tiny decode" if tiny and "tiny decode" in rows else "decode"]
        once = rows["encode"].floor_ms(on.bf16_flops, on.bytes)
        once += decode.floor_ms(on.bf16_flops, on.bytes)
        each = rows["pass"].floor_ms(on.bf16_flops, on.bytes)
        return (once + self.num_passes(steps) * each) / share

    def first_frame_ms(self, on: Ceilings, steps: int, tiny: bool) -> float:
        """At least, from a stream's first frame in to its edit out: no pass for the cache is waited for."""
        s = self.stages
        decode = s.tiny_decode if tiny and s.tiny_decode is not None else s.decode
        once = sum(work.floor_ms(on.bf16_flops, on.bytes) for work in (s.encode, decode))
        return once + steps * s.first.floor_ms(on.bf16_flops, on.bytes)

    def fps(self, on: Ceilings, steps: int, tiny: bool, share: float = 1.0) -> float:
        """At most."""
        return 1e3 * self.frames / self.chunk_ms(on, steps, tiny, share)


def as_dict(budgets: Sequence[Budget]) -> dict[str, Any]:
    """Ready for JSON."""
    return {
        "ceilings": [asdict(machine) for machine in MACHINES],
        "budgets": [
            {
                "preset": b.preset.name,
                "latents_per_chunk": b.latents,
                "frames": b.frames,
                "pictures_wh": list(b.preset.frame_hw[::-1]),
                "cache_bytes": b.stages.cache_bytes,
                "transformer_bytes": b.stages.weight_bytes,
                "stages": {name: asdict(work) for name, work in b.rows().items()},
                "pass_flops": pass_parts(b.preset, b.latents),
                "fps_at_most": {
                    f"{on.name}, {steps} passes{', tiny decoder' * tiny}": round(
                        b.fps(on, steps, tiny), 1
                    )
                    for on in MACHINES
                    for steps in STEPS
                    for tiny in (False, True)[: 1 + (b.stages.tiny_decode is not None)]
                },
            }
            for b in budgets
        ],
    }


def as_markdown(budgets: Sequence[Budget]) -> str:
    """Three tables: stages, what a pass consists of, and frames a second."""
    heads = [f"{m.name} ms, 100 / 50 %" for m in MACHINES]
    lines = [
        "| preset | latents a chunk | stage | GFLOP | GB, fused | GB, eager | FLOP/byte | "
        + " | ".join(heads) + " |",
        "|---|---|---|---|---|---|---|" + "---|" * len(heads),
    ]  # fmt: skip
    for b in budgets:
        for name, work in b.rows().items():
            cells = [
                f"{ms:.3g} / {2 * ms:.3g}"
                for m in MACHINES
                for ms in (work.floor_ms(m.bf16_flops, m.bytes),)
            ]
            lines.append(
                f"| {b.preset.name} | {b.latents} | {name} | {work.flops / 1e9:,.4g} | "
                f"{work.product_bytes / 1e9:.3g} | {work.eager_bytes / 1e9:.3g} | "
                f"{work.flops / work.product_bytes:.0f} | " + " | ".join(cells) + " |"
            )
    parts = list(pass_parts(budgets[0].preset, 1))
    lines += [
        "",
        "| preset | latents a chunk | " + " | ".join(f"{p}, GFLOP" for p in parts)
        + " | weights, GB | KV cache, GB |",
        "|---|---|" + "---|" * (len(parts) + 2),
    ]  # fmt: skip
    for b in budgets:
        cells = [f"{flops / 1e9:,.4g}" for flops in pass_parts(b.preset, b.latents).values()]
        cells += [f"{n / 1e9:.3g}" for n in (b.stages.weight_bytes, b.stages.cache_bytes)]
        lines.append(f"| {b.preset.name} | {b.latents} | " + " | ".join(cells) + " |")
    lines += [
        "",
        "| preset | latents a chunk | denoising passes | decoder | "
        + " | ".join(f"{m.name} fps, 100 / 50 % | first frame, ms" for m in MACHINES) + " |",
        "|---|---|---|---|" + "---|---|" * len(MACHINES),
    ]  # fmt: skip
    for b in budgets:
        for steps in STEPS:
            for tiny in (False, True)[: 1 + (b.stages.tiny_decode is not None)]:
                cells = [
                    f"{b.fps(m, steps, tiny):,.0f} / {b.fps(m, steps, tiny, 0.5):,.0f} | "
                    f"{(first := b.first_frame_ms(m, steps, tiny)):.3g} / {2 * first:.3g}"
                    for m in MACHINES
                ]
                lines.append(
                    f"| {b.preset.name} | {b.latents} | {steps} | {'tiny' if tiny else 'full'} | "
                    + " | ".join(cells) + " |"
                )  # fmt: skip
    return "\n".join(lines)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.budget",
        description=(__doc__ or "").partition("\n\n")[2],
        epilog="GB, fused: what products read and write, all between them fused; GB, eager: what PyTorch moves. "
        "The floors take the former.",
    )
    parser.add_argument(
        "--preset", nargs="+", choices=list(PRESETS), default=list(PRESETS), help="(all)"
    )
    parser.add_argument(
        "--latents", nargs="+", type=positive, default=[1, 3], help="latent frames a chunk (1 3)"
    )
    parser.add_argument(
        "--out", type=Path, metavar="JSON", help=f"writes it and a plot beside it (such as {OUT})"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    budgets = [Budget.of(get_preset(name), n) for name in args.preset for n in args.latents]
    print(as_markdown(budgets))
    if args.out is not None:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(json.dumps(as_dict(budgets), indent=2) + "\n")
        from bench.budget_plot import draw

        draw(args.out.with_suffix(".png"), budgets)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
