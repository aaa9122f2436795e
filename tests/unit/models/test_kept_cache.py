"""The cache of training: what the served ring holds, and nothing that was written is ever changed."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from egostream.models.cache import KVCache
from egostream.models.kept_cache import KeptCache

LAYERS, ROWS, HEADS, TOKENS, WIDTH = 2, 3, 2, 4, 6


def both(sink: int, window: int) -> tuple[KVCache, KeptCache]:
    ring = KVCache.empty(
        num_layers=LAYERS,
        batch=ROWS,
        num_heads=HEADS,
        tokens_per_frame=TOKENS,
        head_dim=WIDTH,
        num_sink=sink,
        num_window=window,
    )
    return ring, KeptCache(torch.zeros(LAYERS, ROWS, HEADS, TOKENS, WIDTH), sink, window)


def read(cache: KVCache | KeptCache) -> tuple[Tensor, Tensor]:
    """Ages, and all layers' keys and values where there are any; of slots that some row has something in."""
    view = cache.view()
    filled = (view.age_BS > 0).any(0)
    seen = (view.age_BS > 0).repeat_interleave(TOKENS, 1)[:, None, :, None]
    layers = [
        (x * seen)[:, :, filled.repeat_interleave(TOKENS)]
        for i in range(LAYERS)
        for x in view.layer(i)
    ]
    return view.age_BS[:, filled], torch.stack(layers)


@settings(max_examples=40, deadline=None)
@given(
    sink=st.integers(0, 2),
    window=st.integers(0, 3),
    steps=st.lists(st.none() | st.lists(st.booleans(), min_size=ROWS, max_size=ROWS), max_size=9),
)
def test_it_reads_as_the_ring_does(sink: int, window: int, steps: list[list[bool] | None]) -> None:
    """`None` writes, a list forgets those rows."""
    if sink + window == 0:
        return
    ring, kept = both(sink, window)
    for i, rows in enumerate(steps):
        if rows is None:
            keys, values = torch.randn(
                2, LAYERS, ROWS, HEADS, TOKENS, WIDTH, generator=torch.Generator().manual_seed(i)
            )
            ring.write(keys, values)
            kept.write(keys, values)
        else:
            ring.forget(torch.tensor(rows))
            kept.forget(torch.tensor(rows))
        for a, b in zip(read(ring), read(kept), strict=True):
            assert torch.equal(a, b)
    ring.forget()
    kept.forget()
    assert not kept.view().age_BS.any() and kept.view().age_BS.shape == (ROWS, 1)


@pytest.mark.parametrize("emptied", [False, True])
def test_an_older_view_stays_as_it_was(emptied: bool) -> None:
    """Also beyond the window; and as long as rows go together nothing is copied."""
    _, kept = both(0, 2)
    written = [torch.randn(LAYERS, ROWS, HEADS, TOKENS, WIDTH) for _ in range(6)]
    views = []
    for i, keys in enumerate(written):
        if emptied and i == 3:
            kept.forget(torch.tensor([True, False, False]))
        kept.write(keys, -keys)
        view = kept.view()
        views.append((view, view.age_BS.clone(), view.layer(1)[0].clone()))
    for view, ages, layer in views:
        assert torch.equal(view.age_BS, ages) and torch.equal(view.layer(1)[0], layer)
    shared = {keys.data_ptr() for keys in written} & {k.data_ptr() for k in views[1][0].keys}
    assert len(shared) == 2
