"""Scores the outputs of a run with published networks, and writes down plainly what could not be measured and why."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bench.egoedit.errors import BadCaptions, BadRun, ItemFailed, Trouble
from bench.egoedit.journal import Journal, Line, write_json
from bench.egoedit.judge import fingerprint
from bench.egoedit.learned import MEASURES, Measure, ModelMissing, Score, Where
from bench.egoedit.moments import read_all
from bench.egoedit.run_folder import Done, Run

NOT_MEASURED = "not_measured.json"
NO_CAPTIONS = (
    "the release has no target captions; give them with --captions, or use the instruction in their "
    "place with --caption-from-instruction"
)
ItemProgress = Callable[[int, int], None]
TextFrom = Literal["caption", "instruction"]


@dataclass(frozen=True, slots=True)
class Texts:
    """What outputs are compared with: captions of the wanted result, or the instructions in their place."""

    origin: TextFrom
    captions: Mapping[str, str] = field(default_factory=dict)
    sha256: str | None = None

    def of(self, item: Done) -> str:
        """Raises ItemFailed."""
        if self.origin == "instruction":
            return item.instruction
        found = self.captions.get(item.edit_id)
        if not found:
            raise ItemFailed("no_caption", "the captions have none for this item")
        return found


@dataclass(slots=True)
class ScoreSummary:
    """What a call of `score_run` did, for one measure, in items; `failed` is by edit's id.

    `refused` says why the measure's file could not be used; then nothing was done.
    """

    name: str
    scored: int = 0
    skipped: int = 0
    failed: dict[str, Trouble] = field(default_factory=dict)
    refused: str | None = None


def read_captions(path: Path) -> Texts:
    """A JSON object, edit id to caption. Raises BadCaptions."""
    try:
        raw = path.read_bytes()
        captions = json.loads(raw)
    except (OSError, ValueError) as error:
        raise BadCaptions(f"{path} cannot be read as JSON: {error}") from error
    is_good = isinstance(captions, dict) and all(
        isinstance(v, str) and v.strip() for v in captions.values()
    )
    if not is_good or not captions:
        raise BadCaptions(f'{path} must be an object {{"edit id": "caption", ...}}, none empty')
    return Texts("caption", captions, hashlib.sha256(raw).hexdigest())


def column_name(measure: Measure, texts: Texts | None) -> str:
    """Names what was compared: a score against instructions is another column than one against captions."""
    is_stand_in = measure.needs_caption and texts is not None and texts.origin == "instruction"
    return f"{measure.key}_of_instruction" if is_stand_in else measure.key


def scores_path(run: Path, column: str) -> Path:
    return run / f"scores_{column}.jsonl"


def score_run(
    run: Run,
    where: Where,
    texts: Texts | None,
    wanted: Sequence[Measure] = MEASURES,
    progress: Callable[[str], ItemProgress] | None = None,
) -> tuple[list[ScoreSummary], dict[str, str]]:
    """Measure what can be measured; (what was, why the rest was not by column).

    A measure whose file cannot be used does not keep the others from theirs. The reasons are kept in the run's
    folder too, where `report` finds them.
    """
    summaries: list[ScoreSummary] = []
    path = run.folder / NOT_MEASURED
    missing: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    try:
        for measure in wanted:
            column = column_name(measure, texts)
            missing.pop(column, None)
            if measure.needs_caption and texts is None:
                missing[column] = NO_CAPTIONS
                continue
            tell = progress(measure.title) if progress is not None else None
            try:
                summaries.append(_score_one(run, where, measure, texts, tell))
            except BadRun as error:
                summaries.append(ScoreSummary(column, refused=str(error)))
            except ModelMissing as error:
                missing[column] = str(error)
    finally:
        write_json(path, missing)
    return summaries, missing


def _score_one(
    run: Run, where: Where, measure: Measure, texts: Texts | None, progress: ItemProgress | None
) -> ScoreSummary:
    """Raises BadRun, before a network of gigabytes is loaded; ModelMissing."""
    column = column_name(measure, texts)
    header: Line = {"format": 1, "measure": measure.key, "model": measure.model}
    if measure.needs_caption and texts is not None:
        header |= {"text": texts.origin, "captions_sha256": texts.sha256}
    with Journal(scores_path(run.folder, column), header) as journal:
        try:
            score = measure.load(where)
            return _score_items(run, journal, column, measure, score, texts, progress)
        finally:
            journal.drop_empty()


def _score_items(
    run: Run,
    journal: Journal,
    column: str,
    measure: Measure,
    score: Score,
    texts: Texts | None,
    progress: ItemProgress | None,
) -> ScoreSummary:
    summary = ScoreSummary(column)
    for number, item in enumerate(run.edited, 1):
        line: Line = {"edit_id": item.edit_id, "task": item.task}
        try:
            line["output_sha256"] = fingerprint(item.output)
            before = journal.entries.get(item.edit_id, {})
            if "score" in before and before["output_sha256"] == line["output_sha256"]:
                summary.skipped += 1
                continue
            text = texts.of(item) if measure.needs_caption and texts is not None else ""
            line["score"] = score(read_all(item.output), text)
            summary.scored += 1
        except ItemFailed as failure:
            line["problem"] = failure.trouble.as_dict()
            summary.failed[item.edit_id] = failure.trouble
        journal.add(line)
        if progress is not None:
            progress(number, len(run.edited))
    return summary
