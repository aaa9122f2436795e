"""Edits every source of a bench by its instruction, through the streaming editor, into a run's folder.

An item is finished once its line stands in `items.jsonl`, which is after its video was put in place whole: a run
that was stopped goes on where it stopped. The output has the source's frames, their times and their size.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.egoedit.errors import BadRun, ItemFailed, Trouble
from bench.egoedit.journal import Journal, Line, write_json
from bench.egoedit.run_folder import ABOUT, ITEMS, VIDEOS, video_name
from bench.machine import describe_machine
from distill.datasets.read import Dataset, Edit, probe
from distill.datasets.tables import edits_table
from egostream.contract import EditorLike, Instruction, Stream
from egostream.errors import BadInstruction, EgostreamError
from egostream.file_edit import EditJob, edit_file
from egostream.loading import WEIGHTS
from egostream.models.presets import get_preset
from egostream.protocol import MAX_INSTRUCTION_CHARS

RATE_TOLERANCE = 0.01
FrameProgress = Callable[[int, int], None]
"""Called with (frames done, frames in all)."""


@dataclass(frozen=True, slots=True)
class RunSettings:
    """What decides the pixels, and `engine`, which all but does not."""

    preset: str = "nano"
    weights: Path | None = None
    seed: int = 0
    engine: str = "auto"


@dataclass(slots=True)
class RunSummary:
    """What a call of `run_bench` did. Counts are of items, those of `warnings` too; `failed` is by edit's id."""

    selected: int
    skipped: int = 0
    edited: int = 0
    frames: int = 0
    failed: dict[str, Trouble] = field(default_factory=dict)
    warnings: Counter[str] = field(default_factory=Counter)


class OnceWarm:
    """An editor that warms up once, not before every file. See `contract.EditorLike`."""

    def __init__(self, editor: EditorLike) -> None:
        self._editor = editor
        self._is_warm = False

    @property
    def name(self) -> str:
        return self._editor.name

    @property
    def frame_hw(self) -> tuple[int, int]:
        return self._editor.frame_hw

    @property
    def chunk_frames(self) -> int:
        return self._editor.chunk_frames

    def encode_instruction(self, text: str) -> Instruction:
        return self._editor.encode_instruction(text)

    def open(self, instruction: Instruction, seed: int = 0) -> Stream:
        return self._editor.open(instruction, seed)

    def warm_up(self) -> None:
        if not self._is_warm:
            self._editor.warm_up()
            self._is_warm = True


