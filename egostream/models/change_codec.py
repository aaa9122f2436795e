"""nano's codec: the code of an edit is the change, and the source draws it.

Per token of 16 x 16 pixels x 4 frames: a linear map over the source's feature bank (bilinear between
tokens), fill colours on a 4-pixel grid for what the source does not hold (behind a removed thing), and
coverage of a gate on the same grid for each frame. A small network sharpens the gate along the source's
own edges. Decoded: source + gate * (map * bank + fill). Code zero is "no change", and where the gate is
shut not a pixel is touched, so borders are as sharp as the source's and there are no block edges. In time the
change of a latent frame takes over softly from the one before (see `easing`).
Encoding an edit is closed form (ridge fit); encoding a source is a small causal convolutional network, which
sees every frame, beside a frozen backbone, which says of one frame in four what is where.
Shapes: see `codec.py`; F frames a latent frame, K bank features, G = B T F pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from egostream.models.backbone import SIGHT, Backbone
from egostream.models.bank import NUM_FEATURES, RELUCTANCE, feature_bank, flakes
from egostream.models.codec import CodecState, group_frames, ungroup_frames
from egostream.models.easing import alike, as_if_steady, before, ease_coverage
from egostream.models.separable import box_blur, enlarged, halved

STRIDE_T = 4
STRIDE_HW = 16
CELLS = 4  # fill and gate cells along one side of a token
MAP = 3 * NUM_FEATURES  # feature-major: three colours of feature 0, then of feature 1, ...
FILL = 3 * CELLS * CELLS
GATE = STRIDE_T * CELLS * CELLS
CODE_CHANNELS = MAP + FILL + GATE
# Code units: brings each part's usual size near 1, the noise's.
MAP_UNIT, FILL_UNIT, GATE_UNIT = 0.5, 0.25, 0.6
SHUT = 0.12  # gate coverage below this is exactly "untouched"
RIDGE = 1e-3
FAINT = 0.12  # flakes of this weight are halved, fainter ones all but left out
SEEN = 2  # which frame of each latent frame the backbone looks at


@dataclass(frozen=True, slots=True)
class ChangeCodecConfig:
    """Widths of the two small networks, and whether there is a backbone; stored inside the checkpoint."""

    stem: tuple[int, int, int, int] = (24, 48, 96, 128)
    frame_channels: int = 48
    gate_width: int = 16
    backbone: bool = False

    @property
    def stride_t(self) -> int:
        """Frames a latent frame."""
        return STRIDE_T

    @property
    def stride_hw(self) -> int:
        """Pixels along one side of a latent cell."""
        return STRIDE_HW

    @property
    def source_channels(self) -> int:
        """Width of a source's latents: the stem's, frame by frame, then the backbone's."""
        return STRIDE_T * self.frame_channels + (SIGHT if self.backbone else 0)


