"""Has a vision-language model mark the outputs of a run, frame by frame, by EditVerseBench's protocol.

Three frames of an output where three divides their number, else four (all five of five, and all of fewer than
three), each beside the source's frame of the same time; three marks of 0 to 3; an item's mark is the mean over its
frames of their totals. What fails is recorded and tried again by the next call, after what was never tried.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import re
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any, Protocol

import cv2
import numpy as np

from bench.egoedit.answer import ASKS, CRITERIA, PROMPT_VERSION, BadAnswer, again, parse, question
from bench.egoedit.endpoint import Endpoint, Message
from bench.egoedit.errors import BadJudge, ItemFailed, Trouble
from bench.egoedit.journal import Journal, Line
from bench.egoedit.moments import Moment, find_moments
from bench.egoedit.run_folder import Done, Run
from egostream.frames import Rgb

log = logging.getLogger(__name__)

JPEG_QUALITY = 95
KEPT_CHARS = 2000
NOT_ABOUT_THE_ITEM = ("judge_unreachable", "judge_error")
ItemProgress = Callable[[int, int], None]


class Asked(Protocol):
    """See `endpoint.Endpoint`."""

    def ask(self, messages: list[Message]) -> str: ...


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """What decides the marks. `swap_red_blue`: see `to_jpeg`. `longest_side` in pixels, None: as it is."""

    model: str
    swap_red_blue: bool = False
    longest_side: int | None = None

    def header(self) -> Line:
        return {
            "format": 1,
            "model": self.model,
            "swap_red_blue": self.swap_red_blue,
            "longest_side": self.longest_side,
            "jpeg_quality": JPEG_QUALITY,
            "prompt_version": PROMPT_VERSION,
        }


@dataclass(slots=True)
class JudgeSummary:
    """What a call of `judge_run` did, in items; `failed` is by edit's id."""

    selected: int
    skipped: int = 0
    judged: int = 0
    failed: dict[str, Trouble] = field(default_factory=dict)


def marks_path(run: Path, settings: JudgeSettings) -> Path:
    """`marks_MODEL.jsonl`; runs with red and blue swapped, or with smaller pictures, have files of their own."""
    name = re.sub(r"[^A-Za-z0-9.-]+", "-", settings.model).strip("-.") or "judge"
    name += "_swapped" if settings.swap_red_blue else ""
    name += f"_{settings.longest_side}px" if settings.longest_side else ""
    return run / f"marks_{name}.jsonl"


def to_jpeg(rgb: Rgb, settings: JudgeSettings) -> bytes:
    """A picture as the judge gets it.

    The published program hands RGB to a writer that takes BGR, so that its judge sees red and blue swapped in
    both pictures; `swap_red_blue` does the same, for comparison with published marks.
    """
    height, width = rgb.shape[:2]
    if settings.longest_side and max(height, width) > settings.longest_side:
        scale = settings.longest_side / max(height, width)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        rgb = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    pixels = rgb if settings.swap_red_blue else rgb[..., ::-1]
    options = [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY]
    return cv2.imencode(".jpg", np.ascontiguousarray(pixels), options)[1].tobytes()


