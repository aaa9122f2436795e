"""An engine is the module, faster: equal, safe to own, refused where it is not."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import engines
from engines import check, host, inductor, openvino_cpu, openvino_split
from engines.engine import Spec
from tests.unit.engine_cases import Double, Dynamic, Step, Unfaithful, step_inputs

ON_CPU: tuple[engines.Backend, ...] = ("eager", "inductor", "openvino", "onnxruntime")


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize(
    ("backend", "precision", "limit"),
    [
        ("eager", "fp32", 1e-5),
        ("eager", "bf16", 3e-2),
        ("inductor", "bf16", 3e-2),
        ("openvino", "fp32", 1e-5),
        ("openvino", "bf16", 3e-2),
        ("onnxruntime", "fp32", 1e-5),
    ],
)
def test_engine_equals_eager(
    backend: engines.Backend, precision: engines.Precision, limit: float
) -> None:
    step = Step()
    engine = engines.build(step, step_inputs(), backend, precision)
    assert engine.report.backend == backend
    assert engine.report.worst_error <= limit
    inputs = tuple(check.randomise(e, torch.Generator().manual_seed(7)) for e in step_inputs())
    with torch.no_grad():
        references = step(*inputs)
    for output, reference in zip(engine(*inputs), references, strict=True):
        assert Spec.of(output) == Spec.of(reference)
        assert check.relative_error(output, reference) <= limit


def test_a_tensor_stays_a_tensor_and_names_bind() -> None:
    engine = engines.build(Double(), (torch.randn(2, 8),), "openvino", "fp32")
    x = torch.randn(2, 8)
    assert isinstance(engine(x), Tensor)
    assert torch.equal(engine(x), engine(x=x))
    with pytest.raises(engines.EngineError, match="by name"):
        engine(y=x)


def test_bf16_keeps_times_and_positions_exact() -> None:
    """The sine of 700 in bf16 is noise: angles are computed apart, in fp32."""

    class Timed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = nn.Linear(16, 16)

        def forward(self, t: Tensor, x: Tensor) -> Tensor:
            angle = 1000 * t[:, None] * torch.arange(1, 9).float()
            wave = self.inner(torch.cat([angle.cos(), angle.sin()], -1))
            return x * wave + wave.sin()  # the last sine is the network's own

    examples = (torch.tensor([0.7123]), torch.randn(1, 16))
    engine = engines.build(Timed(), examples, "openvino", "bf16", tolerance=1e-2)
    assert engine.report.worst_error <= 1e-2
    split = openvino_split.split(
        openvino_cpu.openvino(), openvino_cpu.convert(check.freeze(Timed()), examples)
    )
    assert split.angle_inputs == (0,)
    assert len(split.angles.outputs) == 2
    assert len(split.main.inputs) == 4


@pytest.mark.parametrize("backend", ON_CPU)
def test_outputs_are_the_callers(backend: engines.Backend) -> None:
    """Neither a later call nor a change of an input may reach what was handed out."""

    class Pass(nn.Module):
        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            return x, x + 1

    engine = engines.build(Pass(), (torch.randn(64, 64),), backend, "fp32")
    first = torch.zeros(64, 64)
    kept = engine(first)
    copies = [output.clone() for output in kept]
    for value in range(5):
        engine(torch.full((64, 64), float(value + 2)))
    first.fill_(9)
    kept[1].add_(0)  # ordinary memory: may be updated in place
    assert all(torch.equal(a, b) for a, b in zip(kept, copies, strict=True))


def test_inputs_may_be_views_that_need_gradients() -> None:
    double = Double()
    engine = engines.build(double, (torch.randn(2, 8),), "openvino", "fp32")
    x = torch.randn(8, 2, requires_grad=True).t()
    torch.testing.assert_close(engine(x), double(x).detach(), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
def test_bfloat16_tensors_pass_as_they_are(backend: engines.Backend) -> None:
    class Half(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return (x.float() * 2).bfloat16()

    x = torch.randn(3, 4).bfloat16()
    engine = engines.build(Half(), (x,), backend, "fp32")
    assert torch.equal(engine(x), x * 2)


def test_the_module_is_not_touched_and_the_engine_is_a_snapshot() -> None:
    double = Double().train()
    x = torch.randn(2, 8)
    for backend in ON_CPU:
        engine = engines.build(double, (x,), backend, "bf16", tolerance=0.1)
        before = engine(x)
        with torch.no_grad():
            double.linear.weight.add_(1)
        assert torch.equal(engine(x), before)
    assert double.training
    assert all(p.requires_grad and p.dtype == torch.float32 for p in double.parameters())


@pytest.mark.parametrize(
    "inputs",
    [(), (torch.zeros(3, 8),), (torch.zeros(2, 8).double(),), (torch.zeros(2, 8),) * 2],
    ids=["none", "shape", "dtype", "too many"],
)
def test_wrong_inputs_are_named_errors(inputs: tuple[Tensor, ...]) -> None:
    engine = engines.build(Double(), (torch.randn(2, 8),), "eager", "fp32")
    with pytest.raises(engines.EngineError):
        engine(*inputs)


def test_threads_may_share_an_engine() -> None:
    engine = engines.build(Double(), (torch.randn(2, 8),), "openvino", "fp32")
    inputs = [torch.full((2, 8), float(i)) for i in range(4)]
    expected = [engine(x) for x in inputs]
    wrong: list[int] = []

    def work(index: int) -> None:
        for _ in range(50):
            if not torch.equal(engine(inputs[index]), expected[index]):
                wrong.append(index)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("backend", ["openvino", "onnxruntime"])
@pytest.mark.parametrize("module", [Unfaithful(), Dynamic()], ids=["unfaithful", "dynamic"])
def test_an_engine_that_cannot_be_trusted_is_refused(
    module: nn.Module, backend: engines.Backend
) -> None:
    with pytest.raises(engines.EngineError):
        engines.build(module, (torch.randn(4, 4),), backend, "fp32")


@pytest.mark.parametrize("backend", ["inductor", "openvino", "onnxruntime"])
def test_inputs_that_share_memory_are_still_two(backend: engines.Backend) -> None:
    """Tracers take one tensor given twice for one input."""

    class Difference(nn.Module):
        def forward(self, a: Tensor, b: Tensor) -> Tensor:
            return a - 2 * b

    x = torch.randn(4, 4)
    engine = engines.build(Difference(), (x, x), backend, "fp32")
    assert torch.allclose(engine(x, x + 1), -x - 2, atol=1e-5)


def test_force_takes_what_is_too_far_off_and_notes_it(caplog: pytest.LogCaptureFixture) -> None:
    double, x = Double(), torch.randn(2, 8)
    with pytest.raises(engines.EngineError, match="differs from eager fp32"):
        engines.build(double, (x,), "eager", "bf16", tolerance=1e-9)
    with caplog.at_level(logging.WARNING):
        engine = engines.build(double, (x,), "eager", "bf16", tolerance=1e-9, force=True)
    assert "forced" in engine.report.notes[0]
    assert engine.report.worst_error > engine.report.tolerance
    assert "forced" in caplog.text


@pytest.mark.parametrize(
    ("backend", "precision", "told"),
    [
        ("auto", "fp16", "on a CPU"),
        ("eager", "fp16", "on a CPU"),
        ("eager", "int8", "calibration"),
        ("auto", "fp8", "calibration"),
        ("cudagraph", "fp32", "takes cuda tensors"),
        ("tensorrt", "fp32", "takes cuda tensors"),
    ],
)
def test_what_cannot_be_is_a_named_error(
    backend: engines.BackendChoice, precision: engines.Precision, told: str
) -> None:
    with pytest.raises(engines.EngineError, match=told):
        engines.build(Double(), (torch.randn(2, 8),), backend, precision)


def test_a_backend_says_which_precisions_it_has() -> None:
    x = torch.randn(2, 8)
    with pytest.raises(engines.EngineError, match="openvino backend has no fp8, only fp32, bf16"):
        engines.build(Double(), (x,), "openvino", "fp8", calibration=[(x,)])


def test_calibration_must_be_like_the_examples() -> None:
    x = torch.randn(2, 8)
    with pytest.raises(engines.EngineError, match=r"calibration\[1\]"):
        engines.build(
            Double(), (x,), "onnxruntime", "int8", calibration=[(x,), (torch.randn(3, 8),)]
        )


def test_onnxruntime_has_no_bf16_and_says_so() -> None:
    engine = engines.build(Double(), (torch.randn(2, 8),), "onnxruntime", "bf16")
    assert engine.report.precision == "fp32"
    assert "no bf16" in engine.report.notes[0]


def test_inductor_without_a_compiler_is_a_named_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CXX", raising=False)
    assert not inductor.available("cpu")
    with pytest.raises(engines.EngineError, match="C\\+\\+ compiler"):
        engines.build(Double(), (torch.randn(2, 8),), "inductor", "fp32")


def test_a_module_that_gives_no_numbers_is_refused() -> None:
    class Broken(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x / 0

    with pytest.raises(engines.EngineError, match="not finite"):
        engines.build(Broken(), (torch.randn(4, 4),), "eager", "fp32")


def test_auto_falls_back_to_eager_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    dynamic = Dynamic()
    with caplog.at_level(logging.WARNING):
        engine = engines.build(dynamic, (torch.ones(4, 4),), "auto", "fp32")
    assert engine.report.backend == "eager"
    assert "falling back" in caplog.text
    assert torch.equal(engine(torch.eye(4)), torch.ones(4))


def test_bf16_becomes_fp32_without_the_instructions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "cpu_has_bf16", lambda: False)
    engine = engines.build(Double(), (torch.randn(2, 8),), "auto", "bf16")
    assert engine.report.precision == "fp32"
    assert engine.report.notes


def test_openvino_does_not_report_home() -> None:
    code = (
        "import sys, torch, engines; "
        "engines.build(torch.nn.Linear(2, 2), (torch.ones(1, 2),), 'openvino', 'fp32'); "
        "sys.exit(sys.modules['openvino_telemetry'] is not None)"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
