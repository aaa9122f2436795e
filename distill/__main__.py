"""`python -m distill`: train the models that egostream serves."""

from __future__ import annotations

import argparse
import logging
import math
import sys
from pathlib import Path
from typing import Any

from distill.arguments import LOG_FORMAT, above_zero, not_negative, share
from distill.objective import Stage
from distill.recipe import Recipe, adjusted
from distill.recipes import STAGES
from egostream.errors import BadCheckpoint, EgostreamError
from egostream.numbers import positive

log = logging.getLogger("distill")

EPILOG = """\
example:
  python -m distill.world render --out data/world/train --clips 1000 --split train --workers 2
  python -m distill.world render --out data/world/heldout --clips 64 --split heldout --truth --workers 2
  python -m distill causal --recipe nano --data data/world --out runs/nano
  python -m distill teacher --recipe nano --data data/world --out runs/teacher --init egostream/weights/nano.safetensors
  python -m distill self-forcing --data data/world --out runs/student --teacher runs/teacher/model.safetensors
  python -m distill codec --recipe wan2.1-1.3b --out runs/tiny --teacher vae.safetensors --init taew2_1.pth

On many machines or GPUs (each process is a worker; --workers is not read):
  torchrun --nproc-per-node 8 -m distill teacher --parallel fsdp --out runs/teacher

Stopped at any moment (Ctrl-C, kill -9, power), the same command goes on from the last checkpoint. The folder
fills with
  model.safetensors           the averaged weights, for egostream and for --init
  state.pt                    what the run goes on from
  log.jsonl, tensorboard/     the figures of every step
  scores.jsonl, curves.png    held-out scores, and all figures as curves
  sheet_*.png, samples/*.mp4  held-out edits: source, truth, edit
"""


ABOUT: dict[Stage, str] = {
    "codec": "the change codec's decoder, on true edits; for Wan's latents a tiny decoder",
    "causal": "plain chunk-causal flow matching of the student",
    "teacher": "bidirectional flow matching of the many-step teacher",
    "dmd": "few steps for whole clips, by matching the teacher's distribution",
    "self-forcing": "the few-step student that streams, by matching the teacher over its own past",
}


