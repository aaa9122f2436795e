"""The transformer: cache equals block-causal mask, causality, rows do not mix, a fresh one copies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from egostream.models.cache import CacheView, KVCache
from egostream.models.transformer import Transformer, TransformerConfig
from egostream.networks import Denoise
from tests.unit.models.tiny import tiny_model, tiny_preset

HW = (3, 4)


def inputs(num_latents: int, batch: int = 2) -> dict[str, Tensor]:
    config = tiny_preset().transformer
    g = torch.Generator().manual_seed(3)
    mask = torch.ones(batch, 8)
    mask[:, 5:] = 0
    return {
        "noisy": torch.randn(batch, num_latents, config.code_channels, *HW, generator=g),
        "source": torch.randn(batch, num_latents, config.source_channels, *HW, generator=g),
        "t": torch.rand(batch, num_latents, generator=g),
        "text": torch.randn(batch, 8, config.text_width, generator=g),
        "text_mask": mask,
    }


def cut(x: dict[str, Tensor], where: slice) -> tuple[Tensor, ...]:
    timed = (x[k][:, where] for k in ("noisy", "source", "t"))
    return *timed, x["text"], x["text_mask"]


def new_cache(batch: int, sink: int, window: int) -> KVCache:
    c = tiny_preset().transformer
    return KVCache.empty(
        num_layers=c.depth,
        batch=batch,
        num_heads=c.num_heads,
        tokens_per_frame=HW[0] * HW[1],
        head_dim=c.width // c.num_heads,
        num_sink=sink,
        num_window=window,
    )


def stream(
    model: Transformer,
    x: dict[str, Tensor],
    cache: KVCache,
    rows: Tensor | None = None,
    chunks: Sequence[int] = (),
) -> Tensor:
    """`chunks`: how many latent frames each has; one, if it is not said."""
    out, i = [], 0
    for n in chunks or [1] * x["t"].shape[1]:
        o = model(*cut(x, slice(i, i + n)), cache=cache.view())
        for frame in zip(o.keys.unbind(3), o.values.unbind(3), strict=True):
            cache.write(*frame, rows)
        out.append(o.prediction)
        i += n
    return torch.cat(out, dim=1)


@pytest.mark.parametrize("window", [1, 3])
def test_cache_equals_block_causal_mask_beyond_its_window(window: int) -> None:
    model, x = tiny_model().transformer, inputs(10)
    i = torch.arange(10)
    mask = (i[:, None] >= i) & (i[:, None] - i <= window)
    whole = model(*cut(x, slice(None)), frame_mask_TT=mask).prediction
    chunked = stream(model, x, new_cache(2, 0, window))
    assert float((whole - chunked).abs().max()) < 1e-4
    assert float(whole.abs().max()) > 0.1


def test_chunks_of_several_latent_frames_equal_their_mask() -> None:
    """Within a chunk all see each other, and all the same past: the last four before the chunk."""
    model, x, chunks = tiny_model().transformer, inputs(10), [1, 3, 3, 3]
    chunk = torch.repeat_interleave(torch.arange(4), torch.tensor(chunks))
    begin = torch.tensor([0, 1, 4, 7])[chunk]
    i = torch.arange(10)
    mask = (chunk[:, None] == chunk) | ((i < begin[:, None]) & (i >= begin[:, None] - 4))
    whole = model(*cut(x, slice(None)), frame_mask_TT=mask).prediction
    chunked = stream(model, x, new_cache(2, 0, 4), chunks=chunks)
    assert float((whole - chunked).abs().max()) < 1e-4


def test_a_full_cache_needs_no_mask() -> None:
    model, x = tiny_model().transformer, inputs(7)
    cache = new_cache(2, 0, 3)
    stream(
        model, {k: v[:, :6] if k in ("noisy", "source", "t") else v for k, v in x.items()}, cache
    )
    last = cut(x, slice(6, 7))
    masked, bare = (model(*last, cache=cache.view(full)) for full in (False, True))
    assert torch.allclose(masked.prediction, bare.prediction, atol=1e-5)
    cache.forget()
    empty, wrong = (model(*last, cache=cache.view(full)) for full in (False, True))
    assert not torch.allclose(empty.prediction, wrong.prediction, atol=1e-3)


def test_sink_stays_for_ever_and_keeps_its_distance() -> None:
    model, x = tiny_model().transformer, inputs(9)
    cache = new_cache(2, sink=1, window=2)
    first = model(*cut(x, slice(0, 1)), cache=cache.view())
    stream(model, x, cache)
    assert torch.equal(cache.keys_YBNSPE[:, :, :, 0], first.keys[:, :, :, 0])
    assert cache.view().age_BS.tolist()[0][0] == 3
    # While nothing was dropped yet, a sink is an ordinary past chunk.
    few = inputs(4)
    i = torch.arange(4)
    whole = model(*cut(few, slice(None)), frame_mask_TT=i[:, None] >= i).prediction
    chunked = stream(model, few, new_cache(2, sink=1, window=2))
    assert float((whole - chunked).abs().max()) < 1e-4


def test_causality_to_the_bit() -> None:
    model, x = tiny_model().transformer, inputs(6)
    before = stream(model, x, new_cache(2, 0, 3))
    x["noisy"][:, 4] += 1.0
    x["source"][:, 5] -= 1.0
    after = stream(model, x, new_cache(2, 0, 3))
    assert torch.equal(before[:, :4], after[:, :4])
    assert not torch.equal(before[:, 4], after[:, 4])


def test_rows_do_not_see_each_other() -> None:
    model, x = tiny_model().transformer, inputs(5)
    alone = stream(model, x, new_cache(2, 0, 3))
    x["noisy"][1] = 100.0
    x["text"][1] = -7.0
    disturbed = stream(model, x, new_cache(2, 0, 3))
    assert torch.equal(alone[0], disturbed[0])


def test_masked_rows_of_the_cache_stay_untouched() -> None:
    cache = new_cache(2, 1, 2)
    model, x = tiny_model().transformer, inputs(3)
    stream(model, x, cache)
    keys, written = cache.keys_YBNSPE.clone(), cache.written_BS.clone()
    stream(model, x, cache, rows=torch.tensor([True, False]))
    assert torch.equal(cache.keys_YBNSPE[:, 1], keys[:, 1])
    assert cache.written_BS[1].tolist() == written[1].tolist()
    assert cache.written_BS[0].tolist() != written[0].tolist()
    cache.forget(torch.tensor([False, True]))
    assert cache.view().age_BS[1].tolist() == [0, 0, 0]
    assert cache.view().age_BS[0].min() > 0


def test_forgotten_memory_is_never_read() -> None:
    """A new stream in used memory gives what it gives in fresh memory, whatever the memory holds."""
    model, x = tiny_model().transformer, inputs(4)
    cache = new_cache(2, 0, 3)
    clean = stream(model, x, cache)
    cache.keys_YBNSPE.fill_(1e3)
    cache.forget()
    assert torch.allclose(stream(model, x, cache), clean, atol=1e-6)


def test_memory_is_allocated_once() -> None:
    model, x = tiny_model().transformer, inputs(8)
    cache = new_cache(2, 1, 2)
    where = cache.keys_YBNSPE.data_ptr(), cache.written_BS.data_ptr()
    stream(model, x, cache)
    assert (cache.keys_YBNSPE.data_ptr(), cache.written_BS.data_ptr()) == where


def test_a_fresh_model_predicts_nothing_and_ignores_the_source() -> None:
    torch.manual_seed(0)
    model = Transformer(tiny_preset().transformer)
    x = inputs(2)
    assert not model(*cut(x, slice(None))).prediction.any()
    torch.nn.init.normal_(model.head.weight)
    before = model(*cut(x, slice(None))).prediction
    x["source"] += 3.0
    assert torch.equal(before, model(*cut(x, slice(None))).prediction)


def test_padding_of_the_text_is_not_read() -> None:
    model, x = tiny_model().transformer, inputs(2)
    before = model(*cut(x, slice(None))).prediction
    x["text"][:, 5:] = 9.0
    assert torch.equal(before, model(*cut(x, slice(None))).prediction)


def test_patches_of_two() -> None:
    config = TransformerConfig(
        6, 5, width=24, depth=1, num_heads=2, mlp_width=48, text_width=7, patch=2
    )
    model = Transformer(config)
    torch.nn.init.normal_(model.head.weight)
    given = (
        torch.randn(1, 2, 6, 4, 6),
        torch.randn(1, 2, 5, 4, 6),
        torch.rand(1, 2),
        torch.randn(1, 3, 7),
        torch.ones(1, 3),
    )
    out = model(*given)
    assert out.prediction.shape == (1, 2, 6, 4, 6) and not out.keys.numel()
    past = CacheView(
        torch.zeros(1, 1, 2, 3, 6, 12), torch.zeros(1, 1, 2, 3, 6, 12), torch.zeros(1, 3)
    )
    out = model(*given, cache=past)
    assert out.keys.shape == out.values.shape == (1, 1, 2, 2, 6, 12)


def test_heads_must_fit() -> None:
    with pytest.raises(ValueError, match="heads"):
        TransformerConfig(1, 1, width=30, depth=1, num_heads=4, mlp_width=8, text_width=8)


@pytest.mark.parametrize("over_heads", [False, True])
def test_what_is_served_attends_alike(over_heads: bool) -> None:
    """Channels in another order: the same predictions over a cache of its own, and the model stays as it was."""
    base = tiny_preset()
    config = replace(base.transformer, norm_over_heads=over_heads)
    model = tiny_model(3, replace(base, transformer=config)).transformer
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if ".norm_" in name:
                parameter.copy_(1 + 0.3 * torch.randn(parameter.shape))
    before = {k: v.clone() for k, v in model.state_dict().items()}
    x, found = inputs(6), []
    for transformer in (model, Denoise.to_serve(model).transformer):
        cache = new_cache(2, 1, 2)
        with torch.no_grad():
            found.append((stream(transformer, x, cache), cache.keys_YBNSPE))
    (wanted, keys), (served, reordered) = found
    assert torch.allclose(served, wanted, atol=1e-5) and float(wanted.std()) > 1e-2
    assert not torch.allclose(reordered, keys, atol=1e-2)
    assert torch.allclose(reordered.sum(-1), keys.sum(-1), atol=1e-4)
    for key, value in model.state_dict().items():
        assert torch.equal(value, before[key]), key
