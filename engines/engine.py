"""What an engine is to its caller, whatever backend runs it."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import torch
from torch import Tensor, nn

Backend = Literal["eager", "cudagraph", "inductor", "openvino", "onnxruntime", "tensorrt"]
BackendChoice = Literal[
    "auto", "eager", "cudagraph", "inductor", "openvino", "onnxruntime", "tensorrt"
]
Precision = Literal["fp32", "bf16", "fp16", "int8", "fp8"]


class EngineError(Exception):
    """An engine cannot be built or trusted, or was called with inputs it was not built for."""


@dataclass(frozen=True, slots=True)
class Spec:
    """Shape and dtype of one tensor. Static: an engine never takes another one."""

    shape: tuple[int, ...]
    dtype: torch.dtype

    @staticmethod
    def of(tensor: Tensor) -> Spec:
        return Spec(tuple(tensor.shape), tensor.dtype)

    def __str__(self) -> str:
        return f"{str(self.dtype).removeprefix('torch.')}{list(self.shape)}"


@dataclass(frozen=True, slots=True)
class Report:
    """What was built, and how far it is from eager fp32 (norm of the difference / norm)."""

    backend: Backend
    precision: Precision
    worst_error: float
    tolerance: float
    build_s: float
    from_cache: bool
    notes: tuple[str, ...] = ()
    size_bytes: int | None = None  # of what a cache keeps; None where there is nothing to keep


class Runner(Protocol):
    """A backend's work: checked inputs in, freshly allocated outputs out, one call at a time."""

    def __call__(self, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]: ...


class Engine:
    """Callable with the module's signature (positionally or by name), in the examples' shapes.

    Ownership: outputs belong to the caller and are never written again; inputs are only read, and
    only during the call (on a GPU: in the order of the stream that is current at the call). Calls
    from several threads are safe and run one after the other. The weights are a snapshot: later
    changes of the module do not show.
    """

    def __init__(
        self,
        runner: Runner,
        inputs: Sequence[tuple[str, Spec]],
        single: bool,
        report: Report,
    ) -> None:
        self.report = report
        self.input_names = tuple(name for name, _ in inputs)
        self.input_specs = tuple(spec for _, spec in inputs)
        self._runner = runner
        self._single = single
        self._lock = threading.Lock()

    @property
    def captures(self) -> int:
        """How often a CUDA graph was captured: once while building, never after; 0 without one."""
        return getattr(self._runner, "captures", 0)

    def __call__(self, *inputs: Tensor, **named: Tensor) -> Any:
        """A tensor where the module returns a tensor, else a tuple. Raises EngineError."""
        if named:
            inputs = self._bind(inputs, named)
        if len(inputs) != len(self.input_specs):
            raise EngineError(f"expected {len(self.input_specs)} inputs, got {len(inputs)}")
        for name, want, tensor in zip(self.input_names, self.input_specs, inputs, strict=True):
            if tensor.shape != want.shape or tensor.dtype != want.dtype:
                raise EngineError(f"input {name}: built for {want}, got {Spec.of(tensor)}")
        with self._lock:
            outputs = self._runner(inputs)
        return outputs[0] if self._single else outputs

    def _bind(self, inputs: tuple[Tensor, ...], named: dict[str, Tensor]) -> tuple[Tensor, ...]:
        rest = self.input_names[len(inputs) :]
        if set(rest) != set(named):
            raise EngineError(f"expected the inputs {list(rest)} by name, got {sorted(named)}")
        return (*inputs, *(named[name] for name in rest))


def input_names(module: nn.Module, num_inputs: int) -> list[str]:
    """The first parameters of the module's forward, so that errors can name an input."""
    names = list(inspect.signature(module.forward).parameters)[:num_inputs]
    return names + [f"input{i}" for i in range(len(names), num_inputs)]


def as_tuple(outputs: Any) -> tuple[Tensor, ...]:
    """A module's result as a flat tuple. Raises EngineError for anything but tensors."""
    if isinstance(outputs, Tensor):
        return (outputs,)
    if not isinstance(outputs, tuple | list) or not outputs:
        raise EngineError(f"a module must return tensors, not {type(outputs).__name__}")
    for item in outputs:
        if not isinstance(item, Tensor):
            raise EngineError(f"a module must return a flat tuple, with no {type(item).__name__}")
    return tuple(outputs)
