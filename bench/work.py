"""What a network has to compute and to move, counted without running it on anything fast.

FLOPs are those of products (matrices, convolutions, attention), two a multiplication. Bytes are counted twice: at
least those that products read and write, were all between them fused into them; and those that every operation by
itself reads and writes, as PyTorch runs it eagerly. Views cost nothing; caches of a processor are not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import flop_registry

aten = torch.ops.aten
ATTENTION = aten._scaled_dot_product_flash_attention_for_cpu.default
# They make memory or look at it, and move nothing.
FREE = {aten.empty, aten.empty_like, aten.detach, aten.lift_fresh, aten.expand, aten._unsafe_view}


@dataclass(frozen=True, slots=True)
class Work:
    """FLOPs, bytes at least, and bytes of every operation by itself."""

    flops: float = 0.0
    product_bytes: float = 0.0
    eager_bytes: float = 0.0

    def __add__(self, other: Work) -> Work:
        return Work(
            self.flops + other.flops,
            self.product_bytes + other.product_bytes,
            self.eager_bytes + other.eager_bytes,
        )

    def __mul__(self, times: float) -> Work:
        return Work(self.flops * times, self.product_bytes * times, self.eager_bytes * times)

    def floor_ms(self, flops_per_s: float, bytes_per_s: float, share: float = 1.0) -> float:
        """Milliseconds at that share of a machine's ceilings, arithmetic and memory overlapping."""
        return 1e3 * max(self.flops / flops_per_s, self.product_bytes / bytes_per_s) / share


class Counter(TorchDispatchMode):
    """While it is entered, all that PyTorch runs is counted into `work`, real tensors and fake ones."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.work = Work()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        out = func(*args, **kwargs)
        packet = func._overloadpacket
        if func.namespace != "aten" or packet in FREE or _is_view(func):
            return out
        moved = float(_bytes((args, kwargs)) + _bytes(out))
        if func == ATTENTION:
            q, k, v = args[:3]
            self.work += Work(_attention_flops(q, k, v), moved, moved)
        elif packet in flop_registry:
            flops = float(flop_registry[packet](*args, **kwargs, out_val=out))
            self.work += Work(flops, moved, moved)
        else:
            self.work += Work(eager_bytes=moved)
        return out


def count(run: Callable[..., Any], inputs: Sequence[Tensor]) -> Work:
    """Of one call, without gradients."""
    counter = Counter()
    with torch.no_grad(), counter:
        run(*inputs)
    return counter.work


def _attention_flops(q: Tensor, k: Tensor, v: Tensor) -> float:
    """Two products: queries by keys, and shares by values. Shapes (B, N, L, E)."""
    rows = q.shape[0] * q.shape[1] * q.shape[2] * k.shape[2]
    return 2.0 * rows * (q.shape[3] + v.shape[3])


def _is_view(func: Any) -> bool:
    """Whether it looks at its input's memory, and neither copies nor writes."""
    aliases = [returned.alias_info for returned in func._schema.returns]
    return any(alias is not None and not alias.is_write for alias in aliases)


def _bytes(values: Any) -> int:
    return sum(x.numel() * x.element_size() for x in tree_leaves(values) if isinstance(x, Tensor))
