"""A cache of engines saves work and never breaks one: what is not exactly right is built anew."""

from __future__ import annotations

import json
import logging
import multiprocessing
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import engines
from engines import cache, check, openvino_cpu
from engines.job import Job
from tests.unit.engine_cases import Double


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(0)


def test_cache_saves_the_conversion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    double, x = Double(), torch.randn(2, 8)
    first = engines.build(double, (x,), "openvino", "fp32", cache_dir=tmp_path)
    manifest = json.loads(next(tmp_path.rglob("manifest.json")).read_text())
    assert manifest["identity"]["version"] == openvino_cpu.version()
    assert manifest["identity"]["torch"] == torch.__version__
    assert manifest["worst_error"] == first.report.worst_error
    assert not first.report.from_cache
    assert not list(tmp_path.glob(".build-*"))
    assert first.report.size_bytes == sum(
        next(tmp_path.rglob(name)).stat().st_size for name in manifest["files"]
    )

    monkeypatch.setattr(openvino_cpu, "produce", pytest.fail)
    second = engines.build(double, (x,), "openvino", "fp32", cache_dir=tmp_path)
    assert second.report.from_cache
    assert second.report.size_bytes == first.report.size_bytes
    assert torch.equal(first(x), second(x))


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 0xFF
    path.write_bytes(data)


def _restate(path: Path) -> None:
    manifest = json.loads(path.read_text())
    manifest["identity"]["version"] = "1.0"
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
    ("*.bin", lambda p: p.with_name("model.more").write_bytes(b"foreign")),
]


@pytest.mark.parametrize(("pattern", "damage"), DAMAGES)
def test_a_damaged_cache_means_a_new_build(
    tmp_path: Path, pattern: str, damage: Callable[[Path], object]
) -> None:
    double, x = Double(), torch.randn(2, 8)
    engines.build(double, (x,), "openvino", "fp32", cache_dir=tmp_path)
    damage(next(tmp_path.rglob(pattern)))
    assert not engines.build(double, (x,), "openvino", "fp32", cache_dir=tmp_path).report.from_cache
    assert engines.build(double, (x,), "openvino", "fp32", cache_dir=tmp_path).report.from_cache


def test_a_damaged_onnx_file_means_a_new_build(tmp_path: Path) -> None:
    double, x = Double(), torch.randn(2, 8)
    for damage in (_truncate, _flip, Path.unlink):
        first = engines.build(double, (x,), "onnxruntime", "fp32", cache_dir=tmp_path)
        assert not first.report.from_cache
        again = engines.build(double, (x,), "onnxruntime", "fp32", cache_dir=tmp_path)
        assert again.report.from_cache
        assert torch.equal(first(x), again(x))
        damage(next(tmp_path.rglob("model.onnx")))


def _identity(module: nn.Module, x: Tensor) -> cache.Identity:
    return cache.Identity.of(module, (x,), "openvino", openvino_cpu.version(), "fp32")


def test_a_cached_engine_that_is_not_the_module_is_built_anew(tmp_path: Path) -> None:
    """The hashes agree, the numbers do not: the check on loading has the last word."""
    double, x = Double(), torch.randn(2, 8)
    other = check.freeze(Double())
    job = Job(other, check.reference_cases(other, (x,)), "fp32")
    with cache.workplace(tmp_path) as folder:
        openvino_cpu.produce(job, folder)
        cache.keep(tmp_path, _identity(check.freeze(double), x), folder, 0.0, ())
    engine = engines.build(double, (x,), "openvino", "fp32", cache_dir=tmp_path)
    assert not engine.report.from_cache
    torch.testing.assert_close(engine(x), double(x).detach(), rtol=1e-4, atol=1e-5)
    again = engines.build(double, (x,), "openvino", "fp32", cache_dir=tmp_path)
    assert again.report.from_cache


def test_identity_tells_builds_apart() -> None:
    double, x = Double(), torch.randn(2, 8)
    of = cache.Identity.of
    keys = [
        of(double, (x,), "openvino", "1", "fp32").key,
        of(double, (x,), "openvino", "2", "fp32").key,
        of(double, (x,), "onnxruntime", "1", "fp32").key,
        of(double, (x,), "openvino", "1", "bf16").key,
        of(double, (torch.randn(3, 8),), "openvino", "1", "fp32").key,
        of(double, (x,), "openvino", "1", "int8", [(x,)]).key,
        of(double, (x,), "openvino", "1", "int8", [(x + 1,)]).key,
    ]
    with torch.no_grad():
        double.linear.bias[0] += 1
    keys.append(of(double, (x,), "openvino", "1", "fp32").key)
    double.linear.setting = 2  # type: ignore[assignment]
    keys.append(of(double, (x,), "openvino", "1", "fp32").key)
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
    assert not list(tmp_path.glob(".build-*"))


def test_who_comes_second_waits_and_takes_what_was_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    double, x = Double(), torch.randn(2, 8)
    produce, started, go_on = openvino_cpu.produce, threading.Event(), threading.Event()
    num_builds = 0

    def slowly(job: Job, folder: Path) -> None:
        nonlocal num_builds
        num_builds += 1
        started.set()
        assert go_on.wait(60)
        produce(job, folder)

    monkeypatch.setattr(openvino_cpu, "produce", slowly)

    def build(_: int) -> engines.Engine:
        return engines.build(double, (x,), "openvino", "fp32", cache_dir=tmp_path)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(build, 0)
        assert started.wait(60)
        second = pool.submit(build, 1)
        go_on.set()
        assert [first.result().report.from_cache, second.result().report.from_cache] == [
            False,
            True,
        ]
    assert num_builds == 1
