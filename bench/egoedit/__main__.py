"""`python -m bench.egoedit`: EgoEditBench on any preset: edit it, have it judged, score it, draw the table."""

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

from bench.egoedit.errors import BadJudge, Trouble
from bench.egoedit.journal import write_json
from bench.egoedit.run_folder import Run, load_run
from bench.quality import positive
from egostream.errors import EgostreamError

EXIT_INCOMPLETE, EXIT_UNUSABLE, EXIT_INTERRUPTED = 1, 2, 130
KEY_VARIABLE = "EGOEDIT_JUDGE_KEY"
SHOWN = 10
EPILOG = f"""\
in order:
  python -m bench.egoedit run --bench ~/EgoEditBench --out runs/bench
  python -m bench.egoedit judge --run runs/bench --endpoint http://localhost:8000/v1 --model Qwen2.5-VL-7B
  python -m bench.egoedit score --run runs/bench --models ~/models
  python -m bench.egoedit report --run runs/bench

The bench is a folder with annotation/egoeditbench_data_table.csv, annotation/egoeditbench_edits_table.csv and the
videos anywhere below. Every step may be stopped with Ctrl-C and goes on where it stopped; what failed is tried again.
A first look: run with --limit 15, which takes one item of each task. The judge's key is read from --key-file, or
from {KEY_VARIABLE}; a server of one's own mostly needs none.

exit codes: 0 all done, 1 some items or rows have no result (they are named), 2 nothing could be done
"""


def build_parser() -> argparse.ArgumentParser:
    """All steps and flags."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m bench.egoedit",
        description=(__doc__ or "").partition(": ")[2],
        epilog=EPILOG,
        formatter_class=raw,
    )
    steps = parser.add_subparsers(dest="step", metavar="STEP", required=True)
    _add_run(steps)
    _add_judge(steps)
    _add_score(steps)
    report = steps.add_parser(
        "report",
        help="draw the table",
        description="Write report.json, report.md, report.png and sheet.png into the run's folder.",
    )
    _add_folder(report)
    report.add_argument(
        "--per-task", type=positive, default=2, metavar="N", help="items of a task on the sheet (2)"
    )
    report.set_defaults(do=do_report)
    return parser


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--run", type=Path, required=True, metavar="FOLDER", help="what `run` wrote"
    )
    parser.add_argument(
        "--bench", type=Path, metavar="FOLDER", help="where the bench is now, if it was moved"
    )
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def _add_run(steps: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    run = steps.add_parser(
        "run",
        help="edit every source",
        description="Edit every source of the bench by its instruction, through the streaming editor. An output "
        "has the frames, times and size of its source.",
    )
    run.add_argument("--bench", type=Path, required=True, metavar="FOLDER", help="the release")
    run.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="made if missing")
    run.add_argument("--preset", default="nano", help="see `egostream presets` (nano)")
    run.add_argument("--weights", type=Path, metavar="FILE", help="(the preset's own)")
    run.add_argument("--engine", default="auto", help="auto, eager, openvino (auto)")
    run.add_argument("--seed", type=int, default=0, metavar="N", help="(0)")
    run.add_argument(
        "--tasks", nargs="+", default=[], metavar="TASK", help='such as "Add Object" (all)'
    )
    run.add_argument(
        "--limit", type=positive, metavar="N", help="at most N items, spread over the tasks"
    )
    run.add_argument("--quiet", action="store_true", help="no progress bar")
    run.set_defaults(do=do_run)


def _add_judge(steps: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    judge = steps.add_parser(
        "judge",
        help="have a model mark the outputs",
        description="Have a vision-language model mark the outputs: three marks of 0 to 3 for a frame, "
        "temperature 0. The paper's judge is gpt-4o-2024-11-20, with --swap-red-blue.",
    )
    _add_folder(judge)
    judge.add_argument(
        "--endpoint", required=True, metavar="URL", help="OpenAI-compatible, mostly ends in /v1"
    )
    judge.add_argument("--model", required=True, metavar="NAME", help="as the endpoint calls it")
    judge.add_argument("--key-file", type=Path, metavar="FILE", help=f"(${KEY_VARIABLE})")
    judge.add_argument(
        "--swap-red-blue",
        action="store_true",
        help="swap the colours as the published program does, to compare with published marks",
    )
    judge.add_argument(
        "--longest-side",
        type=positive,
        metavar="PIXELS",
        help="send smaller pictures (as they are)",
    )
    judge.add_argument("--concurrency", type=positive, default=4, metavar="N", help="items (4)")
    judge.add_argument(
        "--attempts", type=positive, default=5, metavar="N", help="tries of a question (5)"
    )
    judge.add_argument(
        "--timeout", type=positive, default=120, metavar="SECONDS", help="of one answer (120)"
    )
    judge.add_argument("--max-tokens", type=positive, metavar="N", help="of one answer (its own)")
    judge.set_defaults(do=do_judge)


def _add_score(steps: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    score = steps.add_parser(
        "score",
        help="PickScore, text alignment, temporal consistency",
        description="Score the outputs with published networks. What is not on this machine is not measured, and "
        "the table says so. The release has no target captions: two of the three need --captions.",
    )
    _add_folder(score)
    score.add_argument(
        "--models", type=Path, metavar="FOLDER", help="with a folder a network (the hub's cache)"
    )
    score.add_argument("--download", action="store_true", help="fetch what is missing (gigabytes)")
    score.add_argument(
        "--trust-code", action="store_true", help="run the code that comes with ViCLIP's weights"
    )
    texts = score.add_mutually_exclusive_group()
    texts.add_argument("--captions", type=Path, metavar="JSON", help='{"edit id": "caption"}')
    texts.add_argument(
        "--caption-from-instruction",
        action="store_true",
        help="the instruction in place of the caption; such columns say so in their name",
    )
    score.add_argument("--device", metavar="NAME", help="cpu, cuda (cuda where there is one)")
    score.set_defaults(do=do_score)


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
        from egostream.editor import load_editor

        return load_editor(args.preset, engine=args.engine, weights=args.weights)

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
    for done in summaries:
        counts = f"{done.scored} scored, {done.skipped} scored before, {len(done.failed)} failed"
        print(f"{done.name}: {counts}")
        failed |= done.failed
    for name, reason in missing.items():
        print(f"{name}: not measured: {reason}")
    _tell_failed(failed)
    return EXIT_INCOMPLETE if failed else 0


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


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit code."""
    args = build_parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        return int(args.do(args))
    except EgostreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return EXIT_UNUSABLE
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return EXIT_INTERRUPTED


if __name__ == "__main__":
    raise SystemExit(main())