class _Heard(logging.Handler):
    """Collects what the editor warns of while it works on an item, instead of 1,700 lines on a terminal."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []
        self._logger = logging.getLogger("egostream")
        self._propagated = self._logger.propagate

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())

    def __enter__(self) -> _Heard:
        self._propagated, self._logger.propagate = self._logger.propagate, False
        self._logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)
        self._logger.propagate = self._propagated


def weights_file(settings: RunSettings) -> Path | None:
    """The weights that a run uses: the file named, else the preset's own; None for `identity`, which has none.

    Raises UnknownPreset.
    """
    if settings.preset.partition(":")[0] == "identity":
        return None
    return settings.weights or WEIGHTS / f"{get_preset(settings.preset).name}.safetensors"


def header_of(bench: Dataset, settings: RunSettings) -> Line:
    """What two runs must have in common to be one. Raises BadRun, UnknownPreset."""
    try:
        table = edits_table(bench.folder, bench.split).read_bytes()
        file = weights_file(settings)
        weights = hashlib.sha256(file.read_bytes()).hexdigest() if file else None
    except OSError as error:
        raise BadRun(f"cannot read {error.filename}: {error.strerror}") from error
    return {
        "format": 1,
        "bench_sha256": hashlib.sha256(table).hexdigest(),
        "preset": settings.preset,
        "weights_sha256": weights,
        "seed": settings.seed,
    }


def run_bench(
    bench: Dataset,
    edits: Sequence[Edit],
    out: Path,
    load: Callable[[], EditorLike],
    settings: RunSettings,
    progress: FrameProgress | None = None,
) -> RunSummary:
    """Edit the items that are not finished. Raises BadRun, and what `load` raises."""
    if out.resolve().is_relative_to(bench.folder.resolve()):
        raise BadRun(f"{out} lies in the bench itself, where outputs would be taken for sources")
    summary = RunSummary(len(edits))
    with Journal(out / ITEMS, header_of(bench, settings)) as journal:
        todo = [e for e in edits if not _is_finished(journal.entries.get(e.edit_id), out)]
        summary.skipped = len(edits) - len(todo)
        videos = out / VIDEOS
        videos.mkdir(exist_ok=True)
        for leftover in videos.glob(".*.part"):  # of a run that was killed: the journal is ours
            leftover.unlink()
        write_json(out / ABOUT, _about(bench, len(edits), settings))
        editor = OnceWarm(load()) if todo else None
        num_all, num_done = sum(e.source.num_frames for e in todo), 0
        for edit in todo:
            assert editor is not None

            def tell(done: int, _: int | None, before: int = num_done) -> None:
                if progress is not None:
                    progress(before + done, num_all)

            line = edit_item(edit, bench.folder, out, editor, settings.seed, tell)
            journal.add(line)
            num_done += edit.source.num_frames
            tell(0, None, num_done)
            _count(summary, line)
    return summary


def _is_finished(line: Line | None, out: Path) -> bool:
    return line is not None and "problem" not in line and (out / line["output"]).is_file()


def _count(summary: RunSummary, line: Line) -> None:
    if "problem" in line:
        summary.failed[line["edit_id"]] = Trouble.from_dict(line["problem"])
        return
    summary.edited += 1
    summary.frames += line["frames"]
    summary.warnings.update(set(line["warnings"]))


def _about(bench: Dataset, num_selected: int, settings: RunSettings) -> dict[str, Any]:
    return {
        "bench": str(bench.folder.resolve()),
        "rows": bench.num_rows,
        "usable_rows": len(bench.edits),
        "selected": num_selected,
        "bad_rows": [str(p) for p in bench.problems],
        "weights": settings.weights and str(settings.weights),
        "engine": settings.engine,
        "machine": describe_machine(),
    }


def edit_item(
    edit: Edit,
    bench: Path,
    out: Path,
    editor: EditorLike,
    seed: int,
    progress: Callable[[int, int | None], None] | None = None,
) -> Line:
    """Edit one source; the line for the journal, with a `problem` where there is no output."""
    line: Line = {
        "edit_id": edit.edit_id,
        "task": edit.task or "unknown",
        "sub_task": edit.sub_task,
        "instruction": edit.instruction,
        "source": edit.source.path.relative_to(bench).as_posix(),
        "output": f"{VIDEOS}/{video_name(edit.edit_id)}",
    }
    target = out / line["output"]
    try:
        text, warnings = fitting(edit.instruction)
        with _Heard() as heard:
            report = edit_file(
                EditJob(edit.source.path, target, text, seed=seed), lambda: editor, progress
            )
        _check_output(edit, target)
    except ItemFailed as failure:
        target.unlink(missing_ok=True)
        return {**line, "problem": failure.trouble.as_dict()}
    except BadInstruction as error:
        return {**line, "problem": {"kind": "bad_instruction", "detail": str(error)}}
    except EgostreamError as error:
        kind = "bad_video" if error.code == "bad_video" else "edit_failed"
        return {**line, "problem": {"kind": kind, "detail": str(error)}}
    return {
        **line,
        "frames": report.frames,
        "rate": str(edit.source.rate),
        "size": list(report.size),
        "fps_edit": report.fps_edit,
        "warnings": [*warnings, *report.warnings, *heard.messages],
    }


def fitting(instruction: str) -> tuple[str, list[str]]:
    """The instruction, cut between words where the editor takes no more, and a warning if it was."""
    folded = " ".join(instruction.split())
    if len(folded) <= MAX_INSTRUCTION_CHARS:
        return folded, []
    cut = folded[: MAX_INSTRUCTION_CHARS + 1].rpartition(" ")[0] or folded[:MAX_INSTRUCTION_CHARS]
    return cut, [
        f"the editor takes {MAX_INSTRUCTION_CHARS} characters; the instruction's end was cut"
    ]


def _check_output(edit: Edit, target: Path) -> None:
    """The judge reads source and output at the same times: they must agree. Raises ItemFailed."""
    try:
        made = probe(target)
    except ValueError as error:
        raise ItemFailed("edit_failed", f"the output cannot be read back: {error}") from error
    source = edit.source
    if made.num_frames != source.num_frames:
        counts = f"{source.num_frames} frames, the output {made.num_frames}"
        raise ItemFailed("length_mismatch", f"the source promises {counts}; is it cut off?")
    if source.rate and made.rate:
        if abs(float(made.rate / source.rate) - 1) > RATE_TOLERANCE:
            rates = f"{float(source.rate):g} fps, the output at {float(made.rate):g}"
            raise ItemFailed("rate_mismatch", f"the source runs at {rates}")