class ChangeCodec(nn.Module):
    """See the module's docstring. Implements `codec.Codec`."""

    stride_t = STRIDE_T
    stride_hw = STRIDE_HW
    code_channels = CODE_CHANNELS

    def __init__(self, config: ChangeCodecConfig) -> None:
        super().__init__()
        self.config = config
        self.source_channels = config.source_channels
        layers: list[nn.Module] = []
        width = 3
        for out in config.stem:
            conv = nn.Conv2d(width, out, 3, stride=2, padding=1)
            nn.init.kaiming_normal_(conv.weight)
            layers += [conv, nn.GELU("tanh")]
            width = out
        self.stem = nn.Sequential(*layers)
        self.norm = nn.LayerNorm(width)
        self.now = nn.Conv2d(width, config.frame_channels, 1)
        self.before = nn.Conv2d(width, config.frame_channels, 1, bias=False)
        self.backbone = Backbone() if config.backbone else None
        g = config.gate_width
        self.gate_net = nn.Sequential(
            nn.Conv2d(6, g, 3, padding=1),
            nn.GELU("tanh"),
            nn.Conv2d(g, g, 3, padding=2, dilation=2),
            nn.GELU("tanh"),
            nn.Conv2d(g, g, 3, padding=1),
            nn.GELU("tanh"),
            nn.Conv2d(g, 1, 3, padding=1),
        )
        last = self.gate_net[-1]
        assert isinstance(last, nn.Conv2d) and last.bias is not None
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)

    def encode(
        self, frames: Tensor, state: CodecState, source: Tensor | None = None
    ) -> tuple[Tensor, CodecState]:
        """See `codec.Codec`. Raises ValueError for frames that do not fill latent frames."""
        groups = group_frames(frames, STRIDE_T, state.fresh)
        after = state.num_frames + frames.shape[1]
        if source is not None:
            sources = group_frames(source, STRIDE_T, state.fresh)
            code = encode_change(sources, groups, _clocks(state, groups))
            return code, CodecState(state.memory, after)
        last = state.memory[0] if state.memory else None
        latents, last = self.encode_groups(groups, last)
        return latents, CodecState((last,), after)

    def encode_groups(
        self, groups: Tensor, last: Tensor | None, fresh: Tensor | float = 0.0
    ) -> tuple[Tensor, Tensor]:
        """Source latents of (B, T, F, 3, h, w), and the last frame's features for the next call.

        `last` is None, or ignored where `fresh` is 1, at the start of a stream: nothing moved yet.
        """
        B, T, n = groups.shape[:3]
        features = self.stem(2 * groups.flatten(0, 2) - 1)
        features = self.norm(features.movedim(1, -1)).movedim(-1, 1).unflatten(0, (B, T * n))
        first = features[:, :1]
        if last is not None:
            first = fresh * first + (1.0 - fresh) * last[:, None]
        before = torch.cat([first, features[:, :-1]], dim=1)
        mixed = self.now(features.flatten(0, 1)) + self.before(before.flatten(0, 1))
        latents = mixed.unflatten(0, (B, T, n)).flatten(2, 3)
        if self.backbone is not None:
            with torch.no_grad():
                sight = self.backbone(groups[:, :, SEEN].flatten(0, 1)).unflatten(0, (B, T))
            latents = torch.cat([latents, sight.to(latents.dtype)], dim=2)
        return latents, features[:, -1]

    def decode(
        self, latents: Tensor, state: CodecState, source: Tensor
    ) -> tuple[Tensor, CodecState]:
        """See `codec.Codec`."""
        groups = group_frames(source, STRIDE_T, state.fresh)
        falling = falling_for(groups, _clocks(state, groups))
        previous = before(latents, *state.memory) if state.memory else following(latents)
        edited, _ = self.show(latents, groups, falling, previous)
        frames = ungroup_frames(edited, state.fresh)
        after = state.num_frames + frames.shape[1]
        return frames, CodecState((latents[:, -1:],), after)

    def show(
        self,
        code: Tensor,
        groups: Tensor,
        falling: Tensor,
        previous: Tensor | None = None,
        picked: list[int] | None = None,
    ) -> tuple[Tensor, Tensor]:
        """The edited pictures, like `groups` (B, T, n, 3, h, w), and the gate's logits (G, 1, h, w).

        `previous`, like `code`: what each code takes over from (see `easing`); without it nothing was shown before
        any of them. `falling`: from `falling_for`. `picked`: which frames of each latent frame `groups` holds, where
        it does not hold all.
        """
        change, coverage = code.split([MAP + FILL, GATE], dim=2)
        previous = alone(code) if previous is None else previous
        old, old_coverage = previous.split([MAP + FILL, GATE], dim=2)
        B, T, n = groups.shape[:3]
        gate, logits = self.gate(ease_coverage(coverage, old_coverage), groups, picked)
        bank = feature_bank(groups.flatten(0, 2), falling)
        bank, gate = (x.unflatten(0, (B * T, n)) for x in (bank, gate))
        pictures = groups.flatten(0, 1)
        size = (groups.shape[-2], groups.shape[-1])
        own, last = enlarge(change, size), enlarge(old, size)
        parts = []
        for share, frames in alike(picked):
            mixed = own if share == 1 else _lerp(last, own, share)
            parts.append(apply_change(mixed, *(x[:, frames] for x in (pictures, bank, gate))))
        return torch.cat(parts, dim=1).unflatten(0, (B, T)), logits

    def gate(
        self, coverage_code: Tensor, groups: Tensor, picked: list[int] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Where the edit shows: (G, 1, h, w) in 0..1 with exact zeros, and its logits; see `show`."""
        coverage = _gate_cells(coverage_code, picked)
        source = groups.flatten(0, 2)
        logits = self._gate_logits(coverage, source)
        near = F.max_pool2d(coverage, 3, stride=1, padding=1)
        is_open = ((near - SHUT) / SHUT).clamp(0, 1)
        h, w = source.shape[-2:]
        is_open = enlarged(is_open, (h, w))
        return torch.sigmoid(logits) * is_open, logits

    def _gate_logits(self, coverage: Tensor, source: Tensor) -> Tensor:
        half = halved(source)
        small = halved(half)
        inside = coverage.clamp(0, 1)
        fore = box_blur(inside * small, 4) / (box_blur(inside, 4) + 1e-3)
        back = box_blur((1 - inside) * small, 4) / (box_blur(1 - inside, 4) + 1e-3)
        h, w = source.shape[-2:]
        up = enlarged(torch.cat([coverage, fore, back], dim=1), (h // 2, w // 2))
        # A pixel nearer to the colour inside than to the colour outside belongs inside (matting).
        to_fore = (half - up[:, 1:4]).square().sum(1, keepdim=True)
        to_back = (half - up[:, 4:7]).square().sum(1, keepdim=True)
        vote = (to_back - to_fore) / (to_back + to_fore + 0.01)
        cover = up[:, :1]
        delta = self.gate_net(torch.cat([cover, vote, cover * vote, half - 0.5], dim=1))
        logits = 8.0 * (cover - 0.5) + 4.0 * delta
        return enlarged(logits, (h, w))


def enlarge(change: Tensor, size: tuple[int, int]) -> list[Tensor]:
    """By maps and fill (B, T, MAP + FILL, H, W): what each feature adds to pictures of that size, (G, 1, 3, h, w) each,
    and last what is added whatever the source.
    """
    maps = _hushed(MAP_UNIT * change[:, :, :MAP].flatten(0, 1))
    maps = enlarged(maps, size).unflatten(1, (NUM_FEATURES, 1, 3))
    cells = F.pixel_shuffle(FILL_UNIT * change[:, :, MAP:].flatten(0, 1), CELLS)
    return [*maps.unbind(1), enlarged(cells, size)[:, None]]


def _lerp(last: Sequence[Tensor], own: Sequence[Tensor], share: float) -> list[Tensor]:
    return [a.lerp(b, share) for a, b in zip(last, own, strict=True)]


def apply_change(change: Sequence[Tensor], pictures: Tensor, bank: Tensor, gate: Tensor) -> Tensor:
    """picture + gate * (map * bank + fill), clamped to 0..1, all (G, n, ?, h, w); see `enlarge`."""
    shown = change[-1]
    # Feature by feature: the product of all maps and features at once would be gigabytes.
    for weights, feature in zip(change[:-1], bank.split(1, dim=2), strict=True):
        shown = torch.addcmul(shown, weights, feature)
    return (pictures + gate * shown).clamp(0, 1)


def alone(code: Tensor) -> Tensor:
    """The code (B, T, C, H, W) to show as the one before, where nothing was shown: easing then changes nothing."""
    change, coverage = code.split([MAP + FILL, GATE], dim=2)
    return torch.cat([change, as_if_steady(coverage)], dim=2)


def following(code: Tensor, begins: Tensor | None = None) -> Tensor:
    """What each of these codes (B, T, C, H, W) takes over from: the one before it, or nothing at the first and where
    `begins` (B, T) says so, because a new instruction starts there.
    """
    own = alone(code)
    last = before(code, own[:, :1])
    return last if begins is None else torch.where(begins[:, :, None, None, None], own, last)


def _hushed(maps: Tensor) -> Tensor:
    """Maps (G, MAP, H, W) with faint flakes made fainter: on a plain wall they would show as dots in any edit."""
    rest, white = maps[:, :-3], maps[:, -3:]
    strength = white.square().mean(1, keepdim=True)
    return torch.cat([rest, white * strength / (strength + FAINT**2)], dim=1)


def _clocks(state: CodecState, groups: Tensor) -> Tensor:
    """The clock (B, T) of each group: the index of its first frame (a fresh stream's first group: < 0)."""
    B, T = groups.shape[:2]
    start = 1 - STRIDE_T if state.fresh else state.num_frames
    return (start + STRIDE_T * torch.arange(T, device=groups.device)).expand(B, T)


def falling_for(groups: Tensor, clocks_BT: Tensor) -> Tensor:
    """The bank's flakes (G, 1, h, w) for pictures (B, T, F, 3, h, w) whose groups start at these clocks."""
    size = (groups.shape[-2], groups.shape[-1])
    return flakes(clocks_BT.flatten(), groups.shape[2], size).flatten(0, 1)


def _gate_cells(code: Tensor, picked: list[int] | None) -> Tensor:
    """Coverage pictures (G, 1, H * CELLS, W * CELLS) from the code's gate part (B, T, GATE, H, W)."""
    cells = F.pixel_shuffle(GATE_UNIT * code.flatten(0, 1), CELLS)
    if picked is not None:
        cells = cells[:, picked]
    return cells.flatten(0, 1)[:, None]


def change_mask(source: Tensor, target: Tensor, full: float = 10 / 255) -> Tensor:
    """How much each pixel was edited, (..., 1, h, w) in 0..1: the largest channel's difference."""
    difference = (target - source).abs().amax(dim=-3, keepdim=True)
    return ((difference - 2 / 255) / (full - 2 / 255)).clamp(0, 1)


def encode_change(
    source: Tensor, target: Tensor, clocks_BT: Tensor, mask: Tensor | None = None
) -> Tensor:
    """The code (B, T, C, H, W) of the edit source -> target, both (B, T, F, 3, h, w); closed form.

    Each token's map is a ridge fit over the edited pixels within its bilinear reach (32 x 32); the fill
    is what the maps leave, averaged on its grid. `mask` (B, T, F, 1, h, w) defaults to `change_mask`.
    """
    B, T, n, _, h, w = source.shape
    if mask is None:
        mask = change_mask(source, target)
    # Every other pixel of every other frame is plenty for 14 unknowns.
    frames = slice(1, None, 2)
    falling = falling_for(source, clocks_BT).unflatten(0, (B, T, n))[:, :, frames].flatten(0, 2)
    bank = feature_bank(source[:, :, frames].flatten(0, 2), falling)[..., ::2, ::2]
    difference, m = (x[:, :, frames, :, ::2, ::2].flatten(0, 2) for x in (target - source, mask))
    stacked = torch.cat([bank, torch.ones_like(m), difference, m], dim=1)
    reach, stride = STRIDE_HW, STRIDE_HW // 2
    padded = F.pad(stacked, (stride // 2,) * 4)
    H, W = h // STRIDE_HW, w // STRIDE_HW
    width = stacked.shape[1]
    windows = F.unfold(padded, reach, stride=stride).reshape(B * T, -1, width, reach**2, H * W)
    windows = windows.permute(0, 4, 1, 3, 2).reshape(B * T * H * W, -1, width)
    K = NUM_FEATURES + 1
    x, y, weight = windows[..., :K], windows[..., K : K + 3], windows[..., K + 3 :]
    xw = (x * weight).transpose(1, 2)
    total = weight.sum((1, 2), keepdim=True)
    # The constant is nearly free: it is the fill.
    reluctance = torch.tensor([*RELUCTANCE, 0.01], device=x.device, dtype=x.dtype)
    ridge = RIDGE * (total + 4.0) * torch.diag(reluctance)
    solution = torch.linalg.solve(xw @ x + ridge, xw @ y)
    maps = solution[:, :NUM_FEATURES].reshape(B * T, H * W, MAP)
    maps = maps.transpose(1, 2).reshape(B * T, MAP, H, W)
    # What the maps leave, on the same pixels.
    bank, left, m = (x.unflatten(0, (B * T, -1)) for x in (bank, difference, m))
    up = F.interpolate(maps, size=(h // 2, w // 2), mode="bilinear")
    up = up.reshape(B * T, 1, NUM_FEATURES, 3, h // 2, w // 2)
    for k in range(NUM_FEATURES):
        left = torch.addcmul(left, up[:, :, k], bank[:, :, k : k + 1], value=-1)
    weighted = F.avg_pool2d(torch.cat([left * m, m], dim=2).mean(1), 4, 2, padding=1)
    fill = weighted[:, :3] / (weighted[:, 3:] + 1e-3)
    cells = F.avg_pool2d(mask.flatten(0, 2), CELLS).reshape(B * T, n, *fill.shape[-2:])
    code = torch.cat(
        [
            maps / MAP_UNIT,
            F.pixel_unshuffle(fill, CELLS) / FILL_UNIT,
            F.pixel_unshuffle(cells, CELLS) / GATE_UNIT,
        ],
        dim=1,
    )
    return code.unflatten(0, (B, T))
