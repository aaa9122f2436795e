"""The throughput bench: what it counts, what it says of what cannot run, and its files. No time is asserted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bench import throughput
from bench.budget import Budget
from bench.throughput import build_parser, loads_of, measure_cases, ways_of
from bench.throughput_case import Case, Load, make_pictures, next_frames, preset_of, wan_small
from bench.throughput_report import as_markdown, as_rows, spread
from bench.throughput_run import Bench, CannotRun, Round, Worker, by_stage
from bench.versus import Sizes, compare
from egostream.editor import check_runnable
from egostream.errors import EgostreamError
from egostream.models.presets import Preset
from tests.unit.models.tiny import tiny_preset

CPU = torch.device("cpu")
PLAIN = Case("tiny", "eager", "fp32", 2)


@pytest.fixture(scope="module")
def preset() -> Preset:
    return replace(tiny_preset(), name="tiny", latents_per_chunk=2)


def test_real_streams_are_measured(preset: Preset) -> None:
    bench = Bench(PLAIN, CPU, preset)
    for load in (Load(2, 2), Load(1, 1)):
        found = bench.measure(load, 3)
        chunks = 3 * load.streams
        assert found.frames == chunks * 2 * 4
        assert len(found.chunk_ms) == len(found.stages) == chunks
        assert all(set(c) == {"encode", "decode", "pass", "context pass"} for c in found.stages)
        assert found.first_ms > 0 and found.busy_s > 0 and found.joules is None
        assert all(out <= chunk for out, chunk in zip(found.out_ms, found.chunk_ms, strict=True))
    about = bench.about()
    assert about["engines"]["denoise"]["precision"] == "fp32"
    assert about["peak_bytes"] >= about["built_peak_bytes"] > 0


def test_a_chunks_calls_are_told_apart_by_their_order() -> None:
    calls = [
        ("encode", 1.0),
        ("encode", 2.0),
        ("denoise, full", 3.0),
        ("denoise, full", 5.0),
        ("decode", 7.0),
    ]
    calls.append(("denoise, full", 4.0))
    assert by_stage(calls, 2) == {"encode": 3.0, "decode": 7.0, "pass": 4.0, "context pass": 4.0}
    assert "context pass" not in by_stage(calls[:-1], 2)


def test_pictures_and_presets_fit() -> None:
    check_runnable(wan_small())
    assert preset_of("wan-small", 9).num_window == 18
    pictures = make_pictures((48, 64))
    assert all(p.shape == (48, 64, 3) and p.dtype == np.uint8 for p in pictures)
    frames = next_frames(pictures, 2, 4)
    assert [f.pts for f in frames] == [8, 9, 10, 11]


class FakeWorker:
    """Slower than eager by nothing; onnxruntime cannot be built, openvino breaks in its second round."""

    def __init__(self, case: Case, device: torch.device) -> None:
        if case.backend == "onnxruntime":
            raise CannotRun("EngineError: no such\nthing")
        self.case, self.asked = case, 0

    def measure(self, load: Load, num_chunks: int) -> Round:
        self.asked += 1
        if self.case.backend == "openvino" and self.asked > 1:
            raise CannotRun("its process ended with code -11")
        ms = 10.0 * load.steps / (2 if self.case.precision == "bf16" else 1)
        stage = {"encode": 1.0, "decode": 2.0, "pass": ms / load.steps}
        return Round([ms] * num_chunks, [ms] * num_chunks, [stage] * num_chunks, ms, num_chunks, 8)

    def close(self) -> dict[str, Any]:
        return {"peak_bytes": 1 << 30}


def result_of(monkeypatch: pytest.MonkeyPatch, preset: Preset) -> dict[str, Any]:
    monkeypatch.setattr(throughput, "Worker", FakeWorker)
    cases = [
        PLAIN, replace(PLAIN, precision="bf16"), replace(PLAIN, backend="onnxruntime"),
        replace(PLAIN, backend="openvino"),
    ]  # fmt: skip
    measured = measure_cases(cases, [Load(1, 1), Load(2, 1)], 3, 2, CPU)
    return {
        "machine": {"cpu": "a", "cores": 2, "load_average_before": [0.0]},
        "ceilings": {"flops_per_s": {"fp32": 1e11, "bf16": 2e11}, "bytes_per_s": 1e10},
        "method": {"rounds": 3},
        "rows": as_rows(measured, Budget.of(preset, 2)),
        "diffusers": [
            {"what": "encode", "shape": "s", "ours_ms": 1.0, "theirs_ms": 2.0, "ratio": 0.5,
             "ratio_range": [0.4, 0.6]},
            {"what": "all", "reason": "none"},
        ],
    }  # fmt: skip


def test_what_cannot_run_is_a_row_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, preset: Preset, tmp_path: Path
) -> None:
    result = result_of(monkeypatch, preset)
    rows = {row["name"]: row for row in result["rows"]}
    assert len(rows) == 8
    for row in rows.values():
        if row["backend"] == "eager":
            assert row["reason"] is None and row["rounds"] == 3
            assert row["speedup"]["median"] == (2 if row["precision"] == "bf16" else 1)
            assert row["fps"]["median"] == 4 and row["frames_per_chunk"] == 8
        else:
            assert row["reason"].startswith(
                "EngineError" if row["backend"] == "onnxruntime" else "its process"
            )
    table = as_markdown(result)
    heads = [line for line in table.splitlines() if line.startswith("| tiny")]
    assert len(heads) == 8 and len({line.count("|") for line in heads}) == 1
    assert "code -11" in table and "**0.5**" in table
    throughput.save(tmp_path / "t.json", result)
    assert json.loads((tmp_path / "t.json").read_text())["rows"] == result["rows"]
    assert (tmp_path / "t.png").stat().st_size > 10_000


def test_a_process_of_its_own_says_why_it_cannot() -> None:
    with pytest.raises(CannotRun, match="tensorrt backend takes cuda"):
        Worker(Case("nano", "tensorrt", "fp32", 1), CPU)


def test_arguments() -> None:
    args = build_parser().parse_args(["--steps", "3", "1", "--streams", "1", "4"])
    assert loads_of(args, "nano") == [Load(3, 1), Load(1, 1), Load(3, 4)]
    assert ways_of(["openvino:int8", "eager"], CPU) == [("openvino", "int8"), ("eager", "bf16")]
    assert ways_of(None, CPU)[0] == ("eager", "fp32")
    with pytest.raises(EgostreamError, match="no engine"):
        ways_of(["warp:bf16"], CPU)


def test_spread_is_of_all() -> None:
    assert spread([1, 2, 3]) == {"median": 2.0, "p10": 1.2, "p90": 2.8}


def test_diffusers_gives_the_same_and_is_timed_beside() -> None:
    rows = compare(1, Sizes(codec_hw=(16, 16), codec_width=4, latents=3))
    assert len(rows) == 8
    assert all(row["max_abs_diff"] is None or row["max_abs_diff"] < 1e-4 for row in rows)
    assert {"encode, a clip streamed", "decode, a later chunk of a stream"} < {
        r["what"] for r in rows
    }
