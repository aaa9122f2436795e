"""An engine is the module, faster: equal, safe to own, and never broken by its cache."""

from __future__ import annotations

import json
import logging
import multiprocessing
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import engines
from engines import cache, check, host, openvino_cpu, openvino_split
from engines.engine import Spec

WIDTH, HEADS, TOKENS, CACHED = 32, 2, 12, 24


class Step(nn.Module):
    """A student's step in small: masks, a KV cache in, new keys and values out."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.kv_text = nn.Linear(WIDTH, 2 * WIDTH)
        self.norm = nn.RMSNorm(WIDTH // HEADS)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(
        self, x: Tensor, t: Tensor, text: Tensor, text_mask: Tensor, past: Tensor, seen: Tensor
    ) -> tuple[Tensor, Tensor]:
        assert x.shape == (1, TOKENS, WIDTH), tuple(x.shape)
        q, k, v = (self.heads(part) for part in self.qkv(x * (1 + t[:, None, None])).chunk(3, -1))
        q, k = self.norm(q), self.norm(k)
        keys, values = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        x = x + self.merge(F.scaled_dot_product_attention(q, keys, values, attn_mask=seen))
        text_k, text_v = (self.heads(part) for part in self.kv_text(text).chunk(2, -1))
        words = text_mask[:, None, None, :]
        x = x + self.merge(F.scaled_dot_product_attention(q, text_k, text_v, attn_mask=words))
        return self.out(x), torch.stack([k, v])

    def heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (HEADS, -1)).transpose(1, 2)

    def merge(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2).flatten(2)


class Double(nn.Module):
    """One tensor in, one out: the cheapest thing to build."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.linear(x) * 2
        return out


