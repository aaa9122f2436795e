"""An editor by its preset's name: whose weights, on which device, compiled how."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import cast, get_args

import torch

from egostream.contract import EditorLike
from egostream.editor import Editor
from egostream.errors import BadCheckpoint, EgostreamError, EngineError, UnknownPreset
from egostream.gate import CALIBRATED, open_calibrated
from egostream.identity import IdentityEditor
from egostream.model_choice import ModelChoice
from egostream.models.checkpoint import EditModel, load_checkpoint
from egostream.models.diffusers_load import load_diffusers
from egostream.models.presets import Preset, get_preset
from egostream.models.text_encoders import text_encoder_for
from egostream.models.tiny_codec import TinyDecoder
from engines import BackendChoice, Precision

log = logging.getLogger(__name__)

WEIGHTS = Path(__file__).parent / "weights"
MAX_DELAY_MS = 60_000.0
RESTYLE = 0.85  # the strength that weights which know of no source are run with


def load_editor(choice: ModelChoice) -> EditorLike:
    """The editor of a preset, or `identity` / `identity:DELAY_MS` (no model, for transport tests).

    Raises UnknownPreset, BadCheckpoint, EngineError, or EgostreamError for what cannot be chosen.
    """
    kind, _, delay = choice.preset.partition(":")
    if kind == IdentityEditor.name:
        if not choice.is_plain:
            raise EgostreamError("the identity preset has no model: no weights, no steps")
        return _identity(delay)
    engine, precision = as_backend(choice.engine), as_precision(choice.precision)
    device = pick_device(choice.device)
    model = load_model(get_preset(choice.preset), choice.weights)
    decoder = load_decoder(choice.decoder) if choice.decoder is not None else None
    if precision in CALIBRATED:
        editor, _ = open_calibrated(
            model,
            engine=engine,
            precision=precision,
            text_encoder=text_encoder_for(model.preset, device),
            decoder=decoder,
            cache_dir=cache_folder(),
            device=device,
            num_rows=choice.batch,
            native=choice.native,
        )
    else:
        editor = Editor(
            model,
            engine=engine,
            precision=precision,
            decoder=decoder,
            cache_dir=cache_folder(),
            device=device,
            num_rows=choice.batch,
            native=choice.native,
        )
    if choice.num_steps is not None:
        editor.set_num_steps(choice.num_steps)
    if choice.strength is not None:
        editor.set_strength(choice.strength)
    elif not knows_source(editor.model):
        log.warning("these weights know of no source: restyling it with strength %.2f", RESTYLE)
        editor.set_strength(RESTYLE)
    return editor


def _identity(delay: str) -> IdentityEditor:
    try:
        delay_ms = float(delay or 0)
    except ValueError:
        delay_ms = -1.0
    if not 0 <= delay_ms <= MAX_DELAY_MS:
        raise UnknownPreset(f"identity:{delay}: the delay is 0 to {MAX_DELAY_MS:.0f} ms")
    return IdentityEditor(delay_ms)


def as_backend(name: str) -> BackendChoice:
    """Raises EgostreamError for a strange one."""
    return cast("BackendChoice", _known(name, "engine", get_args(BackendChoice)))


def as_precision(name: str) -> Precision:
    """Raises EgostreamError for a strange one."""
    return cast("Precision", _known(name, "precision", get_args(Precision)))


def _known(name: str, kind: str, names: tuple[str, ...]) -> str:
    if name not in names:
        raise EgostreamError(f"there is no {kind} {name!r}; known: {', '.join(names)}")
    return name


def load_model(preset: Preset, weights: Path | None) -> EditModel:
    """A checkpoint of ours, or a pipeline's folder as diffusers saves it. Raises BadCheckpoint."""
    shipped = WEIGHTS / f"{preset.name}.safetensors"
    if weights is None and not shipped.is_file():
        raise BadCheckpoint(
            f"preset {preset.name} comes without weights: name yours with --weights (a pipeline's folder, or what "
            "`egostream convert` made of one)"
        )
    path = weights or shipped
    if not path.is_dir():
        return load_checkpoint(path)
    model = load_diffusers(path)
    if not isinstance(model, EditModel):
        raise BadCheckpoint(f"{path} holds a {type(model).__name__} alone, not a whole model")
    return model.float()


def random_model(preset: Preset, device: torch.device) -> EditModel:
    """Weights that mean nothing, made where they are run: what a machine's speed can be measured with."""
    with torch.device(device):
        model = EditModel(preset)
        for parameter in model.parameters():
            if not bool(parameter.any()):  # what starts as zero would leave work out
                torch.nn.init.normal_(parameter, std=0.02)
    return model.eval().requires_grad_(False)


def load_decoder(path: Path) -> TinyDecoder:
    """A tiny decoder of Wan's latents. Raises BadCheckpoint."""
    decoder = load_diffusers(path)
    if not isinstance(decoder, TinyDecoder):
        raise BadCheckpoint(f"{path} holds a {type(decoder).__name__}, not a tiny decoder")
    return decoder.float()


def knows_source(model: EditModel) -> bool:
    """Whether the transformer looks at the source at all: text-to-video weights do not."""
    return bool(model.transformer.patch_source.weight.any())


def pick_device(wanted: str) -> torch.device:
    """`auto`: a GPU where there is one. Raises EngineError for a GPU that is not there."""
    has_gpu = torch.cuda.is_available()
    if wanted == "auto":
        return torch.device("cuda" if has_gpu else "cpu")
    if wanted == "cuda" and not has_gpu:
        raise EngineError("there is no GPU that PyTorch can use; --device cpu runs without")
    return torch.device(wanted)


def cache_folder() -> Path:
    """Where built engines are kept: EGOSTREAM_CACHE, else the user's cache folder."""
    chosen = os.environ.get("EGOSTREAM_CACHE")
    if chosen:
        return Path(chosen)
    return (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "egostream" / "engines"
    )
