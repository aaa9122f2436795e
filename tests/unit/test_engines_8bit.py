"""Eight bits: close enough on real inputs, float where it is sensitive, the same on all backends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import engines
from engines import check, fp8, onnx_export, onnx_int8
from engines.job import Job
from tests.unit.engine_cases import (
    Blocks,
    Double,
    Pictures,
    blocks_inputs,
    pictures_inputs,
)

ON_CPU: tuple[engines.Backend, ...] = ("onnxruntime", "openvino")
Inputs = Callable[[int], tuple[Tensor, ...]]


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def job_of(module: nn.Module, inputs: tuple[Tensor, ...], precision: engines.Precision) -> Job:
    frozen = check.freeze(module)
    return Job(frozen, check.reference_cases(frozen, inputs), precision, [inputs])


def error_on_new_inputs(engine: engines.Engine, module: nn.Module, inputs: Inputs) -> float:
    worst = 0.0
    for seed in range(100, 104):
        with torch.no_grad():
            wanted = module(*inputs(seed))
        found = engine(*inputs(seed))
        if isinstance(wanted, Tensor):
            wanted, found = (wanted,), (found,)
        pairs = zip(found, wanted, strict=True)
        worst = max(worst, *(check.relative_error(a, b) for a, b in pairs))
    return worst


@pytest.mark.parametrize("backend", ON_CPU)
@pytest.mark.parametrize(
    ("kind", "inputs"),
    [(Blocks, blocks_inputs), (Pictures, pictures_inputs)],
    ids=["transformer", "convolutions"],
)
def test_int8_is_close(
    backend: engines.Backend, kind: type[nn.Module], inputs: Inputs, tmp_path: Path
) -> None:
    module = kind().eval()
    calibration = [inputs(seed) for seed in range(8)]

    def built() -> engines.Engine:
        return engines.build(
            module, inputs(0), backend, "int8", calibration=calibration, cache_dir=tmp_path
        )

    engine = built()
    error = error_on_new_inputs(engine, module, inputs)
    assert 1e-4 < error < 0.05  # quantised, and well
    again = built()
    assert again.report.from_cache
    assert error_on_new_inputs(again, module, inputs) == error


def test_a_cache_in_bf16_is_no_hindrance() -> None:
    def inputs(seed: int) -> tuple[Tensor, ...]:
        x, t, keys, values = blocks_inputs(seed)
        return x, t, keys.bfloat16(), values.bfloat16()

    module = Blocks().eval()
    calibration = [inputs(seed) for seed in range(4)]
    for backend in ON_CPU:
        engine = engines.build(module, inputs(0), backend, "int8", calibration=calibration)
        assert 1e-4 < error_on_new_inputs(engine, module, inputs) < 0.05


def test_only_what_is_worth_it_becomes_int8(tmp_path: Path) -> None:
    """Not attention's products, not times, not first, last and depthwise layers."""
    found = {}
    for kind, inputs in ((Blocks, blocks_inputs), (Pictures, pictures_inputs)):
        path = tmp_path / f"{kind.__name__}.onnx"
        job = job_of(kind(), inputs(0), "int8")
        onnx_export.export(job.module, job.examples, path)
        onnx_int8.quantise(path, job)
        model = onnx_export.load(path)
        made = {name: node.op_type for node in model.graph.node for name in node.output}
        found[kind] = Counter(
            "int8" if made.get(node.input[1]) == "DequantizeLinear" else "float"
            for node in model.graph.node
            if node.op_type in ("MatMul", "Gemm", "Conv")
        )
    assert found[Blocks] == {"int8": 6, "float": 5}
    assert found[Pictures] == {"int8": 2, "float": 3}


@pytest.mark.parametrize(
    ("backend", "precision"), [("onnxruntime", "int8"), ("openvino", "int8"), ("eager", "fp8")]
)
def test_a_module_with_nothing_worth_8_bits_stays_float_and_says_so(
    backend: engines.Backend, precision: engines.Precision
) -> None:
    x = torch.randn(2, 8)
    engine = engines.build(Double(), (x,), backend, precision, calibration=[(x,)])
    assert "worth 8 bits" in engine.report.notes[-1]
    assert engine.report.worst_error <= 1e-2


def test_auto_takes_a_backend_that_has_int8() -> None:
    calibration = [blocks_inputs(i) for i in range(2)]
    engine = engines.build(Blocks(), blocks_inputs(), "auto", "int8", calibration=calibration)
    assert engine.report.backend in ("openvino", "onnxruntime")
    assert engine.report.precision == "int8"


@pytest.mark.parametrize("backend", ["eager", "auto"])
def test_fp8_is_close(backend: engines.BackendChoice) -> None:
    module = Blocks().eval()
    calibration = [blocks_inputs(i) for i in range(8)]
    engine = engines.build(module, blocks_inputs(), backend, "fp8", calibration=calibration)
    assert engine.report.backend == "eager"
    assert "emulated" in engine.report.notes[0]
    assert 1e-3 < error_on_new_inputs(engine, module, blocks_inputs) < 0.08


def test_fp8_takes_the_layers_that_are_worth_it() -> None:
    job = job_of(Blocks(), blocks_inputs(), "fp8")
    fp8.convert(job)
    kinds = {name: type(child) for name, child in job.module.named_modules()}
    assert kinds["time"] is nn.Linear  # one row
    assert kinds["qkv.0"] is kinds["mlp.1.2"] is fp8.Fp8Linear


def test_fp8_saturates() -> None:
    """An input beyond what calibration saw becomes the largest number, not NaN."""
    linear = nn.Linear(64, 64)
    low = fp8.Fp8Linear(linear, largest_input=1.0)
    with torch.no_grad():
        found = low(torch.full((32, 64), 50.0)).float()
        wanted = linear(torch.ones(32, 64))
    assert check.relative_error(found, wanted) < 0.05
