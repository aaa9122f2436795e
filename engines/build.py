"""Choose a backend, build or load, check against eager fp32, report."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from pathlib import Path

from torch import Tensor, nn

from engines import cache, check, host, openvino_cpu
from engines.eager import EagerRunner
from engines.engine import (
    Backend,
    BackendChoice,
    Engine,
    EngineError,
    Precision,
    Report,
    Runner,
    Spec,
    input_names,
)

log = logging.getLogger(__name__)

# Relative error per output. fp32 backends differ by summation order; bf16 has 8 bits of mantissa,
# so one layer differs by 0.3 % and eight transformer blocks by 1 %.
TOLERANCES: dict[Precision, float] = {"fp32": 1e-3, "bf16": 3e-2}


def build(
    module: nn.Module,
    example_inputs: Sequence[Tensor],
    backend: BackendChoice = "auto",
    precision: Precision = "bf16",
    *,
    cache_dir: Path | None = None,
    tolerance: float | None = None,
    num_threads: int | None = None,
) -> Engine:
    """An engine for inputs shaped and typed as the examples. Raises EngineError.

    "auto" is OpenVINO where it is installed, works and the inputs are on the CPU, else eager.
    bf16 becomes fp32 on a CPU without bf16 instructions (`Engine.report` says what was built).
    `num_threads` is OpenVINO's; eager follows `torch.set_num_threads`.
    """
    examples = tuple(example.detach() for example in example_inputs)
    if not examples:
        raise EngineError("example_inputs is empty")
    on_cpu = all(example.device.type == "cpu" for example in examples)
    notes: list[str] = []
    if precision == "bf16" and on_cpu and not host.cpu_has_bf16():
        precision = "fp32"
        notes.append("fp32: this CPU has no bf16 instructions")
        log.warning("engine: %s", notes[-1])
    started = time.perf_counter()
    frozen = check.freeze(module)
    cases = check.reference_cases(frozen, examples)
    limit = TOLERANCES[precision] if tolerance is None else tolerance

    runner: Runner | None = None
    chosen: Backend = "eager"
    from_cache = False
    worst = 0.0
    if backend == "openvino" or (backend == "auto" and on_cpu and openvino_cpu.available()):
        try:
            if not on_cpu:
                raise EngineError("the openvino backend takes CPU tensors")
            runner, worst, from_cache = _openvino(
                frozen, cases, precision, cache_dir, limit, num_threads
            )
            chosen = "openvino"
        except EngineError as error:
            if backend == "openvino":
                raise
            notes.append(f"eager: {error}")
            log.warning("engine: falling back to eager: %s", error)
            frozen = check.freeze(module)  # the converter may have left its marks on the first copy
    if runner is None:
        dtypes = [output.dtype for output in cases[0].outputs]
        runner = EagerRunner(frozen, precision, dtypes)
        worst = _checked(runner, cases, limit, "eager")
    report = Report(
        backend=chosen,
        precision=precision,
        worst_error=worst,
        tolerance=limit,
        build_s=time.perf_counter() - started,
        from_cache=from_cache,
        notes=tuple(notes),
    )
    log.info("engine: %s: %s", type(module).__name__, report)
    named = zip(
        input_names(module, len(examples)), (Spec.of(example) for example in examples), strict=True
    )
    return Engine(runner, tuple(named), cases[0].single, report)


def _openvino(
    frozen: nn.Module,
    cases: Sequence[check.Case],
    precision: Precision,
    cache_dir: Path | None,
    limit: float,
    num_threads: int | None,
) -> tuple[Runner, float, bool]:
    """The runner, its worst error, and whether it came from the cache. Raises EngineError."""
    examples = cases[0].inputs
    identity = None
    if cache_dir is not None:
        identity = cache.Identity.of(frozen, examples, precision)
        cached = cache.load(cache_dir, identity)
        if cached is not None:
            try:  # checked like a new one: a cache can only save the conversion
                runner = openvino_cpu.OpenVinoRunner(cached, precision, num_threads)
                return runner, _checked(runner, cases, limit, "the cached engine"), True
            except EngineError as error:
                log.warning("engine cache: building anew: %s", error)
    model = openvino_cpu.convert(frozen, examples)
    runner = openvino_cpu.OpenVinoRunner(model, precision, num_threads)
    worst = _checked(runner, cases, limit, "openvino")
    if cache_dir is not None and identity is not None:
        cache.store(cache_dir, identity, model, worst)
    return runner, worst, False


def _checked(runner: Runner, cases: Sequence[check.Case], limit: float, who: str) -> float:
    try:
        worst = check.worst_error(runner, cases)
    except EngineError as error:
        raise EngineError(f"{who} {error}") from error
    if not worst <= limit:
        raise EngineError(
            f"{who} differs from eager fp32 by {worst:.1e} (relative), above the limit {limit:.1e}"
        )
    return worst
