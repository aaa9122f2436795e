"""The onnxruntime backend on the CPU: export, in int8 quantise, run on torch's own memory."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engines import onnx_export, onnx_int8
from engines.engine import EngineError, Spec
from engines.job import Job

# As ONNX numbers types.
TYPES = {
    torch.float32: 1,
    torch.uint8: 2,
    torch.int8: 3,
    torch.int32: 6,
    torch.int64: 7,
    torch.bool: 9,
    torch.float16: 10,
    torch.float64: 11,
    torch.bfloat16: 16,
}


def available() -> bool:
    """Whether the onnxruntime package is installed."""
    return importlib.util.find_spec("onnxruntime") is not None


def version() -> str:
    """For manifests. Raises EngineError."""
    onnx_export.check_packages()
    import onnxruntime

    return str(onnxruntime.__version__)


def produce(job: Job, folder: Path) -> None:
    """Write the model as ONNX, quantised in int8. Raises EngineError."""
    path = folder / onnx_export.MODEL
    onnx_export.export(job.module, job.examples, path)
    if job.precision == "int8":
        onnx_int8.quantise(path, job)


def load(job: Job, folder: Path) -> OnnxRunner:
    """A session over what `produce` wrote. Raises EngineError."""
    return OnnxRunner(folder / onnx_export.MODEL, job.outputs, job.num_threads)


class OnnxRunner:
    """A session that reads inputs where they are and writes outputs into fresh memory."""

    def __init__(self, path: Path, outputs: Sequence[Spec], num_threads: int | None = None) -> None:
        onnx_export.check_packages()
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors
        # Its threads would spin on after a run, and take the cores from whatever comes next.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if num_threads is not None:
            options.intra_op_num_threads = num_threads
        try:
            self._session: Any = onnxruntime.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise EngineError(f"onnxruntime cannot load the model: {error}") from error
        self._inputs = [x.name for x in self._session.get_inputs()]
        self._outputs = [x.name for x in self._session.get_outputs()]
        self._specs = tuple(outputs)
        if len(self._outputs) != len(self._specs):
            raise EngineError(f"the ONNX model has {len(self._outputs)} outputs")

    def __call__(self, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        binding = self._session.io_binding()
        taken = [tensor.detach().contiguous() for tensor in inputs]
        made = tuple(torch.empty(spec.shape, dtype=spec.dtype) for spec in self._specs)
        try:
            for name, x in zip(self._inputs, taken, strict=True):
                binding.bind_input(name, "cpu", 0, TYPES[x.dtype], list(x.shape), x.data_ptr())
            for name, x in zip(self._outputs, made, strict=True):
                binding.bind_output(name, "cpu", 0, TYPES[x.dtype], list(x.shape), x.data_ptr())
            self._session.run_with_iobinding(binding)
        except Exception as error:
            raise EngineError(f"onnxruntime fails to run: {error}") from error
        return made
