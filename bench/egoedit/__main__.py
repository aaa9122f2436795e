"""`python -m bench.egoedit`: EgoEditBench on a preset: edit it, have it judged, score it, draw the table."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from bench.egoedit.arguments import KEY_VARIABLE, build_parser
from bench.egoedit.errors import BadJudge, Trouble
from bench.egoedit.journal import write_json
from bench.egoedit.run_folder import Run, load_run
from egostream.errors import EgostreamError

# 1 is Python's own, for a crash.
EXIT_UNUSABLE, EXIT_INCOMPLETE, EXIT_INTERRUPTED = 2, 3, 130
SHOWN = 10


def do_run(args: argparse.Namespace) -> int:
    """Edit."""
    from bench.egoedit.inference import RunSettings, run_bench
    from bench.egoedit.selection import select
    from distill.datasets.read import open_dataset
    from egostream.contract import EditorLike
    from egostream.progress import ProgressBar

    bench = open_dataset(args.bench, "bench", show_progress=not args.quiet)
    edits = select(bench.edits, args.tasks, args.limit)
    _tell_rows([str(p) for p in bench.problems])
    settings = RunSettings(args.preset, args.weights, args.seed, args.engine)

    def load() -> EditorLike:
        from egostream.loading import load_editor
        from egostream.model_choice import ModelChoice

        return load_editor(ModelChoice(args.preset, args.engine, weights=args.weights))

    with ProgressBar(is_shown=not args.quiet) as bar:
        done = run_bench(bench, edits, args.out, load, settings, bar.update)
    print(
        f"{args.out}: {done.edited} edited ({done.frames} frames), {done.skipped} done before, "
        f"{len(done.failed)} failed, of {done.selected} items; {len(bench.problems)} bad rows"
    )
    for warning, count in done.warnings.most_common(SHOWN):
        print(f"  {count} items: {warning}")
    _tell_failed(done.failed)
    return EXIT_INCOMPLETE if done.failed or bench.problems else 0


def do_judge(args: argparse.Namespace) -> int:
    """Mark."""
    from bench.egoedit.endpoint import Endpoint, Patience
    from bench.egoedit.judge import JudgeSettings, judge_run

    run = load_run(args.run, args.bench)
    settings = JudgeSettings(args.model, args.swap_red_blue, args.longest_side)
    patience = Patience(args.attempts, float(args.timeout))
    with (
        Endpoint(
            args.endpoint,
            args.model,
            read_key(args.key_file),
            patience=patience,
            max_tokens=args.max_tokens,
        ) as judge,
        _item_bar("judge", args.quiet) as tell,
    ):
        done = judge_run(run, settings, judge, concurrency=args.concurrency, progress=tell)
    print(
        f"{args.run}: {done.judged} marked, {done.skipped} marked before, {len(done.failed)} failed, "
        f"of {done.selected} items"
    )
    _tell_failed(done.failed)
    return EXIT_INCOMPLETE if done.failed else 0


def read_key(path: Path | None) -> str | None:
    """From a file, else from the environment; None if there is none. Raises BadJudge, without the key."""
    if path is None:
        key, origin = os.environ.get(KEY_VARIABLE, "").strip(), f"${KEY_VARIABLE}"
        if not key:
            return None
    else:
        origin = str(path)
        try:
            key = path.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadJudge(f"cannot read the key: {path}: {error}") from error
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise BadJudge(f"{origin} does not hold a key: one word of letters, digits and signs")
    return key


def do_score(args: argparse.Namespace) -> int:
    """Score."""
    import torch

    from bench.egoedit.learned import Where
    from bench.egoedit.score import Texts, read_captions, score_run

    run = load_run(args.run, args.bench)
    texts = read_captions(args.captions) if args.captions else None
    texts = Texts("instruction") if args.caption_from_instruction else texts
    device = args.device or ("cuda" if torch.cuda.is_available() else "cpu")
    where = Where(args.models, args.download, args.trust_code, device)
    with _item_bars(args.quiet) as bars:
        summaries, missing = score_run(run, where, texts, progress=bars)
    failed: dict[str, Trouble] = {}
    refused = {done.name: done.refused for done in summaries if done.refused}
    for done in summaries:
        if done.name in refused:
            continue
        counts = f"{done.scored} scored, {done.skipped} scored before, {len(done.failed)} failed"
        print(f"{done.name}: {counts}")
        failed |= done.failed
    for name, reason in missing.items():
        print(f"{name}: not measured: {reason}")
    for name, reason in refused.items():
        print(f"{name}: refused: {reason}", file=sys.stderr)
    _tell_failed(failed)
    if refused and len(refused) == len(summaries):
        return EXIT_UNUSABLE
    return EXIT_INCOMPLETE if failed or refused else 0


def do_report(args: argparse.Namespace) -> int:
    """Draw."""
    from bench.egoedit.chart import draw
    from bench.egoedit.markdown import markdown
    from bench.egoedit.sheet import choose, write_sheet
    from bench.egoedit.table import build_table

    run: Run = load_run(args.run, args.bench)
    table = build_table(run)
    write_json(args.run / "report.json", table.as_dict())
    text = markdown(table)
    (args.run / "report.md").write_text(text, encoding="utf-8")
    print(text)
    written = ["report.json", "report.md"]
    written += ["report.png"] * draw(args.run / "report.png", table)
    shown = write_sheet(args.run / "sheet.png", choose(run, args.per_task), table.marks)
    written += ["sheet.png"] * (shown > 0)
    print(f"wrote {', '.join(written)} in {args.run}")
    return 0


@contextmanager
def _item_bar(name: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    with _item_bars(quiet) as bars:
        yield bars(name)


@contextmanager
def _item_bars(quiet: bool) -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """A bar after the other, each made with the first item that is done."""
    open_bars: list[tqdm[None]] = []

    def new(name: str) -> Callable[[int, int], None]:
        mine: list[tqdm[None]] = []

        def tell(num_done: int, num_all: int) -> None:
            if not mine:
                mine.append(tqdm(total=num_all, desc=name, unit="item", disable=quiet))
                open_bars.append(mine[0])
            mine[0].update(num_done - mine[0].n)

        return tell

    try:
        yield new
    finally:
        for bar in open_bars:
            bar.close()


def _tell_rows(problems: Sequence[str]) -> None:
    for problem in problems[:SHOWN]:
        print(f"  {problem}", file=sys.stderr)
    if len(problems) > SHOWN:
        print(f"  and {len(problems) - SHOWN} more rows; report.json names all", file=sys.stderr)


def _tell_failed(failed: Mapping[str, Trouble]) -> None:
    for kind, count in Counter(t.kind for t in failed.values()).most_common():
        print(f"  {count} failed: {kind}", file=sys.stderr)
    for edit_id, trouble in list(failed.items())[:SHOWN]:
        print(f"    {edit_id}: {trouble.detail}", file=sys.stderr)


STEPS = {"run": do_run, "judge": do_judge, "score": do_score, "report": do_report}


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    args = build_parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        return STEPS[args.step](args)
    except (EgostreamError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_UNUSABLE
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return EXIT_INTERRUPTED


if __name__ == "__main__":
    raise SystemExit(main())