def add_training(stages: Any, stage: Stage, about: str) -> None:
    """The command line of one stage of training."""
    parser = stages.add_parser(
        stage, help=about, epilog=EPILOG, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--recipe", choices=sorted(STAGES[stage]), default="nano")
    parser.add_argument("--data", type=Path, default=Path("data/world"), help="train/, heldout/")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder")
    parser.add_argument(
        "--workers",
        type=positive,
        help="at most so many (one a core, or one a GPU); as many start as share every batch evenly",
    )
    parser.add_argument(
        "--scale", type=above_zero, default=1.0, metavar="X", help="X times the recipe's steps (1)"
    )
    parser.add_argument(
        "--egocentric",
        type=share,
        default=1.0,
        metavar="SHARE",
        help="use this share of the first-person clips (1); those without hands are always used",
    )
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument(
        "--parallel",
        choices=("ddp", "fsdp"),
        default="ddp",
        help="each worker holds the model (ddp), or a shard of it and of its optimizer (fsdp)",
    )
    parser.add_argument(
        "--recompute",
        action="store_true",
        help="compute activations again in the backward pass: less memory, a third more work",
    )
    parser.add_argument(
        "--init",
        type=Path,
        metavar="CHECKPOINT",
        help="start from these weights (.safetensors), where there is nothing to resume;\n"
        "without it: from nothing, or from the teacher if there is one (but for a tiny decoder)",
    )
    if stage == "codec":
        parser.add_argument(
            "--teacher", type=Path, metavar="CODEC",
            help="the full codec (Wan's recipes alone): `egostream convert` made it of a published one",
        )  # fmt: skip
    if stage in ("dmd", "self-forcing"):
        parser.add_argument(
            "--teacher", type=Path, required=True, metavar="CHECKPOINT",
            help="the many-step teacher's weights (from the stage teacher); the critic starts as it",
        )  # fmt: skip
        parser.add_argument(
            "--matching", type=not_negative, metavar="WEIGHT",
            help="of the teacher's pull beside the error against the truth (the recipe's); 0: of the truth alone",
        )  # fmt: skip
    parser.add_argument(
        "--add",
        action="append",
        default=[],
        metavar="FOLDER=WEIGHT",
        help="also train on a dataset in EgoEditData's layout, or on a folder of videos and pictures\n"
        "(edits of the whole picture); the world's weight is 1; may be given again",
    )
    parser.add_argument(
        "--world", type=not_negative, default=1.0, metavar="WEIGHT",
        help="the world's weight beside what is added (1); with 0 there need be no train/",
    )  # fmt: skip


def add_plan(stages: Any) -> None:
    """The command line of the dry run."""
    parser = stages.add_parser("plan", help="what a stage would need of GPUs, without running it")
    parser.add_argument("--preset", default="wan2.1-1.3b", help="nano, wan2.1-1.3b, wan2.2-5b")
    parser.add_argument(
        "--stage",
        dest="planned",
        choices=("teacher", "causal", "dmd", "self-forcing"),
        default="teacher",
    )
    parser.add_argument("--gpus", type=positive, default=8)
    parser.add_argument("--batch", type=positive, default=8, help="over all GPUs together (8)")
    parser.add_argument("--frames", type=positive, default=81)
    parser.add_argument("--size", default="512x384", metavar="WxH")
    parser.add_argument(
        "--utilisation", type=float, default=0.4, help="share of the GPUs' peak that is used (0.4)"
    )
    parser.add_argument("--json", action="store_true", help="all figures, for programs")


def show_plan(arguments: argparse.Namespace) -> int:
    """Print the dry run's figures."""
    from distill.plan.shapes import BadPlan
    from distill.plan.table import Wanted, as_json, as_text, plan

    a = arguments
    try:
        width, _, height = a.size.partition("x")
        if not (width.isdecimal() and height.isdecimal() and 0 < a.utilisation <= 1):
            raise BadPlan("--size is WIDTHxHEIGHT, such as 512x384; --utilisation is in 0..1")
        figures = plan(
            Wanted(
                preset=a.preset,
                stage=a.planned,
                gpus=a.gpus,
                batch=a.batch,
                frames=a.frames,
                size_wh=(int(width), int(height)),
                utilisation=a.utilisation,
            )
        )
    except EgostreamError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(as_json(figures) if a.json else as_text(figures))
    return 0


def main() -> int:
    """Entry point; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m distill", epilog=EPILOG, formatter_class=argparse.RawTextHelpFormatter
    )
    stages = parser.add_subparsers(dest="stage", required=True)
    for stage, about in ABOUT.items():
        add_training(stages, stage, about)
    add_plan(stages)
    card = stages.add_parser("card", help="copy a run's weights into the package, with their card")
    card.add_argument("--recipe", choices=("nano", "polish", "smoke"), default="nano")
    card.add_argument("--data", type=Path, default=Path("data/world"))
    card.add_argument("--run", type=Path, required=True, help="the run's folder")
    card.add_argument(
        "--before", type=Path, nargs="+", default=[], metavar="RUN",
        help="the runs that it was built on, in their order (its teacher's too): their curves are shown",
    )  # fmt: skip
    card.add_argument("--to", type=Path, default=Path("egostream/weights"))
    card.add_argument("--quality", type=Path, help="scores from python -m bench.quality")
    card.add_argument(
        "--gate-bias",
        type=float,
        default=0.0,
        help="let edits show more readily where in doubt (0)",
    )
    card.add_argument("--note", default="", help="what else to say, such as what --init was")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    if arguments.stage == "plan":
        return show_plan(arguments)
    try:
        if arguments.stage == "card":
            return make_card(arguments)
        return run(arguments)
    except (EgostreamError, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def make_card(a: argparse.Namespace) -> int:
    """Copy a run's weights with their card."""
    from distill.card import ship

    recipe = STAGES["causal"][a.recipe]()
    print(ship(recipe, a.run, a.data, a.to, a.quality, a.note, a.gate_bias, a.before))
    return 0


def share_evenly(recipe: Recipe, asked: int) -> int:
    """The most workers, at most as many as asked for, that divide every phase's batch."""
    common = math.gcd(*(phase.batch for phase in recipe.phases))
    return max(n for n in range(1, max(1, min(asked, common)) + 1) if common % n == 0)


def check_shares(recipe: Recipe, world: int) -> None:
    """Raises EgostreamError for a number of workers that some batch cannot be shared by."""
    if share_evenly(recipe, world) != world:
        batches = sorted({phase.batch for phase in recipe.phases})
        raise EgostreamError(f"{world} workers cannot share batches of {batches} evenly")


def check_init(path: Path, recipe: Recipe) -> None:
    """Raises BadCheckpoint for weights that the recipe's model cannot start from."""
    from distill.made import tiny_to_start_from
    from distill.objective import Redrawing
    from distill.start import fits
    from egostream.models.checkpoint import load_checkpoint
    from egostream.models.presets import get_preset

    if isinstance(recipe.objective, Redrawing):
        tiny_to_start_from(path, recipe.objective.decoder)
    elif not fits(load_checkpoint(path).preset, get_preset(recipe.preset)):
        raise BadCheckpoint(f"{path} holds another model than preset {recipe.preset}")


def check_start(recipe: Recipe, has_start: bool) -> None:
    """Raises BadCheckpoint where the recipe's model lacks weights to start from, or its text encoder."""
    from distill.made import check_reader
    from distill.objective import Redrawing
    from egostream.models.change_codec import ChangeCodecConfig
    from egostream.models.presets import get_preset

    preset = get_preset(recipe.preset)
    learns_anew = isinstance(recipe.objective, Redrawing) or isinstance(
        preset.codec, ChangeCodecConfig
    )
    if not (has_start or learns_anew):
        raise BadCheckpoint(
            f"preset {preset.name} starts from weights that there are: --init CHECKPOINT "
            "(see `egostream convert --help`)"
        )
    check_reader(recipe.objective, preset)


def check_teacher(path: Path | None, recipe: Recipe) -> None:
    """Raises BadCheckpoint for weights that cannot teach the recipe's model, or where it lacks any."""
    from distill.objective import Matching, Redrawing
    from distill.stages import teacher_for
    from distill.tiny_loss import full_codec
    from egostream.models.presets import get_preset

    preset = get_preset(recipe.preset)
    if isinstance(recipe.objective, Redrawing):
        full_codec(preset, path)
    elif isinstance(recipe.objective, Matching):
        teacher_for(preset, path)
    elif path is not None:
        raise BadCheckpoint(f"this recipe learns from clips alone: without --teacher {path}")


def has_run(out: Path, recipe: Recipe) -> bool:
    """Whether there is a run to resume. Raises EgostreamError if it is another's, or trained just now."""
    from distill.resume import check_resumable, only_trainer, read_state
    from distill.trainer import STATE

    with only_trainer(out):
        saved = read_state(out / STATE)
    if saved is not None:
        check_resumable(saved, recipe, out)
    return saved is not None


def run(arguments: argparse.Namespace) -> int:
    """Start the workers and wait for them; or be one, if torchrun started this."""
    from distill.datasets.sources import open_sources, parse_added
    from distill.heldout import need_clips
    from distill.launch import count_of, start
    from distill.made import first_weights
    from distill.parallel import Place, launched, pick_device
    from distill.trainer import STATE, work

    for part in ("train", "heldout") if arguments.world else ("heldout",):
        if not (arguments.data / part).is_dir():
            raise EgostreamError(f"no folder {arguments.data / part}; see --help")
    need_clips(arguments.data / "heldout")

    recipe = STAGES[arguments.stage][arguments.recipe]()
    a = arguments
    matching = getattr(a, "matching", None)
    recipe = adjusted(recipe, a.scale, a.egocentric, a.recompute, a.world, matching)
    added = parse_added(arguments.add)
    teacher = getattr(arguments, "teacher", None)
    options = (recipe, arguments.data, arguments.out, arguments.init, added, teacher)
    start_at = first_weights(recipe.objective, arguments.init, teacher)
    worker = launched()
    if worker is not None:
        check_start(recipe, start_at is not None or (arguments.out / STATE).exists())
        rank, world, local = worker
        check_shares(recipe, world)
        place = Place(rank, world, pick_device(arguments.device, local), arguments.parallel)
        work(place, "env://", *options)
        return 0
    # What is wrong is told here, and once, before the workers are started.
    check_teacher(teacher, recipe)
    resumes = has_run(arguments.out, recipe)
    if resumes and arguments.init is not None:
        log.warning("%s has a run to resume; --init is ignored", arguments.out)
    elif start_at is not None and not resumes:
        check_init(start_at, recipe)
    check_start(recipe, resumes or start_at is not None)
    pairs = open_sources(arguments.data / "train", recipe.mix, added, recipe.seed, tell=True)
    for phase in recipe.phases:
        # Clips may be too short for what is asked.
        pairs.draw((recipe.seed, 0), phase.num_latents, phase.size_hw)
    kind = pick_device(arguments.device, 0).type
    asked = arguments.workers or count_of(kind)
    world = share_evenly(recipe, asked)
    log.info("%d workers of the %d asked for, on %s", world, asked, kind)
    return start(world, kind, arguments.parallel, options)


if __name__ == "__main__":
    raise SystemExit(main())
