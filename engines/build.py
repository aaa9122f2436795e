"""Choose a backend, build or load, check against eager fp32, report."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from torch import Tensor, nn

from engines import (
    cache,
    check,
    cudagraph,
    eager,
    inductor,
    onnxruntime_cpu,
    openvino_cpu,
    tensorrt_cuda,
)
from engines.choose import CALIBRATED, choose
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
from engines.job import Job, check_calibration

log = logging.getLogger(__name__)

# Relative error per output. fp32 backends differ by summation order; bf16 has 8 bits of mantissa,
# so one layer differs by 0.3 % and eight transformer blocks by 1 %; fp16 differs less. With 8 bits
# eight blocks differ by 3 % (int8) to 7 % (fp8): the limit only finds what is broken, and what an
# edit looks like must be judged on a stream.
TOLERANCES: dict[Precision, float] = {
    "fp32": 1e-3,
    "bf16": 3e-2,
    "fp16": 3e-2,
    "int8": 0.15,
    "fp8": 0.15,
}


class Kept(Protocol):
    """A backend with files worth keeping. All raise EngineError."""

    def version(self) -> str: ...

    def produce(self, job: Job, folder: Path) -> None: ...

    def load(self, job: Job, folder: Path) -> Runner: ...


KEPT: dict[Backend, Kept] = {
    "openvino": openvino_cpu,
    "onnxruntime": onnxruntime_cpu,
    "tensorrt": tensorrt_cuda,
}
RUN: dict[Backend, Callable[[Job], Runner]] = {
    "eager": eager.run,
    "cudagraph": cudagraph.run,
    "inductor": inductor.run,
}


@dataclass(frozen=True, slots=True)
class _Limit:
    """How far from eager fp32 an engine may be."""

    tolerance: float
    force: bool


@dataclass(frozen=True, slots=True)
class _Made:
    runner: Runner
    worst_error: float
    notes: tuple[str, ...] = ()
    from_cache: bool = False
    size_bytes: int | None = None


def build(
    module: nn.Module,
    example_inputs: Sequence[Tensor],
    backend: BackendChoice = "auto",
    precision: Precision = "bf16",
    *,
    calibration: Sequence[tuple[Tensor, ...]] | None = None,
    cache_dir: Path | None = None,
    tolerance: float | None = None,
    force: bool = False,
    num_threads: int | None = None,
) -> Engine:
    """An engine for inputs shaped and typed as the examples. Raises EngineError.

    "auto" takes the first that works. For CPU tensors: OpenVINO, in int8 else onnxruntime, else
    eager. For a GPU's: inductor where Triton is installed, else a CUDA graph, else eager; int8 is
    TensorRT's. bf16 becomes fp32 on a CPU without bf16 instructions, and with onnxruntime
    (`Engine.report` says what was built). int8 and fp8 need `calibration`: inputs of real calls.
    `force` takes an engine that is further from eager than `tolerance`, and notes it.
    `num_threads` is of OpenVINO and onnxruntime; the others follow `torch.set_num_threads`.
    """
    examples = tuple(example.detach() for example in example_inputs)
    if not examples:
        raise EngineError("example_inputs is empty")
    calls: tuple[tuple[Tensor, ...], ...] = ()
    if precision in CALIBRATED:
        calls = tuple(tuple(x.detach() for x in inputs) for inputs in calibration or ())
        check_calibration(calls, examples)
    device = next((x.device for x in examples if x.device.type != "cpu"), examples[0].device)
    if any(x.device != device for x in examples):
        raise EngineError("all inputs must be on one device")
    choice = choose(backend, precision, device, bool(calls))
    notes = list(choice.notes)
    for note in notes:
        log.warning("engine: %s", note)
    started = time.perf_counter()
    frozen = check.freeze(module)
    cases = check.reference_cases(frozen, examples, calls)
    allowed = TOLERANCES[choice.precision] if tolerance is None else tolerance
    made: _Made | None = None
    chosen: Backend = choice.backends[0]
    for chosen in choice.backends:
        job = Job(frozen, cases, choice.precision, calls, num_threads)
        try:
            made = _make(chosen, job, cache_dir, _Limit(allowed, force))
            break
        except EngineError as error:
            if chosen == choice.backends[-1]:
                raise
            notes.append(f"not {chosen}: {error}")
            log.warning("engine: falling back from %s: %s", chosen, error)
            frozen = check.freeze(module)  # the backend may have left its marks on the copy
    assert made is not None
    report = Report(
        backend=chosen,
        precision=choice.precision,
        worst_error=made.worst_error,
        tolerance=allowed,
        build_s=time.perf_counter() - started,
        from_cache=made.from_cache,
        notes=(*notes, *made.notes),
        size_bytes=made.size_bytes,
    )
    log.info("engine: %s: %s", type(module).__name__, report)
    names = input_names(module, len(examples))
    named = tuple(zip(names, (Spec.of(example) for example in examples), strict=True))
    return Engine(made.runner, named, cases[0].single, report)


def _make(backend: Backend, job: Job, cache_dir: Path | None, limit: _Limit) -> _Made:
    if backend in RUN:
        runner = RUN[backend](job)
        worst, notes = _checked(runner, job, limit, backend)
        return _Made(runner, worst, (*job.notes, *notes))
    maker = KEPT[backend]
    if cache_dir is None:
        return _produced(backend, maker, job, limit, None, None)
    identity = cache.Identity.of(
        job.module, job.examples, backend, maker.version(), job.precision, job.calibration
    )
    with cache.only_one(cache_dir, identity.key):
        entry = cache.find(cache_dir, identity)
        if entry is not None:
            try:  # checked like a new one: a cache can only save the conversion
                runner = maker.load(job, entry.folder)
                worst, notes = _checked(runner, job, limit, "the cached engine")
                notes = (*entry.notes, *notes)
                return _Made(runner, worst, notes, from_cache=True, size_bytes=entry.size_bytes)
            except EngineError as error:
                log.warning("engine cache: building anew: %s", error)
        return _produced(backend, maker, job, limit, cache_dir, identity)


def _produced(
    backend: Backend,
    maker: Kept,
    job: Job,
    limit: _Limit,
    cache_dir: Path | None,
    identity: cache.Identity | None,
) -> _Made:
    with cache.workplace(cache_dir) as folder:
        maker.produce(job, folder)
        size = cache.size_bytes(folder)
        runner = maker.load(job, folder)
        worst, notes = _checked(runner, job, limit, backend)
        if cache_dir is not None and identity is not None:
            cache.keep(cache_dir, identity, folder, worst, job.notes)
    return _Made(runner, worst, (*job.notes, *notes), size_bytes=size)


def _checked(runner: Runner, job: Job, limit: _Limit, who: str) -> tuple[float, tuple[str, ...]]:
    """The worst error, and a note where it is too large but forced. Raises EngineError."""
    try:
        worst = check.worst_error(runner, job.cases)
    except EngineError as error:
        raise EngineError(f"{who} {error}") from error
    if worst <= limit.tolerance:
        return worst, ()
    if not math.isfinite(worst):
        raise EngineError(f"{who} gives values that are not finite")
    told = f"differs from eager fp32 by {worst:.1e} (relative), above the limit"
    if limit.force:
        log.warning("engine: %s %s %.1e: forced", who, told, limit.tolerance)
        return worst, (f"forced: it {told} {limit.tolerance:.1e}",)
    raise EngineError(f"{who} {told} {limit.tolerance:.1e}")
