"""What `egostream presets` lists."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from egostream.identity import IdentityEditor


@dataclass(frozen=True, slots=True)
class PresetRow:
    """One model: its picture, its chunk, its passes per chunk."""

    name: str
    size: tuple[int, int]
    chunk_frames: int
    num_steps: int
    about: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def list_presets() -> list[PresetRow]:
    """Every name `--preset` takes; importing the models takes a second or two."""
    from egostream.models.presets import PRESETS

    rows = []
    for name, make in PRESETS.items():
        preset = make()
        height, width = preset.frame_hw
        about = (make.__doc__ or "").strip().splitlines() or [""]
        rows.append(
            PresetRow(
                name,
                (width, height),
                preset.codec.stride_t * preset.latents_per_chunk,
                preset.num_steps,
                about[0],
            )
        )
    height, width = IdentityEditor.frame_hw
    about_identity = "Changes nothing: measures files and transport alone (identity:200 is slow)."
    rows.append(
        PresetRow("identity", (width, height), IdentityEditor.chunk_frames, 0, about_identity)
    )
    return rows
