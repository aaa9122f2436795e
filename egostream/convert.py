"""`egostream convert`: published networks into egostream's own files."""

from __future__ import annotations

from pathlib import Path

from egostream.errors import BadCheckpoint
from egostream.models.checkpoint import EditModel, save_checkpoint
from egostream.models.diffusers_load import join, load_diffusers
from egostream.models.parts import save_part
from egostream.models.transformer import Transformer
from egostream.models.wan_codec import WanCodec


def convert(source: Path, target: Path, codec: Path | None = None) -> str:
    """Reads a component, a pipeline or a published tiny decoder, writes one file; returns a line that tells what it
    holds.

    `target` is a .safetensors file, or a folder for one. With a `codec` a transformer becomes a whole edit model.
    Raises BadCheckpoint for what cannot be read or written.
    """
    model = load_diffusers(source)
    if codec is not None:
        decoder = load_diffusers(codec)
        if not (isinstance(model, Transformer) and isinstance(decoder, WanCodec)):
            raise BadCheckpoint(f"a codec ({codec}) is for a transformer ({source})")
        model = join(model, decoder)
    if target.suffix not in ("", ".safetensors"):
        raise BadCheckpoint(f"{target} should end in .safetensors, or be a folder")
    if not target.suffix:
        target /= "model.safetensors"
    count = sum(p.numel() for p in model.parameters()) / 1e6
    if isinstance(model, EditModel):
        # As precise as it is: a training starts from it.
        save_checkpoint(target, model, dtype=None)
        return f"{target}: an edit model of preset {model.preset.name}, {count:,.1f} M parameters"
    save_part(target, model)
    return f"{target}: a {type(model).__name__}, {count:,.1f} M parameters"
