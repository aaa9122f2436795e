"""A stream on tensors: sample the code of a chunk, then write its keys and values into the cache.

The served `EditStream` and the rollouts that a student is trained on (Self-Forcing, arXiv 2506.08009) are both
this code: the same cache, window, order of passes and of noise. Shapes: see `models/transformer.py`; T latent
frames a chunk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor

from egostream import flow
from egostream.models.cache import KVCache, Past
from egostream.models.kept_cache import KeptCache
from egostream.models.presets import Context, Preset

# (code, source, t, text, text mask, past) to (prediction, keys, values): see `networks.pass_over`.
Pass = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor, Any], tuple[Tensor, Tensor, Tensor]]
Text = tuple[Tensor, Tensor]
Rows = Sequence[bool]  # which rows of the batch


def new_cache(
    preset: Preset,
    grid_hw: tuple[int, int],
    batch: int = 1,
    device: torch.device | str = "cpu",
    dtype: torch.dtype = torch.float32,
) -> KVCache:
    """An empty cache for so many streams of a preset, on a latent grid."""
    layers, _, heads, tokens, head_dim = _slot_shape(preset, grid_hw, batch)
    return KVCache.empty(
        num_layers=layers,
        batch=batch,
        num_heads=heads,
        tokens_per_frame=tokens,
        head_dim=head_dim,
        num_sink=preset.num_sink,
        num_window=preset.num_window,
        device=device,
        dtype=dtype,
    )


def new_kept_cache(
    preset: Preset, grid_hw: tuple[int, int], batch: int, device: torch.device
) -> KeptCache:
    """The same for training."""
    slot = torch.zeros(_slot_shape(preset, grid_hw, batch), device=device)
    return KeptCache(slot, preset.num_sink, preset.num_window)


def _slot_shape(
    preset: Preset, grid_hw: tuple[int, int], batch: int
) -> tuple[int, int, int, int, int]:
    config = preset.transformer
    tokens = (grid_hw[0] // config.patch) * (grid_hw[1] // config.patch)
    return config.depth, batch, config.num_heads, tokens, config.width // config.num_heads


class Cache(Protocol):
    """What a rollout needs of its past: the served ring (`KVCache`), or that of training (`KeptCache`)."""

    def view(self, full: bool = False) -> Past: ...

    def write(
        self, keys_YBNPE: Tensor, values_YBNPE: Tensor, rows_B: Tensor | None = None
    ) -> None: ...

    def forget(self, rows_B: Tensor | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Sampled:
    """A chunk's code (B, T, C, H, W), with what it was made from; keys and values (Y, B, N, T, P, E) are its last
    pass's.
    """

    code: Tensor
    source: Tensor
    text: Text
    keys: Tensor
    values: Tensor


class Rollout:
    """The past of one batch of streams and how they go on. `noise(T)` draws (B, T, C, H, W), anew at each call."""

    def __init__(
        self, denoise: Pass, cache: Cache, preset: Preset, noise: Callable[[int], Tensor]
    ) -> None:
        self.cache = cache
        self._denoise, self._noise = denoise, noise
        self._prediction: flow.Prediction = preset.prediction
        self._context: Context = preset.context
        self._num_slots = preset.num_sink + preset.num_window
        self._num_written: list[int] = []  # of each row; none before the first chunk

    def sample(
        self,
        source: Tensor,
        text: Text,
        times: Sequence[float],
        leave: int = -1,
        rows: Rows | None = None,
    ) -> Sampled:
        """The code of the next chunk, denoised at these times: what the pass number `leave` makes of it. Of other
        `rows` than these nothing is of use.

        From pure noise where the first time is 1. Weights that know of no source restyle instead: from the source
        itself, noised to that time (SDEdit, Meng et al. 2022, arXiv 2108.01073).

        Where gradients are asked for at all, they flow through that pass alone (Self-Forcing, section 3.3). The
        passes after it are made where the cache will hold the keys of the last one, as it does when served.
        """
        wanted = torch.is_grad_enabled()
        leave %= len(times)
        made = times if self._context == "last" else times[: leave + 1]
        code = keys = values = torch.empty(0)

        def predict_x0(x_t: Tensor, t: float) -> Tensor:
            nonlocal code, keys, values
            with torch.set_grad_enabled(wanted and t == times[leave]):
                prediction, keys, values = self._pass(x_t, source, text, t, rows)
                time = torch.full(x_t.shape[:2], t, device=x_t.device)
                x0 = flow.to_x0(prediction.float(), x_t, time, self._prediction)
            if t == times[leave]:
                code = x0
            return x0.detach()

        num_latents = source.shape[1]
        start = self._noise(num_latents)
        if times[0] < 1:
            start = (1 - times[0]) * source + times[0] * start
        flow.sample_few_steps(predict_x0, start, made, lambda: self._noise(num_latents))
        return Sampled(code, source, text, keys.detach(), values.detach())

    def remember(self, chunk: Sampled, rows: Rows | None = None) -> None:
        """Its keys and values (of these rows) join the cache: those of one more pass over the clean code at t = 0,
        without gradient, or of its last pass, where the preset says that this is what the student was trained to read.
        """
        keys, values = chunk.keys, chunk.values
        with torch.no_grad():
            if self._context == "clean":
                _, keys, values = self._pass(
                    chunk.code.detach(), chunk.source.detach(), chunk.text, 0.0, rows
                )
            rows_B = None if rows is None or all(rows) else torch.tensor(rows, device=keys.device)
            for frame in zip(keys.unbind(3), values.unbind(3), strict=True):
                self.cache.write(*frame, rows_B)
        before = self._num_written or [0] * keys.shape[1]
        more = [keys.shape[3] * int(row) for row in rows or (True,) * len(before)]
        self._num_written = [n + m for n, m in zip(before, more, strict=True)]

    def forget(self, rows: Rows | None = None) -> None:
        """Empty the cache (of these rows)."""
        if rows is None:
            self.cache.forget()
            self._num_written = []
        else:
            written = zip(self._num_written, rows, strict=False)
            self._num_written = [n * (not row) for n, row in written]
            self.cache.forget(torch.tensor(rows))

    def _pass(
        self, code: Tensor, source: Tensor, text: Text, t: float, rows: Rows | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        time = torch.full(code.shape[:2], t, device=code.device)
        written = self._num_written or [0]
        used = [n for n, row in zip(written, rows or (True,) * len(written), strict=False) if row]
        past = self.cache.view(full=min(used, default=0) >= self._num_slots)
        return self._denoise(code, source, time, *text, past)
