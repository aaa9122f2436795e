"""Where and in what order a chunk's work runs: a GPU decodes it while its keys and values join the cache.

On a CPU all is done in turn, and whatever may wait is left for later (`contract.Stream.finalize`).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor


class Lanes:
    """Of one stream on one device. On a GPU the second lane comes first where both have work: its frames are waited
    for.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._side: torch.cuda.Stream | None = None
        if device.type == "cuda":
            self._side = torch.cuda.Stream(device, priority=-1)

    @property
    def overlap(self) -> bool:
        """Whether what is queued outside of `aside` runs beside it."""
        return self._side is not None

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Queues what stands inside behind all that was queued so far, in a lane of its own."""
        if self._side is None:
            yield
            return
        self._side.wait_stream(torch.cuda.current_stream(self._device))
        with torch.cuda.stream(self._side):
            yield

    def upload(self, pictures: NDArray[np.uint8]) -> Tensor:
        """To the device; on a GPU from pinned memory, without waiting."""
        pixels = torch.from_numpy(pictures)
        if self._side is None:
            return pixels
        return pixels.pin_memory().to(self._device, non_blocking=True)

    def download(self, pixels: Tensor) -> Tensor:
        """To the host, the values to be there after `wait`; called within `aside`."""
        if self._side is None:
            return pixels
        host = torch.empty(pixels.shape, dtype=pixels.dtype, pin_memory=True)
        return host.copy_(pixels, non_blocking=True)

    def wait(self) -> None:
        """Until what was put aside is done."""
        if self._side is not None:
            self._side.synchronize()


class Stages:
    """How long the stages of a chunk took, on the device that ran them, without making it wait."""

    def __init__(self, device: torch.device) -> None:
        self._on_gpu = device.type == "cuda"
        self._names: list[str] = []
        self._marks: list[float | torch.cuda.Event] = []
        self.mark("")

    def mark(self, name: str) -> None:
        """The stage of that name has been queued (on a CPU: is done)."""
        self._names.append(name)
        if self._on_gpu:
            event = torch.cuda.Event(enable_timing=True)
            event.record(torch.cuda.current_stream())
            self._marks.append(event)
        else:
            self._marks.append(time.perf_counter())

    def in_ms(self) -> dict[str, float]:
        """Milliseconds of each stage; on a GPU only once all of them are done."""
        pairs = zip(self._names[1:], self._marks, self._marks[1:], strict=False)
        return {name: _between_ms(start, end) for name, start, end in pairs}


def _between_ms(start: float | torch.cuda.Event, end: float | torch.cuda.Event) -> float:
    if isinstance(start, float) or isinstance(end, float):
        assert isinstance(start, float) and isinstance(end, float)
        return 1e3 * (end - start)
    return float(start.elapsed_time(end))
