"""The OpenVINO backend on the CPU: trace, compile with static shapes, run without copies."""

from __future__ import annotations

import functools
import importlib.util
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from engines import host, onnx_export, onnxruntime_cpu
from engines.engine import EngineError, Precision, Spec
from engines.job import Job
from engines.openvino_split import Split, split

XML, WEIGHTS = "model.xml", "model.bin"
TYPES = {
    torch.float32: "f32",
    torch.bfloat16: "bf16",
    torch.float16: "f16",
    torch.float64: "f64",
    torch.int64: "i64",
    torch.int32: "i32",
    torch.int8: "i8",
    torch.uint8: "u8",
    torch.bool: "boolean",
}
# numpy has no bfloat16: such tensors are handed over as bits.
BITS = {torch.bfloat16: torch.uint16}


def available() -> bool:
    """Whether the openvino package is installed (not whether it works)."""
    return importlib.util.find_spec("openvino") is not None


@functools.cache
def openvino() -> Any:
    """The openvino module. Raises EngineError."""
    # Its converter reports usage over the network by default; without this package it stays quiet.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    try:
        import openvino as ov
    except Exception as error:  # a broken install fails in many ways
        raise EngineError(f"openvino cannot be imported: {error}") from error
    return ov


@functools.cache
def _core() -> Any:
    return openvino().Core()


def version() -> str:
    """For manifests."""
    return str(openvino().get_version())


def convert(frozen: nn.Module, examples: Sequence[Tensor]) -> Any:
    """The module as an openvino.Model with the examples' shapes. Raises EngineError."""
    ov = openvino()
    shapes = [ov.PartialShape(list(example.shape)) for example in examples]
    try:
        with warnings.catch_warnings():
            # Tracing turns shape assertions into constants and says so; shapes are static here.
            warnings.simplefilter("ignore")
            model = ov.convert_model(frozen, example_input=tuple(examples), input=shapes)
    except Exception as error:  # the frontend raises many kinds, RuntimeError the most
        raise EngineError(f"OpenVINO cannot convert {type(frozen).__name__}: {error}") from error
    if model.is_dynamic():
        raise EngineError(f"{type(frozen).__name__} has shapes that depend on its data")
    return model


def read(path: Path) -> Any:
    """A model from IR or from ONNX. Raises EngineError."""
    try:
        return _core().read_model(str(path))
    except Exception as error:
        raise EngineError(f"OpenVINO cannot read {path.name}: {error}") from error


def produce(job: Job, folder: Path) -> None:
    """Write IR, weights uncompressed. Raises EngineError."""
    if job.precision == "int8":
        # By way of ONNX: one way to quantise for all that run it.
        onnxruntime_cpu.produce(job, folder)
        model = read(folder / onnx_export.MODEL)
    else:
        model = convert(job.module, job.examples)
    try:
        openvino().serialize(model, str(folder / XML), str(folder / WEIGHTS))
    except RuntimeError as error:
        raise EngineError(f"OpenVINO cannot write the model: {error}") from error
    del model  # it may have the ONNX file open
    for left in folder.glob(onnx_export.MODEL + "*"):
        left.unlink()


def load(job: Job, folder: Path) -> OpenVinoRunner:
    """What `produce` wrote, compiled. Raises EngineError."""
    return OpenVinoRunner(read(folder / XML), job.precision, job.num_threads)


class OpenVinoRunner:
    """A model compiled for the CPU; in bf16 without its angles, see `openvino_split`.

    What int8 leaves in float is bf16 where the processor has it.
    """

    def __init__(self, model: Any, precision: Precision, num_threads: int | None) -> None:
        half = precision == "bf16" or (precision == "int8" and host.cpu_has_bf16())
        parts = split(openvino(), model) if half else Split(model, None, ())
        self._main = _Program(parts.main, "bf16" if half else "f32", num_threads)
        self._angles = parts.angles and _Program(parts.angles, "f32", num_threads)
        self._angle_inputs = parts.angle_inputs

    def __call__(self, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        taken = [tensor.detach().contiguous() for tensor in inputs]
        if self._angles is not None:
            taken += self._angles([taken[index] for index in self._angle_inputs])
        return self._main(taken)


class _Program:
    """One compiled model with one infer request."""

    def __init__(self, model: Any, hint: str, num_threads: int | None) -> None:
        ov = openvino()
        options: dict[str, Any] = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": hint,
        }
        if num_threads is not None:
            options["INFERENCE_NUM_THREADS"] = num_threads
        try:
            compiled = _core().compile_model(model, "CPU", options)
            self._request = compiled.create_infer_request()
        except Exception as error:
            raise EngineError(f"OpenVINO cannot compile the model: {error}") from error
        self._compiled = compiled  # the request does not keep it alive
        dtypes = {getattr(ov.Type, name).get_type_name(): dtype for dtype, name in TYPES.items()}
        self._outputs = []
        for port in compiled.outputs:
            name = port.element_type.get_type_name()
            if name not in dtypes:
                raise EngineError(f"OpenVINO gives an output of type {name}")
            self._outputs.append(Spec(tuple(port.shape), dtypes[name]))
        self._passed = _passed_through(model)
        # The request remembers addresses of the last call: keep that memory alive until the next.
        self._held: list[Tensor] = []

    def __call__(self, inputs: list[Tensor]) -> tuple[Tensor, ...]:
        # Fresh memory at every call, written in place by OpenVINO: no copy, nothing overwritten.
        made = [torch.empty(spec.shape, dtype=spec.dtype) for spec in self._outputs]
        for index, tensor in enumerate(inputs):
            self._request.set_input_tensor(index, _wrap(tensor))
        for index, tensor in enumerate(made):
            if index in self._passed:
                tensor.copy_(inputs[self._passed[index]])
            else:
                self._request.set_output_tensor(index, _wrap(tensor))
        try:
            self._request.infer()
        except Exception as error:
            raise EngineError(f"OpenVINO failed to run: {error}") from error
        self._held = [*inputs, *made]
        return tuple(made)


def _passed_through(model: Any) -> dict[int, int]:
    """Outputs that are inputs, by index. OpenVINO keeps one tensor for both, so that binding the
    output's memory would take the input's away."""
    inputs = {port.node.get_friendly_name(): index for index, port in enumerate(model.inputs)}
    sources = [port.node.input_value(0).node for port in model.outputs]
    return {
        index: inputs[node.get_friendly_name()]
        for index, node in enumerate(sources)
        if node.get_type_name() == "Parameter"
    }


def _wrap(tensor: Tensor) -> Any:
    """An openvino.Tensor over the same memory."""
    ov = openvino()
    if tensor.dtype in BITS:
        bits = tensor.view(BITS[tensor.dtype]).numpy()
        element_type = getattr(ov.Type, TYPES[tensor.dtype])
        return ov.Tensor(bits, ov.Shape(list(tensor.shape)), element_type)
    return ov.Tensor(tensor.numpy(), shared_memory=True)
