"""`python -m bench.throughput`: how fast is each preset, through each backend, in each precision?

Every candidate runs real streams (`Editor`, `EditStream`; frames as uint8 arrays in and out) in a process of its own,
and the candidates of a preset take turns, round after round: the speed of a machine drifts, so ratios are taken
within a round. On a GPU one candidate is there at a time. First the machine's own ceilings are measured (large
products, large copies), at the end our networks against diffusers' with the same weights.

Figures: median, p10 and p90 over all chunks of all rounds. `pass`: one denoising pass; `context pass`: the one that
writes the cache; encode and decode: of a whole chunk. `fps, model`: as if there were denoising passes alone; `fps`: all
of it. `first frame`: a new stream's, from handing it over to its edited pixels; the camera's wait is not in it.
What a backend cannot do is a row with the reason.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from bench.budget import H100, Budget
from bench.ceilings import measure_roof
from bench.gpu import GpuSampler
from bench.machine import describe_machine
from bench.throughput_case import NAMES, SMALL, Case, Load, preset_of
from bench.throughput_report import Measured, as_markdown, as_rows
from bench.throughput_run import CannotRun, Worker
from bench.versus import compare
from egostream.errors import EgostreamError
from egostream.loading import as_backend, as_precision, pick_device
from egostream.numbers import positive
from engines import BackendChoice, Precision

OUT = Path("bench/results/throughput.json")
Way = tuple[BackendChoice, Precision]
ON_CPU: tuple[Way, ...] = (
    ("eager", "fp32"), ("openvino", "fp32"), ("openvino", "bf16"), ("openvino", "int8"),
    ("onnxruntime", "fp32"), ("onnxruntime", "int8"),
)  # fmt: skip
ON_GPU: tuple[Way, ...] = (
    ("eager", "bf16"), ("cudagraph", "bf16"), ("inductor", "bf16"), ("inductor", "fp8"), ("tensorrt", "bf16"),
)  # fmt: skip
PRESETS = {"cpu": ("nano", SMALL), "cuda": ("wan2.1-1.3b",)}
STEPS = {"nano": (1, 2, 4)}
LARGE_STEPS = (4, 2)
LATENTS = {"nano": (1,), SMALL: (1,)}
LARGE_LATENTS = (1, 3)
STREAMS = {"nano": (1, 2)}
CHUNKS = {"nano": 8}
LARGE_CHUNKS = 1
GPU_CHUNKS = 20
ROUNDS = 5


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.throughput",
        description=(__doc__ or "").partition("\n\n")[2],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example, in pieces of some minutes each on a GPU:\n"
        "  python -m bench.throughput --preset wan2.1-1.3b --ways eager:bf16 cudagraph:bf16\n"
        "  python -m bench.throughput --preset wan2.1-1.3b --ways inductor:bf16 --add --latents 1",
    )
    parser.add_argument(
        "--preset", nargs="+", choices=NAMES,
        help=f"presets; {SMALL} is Wan's shape in small. A preset without weights gets random ones "
        "(on a CPU nano and wan-small; on a GPU wan2.1-1.3b)",
    )  # fmt: skip
    parser.add_argument(
        "--ways",
        nargs="+",
        metavar="BACKEND:PRECISION",
        help="such as openvino:bf16 (all usual ones)",
    )
    parser.add_argument(
        "--steps",
        nargs="+",
        type=positive,
        help="denoising passes a chunk (nano 1 2 4, others 4 2)",
    )
    parser.add_argument(
        "--latents",
        nargs="+",
        type=positive,
        help="latent frames a chunk (nano and wan-small 1, others 1 3)",
    )
    parser.add_argument(
        "--streams", nargs="+", type=positive, help="streams that take turns (nano 1 2, others 1)"
    )
    parser.add_argument("--rounds", type=positive, help=f"({ROUNDS}; --quick: 2)")
    parser.add_argument("--chunks", type=positive, help="chunks of each stream a round (by preset)")
    parser.add_argument(
        "--quick", action="store_true", help="a look in about two minutes; not for the record"
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument(
        "--no-diffusers", action="store_true", help="leave out the comparison with diffusers"
    )
    parser.add_argument(
        "--add",
        action="store_true",
        help="keep the other rows of the file there is",
    )
    parser.add_argument(
        "--out", type=Path, default=OUT, metavar="JSON", help=f"({OUT}); .md and .png beside it"
    )
    return parser


def ways_of(asked: Sequence[str] | None, device: torch.device) -> list[Way]:
    """Raises EgostreamError for a strange backend or precision."""
    if asked is None:
        return list(ON_GPU if device.type == "cuda" else ON_CPU)
    pairs = [text.partition(":") for text in asked]
    return [(as_backend(a), as_precision(b or "bf16")) for a, _, b in pairs]


def loads_of(args: argparse.Namespace, name: str) -> list[Load]:
    steps = args.steps or (STEPS.get(name, LARGE_STEPS)[: 1 if args.quick else None])
    streams = args.streams or ((1,) if args.quick else STREAMS.get(name, (1,)))
    # Several streams in one number of passes: the others follow.
    return [Load(s, k) for k in streams for s in (steps if k == streams[0] else steps[:1])]


def measure_cases(
    cases: Sequence[Case], loads: Sequence[Load], rounds: int, chunks: int, device: torch.device
) -> list[Measured]:
    """All of these built first, then in turn; a row with a reason for each that cannot be built or breaks."""
    workers: dict[Case, Worker] = {}
    found = {(case, load): Measured(case, load, chunks) for case in cases for load in loads}

    def give_up(case: Case, error: EgostreamError) -> None:
        for load in loads:
            found[case, load].reason = str(error)
        workers.pop(case, None)

    try:
        for case in tqdm(cases, desc="build", unit="engine", leave=False):
            try:
                workers[case] = Worker(case, device)
            except CannotRun as error:
                give_up(case, error)
        for _ in tqdm(range(rounds), desc=cases[0].preset, unit="round", leave=False):
            for load in loads:
                for case, worker in list(workers.items()):
                    try:
                        found[case, load].rounds.append(worker.measure(load, chunks))
                    except CannotRun as error:
                        give_up(case, error)
    finally:
        for case, worker in workers.items():
            about = worker.close()
            for load in loads:
                found[case, load].about = about
    return list(found.values())


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Writes the files as it goes, so that what breaks off leaves what it had. Raises EgostreamError."""
    device = pick_device(args.device)
    on_gpu = device.type == "cuda"
    ways = ways_of(args.ways, device)
    rounds = args.rounds or (2 if args.quick else ROUNDS)
    print("the machine's ceilings …", file=sys.stderr)
    machine = describe_machine()
    with GpuSampler() as gpu:
        roof = measure_roof(device)
    if on_gpu:
        machine["gpu"] = (gpu.report or {}) | {
            "name": torch.cuda.get_device_name(device),
            "cuda": torch.version.cuda,
        }
    result: dict[str, Any] = {
        "machine": machine,
        "device": device.type,
        "threads": torch.get_num_threads(),
        "ceilings": asdict(roof)
        | ({"nominal_bf16_flops_per_s": H100.bf16_flops} if on_gpu else {}),
        "method": {
            "rounds": rounds,
            "warm_up": "two chunks a load; on a GPU until the window is full",
            "text": "states of noise",
            "weights": "shipped for nano, random for others",
            "quick": args.quick,
        },
        "rows": [],
        "diffusers": [],
    }
    if args.add and args.out.is_file():
        before = json.loads(args.out.read_text())
        if _where(before["machine"]) != _where(machine):
            raise EgostreamError(f"{args.out} is of another machine: give --out another name")
        result["rows"], result["diffusers"] = before["rows"], before["diffusers"]
    for name in args.preset or PRESETS[device.type]:
        chunks = args.chunks or (GPU_CHUNKS if on_gpu else CHUNKS.get(name, LARGE_CHUNKS))
        latents = args.latents or (LATENTS.get(name, LARGE_LATENTS)[: 1 if args.quick else None])
        for n in latents:
            print(f"{name}, {n} latent frames a chunk …", file=sys.stderr)
            budget = Budget.of(preset_of(name, n), n)
            cases = [Case(name, backend, precision, n) for backend, precision in ways]
            # A GPU's memory holds one, and its speed is steady.
            groups = [[case] for case in cases] if on_gpu else [cases]
            measured: list[Measured] = []
            for group in groups:
                measured += measure_cases(group, loads_of(args, name), rounds, chunks, device)
                rows = as_rows(measured, budget)
                fresh = {row["name"] for row in rows}
                rows += [row for row in result["rows"] if row["name"] not in fresh]
                result["rows"] = sorted(rows, key=_group)
                save(args.out, result)
    if not args.no_diffusers and not on_gpu:
        print("against diffusers …", file=sys.stderr)
        try:
            result["diffusers"] = compare(rounds)
        except EgostreamError as error:
            result["diffusers"] = [{"what": "all", "reason": str(error)}]
        save(args.out, result)
    return result


def _group(row: dict[str, Any]) -> tuple[str, int, int, int]:
    """Rows that are compared stand together."""
    return row["preset"], row["latents"], row["streams"], row["steps"]


def _where(machine: dict[str, Any]) -> tuple[Any, ...]:
    """What makes results of two runs comparable."""
    return machine["cpu"], machine["cores"], machine.get("gpu", {}).get("name")


def save(path: Path, result: dict[str, Any]) -> None:
    """`NAME.json`, `NAME.md` and `NAME.png`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=2) + "\n")
    path.with_suffix(".md").write_text(as_markdown(result) + "\n")
    from bench.throughput_plot import draw

    draw(path.with_suffix(".png"), result)


def main(argv: Sequence[str] | None = None) -> int:
    args = build_parser().parse_args(argv)
    logging.basicConfig(level=logging.ERROR)
    try:
        result = run(args)
    except EgostreamError as error:
        print(f"bench.throughput: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    print(as_markdown(result))
    print(f"\nwrote {args.out}, its table and its plot beside it")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
