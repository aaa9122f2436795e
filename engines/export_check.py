"""Can this network become an engine elsewhere? Export, run in onnxruntime, build for TensorRT.

For machines without a GPU: what is built here is parsed and compiled for real, but never run.
"""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from engines import cache, check, onnx_export, tensorrt_api, tensorrt_cuda
from engines.engine import EngineError, Precision
from engines.job import Job, check_calibration
from engines.onnxruntime_cpu import OnnxRunner
from engines.tensorrt_build import build_plan

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What came of one network. Errors are relative, of the worst output, against eager fp32.

    `typed_error` is of the file whose types are the precision; None where onnxruntime has no
    kernels for them (bf16 on a CPU). `plan_bytes` is None without TensorRT.
    """

    module: str
    precision: Precision
    onnx_error: float
    typed_error: float | None
    onnx_bytes: int
    export_s: float
    plan_bytes: int | None
    plan_s: float | None
    notes: tuple[str, ...] = ()


def export_check(
    module: nn.Module,
    example_inputs: Sequence[Tensor],
    precision: Precision = "fp32",
    *,
    calibration: Sequence[tuple[Tensor, ...]] = (),
    capabilities: Sequence[tuple[int, int]] = (),
) -> ExportReport:
    """Everything that can be found out without a GPU. Inputs on the CPU. Raises EngineError."""
    examples = tuple(example.detach() for example in example_inputs)
    calls: Sequence[tuple[Tensor, ...]] = ()
    if precision == "fp8":
        raise EngineError("fp8 does not go by way of ONNX")
    if precision == "int8":
        if not calibration:
            raise EngineError("int8 needs calibration inputs: those of some real calls")
        check_calibration(calibration, examples)
        calls = calibration
    frozen = check.freeze(module)
    cases = check.reference_cases(frozen, examples, calls)
    specs = Job(frozen, cases, "fp32").outputs
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / onnx_export.MODEL
        started = time.perf_counter()
        onnx_export.export(frozen, examples, path)
        onnx_error = check.worst_error(OnnxRunner(path, specs), cases)
        export_s = time.perf_counter() - started
        job = Job(frozen, cases, precision, calls)
        tensorrt_cuda.retype(path, job)
        typed_error: float | None = None
        try:
            typed_error = check.worst_error(OnnxRunner(path, specs), cases)
        except EngineError as error:
            log.info("export: onnxruntime does not run %s: %s", precision, error)
        plan_bytes, plan_s = None, None
        if tensorrt_api.available():
            started = time.perf_counter()
            plan_bytes = len(build_plan(path, capabilities=capabilities))
            plan_s = time.perf_counter() - started
        size = cache.size_bytes(path.parent)
    return ExportReport(
        module=type(module).__name__,
        precision=precision,
        onnx_error=onnx_error,
        typed_error=typed_error,
        onnx_bytes=size,
        export_s=export_s,
        plan_bytes=plan_bytes,
        plan_s=plan_s,
        notes=tuple(job.notes),
    )
