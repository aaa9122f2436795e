"""The shape of a Wan causal video codec, and the two that were published.

Sources: the Wan technical report (arXiv 2503.20314), on Wan-VAE; the configurations released with Wan 2.1
(`wan/modules/vae.py`) and Wan 2.2 TI2V-5B (`wan/modules/vae2_2.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

RGB = 3


@dataclass(frozen=True, slots=True)
class WanCodecConfig:
    """Everything that decides shapes and units; weights apart.

    `width_multiples`: one level each, from the pictures down; between two levels space is halved, and time
    too where `temporal_down` says so. `attention_scales`: encoder levels, by their share of the first
    level's side (1, 0.5, ...), that have attention after every block; none in the published models.
    `residual`: Wan 2.2's levels, with a shortcut around each that averages down or repeats up.
    `patch`: pixels folded into channels along each side before the first level.
    """

    base_width: int
    decoder_base_width: int
    latent_channels: int
    latents_mean: tuple[float, ...]
    latents_std: tuple[float, ...]
    width_multiples: tuple[int, ...] = (1, 2, 4, 4)
    blocks_per_level: int = 2
    temporal_down: tuple[bool, ...] = (False, True, True)
    attention_scales: tuple[float, ...] = ()
    residual: bool = False
    patch: int = 1

    def __post_init__(self) -> None:
        """Raises ValueError for numbers that no codec can have."""
        sizes = (self.base_width, self.decoder_base_width, self.latent_channels, self.patch)
        if min(*sizes, *self.width_multiples, self.blocks_per_level) < 1:
            raise ValueError("widths, channels, blocks and patch must be positive")
        if not self.residual and min(self.decoder_widths) < 2:
            raise ValueError("without residual levels the decoder's widths must be at least 2")
        if len(self.temporal_down) != len(self.width_multiples) - 1:
            raise ValueError(
                f"{len(self.width_multiples)} levels need {len(self.width_multiples) - 1} "
                f"temporal flags between them, not {len(self.temporal_down)}"
            )
        if {len(self.latents_mean), len(self.latents_std)} != {self.latent_channels}:
            raise ValueError(f"mean and std must have {self.latent_channels} values each")
        if min(self.latents_std) <= 0:
            raise ValueError("the latents' std must be positive")

    @property
    def num_levels(self) -> int:
        return len(self.width_multiples)

    @property
    def stride_t(self) -> int:
        """Frames a latent frame."""
        return 1 << sum(self.temporal_down)

    @property
    def stride_hw(self) -> int:
        """Pixels along one side of a latent cell."""
        return self.patch << (self.num_levels - 1)

    @property
    def picture_channels(self) -> int:
        """Colours of one patch."""
        return RGB * self.patch**2

    @property
    def encoder_widths(self) -> tuple[int, ...]:
        """Channels before the first level and after each."""
        return tuple(self.base_width * m for m in (1, *self.width_multiples))

    @property
    def decoder_widths(self) -> tuple[int, ...]:
        """Channels before the decoder's first level and after each, upsampling apart."""
        upward = self.width_multiples[::-1]
        return tuple(self.decoder_base_width * m for m in (upward[0], *upward))

    def has_attention(self, level: int) -> bool:
        """Whether this encoder level has attention; Wan 2.2's never have."""
        return not self.residual and 0.5**level in self.attention_scales


def codec_from_dict(values: Mapping[str, Any]) -> WanCodecConfig:
    """The configuration that `dataclasses.asdict` made these of. Raises TypeError for foreign ones."""
    made: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    return WanCodecConfig(**made)


def wan_2_1() -> WanCodecConfig:
    """Wan 2.1's codec, 4 x 8 x 8 to 16 channels; also that of Wan 2.2's 14B models."""
    return WanCodecConfig(
        base_width=96,
        decoder_base_width=96,
        latent_channels=16,
        latents_mean=(
            -0.7571, -0.7089, -0.9113, 0.1075, -0.1745, 0.9653, -0.1517, 1.5508,
            0.4134, -0.0715, 0.5517, -0.3632, -0.1922, -0.9497, 0.2503, -0.2921,
        ),
        latents_std=(
            2.8184, 1.4541, 2.3275, 2.6558, 1.2196, 1.7708, 2.6052, 2.0743,
            3.2687, 2.1526, 2.8652, 1.5579, 1.6382, 1.1253, 2.8251, 1.9160,
        ),
    )  # fmt: skip


def wan_2_2() -> WanCodecConfig:
    """Wan 2.2 TI2V-5B's codec, 4 x 16 x 16 to 48 channels."""
    return WanCodecConfig(
        base_width=160,
        decoder_base_width=256,
        latent_channels=48,
        latents_mean=(
            -0.2289, -0.0052, -0.1323, -0.2339, -0.2799, 0.0174, 0.1838, 0.1557,
            -0.1382, 0.0542, 0.2813, 0.0891, 0.1570, -0.0098, 0.0375, -0.1825,
            -0.2246, -0.1207, -0.0698, 0.5109, 0.2665, -0.2108, -0.2158, 0.2502,
            -0.2055, -0.0322, 0.1109, 0.1567, -0.0729, 0.0899, -0.2799, -0.1230,
            -0.0313, -0.1649, 0.0117, 0.0723, -0.2839, -0.2083, -0.0520, 0.3748,
            0.0152, 0.1957, 0.1433, -0.2944, 0.3573, -0.0548, -0.1681, -0.0667,
        ),
        latents_std=(
            0.4765, 1.0364, 0.4514, 1.1677, 0.5313, 0.4990, 0.4818, 0.5013,
            0.8158, 1.0344, 0.5894, 1.0901, 0.6885, 0.6165, 0.8454, 0.4978,
            0.5759, 0.3523, 0.7135, 0.6804, 0.5833, 1.4146, 0.8986, 0.5659,
            0.7069, 0.5338, 0.4889, 0.4917, 0.4069, 0.4999, 0.6866, 0.4093,
            0.5709, 0.6065, 0.6415, 0.4944, 0.5726, 1.2042, 0.5458, 1.6887,
            0.3971, 1.0600, 0.3943, 0.5537, 0.5444, 0.4089, 0.7468, 0.7744,
        ),
        residual=True,
        patch=2,
    )  # fmt: skip
