"""The plain backend: torch itself, on whatever device the module is on."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engines import fp8
from engines.engine import Precision, as_tuple
from engines.job import Job

# Their weights are cast once here; autocast would cast them again at every call.
MATMUL_MODULES = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)
# What fp8 does not do is done in bf16.
HALVES: dict[Precision, torch.dtype] = {
    "bf16": torch.bfloat16,
    "fp16": torch.float16,
    "fp8": torch.bfloat16,
}


class Typed(nn.Module):
    """A frozen module that computes in some precision and gives what it gives in fp32.

    bf16 and fp16 are autocast: matrix products in 16 bits, norms and sums in fp32.
    """

    def __init__(self, job: Job) -> None:
        super().__init__()
        if job.precision == "fp8":
            fp8.convert(job)
        self.module = job.module
        self._device = job.device.type
        self._half = HALVES.get(job.precision)
        self._dtypes = tuple(spec.dtype for spec in job.outputs)
        if self._half is not None:
            for child in self.module.modules():
                if isinstance(child, MATMUL_MODULES):
                    child.to(self._half)
                elif isinstance(child, nn.RMSNorm):
                    # Autocast leaves it its 16-bit input, which torch runs slowly and warns about.
                    child.register_forward_pre_hook(_in_fp32)

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        on = self._half is not None
        with torch.autocast(self._device, dtype=self._half or torch.bfloat16, enabled=on):
            outputs = as_tuple(self.module(*inputs))
        return tuple(x.to(dtype) for x, dtype in zip(outputs, self._dtypes, strict=True))


class EagerRunner:
    """Calls something made of torch, and makes what it gives the caller's own."""

    def __init__(self, program: nn.Module) -> None:
        self._program = program
        # An output that is a view of these, or of an input, is copied.
        self._owned = {_storage(t) for t in (*program.parameters(), *program.buffers())}

    def __call__(self, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        # no_grad, not inference_mode: a caller may update what it gets in place, or train on it.
        with torch.no_grad():
            outputs = as_tuple(self._program(*inputs))
        taken = self._owned | {_storage(tensor) for tensor in inputs}
        return tuple(x.clone() if _storage(x) in taken else x for x in outputs)


def run(job: Job) -> EagerRunner:
    """The module as it is."""
    return EagerRunner(Typed(job))


def _in_fp32(_: nn.Module, args: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(arg.float() for arg in args)


def _storage(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()
