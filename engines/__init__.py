"""Module in, fast callable out. Knows torch and its backends; never video or editing.

`engine = build(module, examples, "auto", "bf16", cache_dir=folder)`, then `engine(*inputs)` is
`module(*inputs)` for inputs of the examples' shapes and dtypes.
"""

from engines.build import TOLERANCES, build
from engines.engine import (
    Backend,
    BackendChoice,
    Engine,
    EngineError,
    Precision,
    Report,
)
from engines.export_check import ExportReport, export_check

__all__ = [
    "TOLERANCES",
    "Backend",
    "BackendChoice",
    "Engine",
    "EngineError",
    "ExportReport",
    "Precision",
    "Report",
    "build",
    "export_check",
]
