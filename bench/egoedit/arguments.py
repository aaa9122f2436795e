"""The flags of every step, and what `--help` teaches."""

from __future__ import annotations

import argparse
from pathlib import Path

from bench.egoedit.answer import ASKS
from bench.egoedit.networks import CLIP, PICKSCORE, PICKSCORE_PROCESSOR, VICLIP
from egostream.numbers import positive

KEY_VARIABLE = "EGOEDIT_JUDGE_KEY"
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

exit codes: 0 all done, 2 nothing could be done, 3 some items or rows have no result (they are named)
"""


JUDGE_EPILOG = f"""\
examples:
  python -m bench.egoedit judge --run runs/bench --endpoint http://localhost:8000/v1 --model Qwen2.5-VL-7B
  python -m bench.egoedit judge --run runs/bench --endpoint https://api.openai.com/v1 --key-file ~/.key \\
      --model gpt-4o-2024-11-20 --swap-red-blue       the paper's judge: 3 pairs of pictures an item, 5,100 in all

The marks go to marks_MODEL.jsonl in the run's folder, one file for each model and switch. Where an answer cannot be
read the judge is asked {ASKS - 1} times more; where it is busy or fails it is waited for, longer each time, --attempts
times in all. What failed is in the report, and the same command tries it again.
"""
SCORE_EPILOG = f"""\
networks, by the folders that --models holds (or the hub's cache):
  PickScore             {PICKSCORE}, {PICKSCORE_PROCESSOR}
  text alignment        {VICLIP} (its own code: --trust-code)
  temporal consistency  {CLIP}
A folder's name is all of a network's name or what follows its slash.

The release has no target captions, which the first two need: --captions, or the instruction in their place.
"""


def build_parser() -> argparse.ArgumentParser:
    """All steps and flags."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m bench.egoedit",
        description="EgoEditBench on any preset: edit it, have it judged, score it, draw the table.",
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


def _add_judge(steps: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    judge = steps.add_parser(
        "judge",
        help="have a model mark the outputs",
        description="Have a vision-language model mark the outputs: three marks of 0 to 3 for a frame, "
        "temperature 0.",
        epilog=JUDGE_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
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


def _add_score(steps: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    score = steps.add_parser(
        "score",
        help="PickScore, text alignment, temporal consistency",
        description="Score the outputs with published networks. What is not on this machine is not measured, and "
        "the table says so.",
        epilog=SCORE_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
