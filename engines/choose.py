"""Which backends can do what, and which of them `auto` tries, in order."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

import torch

from engines import host, inductor, openvino_cpu, tensorrt_api
from engines.engine import Backend, BackendChoice, EngineError, Precision

CALIBRATED: tuple[Precision, ...] = ("int8", "fp8")
TORCH: tuple[Precision, ...] = ("fp32", "bf16", "fp16", "fp8")
PRECISIONS: dict[Backend, tuple[Precision, ...]] = {
    "eager": TORCH,
    "cudagraph": TORCH,
    "inductor": TORCH,
    "openvino": ("fp32", "bf16", "int8"),
    "onnxruntime": ("fp32", "bf16", "int8"),
    "tensorrt": ("fp32", "bf16", "fp16", "int8"),
}
DEVICES: dict[Backend, tuple[str, ...]] = {
    "eager": ("cpu", "cuda"),
    "cudagraph": ("cuda",),
    "inductor": ("cpu", "cuda"),
    "openvino": ("cpu",),
    "onnxruntime": ("cpu",),
    "tensorrt": ("cuda",),
}
# torch._scaled_mm in fp8: Ada, Hopper and later.
FP8_CAPABILITY = (8, 9)


@dataclass(frozen=True, slots=True)
class Choice:
    """Backends in the order to try, and the precision that is really built."""

    backends: tuple[Backend, ...]
    precision: Precision
    notes: tuple[str, ...] = ()


def choose(
    backend: BackendChoice, precision: Precision, device: torch.device, calibrated: bool
) -> Choice:
    """What to try. Raises EngineError for what cannot be, and says what can."""
    if precision in CALIBRATED and not calibrated:
        raise EngineError(f"{precision} needs calibration inputs: those of some real calls")
    if precision == "fp16" and device.type == "cpu":
        raise EngineError("fp16 runs hundreds of times too slow on a CPU: take bf16, int8 or fp32")
    if precision == "fp8" and device.type == "cuda":
        found = torch.cuda.get_device_capability(device)
        if found < FP8_CAPABILITY:
            raise EngineError(f"fp8 needs a GPU of compute capability 8.9 or more, not {found}")
    if backend == "auto":
        names = tuple(
            name for name in _preferred(device.type, precision) if precision in PRECISIONS[name]
        )
        if not names:
            raise EngineError(f"no backend that is installed runs {precision} on {device.type}")
    else:
        if device.type not in DEVICES[backend]:
            takes = " or ".join(DEVICES[backend])
            raise EngineError(f"the {backend} backend takes {takes} tensors, not {device.type}'s")
        if precision not in PRECISIONS[backend]:
            takes = ", ".join(PRECISIONS[backend])
            raise EngineError(f"the {backend} backend has no {precision}, only {takes}")
        names = (backend,)
    if precision == "bf16" and device.type == "cpu":
        if not host.cpu_has_bf16():
            return Choice(names, "fp32", ("fp32: this CPU has no bf16 instructions",))
        if names == ("onnxruntime",):
            return Choice(names, "fp32", ("fp32: onnxruntime has no bf16 on a CPU",))
    if precision == "fp8" and device.type == "cpu":
        return Choice(names, "fp8", ("fp8 is emulated on a CPU: its numbers, not its speed",))
    return Choice(names, precision)


def _preferred(device: str, precision: Precision) -> list[Backend]:
    names: list[Backend] = []
    if device == "cpu":
        if openvino_cpu.available():
            names.append("openvino")
        if precision == "int8" and importlib.util.find_spec("onnxruntime") is not None:
            names.append("onnxruntime")
    else:
        if precision == "int8" and tensorrt_api.available():
            names.append("tensorrt")
        if inductor.available("cuda"):
            names.append("inductor")
        names.append("cudagraph")
    return [*names, "eager"]
