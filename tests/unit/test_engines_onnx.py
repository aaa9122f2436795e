"""Export, 16-bit types and TensorRT plans: parsed and built for real, with no GPU."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import engines
from engines import (
    check,
    onnx_export,
    onnx_types,
    tensorrt_api,
    tensorrt_build,
)
from engines.job import Job
from engines.onnxruntime_cpu import OnnxRunner
from tests.unit.engine_cases import (
    Blocks,
    Double,
    Pictures,
    Video,
    blocks_inputs,
    pictures_inputs,
    video_inputs,
)

needs_trt = pytest.mark.skipif(
    not tensorrt_api.available(), reason="needs tensorrt or tensorrt-rtx: the extra trt-check"
)
Made = tuple[Callable[[], nn.Module], Callable[[], tuple[Tensor, ...]]]
NETWORKS: dict[str, Made] = {
    "transformer with a cache": (Blocks, blocks_inputs),
    "convolutions": (Pictures, pictures_inputs),
    "causal video": (Video, video_inputs),
}


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@needs_trt
@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16"])
@pytest.mark.parametrize("network", NETWORKS)
def test_networks_are_exported_checked_and_built(
    network: str, precision: engines.Precision
) -> None:
    kind, inputs = NETWORKS[network]
    report = engines.export_check(kind(), inputs(), precision)
    assert report.onnx_error <= 1e-5
    assert report.onnx_bytes > 0
    assert report.plan_bytes is not None and report.plan_bytes > 0
    if precision != "bf16":  # onnxruntime has no kernels for that
        assert report.typed_error is not None
        assert report.typed_error <= (1e-5 if precision == "fp32" else 1e-2)


@needs_trt
@pytest.mark.parametrize("network", ["transformer with a cache", "convolutions"])
def test_int8_networks_are_built(network: str) -> None:
    kind, inputs = NETWORKS[network]
    report = engines.export_check(kind(), inputs(), "int8", calibration=[inputs()])
    assert report.plan_bytes is not None and report.plan_bytes > 0
    assert not report.notes


def typed(precision: engines.Precision, path: Path) -> tuple[OnnxRunner, list[check.Case]]:
    frozen = check.freeze(Blocks())
    cases = check.reference_cases(frozen, blocks_inputs())
    onnx_export.export(frozen, blocks_inputs(), path)
    model = onnx_export.load(path)
    onnx_types.lower(model, precision)
    onnx_export.save(model, path)
    return OnnxRunner(path, Job(frozen, cases, precision).outputs), cases


def test_lowered_types_keep_angles_and_the_models_own_types(tmp_path: Path) -> None:
    """What 16 bits would do to the sine of 700 is far more than what they do to products."""
    path = tmp_path / "model.onnx"
    runner, cases = typed("fp16", path)
    assert check.worst_error(runner, cases) <= 3e-3
    model = onnx_export.load(path)
    made = {name: node for node in model.graph.node for name in node.output}
    for node in model.graph.node:
        if node.op_type in ("Sin", "Cos", "Softmax", "LayerNormalization"):
            source = made.get(node.input[0])
            assert source is None or source.op_type not in ("MatMul", "Gemm")
    weights = {x.name: x.data_type for x in model.graph.initializer}
    half = 10  # ONNX's number of fp16
    products = [n for n in model.graph.node if n.op_type in ("MatMul", "Gemm")]
    assert products
    assert all(weights.get(node.input[1], half) == half for node in products)
    assert [x.type.tensor_type.elem_type for x in model.graph.output] == [1] * 5


def test_fp32_and_int8_are_no_types_to_lower_to(tmp_path: Path) -> None:
    with pytest.raises(engines.EngineError, match="cannot be lowered to int8"):
        onnx_types.lower(None, "int8")


def test_weights_too_many_for_one_file_stand_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_export, "MAX_INSIDE_BYTES", 1)
    x = torch.randn(2, 64)
    module = nn.Linear(64, 64)
    engine = engines.build(module, (x,), "onnxruntime", "fp32", cache_dir=tmp_path)
    assert len(list(tmp_path.rglob("model.onnx.data"))) == 1
    assert engines.build(module, (x,), "onnxruntime", "fp32", cache_dir=tmp_path).report.from_cache
    assert engine.report.size_bytes is not None and engine.report.size_bytes > 64 * 64 * 4


def test_what_cannot_be_exported_is_a_named_error(tmp_path: Path) -> None:
    class Solved(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.linalg.eigvals(x).real

    with pytest.raises(engines.EngineError, match="Solved cannot be exported"):
        onnx_export.export(Solved(), (torch.randn(3, 3),), tmp_path / "model.onnx")


def test_packages_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_export, "NEEDED", ("onnx", "no_such_package"))
    with pytest.raises(engines.EngineError, match="no_such_package"):
        onnx_export.check_packages()


@needs_trt
def test_an_op_that_tensorrt_has_not_is_named(tmp_path: Path) -> None:
    import onnx
    from onnx import helper

    info = helper.make_tensor_value_info
    node = helper.make_node("Det", ["x"], ["y"], "the_determinant")
    graph = helper.make_graph([node], "g", [info("x", 1, [2, 2])], [info("y", 1, [])])
    path = tmp_path / "model.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)]), path)
    with pytest.raises(engines.EngineError, match="Det"):
        tensorrt_build.build_plan(path)


@needs_trt
def test_plans_for_chosen_gpus(tmp_path: Path) -> None:
    if not hasattr(tensorrt_api.api(), "ComputeCapability"):
        pytest.skip("this TensorRT builds for the GPU it runs on alone")
    path = tmp_path / "model.onnx"
    onnx_export.export(Double(), (torch.randn(2, 8),), path)
    assert tensorrt_build.build_plan(path, capabilities=[(8, 6), (8, 9)])
    with pytest.raises(engines.EngineError, match="not sm_10"):
        tensorrt_build.build_plan(path, capabilities=[(1, 0)])


def test_without_tensorrt_export_is_checked_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensorrt_api, "_found", lambda: None)
    report = engines.export_check(Double(), (torch.randn(2, 8),))
    assert report.plan_bytes is None
    assert report.onnx_error <= 1e-5
    with pytest.raises(engines.EngineError, match="not installed"):
        tensorrt_api.api()
