"""The plain backend: torch itself, on whatever device the module is on."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from engines.engine import Precision, as_tuple

# Their weights are cast once here; autocast would cast them again at every call.
MATMUL_MODULES = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d)


class EagerRunner:
    """Runs a frozen module. bf16 is autocast: matrix products in bf16, norms and sums in fp32."""

    def __init__(self, frozen: nn.Module, precision: Precision, dtypes: Sequence[torch.dtype]):
        self._module = frozen
        self._precision = precision
        self._dtypes = tuple(dtypes)  # of the outputs in fp32: the caller never sees bf16
        if precision == "bf16":
            for child in frozen.modules():
                if isinstance(child, MATMUL_MODULES):
                    child.to(torch.bfloat16)
                elif isinstance(child, nn.RMSNorm):
                    # Autocast leaves it its bf16 input, which torch runs slowly and warns about.
                    child.register_forward_pre_hook(_in_fp32)
        # An output that is a view of these, or of an input, is copied: outputs are the caller's.
        self._owned = {_storage(t) for t in (*frozen.parameters(), *frozen.buffers())}

    def __call__(self, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        bf16 = self._precision == "bf16"
        device = inputs[0].device.type
        # no_grad, not inference_mode: a caller may update what it gets in place, or train on it.
        with torch.no_grad(), torch.autocast(device, dtype=torch.bfloat16, enabled=bf16):
            outputs = as_tuple(self._module(*inputs))
        taken = self._owned | {_storage(tensor) for tensor in inputs}
        return tuple(
            output.to(dtype, copy=_storage(output) in taken)
            for output, dtype in zip(outputs, self._dtypes, strict=True)
        )


def _in_fp32(_: nn.Module, args: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(arg.float() for arg in args)


def _storage(tensor: Tensor) -> int:
    return tensor.untyped_storage().data_ptr()
