"""The TensorRT backend on a GPU. The runner was never run on one: only what it runs was built.

Caches are plain inputs and outputs; tensors are read and written where torch has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engines import onnx_export, onnx_int8, onnx_types, tensorrt_api
from engines.engine import EngineError, Precision, Spec
from engines.job import Job
from engines.tensorrt_build import build_plan

PLAN = "model.plan"


def version() -> str:
    """For manifests. Raises EngineError."""
    return tensorrt_api.version()


def produce(job: Job, folder: Path) -> None:
    """Write the plan alone. Raises EngineError."""
    model = folder / onnx_export.MODEL
    onnx_export.export(job.module, job.examples, model)
    retype(model, job)
    (folder / PLAN).write_bytes(build_plan(model))
    for left in folder.glob(onnx_export.MODEL + "*"):
        left.unlink()


def retype(path: Path, job: Job) -> None:
    """Give an fp32 ONNX file the types of the job's precision. Raises EngineError."""
    half: Precision = job.precision
    if job.precision == "int8":
        onnx_int8.quantise(path, job)
        half = "bf16"  # what is not quantised
    if half in ("bf16", "fp16"):
        model = onnx_export.load(path)
        onnx_types.lower(model, half)
        onnx_export.save(model, path)


def load(job: Job, folder: Path) -> TensorRtRunner:
    """The plan on the GPU. Raises EngineError."""
    inputs = tuple(Spec.of(example) for example in job.examples)
    return TensorRtRunner((folder / PLAN).read_bytes(), inputs, job.outputs, job.device)


class TensorRtRunner:
    """Runs a plan on a stream of its own, in the order of the caller's."""

    def __init__(
        self, plan: bytes, inputs: Sequence[Spec], outputs: Sequence[Spec], device: torch.device
    ) -> None:
        trt = tensorrt_api.api()
        self._runtime = trt.Runtime(tensorrt_api.logger())
        with torch.cuda.device(device):
            self._engine: Any = self._runtime.deserialize_cuda_engine(plan)
            if self._engine is None:
                raise EngineError("TensorRT cannot load the plan: its log says why")
            self._context: Any = self._engine.create_execution_context()
        if self._context is None:
            raise EngineError("TensorRT has not the memory to run the plan")
        names = [self._engine.get_tensor_name(i) for i in range(self._engine.num_io_tensors)]
        modes = {name: self._engine.get_tensor_mode(name) for name in names}
        self._inputs = [n for n in names if modes[n] == trt.TensorIOMode.INPUT]
        self._outputs = [n for n in names if modes[n] == trt.TensorIOMode.OUTPUT]
        found = [tuple(self._engine.get_tensor_shape(n)) for n in (*self._inputs, *self._outputs)]
        if found != [spec.shape for spec in (*inputs, *outputs)]:
            raise EngineError(f"the plan takes and gives {found}")
        self._specs = tuple(outputs)
        self._device = device
        # Its default stream would make it wait for everything at each call.
        self._stream = torch.cuda.Stream(device)

    def __call__(self, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        taken = [tensor.detach().contiguous() for tensor in inputs]
        made = tuple(
            torch.empty(spec.shape, dtype=spec.dtype, device=self._device) for spec in self._specs
        )
        for name, tensor in zip((*self._inputs, *self._outputs), (*taken, *made), strict=True):
            self._context.set_tensor_address(name, tensor.data_ptr())
        caller = torch.cuda.current_stream(self._device)
        self._stream.wait_stream(caller)
        if not self._context.execute_async_v3(self._stream.cuda_stream):
            raise EngineError("TensorRT fails to run the plan: its log says why")
        # Also keeps memory that is freed after this call from being used again too early.
        caller.wait_stream(self._stream)
        return made
