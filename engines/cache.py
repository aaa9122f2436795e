"""Built engines on disk: a folder each, with its files and a manifest that says what they are.

Nothing here is trusted: a manifest that does not say exactly what is expected, or files that are not
those it lists, are the same as no cache. A folder is made beside its place and renamed into it, and
of processes that want the same engine one builds while the others wait (`only_one`).
"""

from __future__ import annotations

import fcntl
import hashlib
import inspect
import json
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from engines import host
from engines.engine import Backend, EngineError, Precision, Spec

log = logging.getLogger(__name__)
FORMAT = 2
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Identity:
    """What a cached engine was built from; all of it must match."""

    format: int
    module: str
    digest: str
    backend: str
    version: str
    precision: str
    calibration: str
    inputs: list[str]
    torch: str
    device: str

    @staticmethod
    def of(
        module: nn.Module,
        examples: Sequence[Tensor],
        backend: Backend,
        version: str,
        precision: Precision,
        calibration: Sequence[tuple[Tensor, ...]] = (),
    ) -> Identity:
        """`version`: the backend's own."""
        return Identity(
            format=FORMAT,
            module=type(module).__qualname__,
            digest=_digest(module),
            backend=backend,
            version=version,
            precision=precision,
            calibration=_calibration_digest(calibration),
            inputs=[str(Spec.of(example)) for example in examples],
            torch=torch.__version__,
            device=host.device_name(examples[0].device),
        )

    @property
    def key(self) -> str:
        """A folder name that also tells a person what is inside."""
        everything = json.dumps(asdict(self), sort_keys=True).encode()
        short = hashlib.sha256(everything).hexdigest()[:16]
        return f"{self.module.lower()}-{self.precision}-{self.backend}-{short}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A cached engine's folder; what it holds was hashed."""

    folder: Path
    size_bytes: int
    notes: tuple[str, ...]


@contextmanager
def only_one(folder: Path, key: str) -> Iterator[None]:
    """Waits while another process or thread builds the same. Without a lock where none can be had."""
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = stack.enter_context((folder / f".{key}.lock").open("w"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                log.info("engine cache: waiting for another build of %s", key)
                fcntl.flock(file, fcntl.LOCK_EX)
        except OSError as error:  # it may still be read
            log.debug("engine cache: no lock for %s: %s", key, error)
        yield


def find(folder: Path, identity: Identity) -> Entry | None:
    """The cached engine, or None for any reason to build anew."""
    place = folder / identity.key
    try:
        manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        if manifest["identity"] != asdict(identity):
            raise EngineError("the manifest is of another build")
        if manifest["files"] != _listed(place):
            raise EngineError("the files are not those of the manifest")
        return Entry(place, size_bytes(place), tuple(str(note) for note in manifest["notes"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, EngineError) as error:
        log.warning("engine cache: building %s anew: %s", identity.key, error)
        return None


@contextmanager
def workplace(folder: Path | None) -> Iterator[Path]:
    """An empty folder to build in: beside the cached ones, else wherever the system has room."""
    with ExitStack() as stack:
        made = None
        if folder is not None:
            try:
                folder.mkdir(parents=True, exist_ok=True)
                made = tempfile.TemporaryDirectory(prefix=".build-", dir=folder)
            except OSError as error:
                log.warning("engine cache: cannot write to %s: %s", folder, error)
        place = Path(stack.enter_context(made or tempfile.TemporaryDirectory())) / "engine"
        place.mkdir()
        yield place


def keep(
    folder: Path, identity: Identity, made: Path, worst_error: float, notes: Sequence[str]
) -> None:
    """Move a checked engine in. A cache that cannot be written costs a warning, not the engine."""
    place = folder / identity.key
    manifest = {
        "identity": asdict(identity),
        "worst_error": worst_error,
        "notes": list(notes),
        "files": _listed(made),
    }
    try:
        text = json.dumps(manifest, indent=2) + "\n"
        (made / MANIFEST).write_text(text, encoding="utf-8")
        if place.exists():
            # Into the workplace, which is about to go. Who has its files open keeps them.
            os.rename(place, made.with_name("replaced"))
        os.rename(made, place)
    except OSError as error:
        log.warning("engine cache: cannot write %s: %s", place, error)


def _listed(folder: Path) -> dict[str, str]:
    """SHA-256 of every file but the manifest, by name."""
    found = {}
    for path in sorted(folder.iterdir()):
        if path.name != MANIFEST:
            with path.open("rb") as file:
                found[path.name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def size_bytes(folder: Path) -> int:
    """Of an engine's files."""
    return sum(path.stat().st_size for path in folder.iterdir() if path.name != MANIFEST)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _digest(module: nn.Module) -> str:
    """SHA-256 over weights, structure, settings and source code of a module."""
    digest = hashlib.sha256()
    for item in _structure(module):
        digest.update(item.encode() + b"\0")
    for name, tensor in (*module.named_parameters(), *module.named_buffers()):
        digest.update(f"{name} {Spec.of(tensor)}".encode() + b"\0")
        digest.update(_bytes(tensor))
    return digest.hexdigest()


def _calibration_digest(calibration: Sequence[tuple[Tensor, ...]]) -> str:
    """SHA-256 over the inputs of all calls; empty where there are none."""
    if not calibration:
        return ""
    digest = hashlib.sha256()
    for inputs in calibration:
        for tensor in inputs:
            digest.update(str(Spec.of(tensor)).encode() + b"\0")
            digest.update(_bytes(tensor))
    return digest.hexdigest()


def _bytes(tensor: Tensor) -> memoryview:
    return tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data


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
