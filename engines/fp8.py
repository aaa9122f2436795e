"""nn.Linear in fp8 (E4M3): weights and inputs of 8 bits, sums in fp32, the result in bf16.

Scales are static, one for a layer's input (from calibration) and one for its weights: a float
format keeps small values as exact as large ones, so finer scales gain little. On a GPU of
capability 8.9 or more `torch._scaled_mm` does the product; elsewhere the same numbers come from the
same casts and an ordinary product.
Shapes: R rows, K channels in, N channels out.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from engines.job import Job

FP8 = torch.float8_e4m3fn
LARGEST = torch.finfo(FP8).max
# What cuBLAS asks of K and N.
MULTIPLE = 16
# Below these a layer costs nothing, and is often a sensitive one: times, first and last layers.
MIN_ROWS = 32
MIN_CHANNELS = 48


class Fp8Linear(nn.Module):
    """Takes the place of a Linear whose inputs (..., K) stay within `largest_input`."""

    weight: Tensor  # (N, K), fp8
    input_scale: Tensor
    weight_scale: Tensor
    bias: Tensor | None

    def __init__(self, linear: nn.Linear, largest_input: float) -> None:
        super().__init__()
        weight = linear.weight.detach().float()
        # At least something: an input or a weight may be all zeros.
        weight_scale = (weight.abs().max() / LARGEST).clamp(min=1e-12)
        input_scale = torch.full_like(weight_scale, max(largest_input / LARGEST, 1e-12))
        self.register_buffer("weight", to_fp8(weight, weight_scale))
        self.register_buffer("weight_scale", weight_scale)
        self.register_buffer("input_scale", input_scale)
        bias = None if linear.bias is None else linear.bias.detach().to(torch.bfloat16)
        self.register_buffer("bias", bias)

    def forward(self, x: Tensor) -> Tensor:
        rows_RK = to_fp8(x.flatten(0, -2).float(), self.input_scale)
        if x.is_cuda:
            out: Tensor = torch._scaled_mm(
                rows_RK,
                self.weight.t(),
                scale_a=self.input_scale,
                scale_b=self.weight_scale,
                bias=self.bias,
                out_dtype=torch.bfloat16,
            )
        else:
            with torch.autocast(x.device.type, enabled=False):
                out = F.linear(rows_RK.float(), self.weight.float())
                out = out * (self.input_scale * self.weight_scale)
                if self.bias is not None:
                    out = out + self.bias.float()
                out = out.to(torch.bfloat16)
        return out.view(*x.shape[:-1], -1)


def to_fp8(x: Tensor, scale: Tensor) -> Tensor:
    """Saturating: the cast alone makes NaN of what is too large."""
    return (x / scale).clamp(-LARGEST, LARGEST).to(FP8)


def convert(job: Job) -> None:
    """Replace, in the job's module, the Linears worth it, with scales from its calibration."""
    module = job.module
    watched = {n: c for n, c in module.named_modules() if type(c) is nn.Linear and _fits(c)}
    largest: dict[str, float] = {}
    rows: dict[str, int] = {}

    def watch(name: str) -> RemovableHandle:
        def hook(_: nn.Module, args: tuple[Tensor, ...]) -> None:
            x = args[0]
            rows[name] = x.numel() // x.shape[-1]
            largest[name] = max(largest.get(name, 0.0), float(x.abs().max()))

        return watched[name].register_forward_pre_hook(hook)

    handles = [watch(name) for name in watched]
    with torch.no_grad():
        for inputs in job.calibration:
            module(*inputs)
    for handle in handles:
        handle.remove()
    chosen = [name for name in watched if rows.get(name, 0) >= MIN_ROWS]
    if not chosen:
        job.notes.append("fp8: no Linear in it is worth 8 bits")
    for name in chosen:
        parent, _, own = name.rpartition(".")
        setattr(module.get_submodule(parent), own, Fp8Linear(watched[name], largest[name]))


def _fits(linear: nn.Linear) -> bool:
    sizes = (linear.in_features, linear.out_features)
    return min(sizes) >= MIN_CHANNELS and not any(size % MULTIPLE for size in sizes)
