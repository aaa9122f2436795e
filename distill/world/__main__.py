"""Command line of the procedural world: ``python -m distill.world render|sheet|kinds``."""

from __future__ import annotations

import argparse
import logging
import sys
from functools import partial
from pathlib import Path

from distill.world.clips import OldClip, OtherClip

RENDER_HELP = """\
Renders layered clips: one scene each, 13 frames at 24 fps, 256x192, about 14 MB a clip.

A clip is clip_000123.npy, uint8 (frames, height, width, 22): every object white (3), every
object black (3), object ids (1); the same with the target hidden; the same with one thing
changed (the target another thing or of another material, another place, another eye); and how
near everything is (1). From these, distill.world.compose makes sources and targets exactly.
Beside it, clip_000123.json says what is in the scene.

Clips that are there are skipped, so an interrupted run goes on where it stopped, and a larger
--clips adds to a folder. The same --seed and --split give the same pixels on the same
rasteriser. The held-out split has its own seeds and some textures training never sees.

--truth adds clip_000123.truth.npz, 2 to 3 MB: depth, camera, optical flow, occlusion and hand
joints, exact, with the target and without it (distill.world.truth says how). The pixels stay the
same. Clips of the folder that have no truth are rendered again.

  python -m distill.world render --out data/world/train --clips 1000 --workers 2
  python -m distill.world render --out data/world/heldout --clips 64 --split heldout --truth
  python -m distill.world render --out data/world/train --clips 1000 --workers 2 --truth

Scenes draw from all kinds of thing there are, with --catalogue basic from seventeen.

Needs the `world` extra and a headless GL: MUJOCO_GL=egl (the default here) or osmesa.
"""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m distill.world", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    raw = argparse.RawDescriptionHelpFormatter
    render = commands.add_parser(
        "render",
        help="render layered clips into a folder",
        description=RENDER_HELP,
        formatter_class=raw,
    )
    render.add_argument("--out", type=Path, required=True, help="folder, made if missing")
    render.add_argument("--clips", type=int, required=True, help="how many the folder shall hold")
    render.add_argument("--split", choices=("train", "heldout"), default="train")
    render.add_argument("--workers", type=int, default=1, help="processes, one core each (1)")
    render.add_argument("--seed", type=int, default=0, help="base seed: another base, other scenes")
    render.add_argument("--frames", type=int, default=13, help="frames a clip (13)")
    render.add_argument("--size", default="256x192", help="WIDTHxHEIGHT (256x192)")
    render.add_argument("--truth", action="store_true", help="depth, flow, camera, hands as well")
    render.add_argument(
        "--catalogue", choices=("basic", "full"), default="full", help="kinds of things (full)"
    )
    sheet = commands.add_parser("sheet", help="a contact sheet: source, recoloured, removed, ids")
    sheet.add_argument("--data", type=Path, required=True, help="folder of clips")
    sheet.add_argument("--out", type=Path, required=True, help="picture to write (.png)")
    sheet.add_argument("--clips", type=int, default=12, help="rows (12)")
    kind = sheet.add_mutually_exclusive_group()
    kind.add_argument("--truth", action="store_true", help="depth, flow, occlusion, ids, joints")
    kind.add_argument("--camera", type=int, metavar="SEED", help="as a head camera sees it")
    kinds = commands.add_parser("kinds", help="a picture of every kind of thing with its name")
    kinds.add_argument("--out", type=Path, required=True, help="picture to write (.png)")
    kinds.add_argument("--catalogue", choices=("basic", "full"), default="full")
    kinds.add_argument("--seed", type=int, default=0, help="another seed, other examples")
    kinds.add_argument("--only", nargs="*", default=(), help="these kinds alone")
    kinds.add_argument("--size", type=int, default=96, help="side of a picture in pixels (96)")
    return parser


def _render(args: argparse.Namespace) -> None:
    from tqdm import tqdm

    from distill.world.produce import plan, produce
    from distill.world.render import RenderConfig

    width, height = (int(v) for v in args.size.split("x"))
    config = RenderConfig(args.frames, height, width, catalogue=args.catalogue)
    jobs = plan(args.out, args.clips, args.split, args.seed, config, args.truth)
    done = args.clips - len(jobs)
    with tqdm(total=args.clips, initial=done, unit="clip", mininterval=1.0) as bar:
        for _ in produce(jobs, args.workers):
            bar.update()
    print(f"{args.out}: {args.clips} clips, {len(jobs)} of them new")


def _sheet(args: argparse.Namespace) -> None:
    from distill.world.sheet import contact_row, write_sheet
    from distill.world.truth_sheet import camera_row, truth_row

    row = truth_row if args.truth else contact_row
    if args.camera is not None:
        row = partial(camera_row, seed=args.camera)
    print(f"{args.out}: {write_sheet(args.data, args.out, args.clips, row)} clips")


def main(argv: list[str] | None = None) -> int:
    args = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        _run(args)
    except (OldClip, OtherClip, FileNotFoundError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _run(args: argparse.Namespace) -> None:
    if args.command == "render":
        _render(args)
    elif args.command == "kinds":
        from distill.world.kinds import write_kinds
        from distill.world.objects import CATALOGUES

        chosen = tuple(args.only) or CATALOGUES[args.catalogue]
        write_kinds(args.out, chosen, args.seed, args.size)
        print(f"{args.out}: {len(chosen)} kinds")
    else:
        _sheet(args)


if __name__ == "__main__":
    sys.exit(main())
