"""The model: its weights are there, and it edits a chunk, in the process of its own that a server would run."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from egostream.contract import EditorLike
from egostream.doctor.report import Finding, fail, ok, warn
from egostream.errors import EgostreamError
from egostream.identity import IdentityEditor
from egostream.model_choice import ModelChoice

INSTRUCTION = "make it night"
CAMERA_FPS = 24.0
WARM_CHUNKS = 3
TIMED_CHUNKS = 8
READ_BYTES = 1 << 20


def is_model(choice: ModelChoice) -> bool:
    """Identity has neither weights nor a size."""
    return choice.preset.partition(":")[0] != IdentityEditor.name


def check_weights(choice: ModelChoice) -> Finding:
    """There, readable and of the right kind, without loading them; and so is what reads instructions."""
    if not is_model(choice):
        return ok("weights", f"{choice.preset} has none")
    from egostream.loading import WEIGHTS
    from egostream.models.presets import get_preset
    from egostream.models.text_encoders import check_text_encoder

    try:
        preset = get_preset(choice.preset)
        path = choice.weights or WEIGHTS / f"{preset.name}.safetensors"
        if not path.exists():
            way_out = (
                "name a checkpoint, or a pipeline's folder, that is there"
                if choice.weights
                else "name yours with --weights: this preset comes without, or the installation is broken"
            )
            return fail("weights", f"no weights at {path}", way_out)
        size = _readable_bytes(path)
        check_text_encoder(preset)
    except EgostreamError as error:
        return fail("weights", str(error), "see `egostream presets`, and docs/operations.md")
    except OSError as error:
        return fail(
            "weights",
            f"{error.filename}: {error.strerror}",
            "name files that are there, and readable to this user",
        )
    return ok("weights", f"{path.name}, {size / 2**20:.0f} MB, and its text encoder")


def _readable_bytes(path: Path) -> int:
    """The size of a file or a folder's weights. Raises OSError where one cannot be read."""
    files = sorted(path.rglob("*.safetensors")) if path.is_dir() else [path]
    for file in files:
        with file.open("rb") as opened:
            opened.read(READ_BYTES)
    if not files:
        raise FileNotFoundError(errno.ENOENT, "no .safetensors file in it", str(path))
    return sum(file.stat().st_size for file in files)


@dataclass(frozen=True, slots=True)
class Trial:
    """What loading an editor and editing with it took."""

    name: str
    frame_hw: tuple[int, int]
    load_s: float
    chunk_s: float
    chunk_frames: int

    @property
    def fps(self) -> float:
        return self.chunk_frames / max(1e-6, self.chunk_s)


def check_edit(choice: ModelChoice) -> Finding:
    """Loads the model and times its chunks. Takes seconds, and the memory of a server."""
    from egostream.server.editors import build_editor
    from egostream.server.settings import ServerSettings

    settings = ServerSettings(**{n: getattr(choice, n) for n in ModelChoice.__dataclass_fields__})
    try:
        trial = try_editor(partial(build_editor, settings))
    except EgostreamError as error:
        return fail("edit", str(error), "the server would end for this too: mend it first")
    text = (
        f"{trial.name} loaded in {trial.load_s:.1f} s; a chunk of {trial.chunk_frames} takes "
        f"{trial.chunk_s * 1e3:.0f} ms: {trial.fps:.0f} fps"
    )
    if trial.fps < CAMERA_FPS:
        return warn(
            "edit",
            text,
            f"a camera of {CAMERA_FPS:.0f} fps will lose frames: fewer --steps, another --engine, "
            "or a faster machine",
        )
    return ok("edit", text)


def try_editor(build: Callable[[], EditorLike]) -> Trial:
    """The editor that `build` makes, in a process of its own, over some chunks. Raises EgostreamError."""
    import numpy as np

    from egostream.frames import Frame
    from egostream.server import logs
    from egostream.worker.remote import RemoteEditor

    editor = RemoteEditor(build, partial(logs.configure, "critical"))
    start = time.monotonic()
    try:
        editor.warm_up()
        load_s = time.monotonic() - start
        stream = editor.open(editor.encode_instruction(INSTRUCTION))
        height, width = editor.frame_hw
        rng, pts, times_s = np.random.default_rng(0), 0, []
        for _ in range(WARM_CHUNKS + TIMED_CHUNKS):
            rgb = rng.integers(0, 255, (stream.num_frames_wanted, height, width, 3), np.uint8)
            frames = [Frame(picture, pts + at) for at, picture in enumerate(rgb)]
            pts += len(frames)
            began = time.monotonic()
            stream.generate(frames)
            times_s.append(time.monotonic() - began)
        stream.close()
        chunk_s = sorted(times_s[WARM_CHUNKS:])[TIMED_CHUNKS // 2]
        return Trial(editor.name, editor.frame_hw, load_s, chunk_s, editor.chunk_frames)
    finally:
        editor.close()
