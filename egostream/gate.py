"""int8 and fp8: calibrated on a real stream, and refused where a chunk of it looks otherwise than in bf16.

A mean over a stream hides the chunk that breaks: what counts is the worst one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from egostream.compiler import Compiler
from egostream.editor import Editor
from egostream.errors import EngineError
from egostream.fixed_stream import Recorder, edit_all, psnr_db, read_clip, sample_clip
from egostream.frames import Rgb
from egostream.models.checkpoint import EditModel
from egostream.models.text import EncodesText
from egostream.models.tiny_codec import TinyDecoder
from engines import BackendChoice, Precision

log = logging.getLogger(__name__)

CALIBRATED: tuple[Precision, ...] = ("int8", "fp8")
# Between the same edit in two precisions. Streams through a camera's codec are themselves at 32 to 33 dB.
LIMIT_DB = 30.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """PSNR of each chunk against the same stream in bf16."""

    chunks_db: tuple[float, ...]
    limit_db: float = LIMIT_DB

    @property
    def worst_db(self) -> float:
        return min(self.chunks_db)

    @property
    def passed(self) -> bool:
        return self.worst_db >= self.limit_db

    def __str__(self) -> str:
        mean = sum(self.chunks_db) / len(self.chunks_db)
        return (
            f"worst of {len(self.chunks_db)} chunks {self.worst_db:.1f} dB against bf16 "
            f"(mean {mean:.1f}, limit {self.limit_db:.0f})"
        )


def plain_backend(device: torch.device | str) -> BackendChoice:
    """What runs the reference in bf16: on a GPU it is not worth minutes of compiling."""
    return "auto" if torch.device(device).type == "cpu" else "eager"


def judge(reference: Sequence[Sequence[Rgb]], found: Sequence[Sequence[Rgb]]) -> Verdict:
    """Chunks of frames, as `edit_all` gives them."""
    return Verdict(tuple(psnr_db(a, b) for a, b in zip(reference, found, strict=True)))


def open_calibrated(
    model: EditModel,
    *,
    engine: BackendChoice,
    precision: Precision,
    text_encoder: EncodesText,
    decoder: TinyDecoder | None = None,
    cache_dir: Path | None = None,
    device: torch.device | str = "cpu",
    clip: Path | None = None,
    force: bool = False,
    num_rows: int = 1,
    native: bool = True,
) -> tuple[Editor, Verdict]:
    """An editor in a precision that needs calibration. It edits the fixed stream of a clip (the sample), and so does
    one in bf16, whose inputs set the scales. Raises EngineError below the gate's limit, unless forced.
    """
    frames = read_clip(clip or sample_clip(), model.preset)
    log.warning(
        "calibrating %s for %s: the first time this takes a minute or more",
        model.preset.name,
        precision,
    )
    recorder = Recorder(Compiler(plain_backend(device), cache_dir=cache_dir))
    plain = Editor(
        model,
        text_encoder=text_encoder,
        decoder=decoder,
        device=device,
        compiled=recorder,
        num_rows=num_rows,
    )
    wanted = edit_all(plain, frames)
    del plain
    editor = Editor(
        model,
        precision=precision,
        text_encoder=text_encoder,
        decoder=decoder,
        device=device,
        compiled=Compiler(engine, precision, cache_dir, recorder.seen, force),
        num_rows=num_rows,
        native=native,
    )
    verdict = judge(wanted, edit_all(editor, frames))
    log.info("%s %s: %s", model.preset.name, precision, verdict)
    if not verdict.passed and not force:
        raise EngineError(
            f"{precision} changes what {model.preset.name} shows: {verdict}; another precision, or --force, runs it"
        )
    return editor, verdict
