"""One network of a published model, as it lies on disk: a configuration and named tensors.

Read are folders as diffusers and transformers save them (config.json, one safetensors file or shards with their
index) and single files of PyTorch or safetensors.
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from egostream.errors import BadCheckpoint

UNREADABLE = (
    SafetensorError, OSError, EOFError, KeyError, TypeError, ValueError, AttributeError, ArithmeticError,
    RuntimeError, pickle.UnpicklingError,
)  # fmt: skip
SHOWN = 20  # problems that an error lists


@dataclass(frozen=True, slots=True)
class Component:
    """`config` is empty where a single file has none beside it. `tensors`: by name; files of training runs may hold
    dictionaries of them.
    """

    path: Path
    config: dict[str, Any]
    tensors: dict[str, Any]

    @property
    def class_name(self) -> str:
        """Diffusers' or transformers' name of the network, or nothing."""
        names = self.config.get("architectures") or [self.config.get("_class_name", "")]
        return str(names[0])


def read_component(path: Path) -> Component:
    """A component's folder or file. Raises BadCheckpoint naming what is missing or cannot be read."""
    if path.is_dir():
        return Component(path, _config(path / "config.json"), _folder_tensors(path))
    if not path.is_file():
        raise BadCheckpoint(f"there is no file or folder {path}")
    beside = path.parent / "config.json"
    return Component(path, _config(beside) if beside.is_file() else {}, read_tensors(path))


def read_tensors(path: Path) -> dict[str, Any]:
    """The tensors of a .safetensors file, or a PyTorch file's dictionary of tensors (or of such dictionaries).

    Raises BadCheckpoint. Code that a PyTorch file holds is not run.
    """
    try:
        if path.suffix == ".safetensors":
            with safe_open(path, framework="pt") as file:
                return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118
        found = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        # torch's own message recommends to run whatever code the file holds.
        raise BadCheckpoint(
            f"{path} is damaged or holds more than tensors: convert it to safetensors"
        ) from error
    except UNREADABLE as error:
        raise BadCheckpoint(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise BadCheckpoint(f"{path} holds a {type(found).__name__}, not named tensors")
    return {str(key): value for key, value in found.items()}


def fill(module: nn.Module, tensors: Mapping[str, Tensor], origin: Path) -> None:
    """Take all weights as they are, or none: raises BadCheckpoint listing what is missing, unexpected or of another
    shape.
    """
    expected = module.state_dict()
    problems = [f"missing {k}" for k in expected.keys() - tensors.keys()]
    problems += [f"unexpected {k}" for k in tensors.keys() - expected.keys()]
    for key in expected.keys() & tensors.keys():
        if expected[key].shape != tensors[key].shape:
            found, wanted = tuple(tensors[key].shape), tuple(expected[key].shape)
            problems.append(f"{key} is {found}, not {wanted}")
    problems += [f"{k} holds {v.dtype}" for k, v in tensors.items() if not v.is_floating_point()]
    refuse(origin, problems)
    module.load_state_dict(tensors, assign=True)


def write_tensors(path: Path, tensors: dict[str, Tensor], header: dict[str, str]) -> None:
    """A safetensors file, written beside its place and moved there when complete: a reader never sees half of it.

    Raises BadCheckpoint where it cannot be written.
    """
    partial = path.with_name(f".{path.name}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(tensors, partial, metadata=header)
        os.replace(partial, path)
    except (OSError, SafetensorError) as error:
        raise BadCheckpoint(f"{path} cannot be written: {error}") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def refuse(origin: Path, problems: list[str]) -> None:
    """Raises BadCheckpoint with the first of the problems, if there are any."""
    if problems:
        more = len(problems) - SHOWN
        listed = "; ".join(sorted(problems)[:SHOWN])
        rest = f"; and {more} more" if more > 0 else ""
        raise BadCheckpoint(f"{origin} does not fit its configuration: {listed}{rest}")


def _config(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise BadCheckpoint(
            f"{path.parent} has no {path.name}: name a component's folder"
        ) from error
    except UNREADABLE as error:
        raise BadCheckpoint(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise BadCheckpoint(f"{path} is not a configuration")
    return found


def _folder_tensors(folder: Path) -> dict[str, Any]:
    """Of the only safetensors file, or of all shards that the index names."""
    indices = sorted(folder.glob("*.safetensors.index.json"))
    if indices:
        index = _config(indices[0])
        places = index.get("weight_map")
        if not isinstance(places, dict) or not all(isinstance(v, str) for v in places.values()):
            raise BadCheckpoint(f"{indices[0]} names no shards")
        shards = sorted(set(places.values()))
        # A shard lies beside its index; a name that leads elsewhere is not followed.
        astray = [name for name in shards if Path(name).name != name]
        absent = astray or [name for name in shards if not (folder / name).is_file()]
        if absent:
            raise BadCheckpoint(f"{folder} lacks shards that its index names: {', '.join(absent)}")
        tensors: dict[str, Any] = {}
        for name in shards:
            tensors |= read_tensors(folder / name)
        lost = [key for key in places if key not in tensors]
        refuse(folder, [f"missing {key}" for key in lost])
        return tensors
    files = sorted(folder.glob("*.safetensors"))
    if len(files) != 1:
        found = ", ".join(f.name for f in files) or "none"
        raise BadCheckpoint(
            f"{folder} should hold one .safetensors file or an index, found {found}"
        )
    return read_tensors(files[0])
