"""The diffusion transformer: one class for teacher, critic and student.

Block = self-attention -> cross-attention to the instruction -> MLP, with time modulation shared over
blocks plus a learned table each (PixArt-Sigma, as in EgoEdit B.1 and Wan 2.1), RMS-normed queries and keys,
3D rotary positions. Source latents join the noisy target by channel concatenation before the patchifier
(EgoEdit 4.2). Without a cache it is bidirectional; with one it is chunk-causal. Knows no engine, no video.
Shapes: B batch, T latent frames, C code channels, S source channels, H W latent grid, P tokens a latent
frame, L = T P tokens, D width, N heads, E head width, M text tokens, X text width, Y layers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from egostream.models.cache import Past
from egostream.models.rope import Turns, halves, rope_angles, rotate, rotate_halves, turns_of


@dataclass(frozen=True, slots=True)
class TransformerConfig:
    """Shape of a transformer; stored inside its checkpoint.

    `pooled_text`: the mean of the text's states, which a sentence encoder makes alike for paraphrases,
    modulates the blocks beside the time (as in Esser et al. 2024, section 4). `null_token`: a learned token that is
    always attended to, so that a text may be empty; without it texts are padded by zeros that are not masked, as
    Wan's are. `norm_over_heads`: queries and keys are normed over all heads together (Wan), not each by itself.
    `cross_norm`: a LayerNorm with weights before cross-attention.
    """

    code_channels: int
    source_channels: int
    width: int
    depth: int
    num_heads: int
    mlp_width: int
    text_width: int
    patch: int = 1
    time_width: int = 256
    pooled_text: bool = False
    null_token: bool = True
    norm_over_heads: bool = False
    cross_norm: bool = True
    eps: float = 1e-6

    def __post_init__(self) -> None:
        if self.width % self.num_heads or (self.width // self.num_heads) % 2:
            raise ValueError(f"width {self.width} does not split into {self.num_heads} even heads")


class Output(NamedTuple):
    """A pass's prediction (B, T, C, H, W), its raw keys and values (Y, B, N, T, P, E; empty where no cache was
    given), and its tokens half-way (B, T, P, D), which training may read."""

    prediction: Tensor
    keys: Tensor
    values: Tensor
    middle: Tensor


def time_features(t_BT: Tensor, dim: int) -> Tensor:
    """Sinusoidal features (B, T, dim) of flow times in 0..1 (scaled by 1000, as DiT and Wan do)."""
    half = dim // 2
    exponent = torch.arange(half, device=t_BT.device, dtype=torch.float32) / half
    angle = 1000.0 * t_BT.float()[..., None] * torch.exp(-math.log(10_000.0) * exponent)
    return torch.cat([angle.cos(), angle.sin()], dim=-1)


class Attention(nn.Module):
    """Multi-head attention with RMS-normed queries and keys."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        D, N = config.width, config.num_heads
        self.num_heads = N
        self.over_heads = config.norm_over_heads
        self.to_q = nn.Linear(D, D)
        self.to_kv = nn.Linear(D, 2 * D)
        self.norm_q = nn.RMSNorm(D if self.over_heads else D // N, eps=config.eps)
        self.norm_k = nn.RMSNorm(D if self.over_heads else D // N, eps=config.eps)
        self.out = nn.Linear(D, D)
        self.rotate = rotate

    def in_halves(self) -> None:
        """Reorder the channels of queries and keys, by their weights, for `rope.rotate_halves`: the same attention."""
        E = self.to_q.out_features // self.num_heads
        order = halves(E)
        whole = (E * torch.arange(self.num_heads)[:, None] + order).flatten()
        with torch.no_grad():
            for x in (self.to_q.weight, self.to_q.bias):
                x.copy_(x[whole])
            for x in (self.to_kv.weight, self.to_kv.bias):
                x[: len(whole)] = x[: len(whole)][whole]
            for norm in (self.norm_q, self.norm_k):
                norm.weight.copy_(norm.weight[whole if self.over_heads else order])
        self.rotate = rotate_halves

    def _norm(self, norm: nn.RMSNorm, x_BLD: Tensor) -> Tensor:
        x = x_BLD if self.over_heads else self.heads(x_BLD)
        # The weight in the input's type: mixed types would leave the fused kernel.
        x = F.rms_norm(x, norm.normalized_shape, norm.weight.to(x.dtype), norm.eps)
        return self.heads(x) if self.over_heads else x

    def heads(self, x_BLD: Tensor) -> Tensor:
        return x_BLD.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)

    def query(self, x_BLD: Tensor) -> Tensor:
        return self._norm(self.norm_q, self.to_q(x_BLD))

    def key_value(self, x_BLD: Tensor) -> tuple[Tensor, Tensor]:
        k, v = self.to_kv(x_BLD).chunk(2, dim=-1)
        return self._norm(self.norm_k, k), self.heads(v)

    def attend(self, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None) -> Tensor:
        y_BNLE = F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
        return self.out(y_BNLE.transpose(1, 2).flatten(-2))


class Block(nn.Module):
    """One transformer block; returns its raw (un-rotated) keys and values for the cache."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        D = config.width
        self.eps = config.eps
        self.self_attention = Attention(config)
        self.cross_attention = Attention(config)
        self.norm_cross = nn.LayerNorm(D, eps=config.eps) if config.cross_norm else nn.Identity()
        self.mlp = nn.Sequential(
            nn.Linear(D, config.mlp_width), nn.GELU("tanh"), nn.Linear(config.mlp_width, D)
        )
        table = torch.randn(6, D) / D**0.5
        # Branches open from the start (shift, scale, gate twice over): short runs learn faster so.
        table[2], table[5] = 1.0, 1.0
        self.table = nn.Parameter(table)

    def forward(
        self,
        x_BTPD: Tensor,
        time_BT6D: Tensor,
        text_BMD: Tensor,
        turns: Turns,
        past: tuple[Past, int, Turns] | None,
        self_mask: Tensor | None,
        text_mask: Tensor | None,
    ) -> tuple[Tensor, Tensor, Tensor]:
        B, T, P, D = x_BTPD.shape
        shift_a, scale_a, gate_a, shift_m, scale_m, gate_m = (time_BT6D + self.table)[
            :, :, :, None
        ].unbind(2)
        attention = self.self_attention
        h = torch.addcmul(shift_a, F.layer_norm(x_BTPD, (D,), eps=self.eps), 1 + scale_a)
        h_BLD = h.reshape(B, T * P, D)
        q = attention.rotate(attention.query(h_BLD), turns)
        k, v = attention.key_value(h_BLD)
        k_all, v_all = attention.rotate(k, turns), v
        if past is not None:
            cache, layer, past_turns = past
            past_k, past_v = (x.to(k.dtype) for x in cache.layer(layer))
            k_all = torch.cat([attention.rotate(past_k, past_turns), k_all], dim=2)
            v_all = torch.cat([past_v, v_all], dim=2)
        seen = attention.attend(q, k_all, v_all, self_mask).view(B, T, P, D)
        x = torch.addcmul(x_BTPD, gate_a, seen)

        cross = self.cross_attention
        q = cross.query(self.norm_cross(x).reshape(B, T * P, D))
        x = x + cross.attend(q, *cross.key_value(text_BMD), text_mask).view(B, T, P, D)

        h = torch.addcmul(shift_m, F.layer_norm(x, (D,), eps=self.eps), 1 + scale_m)
        return torch.addcmul(x, gate_m, self.mlp(h)), k, v


class Transformer(nn.Module):
    """See the module's docstring. A fresh one predicts exactly zero."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.config = config
        D, p2 = config.width, config.patch**2
        self.patch_target = nn.Linear(config.code_channels * p2, D)
        # Its own layer, zero at first: the same as widening a checkpoint's patchifier with zeros.
        self.patch_source = nn.Linear(config.source_channels * p2, D, bias=False)
        nn.init.zeros_(self.patch_source.weight)
        self.text_in = nn.Sequential(
            nn.Linear(config.text_width, D), nn.GELU("tanh"), nn.Linear(D, D)
        )
        if config.null_token:
            self.null_token = nn.Parameter(torch.randn(D) * 0.02)
        self.time_in = nn.Sequential(nn.Linear(config.time_width, D), nn.SiLU(), nn.Linear(D, D))
        self.time_blocks = nn.Linear(D, 6 * D)
        if config.pooled_text:
            # Zero at first: weights from before it was there start unchanged.
            self.text_pooled = nn.Linear(config.text_width, D, bias=False)
            nn.init.zeros_(self.text_pooled.weight)
        self.blocks = nn.ModuleList(Block(config) for _ in range(config.depth))
        self.table_out = nn.Parameter(torch.randn(2, D) / D**0.5)
        self.head = nn.Linear(D, config.code_channels * p2)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(
        self,
        noisy_BTCHW: Tensor,
        source_BTSHW: Tensor,
        t_BT: Tensor,
        text_BMX: Tensor,
        text_mask_BM: Tensor,
        *,
        positions_BT: Tensor | None = None,
        frame_mask_TT: Tensor | None = None,
        cache: Past | None = None,
    ) -> Output:
        """One pass. `frame_mask_TT` (bool, query x key) restricts which latent frames see which."""
        config = self.config
        B, T, C, H, W = noisy_BTCHW.shape
        assert source_BTSHW.shape == (B, T, config.source_channels, H, W), source_BTSHW.shape
        assert t_BT.shape == (B, T), (t_BT.shape, (B, T))
        p = config.patch
        grid = (H // p, W // p)
        P, E = grid[0] * grid[1], config.width // config.num_heads
        x = self.patch_target(_patchify(noisy_BTCHW, p)) + self.patch_source(
            _patchify(source_BTSHW, p)
        )
        time = self.time_in(time_features(t_BT, config.time_width).to(x.dtype))
        if config.pooled_text:
            time = time + self.text_pooled(_pooled(text_BMX, text_mask_BM).to(x.dtype))[:, None]
        time_BT6D = self.time_blocks(F.silu(time)).unflatten(-1, (6, config.width))
        text = self.text_in(text_BMX.to(x.dtype))
        text_mask = None
        if config.null_token:
            text = torch.cat([self.null_token.expand(B, 1, -1), text], dim=1)
            text_mask = F.pad(_additive(text_mask_BM, x.dtype), (1, 0))[:, None, None]
        if positions_BT is None:
            positions_BT = torch.arange(T, device=x.device).float().expand(B, T)
        turns = turns_of(rope_angles(positions_BT, grid, E))
        self_mask = None
        if frame_mask_TT is not None:
            tokens = frame_mask_TT.repeat_interleave(P, 0).repeat_interleave(P, 1)
            self_mask = _additive(tokens, x.dtype)[None, None]
        past_turns = None
        if cache is not None:
            # Distances count back from the chunk's first frame; only differences matter to RoPE.
            past_turns = turns_of(rope_angles(positions_BT[:, :1] - cache.age_BS, grid, E))
            if self_mask is not None or not cache.full:
                empty = _additive((cache.age_BS > 0).repeat_interleave(P, 1), x.dtype)
                here = self_mask if self_mask is not None else x.new_zeros(1, 1, T * P, T * P)
                self_mask = torch.cat(
                    [empty[:, None, None].expand(B, 1, T * P, -1), here.expand(B, 1, -1, -1)],
                    dim=-1,
                )
        keys, values, middle = [], [], x
        for i, block in enumerate(self.blocks):
            past = None
            if cache is not None and past_turns is not None:
                past = (cache, i, past_turns)
            x, k, v = block(x, time_BT6D, text, turns, past, self_mask, text_mask)
            if cache is not None:
                keys.append(k)
                values.append(v)
            if i + 1 == len(self.blocks) // 2:
                middle = x
        shift, scale = (time[:, :, None] + self.table_out)[:, :, :, None].unbind(2)
        x = F.layer_norm(x, (config.width,), eps=config.eps) * (1 + scale) + shift
        prediction = _unpatchify(self.head(x), p, grid)
        if cache is None:
            return Output(prediction, x.new_zeros(0), x.new_zeros(0), middle)
        raw_keys, raw_values = (torch.stack(x).unflatten(3, (T, P)) for x in (keys, values))
        return Output(prediction, raw_keys, raw_values, middle)


def _pooled(text_BMX: Tensor, text_mask_BM: Tensor) -> Tensor:
    """The mean state (B, X) of the tokens there are, of unit variance; zeros for an empty text."""
    mean = (text_BMX * text_mask_BM[..., None]).sum(1)
    return F.normalize(mean, dim=-1) * text_BMX.shape[-1] ** 0.5


def _patchify(x_BTCHW: Tensor, p: int) -> Tensor:
    B, T, C, H, W = x_BTCHW.shape
    x = x_BTCHW.reshape(B, T, C, H // p, p, W // p, p)
    return x.permute(0, 1, 3, 5, 2, 4, 6).reshape(B, T, (H // p) * (W // p), C * p * p)


def _unpatchify(x_BTPK: Tensor, p: int, grid: tuple[int, int]) -> Tensor:
    B, T, _, K = x_BTPK.shape
    x = x_BTPK.reshape(B, T, grid[0], grid[1], K // p**2, p, p)
    return x.permute(0, 1, 4, 2, 5, 3, 6).reshape(B, T, K // p**2, grid[0] * p, grid[1] * p)


def _additive(allowed: Tensor, dtype: torch.dtype) -> Tensor:
    """0 where allowed, a large negative number (finite: a row of -inf would give NaN) elsewhere."""
    return (1.0 - allowed.to(dtype)) * -1e4
