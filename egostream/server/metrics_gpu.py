"""NVIDIA GPUs as metrics, asked of NVML at every scrape; nothing where there is no GPU or no `pynvml`."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

log = logging.getLogger(__name__)

GAUGES: dict[str, tuple[str, Callable[[Any, Any], float]]] = {
    "egostream_gpu_utilisation_ratio": (
        "Share of the time in which something ran on the GPU.",
        lambda nvml, gpu: nvml.nvmlDeviceGetUtilizationRates(gpu).gpu / 100,
    ),
    "egostream_gpu_memory_used_bytes": (
        "Memory of the GPU in use, by anybody.",
        lambda nvml, gpu: nvml.nvmlDeviceGetMemoryInfo(gpu).used,
    ),
    "egostream_gpu_memory_total_bytes": (
        "Memory of the GPU.",
        lambda nvml, gpu: nvml.nvmlDeviceGetMemoryInfo(gpu).total,
    ),
    "egostream_gpu_power_watts": (
        "Power drawn by the GPU.",
        lambda nvml, gpu: nvml.nvmlDeviceGetPowerUsage(gpu) / 1000,
    ),
    "egostream_gpu_temperature_celsius": (
        "Temperature of the GPU.",
        lambda nvml, gpu: nvml.nvmlDeviceGetTemperature(gpu, nvml.NVML_TEMPERATURE_GPU),
    ),
}


def find_nvml() -> Any | None:
    """NVML where it is installed, has a driver, and sees a GPU."""
    try:
        import pynvml

        pynvml.nvmlInit()
        return pynvml if pynvml.nvmlDeviceGetCount() else None
    except Exception as error:  # no package, no driver, no GPU: all the same here
        log.debug("no GPU metrics: %s", error)
        return None


class GpuCollector(Collector):
    """All GPUs that NVML sees, by their index there."""

    def __init__(self, nvml: Any) -> None:
        self._nvml = nvml
        count = nvml.nvmlDeviceGetCount()
        self._gpus = [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(count)]

    def describe(self) -> Iterator[Metric]:
        """The names alone: registering asks no GPU."""
        for name, (text, _) in GAUGES.items():
            yield GaugeMetricFamily(name, text, labels=["gpu"])

    def collect(self) -> Iterator[Metric]:
        for name, (text, ask) in GAUGES.items():
            family = GaugeMetricFamily(name, text, labels=["gpu"])
            for index, gpu in enumerate(self._gpus):
                try:
                    family.add_metric([str(index)], ask(self._nvml, gpu))
                except self._nvml.NVMLError as error:  # some cards tell no power
                    log.debug("a GPU figure is missing: %s", error)
            yield family
