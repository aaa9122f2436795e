"""Wan's causal video codecs: 2.1 (4 x 8 x 8, 16 channels) and 2.2 (4 x 16 x 16, 48 channels).

Latents are the posterior's mode, normalised by the published mean and std. The source is no guide here: an
edit's latents are those of the edited picture, and decoding ignores the source. All frames given are coded
in one pass, so memory grows with them: feed long clips in chunks.
Sources: the Wan report (arXiv 2503.20314, Wan-VAE) and the published models' behaviour.
Shapes: see `codec.py`; F = stride_t frames a latent frame, groups (B, T, F, 3, h, w).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from egostream.models.codec import CodecState, group_frames
from egostream.models.memory import Memory
from egostream.models.shuffle import fold, spread
from egostream.models.wan_blocks import memory_shapes
from egostream.models.wan_coder import Decoder, Encoder
from egostream.models.wan_config import WanCodecConfig


class WanCodec(nn.Module):
    """See the module's docstring. Implements `codec.Codec`."""

    def __init__(self, config: WanCodecConfig) -> None:
        """Raises ValueError if the widths do not fit Wan 2.2's shortcuts."""
        super().__init__()
        self.config = config
        self.stride_t, self.stride_hw = config.stride_t, config.stride_hw
        self.source_channels = self.code_channels = config.latent_channels
        self.encoder = Encoder(config)
        self.to_moments = nn.Conv3d(2 * config.latent_channels, 2 * config.latent_channels, 1)
        self.from_latents = nn.Conv3d(config.latent_channels, config.latent_channels, 1)
        self.decoder = Decoder(config)
        self.mean: Tensor
        self.std: Tensor
        # Part of the configuration, not of the weights.
        for name, values in latent_units(config).items():
            self.register_buffer(name, values, persistent=False)

    def encode(
        self, frames: Tensor, state: CodecState, source: Tensor | None = None
    ) -> tuple[Tensor, CodecState]:
        """See `codec.Codec`. Raises ValueError for a wrong number or size of frames, or a foreign state."""
        frame_hw = (frames.shape[-2], frames.shape[-1])
        if frame_hw[0] % self.stride_hw or frame_hw[1] % self.stride_hw:
            raise ValueError(f"pictures of {frame_hw} are no multiples of {self.stride_hw} pixels")
        groups = group_frames(frames, self.stride_t, state.fresh)
        check_memory(self.encoder, state, frames.shape[0], frame_hw)
        past = past_of(state, frames)
        latents = self._encode(frames if past.alone else groups.flatten(1, 2), past)
        return latents, CodecState(past.kept, state.num_frames + frames.shape[1])

    def decode(
        self, latents: Tensor, state: CodecState, source: Tensor | None = None
    ) -> tuple[Tensor, CodecState]:
        """See `codec.Codec`; `source` is ignored. Raises ValueError for a foreign state."""
        B, _, _, H, W = latents.shape
        check_memory(self.decoder, state, B, (H * self.stride_hw, W * self.stride_hw))
        past = past_of(state, latents)
        frames = self._decode(latents, past)
        if state.fresh and not past.alone:
            frames = frames[:, self.stride_t - 1 :]
        return frames, CodecState(past.kept, state.num_frames + frames.shape[1])

    def encode_groups(
        self, groups: Tensor, memory: tuple[Tensor, ...], fresh_B: Tensor | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Latents (B, T, C, H, W) of groups (B, T, F, 3, h, w), and the memory for the next call.

        `fresh_B`: 1 for rows whose first group starts a stream (only its last frame counts), else 0;
        None if there are none. `memory` as returned, or `empty_memory`; () if all rows are fresh.
        """
        past = Memory(memory, fresh_B)
        return self._encode(groups.flatten(1, 2), past), past.kept

    def decode_groups(
        self, latents: Tensor, memory: tuple[Tensor, ...], fresh_B: Tensor | None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Groups (B, T, F, 3, h, w) in 0..1 of latents (B, T, C, H, W), and the memory for the next call.

        The rest as in `encode_groups`: of a stream's first group only the last frame counts.
        """
        past = Memory(memory, fresh_B)
        return self._decode(latents, past).unflatten(1, (-1, self.stride_t)), past.kept

    def _encode(self, frames: Tensor, past: Memory) -> Tensor:
        x_BCTHW = 2 * frames.transpose(1, 2) - 1
        moments = self.to_moments(self.encoder(_patchify(x_BCTHW, self.config.patch), past))
        mode = moments.chunk(2, dim=1)[0].transpose(1, 2)
        return (mode - self.mean) / self.std

    def _decode(self, latents: Tensor, past: Memory) -> Tensor:
        z_BCTHW = self.from_latents((latents * self.std + self.mean).transpose(1, 2))
        x_BCTHW = _unpatchify(self.decoder(z_BCTHW, past), self.config.patch)
        return (0.5 * x_BCTHW + 0.5).clamp(0, 1).transpose(1, 2)

    def empty_memory(
        self, batch: int, frame_hw: tuple[int, int]
    ) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
        """Zeros in the shapes that encoding and decoding pictures of this size remember."""
        encoding, decoding = (
            tuple(self.mean.new_zeros(shape) for shape in memory_shapes(coder, batch, frame_hw))
            for coder in (self.encoder, self.decoder)
        )
        return encoding, decoding


def latent_units(config: WanCodecConfig) -> dict[str, Tensor]:
    """The latents' `mean` and `std` (C, 1, 1) over the training set."""
    values = {"mean": config.latents_mean, "std": config.latents_std}
    return {name: torch.tensor(value)[:, None, None] for name, value in values.items()}


def past_of(state: CodecState, like_B: Tensor) -> Memory:
    """What a network is handed of a stream's past; with nothing remembered its first frame stands alone."""
    if state.fresh and not state.memory:
        return Memory((), None, alone=True)
    return Memory(state.memory, fresh_rows(like_B, state))


def fresh_rows(like_B: Tensor, state: CodecState) -> Tensor | None:
    """The flag of each row (B,): all ones for a fresh state, None for one that has seen frames."""
    return like_B.new_ones(like_B.shape[0]) if state.fresh else None


def check_memory(
    network: nn.Module, state: CodecState, batch: int, frame_hw: tuple[int, int]
) -> None:
    """Raises ValueError if a state that has seen frames is not this network's at this size."""
    if state.fresh and not state.memory:
        return
    if [tuple(past.shape) for past in state.memory] != memory_shapes(network, batch, frame_hw):
        raise ValueError(
            "the state is of another codec, direction, batch or picture size: "
            "keep one for encoding and one for decoding, and start afresh when the size changes"
        )


def _patchify(x_BCTHW: Tensor, patch: int) -> Tensor:
    """Space into channels; Wan counts a patch's columns before its rows."""
    return fold(x_BCTHW.transpose(-1, -2), 1, patch).transpose(-1, -2)


def _unpatchify(x_BCTHW: Tensor, patch: int) -> Tensor:
    return spread(x_BCTHW.transpose(-1, -2), 1, patch).transpose(-1, -2)
