"""Command line of the wordings: ``python -m distill.wording``."""

from __future__ import annotations

import argparse

import numpy as np

from distill.wording import FAMILIES, SLOTS, VOCABULARIES, count_forms, forms, say
from distill.wording.examples import random_slots

HELP = """\
Prints what people might type: samples of a family of edits, with things, colours and so on drawn
at random. Without --family, a table of all families: their slots and how many phrasings they have.

  python -m distill.wording
  python -m distill.wording --family recolor --count 20
  python -m distill.wording --family style --vocabulary heldout --seed 3
  python -m distill.wording --family add --forms

The held-out vocabulary has other phrasings, and other words for things, colours and styles, than
training ever sees; "phrasing" and "words" have one of the two. In
forms, {thing} is a slot to be filled and <is> a word that agrees with it.
"""


def main() -> None:
    """Prints samples, forms, or the table of families."""
    parser = argparse.ArgumentParser(
        prog="python -m distill.wording",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--family", choices=FAMILIES, help="which kind of edit (a table of all)")
    parser.add_argument("--count", type=int, default=20, help="how many samples (20)")
    parser.add_argument("--vocabulary", choices=VOCABULARIES, default="train")
    parser.add_argument("--seed", type=int, default=0, help="another seed, other samples (0)")
    parser.add_argument("--forms", action="store_true", help="all phrasings, slots left open")
    args = parser.parse_args()
    if args.family is None:
        print(f"{'family':<16} {'train':>6} {'heldout':>8}  slots")
        for name in FAMILIES:
            counts = count_forms(name, "train"), count_forms(name, "heldout")
            print(f"{name:<16} {counts[0]:>6} {counts[1]:>8}  {', '.join(SLOTS[name])}")
    elif args.forms:
        print("\n".join(forms(args.family, args.vocabulary)))
    else:
        rng = np.random.default_rng(args.seed)
        for _ in range(args.count):
            slots = random_slots(args.family, rng, args.vocabulary)
            print(say(args.family, slots, rng, args.vocabulary))


if __name__ == "__main__":
    main()
