"""What a run trains on: the procedural world, and whatever folders were added with their weights."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from distill.datasets.mixture import Mixture, PairDrawer
from distill.datasets.pairs import DatasetPairs, Unpaired
from distill.datasets.read import open_dataset
from distill.datasets.tables import BadDataset
from distill.pairs import Mix, PairSource

log = logging.getLogger(__name__)

SHOWN = 5
Added = tuple[tuple[Path, float], ...]


def parse_added(texts: Sequence[str]) -> Added:
    """`FOLDER=WEIGHT` each, against the world's weight of 1. Raises BadDataset."""
    found = []
    for text in texts:
        folder, _, weight = text.rpartition("=")
        try:
            value = float(weight)
        except ValueError:
            value = -1.0
        if not folder or not 0 < value < 1e6:
            raise BadDataset(f"{text!r} is not FOLDER=WEIGHT, such as data/EgoEditData=0.5")
        found.append((Path(folder), value))
    return tuple(found)


def open_sources(
    world: Path, mix: Mix, added: Added, seed: int, *, tell: bool = False
) -> PairDrawer:
    """The world alone, or mixed with datasets and with folders of videos and pictures.

    `mix.world` is the world's weight against theirs; of 0, there need be no world. `tell`: show progress, and log what
    cannot be used (once a run is enough, not once a worker). Raises BadDataset or FileNotFoundError.
    """
    parts: dict[str, tuple[PairDrawer, float]] = {}
    if mix.world:
        parts["world"] = (PairSource(world, mix), mix.world)
        if not added:
            return parts["world"][0]
    elif not added:
        raise BadDataset("without the world there is nothing to train on: --add FOLDER=WEIGHT")
    for folder, weight in added:
        # No name of a whole path is that of the world.
        name = str(folder.resolve())
        if name in parts:
            raise BadDataset(f"{folder} is added twice")
        if (folder / "annotation").is_dir():
            dataset = open_dataset(folder, show_progress=tell)
            drawer: PairDrawer = DatasetPairs(dataset, seed)
            problems = [str(p) for p in dataset.problems]
        elif folder.is_dir():
            drawer = unpaired = Unpaired(folder, seed)
            problems = [f"{path}: {why}" for path, why in unpaired.problems.items()]
        else:
            raise BadDataset(f"there is no folder {folder}")
        if problems and tell:
            shown = "; ".join(problems[:SHOWN])
            log.warning("%s: %d rows or files left out: %s", folder, len(problems), shown)
        parts[name] = (drawer, weight)
    return Mixture(parts)