def step_inputs() -> tuple[Tensor, ...]:
    noise = torch.Generator().manual_seed(1)
    return (
        torch.randn(1, TOKENS, WIDTH, generator=noise),
        torch.tensor([0.7]),
        torch.randn(1, 5, WIDTH, generator=noise),
        torch.arange(5)[None] < 3,
        torch.zeros(2, 1, HEADS, CACHED, WIDTH // HEADS),
        torch.arange(CACHED + TOKENS)[None, None, None] >= 6,
    )


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


@pytest.mark.parametrize("backend", ["eager", "openvino"])
@pytest.mark.parametrize(("precision", "limit"), [("fp32", 1e-5), ("bf16", 3e-2)])
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


@pytest.mark.parametrize("backend", ["eager", "openvino"])
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


def test_bfloat16_tensors_pass_as_they_are() -> None:
    class Half(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return (x.float() * 2).bfloat16()

    x = torch.randn(3, 4).bfloat16()
    engine = engines.build(Half(), (x,), "openvino", "fp32")
    assert torch.equal(engine(x), x * 2)


def test_the_module_is_not_touched_and_the_engine_is_a_snapshot() -> None:
    double = Double().train()
    x = torch.randn(2, 8)
    for backend in ("eager", "openvino"):
        engine = engines.build(double, (x,), backend, "bf16", tolerance=0.1)  # type: ignore[arg-type]
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


class Unfaithful(nn.Module):
    """Random: no engine can be equal to it."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.rand(x.shape)


class Dynamic(nn.Module):
    """An output whose size depends on the data: no static engine."""

    def forward(self, x: Tensor) -> Tensor:
        return x[x > 0]


@pytest.mark.parametrize("module", [Unfaithful(), Dynamic()], ids=["unfaithful", "dynamic"])
def test_an_engine_that_cannot_be_trusted_is_refused(module: nn.Module) -> None:
    with pytest.raises(engines.EngineError):
        engines.build(module, (torch.randn(4, 4),), "openvino", "fp32")


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


def test_cache_saves_the_conversion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    double, x = Double(), torch.randn(2, 8)
    first = engines.build(double, (x,), "openvino", "fp32", cache_dir=tmp_path)
    manifest = json.loads(next(tmp_path.glob("*.json")).read_text())
    assert manifest["identity"]["openvino"] == openvino_cpu.version()
    assert manifest["identity"]["torch"] == torch.__version__
    assert manifest["worst_error"] == first.report.worst_error
    assert not first.report.from_cache
    assert not list(tmp_path.glob(".build-*"))

    monkeypatch.setattr(openvino_cpu, "convert", pytest.fail)
    second = engines.build(double, (x,), "openvino", "fp32", cache_dir=tmp_path)
    assert second.report.from_cache
    assert torch.equal(first(x), second(x))


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 0xFF
    path.write_bytes(data)


def _restate(path: Path) -> None:
    manifest = json.loads(path.read_text())
    manifest["identity"]["openvino"] = "1.0"
    path.write_text(json.dumps(manifest))


DAMAGES: list[tuple[str, Callable[[Path], object]]] = [
    ("*.json", _truncate),
    ("*.json", _restate),
    ("*.json", lambda p: p.write_text("[]")),
    ("*.json", lambda p: p.write_bytes(b"\xff\xfe\x00")),
    ("*.json", Path.unlink),
    ("*.xml", _truncate),
    ("*.xml", Path.unlink),
    ("*.bin", _flip),
    ("*.bin", _truncate),
    ("*.bin", lambda p: p.write_bytes(b"")),
]


@pytest.mark.parametrize(("pattern", "damage"), DAMAGES)
def test_a_damaged_cache_means_a_new_build(
    tmp_path: Path, pattern: str, damage: Callable[[Path], object]
) -> None:
    double, x = Double(), torch.randn(2, 8)
    engines.build(double, (x,), "openvino", "fp32", cache_dir=tmp_path)
    damage(next(tmp_path.glob(pattern)))
    assert not engines.build(double, (x,), "openvino", "fp32", cache_dir=tmp_path).report.from_cache
    assert engines.build(double, (x,), "openvino", "fp32", cache_dir=tmp_path).report.from_cache


def test_a_cached_engine_that_is_not_the_module_is_built_anew(tmp_path: Path) -> None:
    """The hashes agree, the numbers do not: the check on loading has the last word."""
    double, x = Double(), torch.randn(2, 8)
    other = openvino_cpu.convert(check.freeze(Double()), (x,))
    frozen = check.freeze(double)
    cache.store(tmp_path, cache.Identity.of(frozen, (x,), "fp32"), other, worst_error=0.0)
    engine = engines.build(double, (x,), "openvino", "fp32", cache_dir=tmp_path)
    assert not engine.report.from_cache
    torch.testing.assert_close(engine(x), double(x).detach(), rtol=1e-4, atol=1e-5)


def test_identity_tells_builds_apart() -> None:
    double, x = Double(), torch.randn(2, 8)
    keys = [cache.Identity.of(double, (x,), "fp32").key]
    keys.append(cache.Identity.of(double, (x,), "bf16").key)
    keys.append(cache.Identity.of(double, (torch.randn(3, 8),), "fp32").key)
    with torch.no_grad():
        double.linear.bias[0] += 1
    keys.append(cache.Identity.of(double, (x,), "fp32").key)
    double.linear.setting = 2  # type: ignore[assignment]
    keys.append(cache.Identity.of(double, (x,), "fp32").key)
    assert len(set(keys)) == len(keys)


def test_an_unwritable_cache_costs_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with caplog.at_level(logging.WARNING):
        engine = engines.build(Double(), (torch.randn(2, 8),), "auto", "fp32", cache_dir=blocked)
    assert engine.report.backend == "openvino"
    assert "cannot write" in caplog.text


def _build_in_a_process(folder: str) -> float:
    torch.manual_seed(0)
    module, x = Double(), torch.ones(2, 8)
    engine = engines.build(module, (x,), "openvino", "fp32", cache_dir=Path(folder))
    return float(engine(x).sum())


def test_two_processes_may_build_at_once(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        sums = pool.map(_build_in_a_process, [str(tmp_path)] * 4, chunksize=1)
    assert len(set(sums)) == 1
    torch.manual_seed(0)
    engine = engines.build(Double(), (torch.ones(2, 8),), "openvino", "fp32", cache_dir=tmp_path)
    assert engine.report.from_cache


def test_openvino_does_not_report_home() -> None:
    code = (
        "import sys, torch, engines; "
        "engines.build(torch.nn.Linear(2, 2), (torch.ones(1, 2),), 'openvino', 'fp32'); "
        "sys.exit(sys.modules['openvino_telemetry'] is not None)"
    )
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
