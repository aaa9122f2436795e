"""The command `egostream build`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from egostream.model_choice import add_weights

if TYPE_CHECKING:
    from egostream.build_all import Built
    from egostream.models.checkpoint import EditModel
    from egostream.models.text import EncodesText
    from egostream.models.tiny_codec import TinyDecoder

EXAMPLES = """\
examples:
  egostream build                                        nano, as `serve` runs it
  egostream build --backend openvino onnxruntime --precision fp32 int8
  egostream build --preset wan2.1-1.3b --weights wan.safetensors --all
  egostream build --precision fp32 fp16 --export         does every network go through ONNX to TensorRT?
  egostream build --preset wan2.1-1.3b --random --all    how fast would this machine be? (no weights needed)

Engines are kept (EGOSTREAM_CACHE, else ~/.cache/egostream/engines), so that `serve` and `edit` start at once.
int8 and fp8 are calibrated on a clip and refused where any chunk of its edits looks otherwise than in bf16.
"""


def add_build(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command and its flags."""
    build = commands.add_parser(
        "build",
        help="compile a model for this machine",
        description="Build a model's engines, check them on a real stream, print their cost and speed.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_weights(build)
    build.add_argument(
        "--backend", nargs="+", default=["auto"], metavar="NAME", help="one or more engines (auto)"
    )
    build.add_argument(
        "--precision", nargs="+", default=["bf16"], metavar="NAME", help="one or more (bf16)"
    )
    build.add_argument(
        "--all", action="store_true", help="every engine and precision that this machine may run"
    )
    build.add_argument(
        "--export",
        action="store_true",
        help="instead: export every network as ONNX, check it, build it for TensorRT where that is installed\n"
        "(no GPU needed, and nothing is kept)",
    )
    build.add_argument(
        "--random", action="store_true", help="random weights and texts: for speed alone"
    )
    build.add_argument(
        "--clip", type=Path, metavar="FILE", help="calibrate and judge on this video (the sample)"
    )
    build.add_argument(
        "--force", action="store_true", help="keep engines that are not exact enough, too"
    )
    build.add_argument("--json", action="store_true", help="print JSON instead of a table")
    build.set_defaults(run=run_build)


def run_build(args: argparse.Namespace) -> int:
    """0 if at least one way works and none that was asked for by name failed."""
    from tqdm import tqdm

    from egostream.build_all import Builder, as_text, ways_for
    from egostream.loading import cache_folder, load_decoder, load_model, pick_device, random_model
    from egostream.models.presets import get_preset
    from egostream.models.text_encoders import NoiseText, text_encoder_for

    preset, device = get_preset(args.preset), pick_device(args.device)
    ways = ways_for(device, None if args.all else (args.backend, args.precision))
    model = random_model(preset, device) if args.random else load_model(preset, args.weights)
    text = NoiseText(preset) if args.random else text_encoder_for(model.preset, device)
    decoder = load_decoder(args.decoder) if args.decoder else None
    if args.export:
        return _export(args, model, text, decoder)
    print(f"egostream: the reference, {model.preset.name} in bf16 on {device}", file=sys.stderr)
    builder = Builder(
        model,
        text,
        decoder=decoder,
        cache_dir=cache_folder(),
        device=device,
        clip=args.clip,
        force=args.force,
    )
    found: list[Built] = []
    with tqdm(
        ways, unit="way", file=sys.stderr, disable=args.json and not sys.stderr.isatty()
    ) as bar:
        for backend, precision in bar:
            bar.set_description(f"{backend} {precision}")
            found.append(builder.build(backend, precision))
    print(json.dumps([b.as_dict() for b in found]) if args.json else as_text(found))
    failed = [b for b in found if b.problem is not None]
    return 1 if len(failed) == len(found) or (failed and not args.all) else 0


def _export(
    args: argparse.Namespace, model: EditModel, text: EncodesText, decoder: TinyDecoder | None
) -> int:
    from egostream.export_all import as_text, export_all
    from egostream.loading import as_precision

    def tell(what: str) -> None:
        print(f"egostream: {what}", file=sys.stderr)

    precisions = [as_precision(name) for name in args.precision]
    found = export_all(model.cpu(), text, precisions, decoder, tell)
    print(json.dumps([e.as_dict() for e in found]) if args.json else as_text(found))
    return 1 if any(e.problem is not None for e in found) else 0
