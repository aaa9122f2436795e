"""What makes a run go on exactly where it was: its state in one file, and logs cut back to it.

The file holds whole tensors, however they were sharded: a run may go on with other workers.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from distill.objective import stage_of
from distill.parallel import placed_like
from distill.recipe import Recipe, objective_from
from egostream.errors import EgostreamError

log = logging.getLogger(__name__)


@contextmanager
def only_trainer(out: Path) -> Iterator[None]:
    """Holds a run's folder against other trainers; a killed one lets go of it.

    Raises EgostreamError where another holds it.
    """
    out.mkdir(parents=True, exist_ok=True)
    with (out / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise EgostreamError(
                f"{out} is being trained in by another process; wait for it, stop it, or name another folder"
            ) from error
        yield


def check_resumable(state: Mapping[str, Any], recipe: Recipe, out: Path) -> None:
    """Raises EgostreamError where a run's state is not one that the recipe can go on from."""
    found, wanted = state.get("recipe"), asdict(recipe)
    if found is None:  # a checkpoint of before says nothing of it
        return
    stages = [stage_of(objective_from(r["objective"])) for r in (found, wanted)]
    if stages[0] != stages[1]:
        raise EgostreamError(
            f"{out} holds a run of another stage ({stages[0]}, not {stages[1]}); name another folder"
        )
    if found["preset"] != recipe.preset:
        raise EgostreamError(
            f"{out} holds a run of preset {found['preset']}, not {recipe.preset}; name another folder"
        )
    if found["objective"].get("decoder") != wanted["objective"].get("decoder"):
        raise EgostreamError(f"{out} holds a run of another tiny decoder; name another folder")


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


def write_state(path: Path, state: dict[str, Any]) -> None:
    """Either all of it is there afterwards, or what was there before."""
    partial = path.with_name(f".{path.name}.tmp")
    with partial.open("wb") as file:
        torch.save(state, file)
        file.flush()
        # Else a power cut after the renaming could leave an empty file in the good one's place.
        os.fsync(file.fileno())
    os.replace(partial, path)


def read_state(path: Path) -> dict[str, Any] | None:
    """A run's state, its tensors left on disk until they are needed; None if there is none."""
    if not path.is_file():
        return None
    state: dict[str, Any] = torch.load(path, weights_only=True, mmap=True, map_location="cpu")
    if "naming" in state:  # before other stages had parameters of their own
        state["heads"] = {f"naming.{k}": v for k, v in state.pop("naming").items()}
    return state


def restore_optimizers(
    optimizers: Sequence[torch.optim.Optimizer], found: Sequence[dict[str, Any]]
) -> None:
    """Bring back moments, cut like the parameters that they belong to."""
    for optimizer, saved in zip(optimizers, found, strict=True):
        params = [p for g in optimizer.param_groups for p in g["params"]]
        state = {
            i: {
                k: placed_like(v, params[i]) if k != "step" else v.clone()
                for k, v in moments.items()
            }
            for i, moments in saved["state"].items()
        }
        # A state dict brings its groups' settings along; the recipe's are the ones that count.
        names = ("lr_scale", "weight_decay", "betas")
        wanted = [{n: g[n] for n in names if n in g} for g in optimizer.param_groups]
        optimizer.load_state_dict({**saved, "state": state})
        for group, settings in zip(optimizer.param_groups, wanted, strict=True):
            group.update(settings)
