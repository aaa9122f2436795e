"""Power, energy and memory of the first NVIDIA GPU while something runs; nothing where there is none."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any

log = logging.getLogger(__name__)

EVERY_S = 0.2


class GpuSampler:
    """Use as a context manager, then read `report`: None without a GPU, its driver, or NVML."""

    def __init__(self) -> None:
        self.report: dict[str, Any] | None = None
        self._power_w: list[float] = []
        self._memory_mb: list[float] = []
        self._energy_mj: Callable[[], int] = lambda: 0
        self._before_mj: int | None = None
        self._is_over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> GpuSampler:
        try:
            import pynvml

            pynvml.nvmlInit()
            device = pynvml.nvmlDeviceGetHandleByIndex(0)
            name = pynvml.nvmlDeviceGetName(device)
        except Exception as error:  # no package, no driver, no GPU: all the same here
            log.debug("no GPU figures: %s", error)
            return self
        driver = pynvml.nvmlSystemGetDriverVersion()
        texts = {"name": name, "driver": driver}
        self.report = {k: v if isinstance(v, str) else v.decode() for k, v in texts.items()}
        self._energy_mj = lambda: pynvml.nvmlDeviceGetTotalEnergyConsumption(device)
        try:
            self._before_mj = self._energy_mj()
        except pynvml.NVMLError as error:  # older cards count none
            log.debug("no energy counter: %s", error)
        self._thread = threading.Thread(target=self._sample, args=(pynvml, device), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        if self._thread is None or self.report is None:
            return
        self._thread.join()
        if self._before_mj is not None:
            self.report["energy_j"] = round((self._energy_mj() - self._before_mj) / 1000, 3)
        if self._power_w:
            self.report["power_w_mean"] = round(sum(self._power_w) / len(self._power_w), 1)
            self.report["power_w_max"] = round(max(self._power_w), 1)
        if self._memory_mb:
            self.report["memory_mb_max"] = round(max(self._memory_mb), 1)

    def _sample(self, nvml: Any, device: Any) -> None:
        while not self._is_over.wait(EVERY_S):
            try:
                self._memory_mb.append(nvml.nvmlDeviceGetMemoryInfo(device).used / 2**20)
                self._power_w.append(nvml.nvmlDeviceGetPowerUsage(device) / 1000)
            except nvml.NVMLError as error:  # some cards tell no power
                log.debug("a GPU figure is missing: %s", error)
