"""What a machine reaches at best: large products in a precision, and large copies. The roof of a roofline."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

REPEATS = 7
SIZES = {"cpu": 1024, "cuda": 8192}  # of square matrices: large enough that nothing else counts
COPY_BYTES = {"cpu": 256 << 20, "cuda": 2 << 30}
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


@dataclass(frozen=True, slots=True)
class Roof:
    """The best of some repeats: FLOP/s by precision, and bytes/s read and written together."""

    flops_per_s: dict[str, float]
    bytes_per_s: float


def measure_roof(device: torch.device, repeats: int = REPEATS) -> Roof:
    """Takes a second or two. Other precisions' products have no ceiling here: PyTorch has no plain product of them."""
    size = SIZES[device.type]
    flops = {}
    for name, dtype in DTYPES.items():
        a, b = (torch.randn(size, size, device=device).to(dtype) for _ in range(2))
        out = torch.empty_like(a)
        took_s = _best_s(lambda a=a, b=b, out=out: torch.mm(a, b, out=out), device, repeats)  # type: ignore[misc]
        flops[name] = 2 * size**3 / took_s
    source = torch.empty(COPY_BYTES[device.type], dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    took_s = _best_s(lambda: target.copy_(source), device, repeats)
    return Roof(flops, 2 * source.nbytes / took_s)


def _best_s(run: Callable[[], object], device: torch.device, repeats: int) -> float:
    settle(device)
    best = float("inf")
    for _ in range(repeats + 2):  # the first ones warm up, and are no better
        started = time.perf_counter()
        run()
        settle(device)
        best = min(best, time.perf_counter() - started)
    return best


def settle(device: torch.device) -> None:
    """Until the device has done all that it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
