"""What is registered, what the documents and the dashboard say of it, and how it is counted."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace

import pytest

from egostream.errors import Busy
from egostream.protocol import Accepted, Applied, ErrorMessage, Superseded
from egostream.scheduler import Scheduler
from egostream.server.loop_lag import measure_lag
from egostream.server.metrics import FRAME_OUTCOMES, Metrics
from egostream.server.metrics_gpu import GAUGES, GpuCollector
from egostream.server.metrics_hooks import MAX_PENDING, MessageMeter, counted_admission
from egostream.server.sessions import Sessions
from egostream.server.settings import ServerSettings
from egostream.server.telemetry import STAGES, Telemetry
from tests.fakes import FakeEditor


def value(metrics: Metrics, name: str, **labels: str) -> float:
    return metrics.registry.get_sample_value(f"egostream_{name}", labels) or 0.0


class Fine(Exception):
    """What the fake NVML raises."""


class FakeNvml:
    """Two GPUs, of which the second tells no power."""

    NVML_TEMPERATURE_GPU = 0
    NVMLError = Fine

    def nvmlDeviceGetCount(self) -> int:
        return 2

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetUtilizationRates(self, gpu: int) -> SimpleNamespace:
        return SimpleNamespace(gpu=40 + gpu)

    def nvmlDeviceGetMemoryInfo(self, gpu: int) -> SimpleNamespace:
        return SimpleNamespace(used=1 << 30, total=4 << 30)

    def nvmlDeviceGetPowerUsage(self, gpu: int) -> int:
        if gpu == 1:
            raise Fine
        return 250_000

    def nvmlDeviceGetTemperature(self, gpu: int, which: int) -> int:
        return 55


def test_gpus_are_asked_and_what_one_does_not_tell_is_left_out() -> None:
    metrics = Metrics()
    metrics.registry.register(GpuCollector(FakeNvml()))
    assert value(metrics, "gpu_utilisation_ratio", gpu="1") == 0.41
    assert value(metrics, "gpu_memory_used_bytes", gpu="0") == 1 << 30
    assert value(metrics, "gpu_power_watts", gpu="0") == 250
    assert metrics.registry.get_sample_value("egostream_gpu_power_watts", {"gpu": "1"}) is None
    assert value(metrics, "gpu_temperature_celsius", gpu="1") == 55
    described = [family.name for family in GpuCollector(FakeNvml()).describe()]
    assert described == list(GAUGES)


def test_telemetry_tells_its_sink_in_seconds() -> None:
    metrics, now = Metrics(), [0]
    telemetry = Telemetry(lambda: now[0], metrics)
    telemetry.add_all({"denoise": 40.0, "something new": 1.0})
    telemetry.add("age", 250.0)
    telemetry.expect_first(100, since_ns=0)
    telemetry.frame_out(100, 20_000_000)
    telemetry.frame_out(101, 60_000_000)
    assert value(metrics, "stage_seconds_sum", stage="denoise") == 0.04
    assert value(metrics, "frame_age_seconds_sum") == 0.25
    assert value(metrics, "first_frame_seconds_sum") == 0.02
    assert value(metrics, "first_frame_seconds_count") == 1
    assert value(metrics, "frames_total", stage="send", outcome="ok") == 2
    assert value(metrics, "stage_seconds_count", stage="something new") == 0


def test_all_series_of_frames_and_stages_are_there_from_the_beginning() -> None:
    """A rate over a series that is not there yet is no alert but silence."""
    metrics = Metrics()
    read = metrics.registry.get_sample_value
    for stage, outcomes in FRAME_OUTCOMES.items():
        for outcome in outcomes:
            labels = {"stage": stage, "outcome": outcome}
            assert read("egostream_frames_total", labels) == 0
    for stage in STAGES:
        assert read("egostream_stage_seconds_count", {"stage": stage}) == 0


def test_an_instruction_is_timed_from_its_arrival_to_its_chunk() -> None:
    metrics, now = Metrics(), [0]
    meter = MessageMeter(metrics, lambda: now[0])
    meter.heard(Accepted(seq=1, applies_from_chunk=0))
    meter.heard(Accepted(seq=2, applies_from_chunk=0))
    meter.heard(Superseded(seq=1))
    now[0] = 200_000_000
    meter.heard(Applied(seq=2, chunk=0, pts_90k=0, text="x"))
    meter.heard(Applied(seq=7, chunk=0, pts_90k=0, text="x"))
    meter.heard(ErrorMessage(code="stream_failed", message="x"))
    assert value(metrics, "instruct_apply_seconds_sum") == 0.2
    assert value(metrics, "instruct_apply_seconds_count") == 1
    assert value(metrics, "errors_total", reason="stream_failed") == 1
    for seq in range(1000):
        meter.heard(Accepted(seq=seq, applies_from_chunk=0))
    assert len(meter._asked_ns) == MAX_PENDING, "a client cannot make it grow"


async def test_admissions_are_counted_by_what_became_of_them() -> None:
    class Door:
        metrics = Metrics()
        is_full = False

        @counted_admission
        async def open(self, error: BaseException | None) -> tuple[str, str]:
            """Opens."""
            if error is not None:
                raise error
            return "id", "in"

        def waits(self, session_id: str) -> bool:
            return self.is_full

    door = Door()
    assert await door.open(None) == ("id", "in") and Door.open.__doc__ == "Opens."
    door.is_full = True
    await door.open(None)
    for error in (Busy("full"), RuntimeError("bug"), asyncio.CancelledError()):
        with pytest.raises(type(error)):
            await door.open(error)
    found = {
        result: value(door.metrics, "admissions_total", result=result)
        for result in ("admitted", "queued", "busy", "failed")
    }
    assert found == {"admitted": 1, "queued": 1, "busy": 1, "failed": 2}


def test_frames_of_before_an_outage_are_stale_and_pushed_out_ones_too_many() -> None:
    from tests.unit.test_scheduler import Inbox, frame

    metrics, editor = Metrics(), FakeEditor()
    scheduler = Scheduler(lambda: editor, observer=metrics)
    scheduler._editor = editor
    lane = scheduler.open("a", Inbox())
    for pts in range(6):
        scheduler.push(lane, frame(pts))
    scheduler.reset(lane)
    assert value(metrics, "frames_total", stage="edit", outcome="dropped_full") == 2
    assert value(metrics, "frames_total", stage="edit", outcome="dropped_stale") == 4
    assert lane.num_dropped == 6


async def test_a_blocked_loop_is_seen() -> None:
    lags: list[float] = []
    task = asyncio.create_task(measure_lag(lags.append, every_s=0.02))
    await asyncio.sleep(0.1)
    assert lags and sorted(lags)[len(lags) // 2] < 0.05
    time.sleep(0.2)
    await asyncio.sleep(0.01)
    task.cancel()
    assert max(lags) > 0.1


def test_the_state_is_read_without_a_session() -> None:
    editor = FakeEditor()
    sessions = Sessions(ServerSettings(), Scheduler(lambda: editor))
    assert not sessions.is_ready and sessions.num_waiting == 0 and not sessions.states()
    sessions.shut_down()
