"""GPUs: what the driver sees, and whether PyTorch can use it."""

from __future__ import annotations

from typing import Any

from egostream.doctor.report import Finding, ok, warn


def check_gpu(needs_one: bool) -> Finding:
    """`needs_one`: the preset is too large for a CPU."""
    import torch

    from egostream.server.metrics_gpu import find_nvml

    nvml = find_nvml()
    if nvml is None and not torch.cuda.is_available():
        if needs_one:
            return warn("gpu", "none", "this preset is made for a GPU: expect no real time")
        return ok("gpu", "none: the model runs on the CPU")
    seen = describe_gpus(nvml) if nvml is not None else []
    text = "; ".join(seen) or torch.cuda.get_device_name(0)
    if not torch.cuda.is_available():
        built = torch.version.cuda or "none"
        return warn(
            "gpu",
            f"{text}; PyTorch cannot use it (its CUDA: {built})",
            "install PyTorch's CUDA build, of a version that this driver knows",
        )
    return ok("gpu", f"{text}; PyTorch's CUDA {torch.version.cuda}")


def describe_gpus(nvml: Any) -> list[str]:
    """Name, memory and driver of each."""
    driver = _text(nvml.nvmlSystemGetDriverVersion())
    found = []
    for index in range(nvml.nvmlDeviceGetCount()):
        gpu = nvml.nvmlDeviceGetHandleByIndex(index)
        memory = nvml.nvmlDeviceGetMemoryInfo(gpu)
        name = _text(nvml.nvmlDeviceGetName(gpu))
        free, total = memory.free / 2**30, memory.total / 2**30
        found.append(f"{name}, {free:.0f} of {total:.0f} GB free, driver {driver}")
    return found


def _text(name: str | bytes) -> str:
    return name if isinstance(name, str) else name.decode()
