"""The one place that imports TensorRT, or TensorRT-RTX, which has the same Python API.

On PyPI some `tensorrt` packages are shells that import and hold nothing: what counts is a Builder.
"""

from __future__ import annotations

import functools
import importlib
import logging
from typing import Any

from engines.engine import EngineError

log = logging.getLogger(__name__)
PACKAGES = ("tensorrt", "tensorrt_rtx")


@functools.cache
def _found() -> Any | None:
    for name in PACKAGES:
        try:
            module = importlib.import_module(name)
        except Exception as error:  # a broken install fails in many ways
            log.debug("%s cannot be imported: %s", name, error)
            continue
        if hasattr(module, "Builder"):
            return module
    return None


def available() -> bool:
    """Whether there is a TensorRT that can build."""
    return _found() is not None


def api() -> Any:
    """The module, called `trt` by everyone. Raises EngineError."""
    trt = _found()
    if trt is None:
        raise EngineError(
            "TensorRT is not installed: pip install 'egostream[tensorrt]', or tensorrt-rtx"
        )
    return trt


def version() -> str:
    """For manifests. Raises EngineError."""
    trt = api()
    return f"{trt.__name__} {trt.__version__}"


@functools.cache
def logger() -> Any:
    """TensorRT takes one logger a process."""
    trt = api()
    levels = {
        trt.ILogger.INTERNAL_ERROR: logging.ERROR,
        trt.ILogger.ERROR: logging.ERROR,
        trt.ILogger.WARNING: logging.WARNING,
        trt.ILogger.INFO: logging.DEBUG,
        trt.ILogger.VERBOSE: logging.DEBUG,
    }

    class Forwarding(trt.ILogger):  # type: ignore[name-defined,misc]
        def __init__(self) -> None:
            trt.ILogger.__init__(self)

        def log(self, severity: Any, message: str) -> None:
            log.log(levels[severity], "TensorRT: %s", message)

    return Forwarding()
