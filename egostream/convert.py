"""`egostream convert`: published networks into egostream's own files."""

from __future__ import annotations

from pathlib import Path

from egostream.models.checkpoint import EditModel, save_checkpoint
from egostream.models.diffusers_load import load_diffusers
from egostream.models.parts import save_part


def convert(source: Path, target: Path) -> str:
    """Reads a component or a pipeline, writes one file; returns a line that tells what it holds.

    `target` is a .safetensors file, or a folder for one. Raises BadCheckpoint for what cannot be read.
    """
    model = load_diffusers(source)
    if target.suffix != ".safetensors":
        target /= "model.safetensors"
    count = sum(p.numel() for p in model.parameters()) / 1e6
    if isinstance(model, EditModel):
        save_checkpoint(target, model)
        return f"{target}: an edit model of preset {model.preset.name}, {count:,.1f} M parameters"
    save_part(target, model)
    return f"{target}: a {type(model).__name__}, {count:,.1f} M parameters"
