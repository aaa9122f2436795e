"""Modules that engines are tested with: tiny, and made like the ones that they are for."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

WIDTH, HEADS, TOKENS, CACHED = 64, 2, 36, 24


class Step(nn.Module):
    """A student's step in small: masks, a KV cache in, new keys and values out."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH)
        self.kv_text = nn.Linear(WIDTH, 2 * WIDTH)
        self.norm = nn.RMSNorm(WIDTH // HEADS)
        self.out = nn.Linear(WIDTH, WIDTH)

    def forward(
        self, x: Tensor, t: Tensor, text: Tensor, text_mask: Tensor, past: Tensor, seen: Tensor
    ) -> tuple[Tensor, Tensor]:
        assert x.shape == (1, TOKENS, WIDTH), tuple(x.shape)
        q, k, v = (self.heads(part) for part in self.qkv(x * (1 + t[:, None, None])).chunk(3, -1))
        q, k = self.norm(q), self.norm(k)
        keys, values = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        x = x + self.merge(F.scaled_dot_product_attention(q, keys, values, attn_mask=seen))
        text_k, text_v = (self.heads(part) for part in self.kv_text(text).chunk(2, -1))
        words = text_mask[:, None, None, :]
        x = x + self.merge(F.scaled_dot_product_attention(q, text_k, text_v, attn_mask=words))
        return self.out(x), torch.stack([k, v])

    def heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (HEADS, -1)).transpose(1, 2)

    def merge(self, x: Tensor) -> Tensor:
        return x.transpose(1, 2).flatten(2)


class Double(nn.Module):
    """One tensor in, one out: the cheapest thing to build."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.linear(x) * 2
        return out


def step_inputs() -> tuple[Tensor, ...]:
    noise = torch.Generator().manual_seed(1)
    return (
        torch.randn(1, TOKENS, WIDTH, generator=noise),
        torch.tensor([0.7]),
        torch.randn(1, 5, WIDTH, generator=noise),
        torch.arange(5)[None] < 3,
        torch.zeros(2, 1, HEADS, CACHED, WIDTH // HEADS),
        torch.arange(CACHED + TOKENS)[None, None, None] >= 6,
    )


class Unfaithful(nn.Module):
    """Random: no engine can be equal to it."""

    def forward(self, x: Tensor) -> Tensor:
        return x + torch.rand(x.shape)


class Dynamic(nn.Module):
    """An output whose size depends on the data: no static engine."""

    def forward(self, x: Tensor) -> Tensor:
        return x[x > 0]


class Blocks(nn.Module):
    """Attention over a KV cache and an MLP, twice: wide enough to be worth 8 bits."""

    width, heads, tokens, cached = 64, 2, 48, 32

    def __init__(self) -> None:
        super().__init__()
        w = self.width
        self.time = nn.Linear(16, w)
        self.qkv = nn.ModuleList(nn.Linear(w, 3 * w) for _ in range(2))
        self.mlp = nn.ModuleList(
            nn.Sequential(nn.Linear(w, 2 * w), nn.GELU("tanh"), nn.Linear(2 * w, w))
            for _ in range(2)
        )

    def forward(self, x: Tensor, t: Tensor, keys: Tensor, values: Tensor) -> tuple[Tensor, ...]:
        angle = 1000 * t[:, None] * torch.exp(-torch.arange(8.0, device=t.device))
        x = x + self.time(torch.cat([angle.cos(), angle.sin()], -1))[:, None]
        made = []
        for i, (qkv, mlp) in enumerate(zip(self.qkv, self.mlp, strict=True)):
            h = F.layer_norm(x, (self.width,))
            q, k, v = (
                y.unflatten(-1, (self.heads, -1)).transpose(1, 2) for y in qkv(h).chunk(3, -1)
            )
            k, v = (torch.cat([past[i], new], 2) for past, new in ((keys, k), (values, v)))
            seen = F.scaled_dot_product_attention(q, k, v)
            x = x + seen.transpose(1, 2).flatten(2)
            x = x + mlp(F.layer_norm(x, (self.width,)))
            made += [k[:, :, self.cached :], v[:, :, self.cached :]]
        return x, *made


def blocks_inputs(seed: int = 0) -> tuple[Tensor, ...]:
    """Of a call in mid-stream."""
    noise = torch.Generator().manual_seed(seed)
    past = (2, 1, Blocks.heads, Blocks.cached, Blocks.width // Blocks.heads)
    return (
        torch.randn(1, Blocks.tokens, Blocks.width, generator=noise),
        torch.rand(1, generator=noise),
        torch.randn(past, generator=noise),
        torch.randn(past, generator=noise),
    )


class Pictures(nn.Module):
    """Convolutions: the first and the last of few channels, one depthwise, two worth 8 bits."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(3, 64, 3, padding=1),
            nn.GELU("tanh"),
            nn.Conv2d(64, 64, 3, padding=1),
            nn.GELU("tanh"),
            nn.Conv2d(64, 64, 3, padding=1, groups=64),
            nn.Conv2d(64, 64, 3, padding=1),
            nn.GELU("tanh"),
            nn.Conv2d(64, 12, 3, padding=1),
            nn.PixelShuffle(2),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)


def pictures_inputs(seed: int = 0) -> tuple[Tensor, ...]:
    """Something with large shapes in it, as pictures have."""
    noise = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, 4, 4, generator=noise)
    return (F.interpolate(coarse, size=(16, 16), mode="bilinear"),)


class Video(nn.Module):
    """A causal 3D convolution with its memory as a tensor in and out."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv3d(4, 8, 3, padding=(0, 1, 1))

    def forward(self, x: Tensor, memory: Tensor) -> tuple[Tensor, Tensor]:
        longer = torch.cat([memory, x], dim=2)
        larger = F.interpolate(self.conv(longer).flatten(0, 1), scale_factor=2.0)
        return larger, longer[:, :, -2:]


def video_inputs() -> tuple[Tensor, ...]:
    """Four frames and the two before them."""
    noise = torch.Generator().manual_seed(0)
    return (
        torch.randn(1, 4, 4, 8, 8, generator=noise),
        torch.randn(1, 4, 2, 8, 8, generator=noise),
    )
