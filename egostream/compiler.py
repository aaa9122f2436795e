"""How the networks of an editor become engines."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from egostream.errors import EngineError
from engines import BackendChoice, Engine, Precision, build
from engines import EngineError as BuildError

log = logging.getLogger(__name__)

Run = Callable[..., Any]
# (name, module, example inputs) to what runs it.
Compile = Callable[[str, nn.Module, tuple[Tensor, ...]], Run]


@dataclass(frozen=True, slots=True)
class Compiler:
    """A `Compile`. `calibration`: inputs of real calls, by network; `made`: what it made."""

    engine: BackendChoice = "auto"
    precision: Precision = "bf16"
    cache_dir: Path | None = None
    calibration: Mapping[str, Sequence[tuple[Tensor, ...]]] = field(default_factory=dict)
    force: bool = False
    made: dict[str, Engine] = field(default_factory=dict)

    def __call__(self, name: str, module: nn.Module, examples: tuple[Tensor, ...]) -> Engine:
        """The engine asked for; in fp32 where bf16 is too far from it. Raises EngineError."""
        try:
            self.made[name] = self._exact_enough(name, module, examples)
        except BuildError as error:
            raise EngineError(
                f"the {self.engine} engine of {name} cannot be built: {error}"
            ) from error
        return self.made[name]

    def _exact_enough(self, name: str, module: nn.Module, examples: tuple[Tensor, ...]) -> Engine:
        try:
            return self._build(name, module, examples, self.precision)
        except BuildError as error:
            if self.precision != "bf16":
                raise
            log.warning("bf16 is not good enough here, taking fp32: %s", error)
        return self._build(name, module, examples, "fp32")

    def _build(
        self, name: str, module: nn.Module, examples: tuple[Tensor, ...], precision: Precision
    ) -> Engine:
        return build(
            module,
            examples,
            self.engine,
            precision,
            calibration=self.calibration.get(name),
            cache_dir=self.cache_dir,
            force=self.force,
        )
