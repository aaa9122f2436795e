"""Compiled models on disk: `<key>.xml`, `<key>.bin`, and last `<key>.json`, the manifest.

Nothing here is trusted: a manifest that does not say exactly what is expected, or files that do not
hash to what it says, are the same as no cache. Files are written beside and renamed into place, so
processes that build at once may overwrite each other's equal work but never mix it unseen.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from engines import host, openvino_cpu
from engines.engine import EngineError, Precision, Spec

log = logging.getLogger(__name__)
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Identity:
    """What a cached model was built from; all of it must match."""

    format: int
    module: str
    digest: str
    precision: str
    inputs: list[str]
    torch: str
    openvino: str
    cpu: str

    @staticmethod
    def of(module: nn.Module, examples: Sequence[Tensor], precision: Precision) -> Identity:
        inputs = [str(Spec.of(example)) for example in examples]
        return Identity(
            format=FORMAT,
            module=type(module).__qualname__,
            digest=_digest(module, [precision, *inputs]),
            precision=precision,
            inputs=inputs,
            torch=torch.__version__,
            openvino=openvino_cpu.version(),
            cpu=host.cpu_name(),
        )

    @property
    def key(self) -> str:
        """A file name that also tells a person what is inside."""
        everything = json.dumps(asdict(self), sort_keys=True).encode()
        short = hashlib.sha256(everything).hexdigest()[:16]
        release = self.openvino.split("-", 1)[0]
        return f"{self.module.lower()}-{self.precision}-openvino{release}-{short}"


def load(folder: Path, identity: Identity) -> Any | None:
    """The cached openvino.Model, or None for any reason to build anew."""
    paths = _Paths.of(folder, identity.key)
    try:
        manifest = json.loads(paths.manifest.read_text(encoding="utf-8"))
        if manifest["identity"] != asdict(identity):
            raise EngineError("the manifest is of another build")
        # Read once, then hash what was read: the files may be replaced under our feet.
        xml, weights = paths.xml.read_bytes(), paths.weights.read_bytes()
        if [_sha256(xml), _sha256(weights)] != [manifest["xml_sha256"], manifest["bin_sha256"]]:
            raise EngineError("the files are not those of the manifest")
        return openvino_cpu.deserialize(xml, weights)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, EngineError) as error:
        log.warning("engine cache: building %s anew: %s", identity.key, error)
        return None


def store(folder: Path, identity: Identity, model: Any, worst_error: float) -> None:
    """Keep a checked model. A cache that cannot be written costs a warning, not the engine."""
    paths = _Paths.of(folder, identity.key)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".build-", dir=folder) as name:
            made = _Paths.of(Path(name), identity.key)
            openvino_cpu.serialize(model, str(made.xml), str(made.weights))
            manifest = {
                "identity": asdict(identity),
                "worst_error": worst_error,
                "xml_sha256": _sha256(made.xml.read_bytes()),
                "bin_sha256": _sha256(made.weights.read_bytes()),
            }
            made.manifest.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
            os.replace(made.weights, paths.weights)
            os.replace(made.xml, paths.xml)
            os.replace(made.manifest, paths.manifest)
    except (OSError, RuntimeError) as error:  # RuntimeError: the serializer's own
        log.warning("engine cache: cannot write %s: %s", paths.manifest, error)


@dataclass(frozen=True, slots=True)
class _Paths:
    xml: Path
    weights: Path
    manifest: Path

    @staticmethod
    def of(folder: Path, key: str) -> _Paths:
        return _Paths(folder / f"{key}.xml", folder / f"{key}.bin", folder / f"{key}.json")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _digest(module: nn.Module, extra: Sequence[str]) -> str:
    """SHA-256 over weights, structure, settings and source code of a module, and `extra`."""
    digest = hashlib.sha256()
    for item in (*extra, *_structure(module)):
        digest.update(item.encode() + b"\0")
    for name, tensor in (*module.named_parameters(), *module.named_buffers()):
        digest.update(f"{name} {Spec.of(tensor)}".encode() + b"\0")
        digest.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _structure(module: nn.Module) -> Iterator[str]:
    sources: set[str] = set()
    for name, child in module.named_modules():
        kind = type(child)
        yield f"{name}: {kind.__module__}.{kind.__qualname__}"
        settings = {k: v for k, v in vars(child).items() if isinstance(v, int | float | str)}
        yield repr(sorted(settings.items()))
        if not kind.__module__.startswith("torch."):
            sources.add(_source_file(kind))
    # Weights do not tell of a changed forward; the file it stands in does, and those beside it that it may call.
    folders = {Path(source).parent for source in sources if source}
    for file in sorted(file for folder in folders for file in folder.glob("*.py")):
        yield f"{file.name} {_sha256(file.read_bytes())}"
    if "" in sources:
        yield "no source"


def _source_file(kind: type) -> str:
    try:
        return inspect.getsourcefile(kind) or ""
    except (TypeError, OSError):  # typed into an interpreter
        return ""
