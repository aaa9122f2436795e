"""`python -m distill.datasets`: check a dataset in EgoEditData's layout, or write the world's pairs as one."""

from __future__ import annotations

import argparse
import json
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
from tqdm import tqdm

from distill.datasets.read import open_dataset
from distill.datasets.tables import BadDataset
from distill.datasets.write import DatasetWriter
from egostream.errors import EgostreamError

EPILOG = """\
examples:
  python -m distill.datasets check ~/EgoEditData
  python -m distill.datasets export --world data/world/train --out data/pairs --pairs 200

A dataset is a folder with annotation/egoeditdata_data_table.csv and annotation/egoeditdata_edits_table.csv
(or egoeditbench_...) and its videos anywhere below, found by their base names.
"""
FPS, SIZE_HW, LATENTS = Fraction(24), (192, 256), 4
SHOWN = 20


def main(argv: list[str] | None = None) -> int:
    """Entry point; returns the exit code: 1 where rows cannot be used, 2 where nothing can."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m distill.datasets", description=__doc__, epilog=EPILOG, formatter_class=raw
    )
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser("check", help="open every video, list every row that is wrong")
    check.add_argument("folder", type=Path)
    check.add_argument("--split", choices=("train", "bench"), help="(what is there)")
    check.add_argument("--json", action="store_true", help="the summary and all problems as JSON")
    export = commands.add_parser("export", help="write pairs of the procedural world as a dataset")
    export.add_argument("--world", type=Path, required=True, help="folder of rendered clips")
    export.add_argument("--out", type=Path, required=True, help="folder, made if missing")
    export.add_argument("--pairs", type=int, default=100, help="how many (100)")
    export.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args(argv)
    try:
        if arguments.command == "check":
            return run_check(arguments)
        return run_export(arguments)
    except (EgostreamError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def run_check(arguments: argparse.Namespace) -> int:
    """Report on a folder."""
    found = open_dataset(arguments.folder, arguments.split, show_progress=not arguments.json)
    if arguments.json:
        problems = [str(p) for p in found.problems]
        print(json.dumps({**found.summary(), "problem_rows": problems}, indent=1))
    else:
        for name, value in found.summary().items():
            print(f"{name:>14s}  {value}")
        for problem in found.problems[:SHOWN]:
            print(f"  {problem}")
        if len(found.problems) > SHOWN:
            print(f"  and {len(found.problems) - SHOWN} more; --json lists all")
    if not found.edits:
        raise BadDataset(f"{arguments.folder} has no edit that can be used")
    return 1 if found.problems else 0


def run_export(arguments: argparse.Namespace) -> int:
    """Draw pairs and write them."""
    from distill.pairs import PairSource

    source = PairSource(arguments.world)
    writer = DatasetWriter(arguments.out, "train", FPS)
    for number in tqdm(range(arguments.pairs), "write", unit="pair"):
        pair = source.draw((arguments.seed, number), LATENTS, SIZE_HW)
        name = f"world_{arguments.seed}_{number:06d}"
        for role, pictures in (("source", pair.source), ("target", pair.target)):
            frames = pictures.flatten(0, 1)[3:].permute(0, 2, 3, 1).numpy()
            writer.add_video(f"{name}_{role}", (frames * 255).round().astype(np.uint8))
        writer.add_edit(name, f"{name}_source", pair.text, target_id=f"{name}_target")
    writer.close()
    print(f"{arguments.out}: {arguments.pairs} pairs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
