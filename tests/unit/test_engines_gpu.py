"""Engines on an NVIDIA GPU: equal to eager, captured once, and never waiting for the GPU."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor

import engines
from engines import check, tensorrt_api
from tests.unit.engine_cases import Blocks, Step, blocks_inputs, step_inputs

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU"),
]
ON_GPU: tuple[engines.Backend, ...] = ("eager", "cudagraph", "inductor")


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@contextmanager
def no_waiting() -> Iterator[None]:
    """Any wait of the host for the GPU is an error."""
    torch.cuda.synchronize()
    torch.cuda.set_sync_debug_mode("error")
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode("default")


def on_gpu(inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(x.cuda() for x in inputs)


@pytest.mark.parametrize("backend", ON_GPU)
@pytest.mark.parametrize(("precision", "limit"), [("fp32", 1e-3), ("bf16", 3e-2), ("fp16", 1e-2)])
def test_engine_equals_eager(
    backend: engines.Backend, precision: engines.Precision, limit: float
) -> None:
    step = Step().cuda()
    engine = engines.build(step, on_gpu(step_inputs()), backend, precision)
    assert engine.report.backend == backend
    inputs = on_gpu(
        tuple(check.randomise(e, torch.Generator().manual_seed(7)) for e in step_inputs())
    )
    with torch.no_grad():
        wanted = step(*inputs)
    for a, b in zip(engine(*inputs), wanted, strict=True):
        assert check.relative_error(a, b) <= limit


@pytest.mark.parametrize("backend", ["cudagraph", "inductor"])
def test_captured_once_and_never_waits(backend: engines.Backend) -> None:
    engine = engines.build(Blocks().cuda(), on_gpu(blocks_inputs()), backend, "bf16")
    calls = [on_gpu(blocks_inputs(seed)) for seed in range(8)]
    with no_waiting():
        kept = [engine(*inputs) for inputs in calls]
    assert engine.captures == 1
    again = [engine(*inputs) for inputs in calls]
    for first, second in zip(kept, again, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


def test_two_streams_may_share_an_engine() -> None:
    engine = engines.build(Blocks().cuda(), on_gpu(blocks_inputs()), "cudagraph", "fp32")
    calls = [on_gpu(blocks_inputs(seed)) for seed in range(2)]
    wanted = [engine(*inputs) for inputs in calls]
    torch.cuda.synchronize()
    lanes = [torch.cuda.Stream() for _ in calls]
    found: list[list[tuple[Tensor, ...]]] = [[], []]
    for _ in range(20):
        for index, lane in enumerate(lanes):
            with torch.cuda.stream(lane):
                found[index].append(engine(*calls[index]))
    torch.cuda.synchronize()
    for index, outputs in enumerate(found):
        for made in outputs:
            assert all(torch.equal(a, b) for a, b in zip(made, wanted[index], strict=True))


@pytest.mark.parametrize("backend", ON_GPU)
def test_fp8_runs_as_it_is_emulated(backend: engines.Backend) -> None:
    if torch.cuda.get_device_capability() < (8, 9):
        pytest.skip("needs a GPU of compute capability 8.9")
    module = Blocks().eval()
    calibration = [blocks_inputs(i) for i in range(4)]
    emulated = engines.build(module, blocks_inputs(), "eager", "fp8", calibration=calibration)
    engine = engines.build(
        module.cuda(),
        on_gpu(blocks_inputs()),
        backend,
        "fp8",
        calibration=[on_gpu(inputs) for inputs in calibration],
    )
    pairs = zip(engine(*on_gpu(blocks_inputs(9))), emulated(*blocks_inputs(9)), strict=True)
    assert all(check.relative_error(a.cpu(), b) <= 2e-2 for a, b in pairs)


def test_auto_on_a_gpu() -> None:
    engine = engines.build(Blocks().cuda(), on_gpu(blocks_inputs()), "auto", "bf16")
    assert engine.report.backend in ("inductor", "cudagraph")


@pytest.mark.skipif(not tensorrt_api.available(), reason="needs tensorrt or tensorrt-rtx")
@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16", "int8"])
def test_tensorrt_equals_eager(precision: engines.Precision) -> None:
    calibration = [on_gpu(blocks_inputs(i)) for i in range(4)]
    engine = engines.build(
        Blocks().cuda(), calibration[0], "tensorrt", precision, calibration=calibration
    )
    assert engine.report.backend == "tensorrt"
    assert engine.report.size_bytes
