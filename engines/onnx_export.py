"""A module as an ONNX file, and what other files here ask of ONNX.

Weights stand in the file itself, or beside it (`.data`) where they outgrow what one protobuf holds.
"""

from __future__ import annotations

import importlib.util
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from engines.engine import EngineError

OPSET = 20
MODEL = "model.onnx"
NEEDED = ("onnx", "onnxscript", "onnxruntime")
MAX_INSIDE_BYTES = 3 << 29  # protobuf ends at 2 GiB
# It tells of every package that could be exported too if it were here.
NOISY = "torch.onnx._internal.exporter._registration"


def check_packages() -> None:
    """Raises EngineError where a package is missing that export and check need."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise EngineError(f"ONNX needs {', '.join(missing)}: pip install 'egostream[onnx]'")


def export(module: nn.Module, examples: Sequence[Tensor], path: Path) -> None:
    """Write a frozen module, in fp32 and with the examples' shapes. Raises EngineError."""
    check_packages()
    # Apart: inputs that share memory would be taken for one.
    taken = tuple(example.clone() for example in examples)
    size = sum(t.nbytes for t in (*module.parameters(), *module.buffers()))
    try:
        with warnings.catch_warnings(), torch.no_grad(), _quiet(NOISY):
            # The exporter's own: its parts warn about each other.
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                module, taken, dynamo=True, opset_version=OPSET, verbose=False
            )
            assert program is not None
            program.save(path, external_data=size > MAX_INSIDE_BYTES)
    except Exception as error:  # the exporter raises many kinds
        reason = str(error).strip().split("\n")[0]
        raise EngineError(f"{type(module).__name__} cannot be exported: {reason}") from error


def load(path: Path) -> Any:
    """The onnx.ModelProto with all its weights. Raises EngineError."""
    import onnx

    try:
        return onnx.load(path)
    except Exception as error:
        raise EngineError(f"the ONNX file cannot be read: {error}") from error


def save(model: Any, path: Path) -> None:
    """Write a model over the one at `path`, weights outside where there are many."""
    import onnx

    beside = path.with_name(path.name + ".data")
    beside.unlink(missing_ok=True)
    outside = sum(len(x.raw_data) for x in model.graph.initializer) > MAX_INSIDE_BYTES
    onnx.save(model, path, save_as_external_data=outside, location=beside.name if outside else None)


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