def data_url(jpeg: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def judge_moment(
    moment: Moment, instruction: str, judge: Asked, settings: JudgeSettings
) -> dict[str, Any]:
    """The marks of one moment, and what the judge said. Raises ItemFailed, BadJudge, Stopped."""
    before, after = (data_url(to_jpeg(p, settings)) for p in (moment.source, moment.output))
    messages = question(instruction, before, after)
    asked, answer, why = messages, "", ""
    for _ in range(ASKS):
        answer = judge.ask(asked)
        try:
            marks = parse(answer)
        except BadAnswer as error:
            why = str(error)
            # A judge that said nothing is asked the same again: there is nothing to refer to.
            asked = again(messages, answer) if answer.strip() else messages
            continue
        return {
            "frame": moment.frame,
            "source_frame": moment.source_frame,
            **marks.as_dict(),
            "total": marks.total,
            "answer": answer[:KEPT_CHARS],
        }
    detail = f"frame {moment.frame}: {why}, {ASKS} times; the last answer: {answer[:200]!r}"
    raise ItemFailed("judge_no_marks", detail)


def judge_item(item: Done, judge: Asked, settings: JudgeSettings) -> Line:
    """An item's line: means over its frames, or its `problem`. Raises BadJudge, Stopped."""
    line: Line = {"edit_id": item.edit_id, "task": item.task}
    try:
        line["output_sha256"] = fingerprint(item.output)
        moments = find_moments(item.source, item.output, item.num_frames)
        frames = [judge_moment(m, item.instruction, judge, settings) for m in moments]
    except ItemFailed as failure:
        return {**line, "problem": failure.trouble.as_dict()}
    means = {name: fmean(f[name] for f in frames) for name in (*CRITERIA, "total")}
    return {**line, **means, "frames": frames}


def fingerprint(video: Path) -> str:
    """Tells whether an output is still the one that was marked. Raises ItemFailed."""
    try:
        return hashlib.sha256(video.read_bytes()).hexdigest()
    except OSError as error:
        raise ItemFailed("missing_video", f"cannot read {video}: {error.strerror}") from error


def judge_run(
    run: Run,
    settings: JudgeSettings,
    judge: Endpoint,
    *,
    concurrency: int = 4,
    give_up_after: int = 8,
    progress: ItemProgress | None = None,
) -> JudgeSummary:
    """Mark the outputs that are not marked yet, a few at a time.

    Raises BadJudge when the endpoint refuses, or fails `give_up_after` items one after another. Then and when it is
    interrupted it waits for the answers under way; what is marked by then stays. Raises BadRun where the marks'
    file cannot be used.
    """
    summary = JudgeSummary(len(run.edited))
    stop: threading.Event = judge.stop
    with Journal(marks_path(run.folder, settings), settings.header()) as journal:
        lines = journal.entries
        todo = [i for i in run.edited if not _is_marked(lines.get(i.edit_id), i)]
        # What fails every time must not keep the rest from its turn.
        todo.sort(key=lambda i: _num_failures(lines.get(i.edit_id)))
        summary.skipped = len(run.edited) - len(todo)
        failures_in_a_row = 0
        with ThreadPoolExecutor(concurrency) as pool:
            futures: list[Future[Line]] = [
                pool.submit(judge_item, item, judge, settings) for item in todo
            ]
            kept: set[Future[Line]] = set()

            def keep(future: Future[Line]) -> Line:
                line = future.result()
                if "problem" in line:
                    line["failures"] = 1 + _num_failures(lines.get(line["edit_id"]))
                journal.add(line)
                kept.add(future)
                return line

            try:
                for number, future in enumerate(as_completed(futures), 1):
                    line = keep(future)
                    kind = _count(summary, line)
                    failures_in_a_row = failures_in_a_row + 1 if kind in NOT_ABOUT_THE_ITEM else 0
                    if failures_in_a_row >= give_up_after:
                        raise BadJudge(
                            f"{failures_in_a_row} items failed one after another, the last with "
                            f"{line['problem']['detail']!r}; the same command goes on from here"
                        )
                    if progress is not None:
                        progress(number, len(todo))
            except BaseException:
                stop.set()
                if num_open := sum(f.running() for f in futures):
                    longest_s = judge.patience.timeout_s
                    log.warning("waiting for %d answers, up to %g s", num_open, longest_s)
                try:
                    pool.shutdown(cancel_futures=True)
                finally:
                    for future in futures:
                        if future not in kept and _has_line(future):
                            keep(future)
                raise
    return summary


def _is_marked(line: Line | None, item: Done) -> bool:
    if line is None or "problem" in line:
        return False
    try:
        return bool(line["output_sha256"] == fingerprint(item.output))
    except ItemFailed:
        return False


def _num_failures(line: Line | None) -> int:
    """How often in a row an item has failed."""
    return 0 if line is None or "problem" not in line else int(line.get("failures", 1))


def _has_line(future: Future[Line]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _count(summary: JudgeSummary, line: Line) -> str | None:
    if "problem" not in line:
        summary.judged += 1
        return None
    summary.failed[line["edit_id"]] = trouble = Trouble.from_dict(line["problem"])
    return trouble.kind
