"""`python -m bench.ablation`: how much is first-person data worth?

The paper's table (arXiv 2512.06065, section 5.4) at nano's scale: the same network, the same number of steps, with
0, 25, 75 and 100 % of the first-person clips (those with a hand, seen from the head); what is left are clips seen
from a desk or without hands, and photographs. Each run is trained from scratch and scored on the same held-out
clips. Stopped at any moment, the same command goes on.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.machine import describe_machine

OUT = Path("bench/results/ablation.json")
SHARES = (0.0, 0.25, 0.75, 1.0)
TASKS = ("recolor", "remove", "add", "material", "fire", "glow", "night", "sketch", "none")
FIGURES = {
    "error_closed_local": "local",
    "error_closed_global": "global",
    "unedited_psnr_db": "unedited, dB",
    "hands_psnr_db": "hands, dB",
}


def commands(share: float, arguments: argparse.Namespace) -> tuple[Path, list[list[str]]]:
    """Where one run's scores will be, and what makes them."""
    folder = arguments.runs / f"{arguments.recipe}-{arguments.scale:g}-{share:g}"
    scores = folder / f"quality_{arguments.count}.json"
    python = [sys.executable, "-m"]
    train = [
        *python, "distill", "causal", "--recipe", arguments.recipe, "--scale", f"{arguments.scale:g}",
        "--egocentric", f"{share:g}", "--data", str(arguments.data), "--out", str(folder),
    ]  # fmt: skip
    score = [
        *python, "bench.quality", "--data", str(arguments.data / "heldout"), "--plain",
        "--weights", str(folder / "model.safetensors"), "--count", str(arguments.count),
        "--out", str(scores), "--tasks", *TASKS,
    ]  # fmt: skip
    return scores, [train, score]


def collect(found: dict[float, Path]) -> list[dict[str, Any]]:
    """The trained row of each run's scores, with its share."""
    rows = []
    for share, path in found.items():
        scored = json.loads(path.read_text())["rows"]
        rows.append({"egocentric": share, **scored[-1]})
    return rows


def markdown(rows: Sequence[dict[str, Any]]) -> str:
    """The table: a line for each share of first-person data."""
    lines = ["| first-person clips | " + " | ".join(FIGURES.values()) + " |"]
    lines.append("|---" * (len(FIGURES) + 1) + "|")
    for row in rows:
        cells = [row.get(key) for key in FIGURES]
        shown = ["–" if v is None else f"{v:.3f}" if v < 2 else f"{v:.1f}" for v in cells]
        lines.append(f"| {row['egocentric']:.0%} | " + " | ".join(shown) + " |")
    return "\n".join(lines) + "\n"


def plot(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Error closed over the share of first-person clips."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5, 3.4), layout="constrained")
    for key, name in (("error_closed_local", "local"), ("error_closed_global", "global")):
        points = [(100 * r["egocentric"], r[key]) for r in rows if r.get(key) is not None]
        axes.plot(*zip(*points, strict=True), marker="o", label=name)
    axes.set(xlabel="first-person clips used, %", ylabel="error closed")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.ablation",
        description=(__doc__ or "").partition("\n\n")[2],
    )
    parser.add_argument("--data", type=Path, default=Path("data/world"), help="train/, heldout/")
    parser.add_argument(
        "--runs", type=Path, default=Path("runs/ablation"), help="the runs' folders"
    )
    parser.add_argument("--recipe", default="nano", help="of the stage causal (nano)")
    parser.add_argument("--scale", type=float, default=0.1, help="of the recipe's steps (0.1)")
    parser.add_argument("--shares", type=float, nargs="+", default=SHARES)
    parser.add_argument("--count", type=int, default=6, help="held-out examples of each edit (6)")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args(argv)
    found: dict[float, Path] = {}
    for share in arguments.shares:
        scores, steps = commands(share, arguments)
        for command in () if scores.is_file() else steps:
            code = subprocess.run(command, check=False).returncode
            if code:
                print(f"error: {' '.join(command)} ended with {code}", file=sys.stderr)
                return 1
        found[share] = scores
    rows = collect(found)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    settings = {"recipe": arguments.recipe, "scale": arguments.scale, "count": arguments.count}
    report = {"rows": rows, "settings": settings, "machine": describe_machine()}
    arguments.out.write_text(json.dumps(report, indent=1))
    arguments.out.with_suffix(".md").write_text(markdown(rows))
    plot(rows, arguments.out.with_suffix(".png"))
    print(markdown(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
