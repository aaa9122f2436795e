"""`python -m distill.tasks`: what the editing tasks look like, as one picture to look at."""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from distill import wording
from distill.pairs import Pair, PairSource, only
from distill.report import to_rgb, write_picture
from distill.tasks import TASKS
from distill.windows import Pictures

HW = (192, 256)
TRIES = 20
EPILOG = """\
example:
  python -m distill.tasks --data data/world/heldout --out tasks.jpg
  python -m distill.tasks --only recolor object_effect --count 6 --vocabulary heldout --out some.png

Pairs of source and target with their instruction. The same seed draws the same pairs.
"""


def strip(pair: Pair) -> Pictures:
    """Source and target side by side, the instruction below."""
    both = np.concatenate([to_rgb(x[0, -1]) for x in (pair.source, pair.target)], axis=1)
    words = np.full((20, both.shape[1], 3), 255, np.uint8)
    label = f"{pair.task.replace('_', ' ')}: {pair.text}"
    cv2.putText(words, label[:78], (4, 14), 0, 0.4, (0, 0, 0), 1, cv2.LINE_AA)
    return np.concatenate([both, words])


def draw(
    data: Path, tasks: Sequence[str], count: int, seed: int, vocabulary: wording.Vocabulary
) -> list[Pictures]:
    """`count` strips of every task that the clips can show."""
    strips: list[Pictures] = []
    for task in tasks:
        source = PairSource(data, only(task), vocabulary)
        numbers = ((seed, zlib.crc32(task.encode()), i) for i in range(TRIES * count))
        pairs = (source.draw(n, 1, HW) for n in numbers)
        fitting = (strip(p) for p in pairs if p.task == task)
        strips += [s for _, s in zip(range(count), fitting, strict=False)]
    return strips


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(
        prog="python -m distill.tasks",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, default=Path("data/world/heldout"), help="clips")
    parser.add_argument("--out", type=Path, required=True, help="picture to write (.png, .jpg)")
    parser.add_argument("--only", nargs="+", choices=sorted(TASKS), default=list(TASKS))
    parser.add_argument("--count", type=int, default=2, help="pairs of each task (2)")
    parser.add_argument("--columns", type=int, default=2, help="pairs side by side (2)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--vocabulary", choices=wording.VOCABULARIES, default="train")
    arguments = parser.parse_args(argv)
    a = arguments
    try:
        strips = draw(a.data, a.only, a.count, a.seed, a.vocabulary)
    except FileNotFoundError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if not strips:
        print(f"error: the clips in {a.data} show none of these tasks", file=sys.stderr)
        return 2
    strips += [np.full_like(strips[0], 255)] * (-len(strips) % a.columns)
    rows = [np.concatenate(strips[i : i + a.columns], 1) for i in range(0, len(strips), a.columns)]
    write_picture(a.out, np.concatenate(rows))
    print(f"{a.out}: {len(strips)} pairs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
