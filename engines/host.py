"""What this machine can do, read once."""

from __future__ import annotations

import functools
import platform
from pathlib import Path

import torch

CPUINFO = Path("/proc/cpuinfo")


@functools.cache
def _cpuinfo() -> dict[str, str]:
    try:
        text = CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:  # not Linux: assume the least
        return {}
    first = text.split("\n\n", 1)[0]
    pairs = (line.split(":", 1) for line in first.splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def cpu_name() -> str:
    """The processor's name, for manifests and reports."""
    name = _cpuinfo().get("model name") or platform.processor() or "unknown CPU"
    return f"{name} ({platform.machine()})"


def device_name(device: torch.device) -> str:
    """The processor's name, or the GPU's with its compute capability."""
    if device.type != "cuda":
        return cpu_name()
    major, minor = torch.cuda.get_device_capability(device)
    return f"{torch.cuda.get_device_name(device)} (sm_{major}{minor})"


def cpu_has_bf16() -> bool:
    """Whether bf16 is faster than fp32 here: without these flags it is emulated, and slower."""
    info = _cpuinfo()
    flags = set(info.get("flags", "").split()) | set(info.get("Features", "").split())
    return bool(flags & {"avx512_bf16", "amx_bf16", "bf16"})
