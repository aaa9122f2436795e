"""The `egostream` command. Whatever is heavy is imported by the sub-command that needs it."""

from __future__ import annotations

import argparse
import json
import logging
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from egostream.build_command import add_build
from egostream.doctor.command import add_doctor
from egostream.errors import EgostreamError
from egostream.model_choice import ModelChoice, add_model, add_native, chosen
from egostream.numbers import positive
from egostream.operations_flags import add_operations
from egostream.recording.flags import add_recording, chosen_recording
from egostream.scale.flags import add_scale, check_scale
from egostream.security_command import add_security, add_token, security_flags

if TYPE_CHECKING:
    from egostream.contract import EditorLike
    from egostream.file_edit import EditReport

EXIT_BAD_INPUT = 2
EXIT_DIFFERENT = 1
EXIT_INTERRUPTED = 130
LOG_LEVELS = ("debug", "info", "warning", "error")

_MAIN_EXAMPLES = """\
examples:
  egostream serve                                  start the server, then open the printed address
  egostream edit in.mp4 out.mp4 --instruct "turn it into a pencil sketch"
  egostream presets                                list the models
  egostream doctor                                 is this machine fit for a session?

`egostream COMMAND --help` tells more about each command.
"""

_EDIT_EXAMPLES = """\
examples:
  egostream edit cup.mp4 night.mp4 --instruct "make it night"
  egostream edit cup.mp4 red.mp4 --instruct "make the cup red" --side-by-side
  egostream edit cup.mp4 snow.webm --instruct "let it snow" --start 2 --seconds 3
  egostream edit cup.mp4 sketch.mkv --instruct "pencil sketch" --json > sketch.json

The output keeps the input's frames, timestamps and sound. Its extension decides the format: .mp4,
.m4v, .mov and .mkv (H.264), .webm (VP9). It is written beside its final place and moved there when
complete, so an error or Ctrl-C leaves an older file untouched.
"""

_SERVE_EXAMPLES = """\
examples:
  egostream serve
  egostream serve --port 9000 --max-sessions 4
  egostream serve --host 0.0.0.0 --ice-server stun:stun.example.org:3478
  egostream serve --preset identity                no model: how fast is the transport alone?
  egostream serve --log-format json                one JSON object a line, for a log collector
  egostream serve --record-dir films --record both --record-limit-gb 20

A browser gives a page its camera only on localhost or over https. Stop the server with Ctrl-C.
"""


_CONVERT_EXAMPLES = """\
examples:
  egostream convert Wan2.1-T2V-1.3B-Diffusers wan.safetensors      for --init of `python -m distill`
  egostream convert Wan2.1-T2V-1.3B-Diffusers/vae vae.safetensors --check
  egostream convert self_forcing_dmd.pt wan.safetensors --codec Wan2.1_VAE.pth
  egostream convert taew2_1.pth tiny.safetensors      a tiny decoder of Wan 2.1's latents, for --decoder

Files of PyTorch are read without running the code that they may hold.
"""


def build_parser() -> argparse.ArgumentParser:
    """All commands and flags, in one place."""
    parser = argparse.ArgumentParser(
        prog="egostream",
        description="Edit first-person video by instruction: live over WebRTC, or in a file.",
        epilog=_MAIN_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_edit(commands)
    _add_serve(commands)
    presets = commands.add_parser(
        "presets", help="list the models", description="List the models that --preset takes."
    )
    presets.add_argument("--json", action="store_true", help="print a JSON list instead")
    presets.set_defaults(run=_run_presets)
    add_build(commands)
    add_token(commands)
    add_doctor(commands)
    _add_convert(commands)
    return parser


def _add_edit(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    edit = commands.add_parser(
        "edit",
        help="edit a video file",
        description="Edit a video file by instruction.",
        epilog=_EDIT_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    edit.add_argument("source", metavar="IN", type=Path, help="the video to edit")
    edit.add_argument("target", metavar="OUT", type=Path, help="where to write the edited video")
    edit.add_argument(
        "--instruct", required=True, metavar="TEXT", help='what to change, e.g. "make it night"'
    )
    add_model(edit)
    add_native(edit)
    _add_seed(edit)
    edit.add_argument(
        "--start", type=float, default=0.0, metavar="S", help="begin at second S (default 0)"
    )
    edit.add_argument(
        "--seconds", type=float, metavar="S", help="edit S seconds (default: to the end)"
    )
    edit.add_argument(
        "--side-by-side", action="store_true", help="the source on the left, the edit on the right"
    )
    edit.add_argument(
        "--json", action="store_true", help="print one JSON object on stdout and nothing else"
    )
    edit.add_argument("--quiet", action="store_true", help="no progress bar")
    edit.set_defaults(run=_run_edit)


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    serve = commands.add_parser(
        "serve",
        help="serve the live page",
        description="Serve live editing: a page, and the WebRTC endpoint behind it.",
        epilog=_SERVE_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    serve.add_argument("--port", type=_port, default=8080, help="port to listen on (8080)")
    add_model(serve)
    add_native(serve)
    _add_seed(serve)
    serve.add_argument(
        "--max-sessions",
        type=positive,
        metavar="N",
        help="how many may edit at once; further ones are told the server is busy (2, or --batch)",
    )
    serve.add_argument(
        "--batch",
        type=positive,
        default=1,
        metavar="N",
        help="edit up to N sessions in one pass of the model, which pays on a GPU; their memory is "
        "taken at the start (1)",
    )
    serve.add_argument(
        "--queue",
        type=int,
        default=4,
        metavar="N",
        help="how many more may wait for a place, and see their position (4)",
    )
    serve.add_argument(
        "--max-session",
        type=float,
        default=0,
        metavar="MINUTES",
        help="end a session after so long, so that others get their turn (0: never)",
    )
    serve.add_argument(
        "--drain-timeout",
        type=float,
        default=30,
        metavar="S",
        help="on SIGTERM sessions may go on for so long; a second signal ends them (30)",
    )
    serve.add_argument(
        "--in-process",
        action="store_true",
        help="run the model in the server's own process, for debugging: whatever breaks it ends all",
    )
    serve.add_argument(
        "--ice-server",
        action="append",
        default=[],
        metavar="URL",
        help="a STUN or TURN server, for clients behind NAT; may be given again (none)",
    )
    add_recording(serve)
    serve.add_argument(
        "--turn",
        action="append",
        default=[],
        metavar="URL",
        help="a TURN server that clients are told of, such as turn:host:3478; may be given again",
    )
    serve.add_argument(
        "--turn-secret-file",
        type=Path,
        metavar="FILE",
        help="the secret shared with it (coturn: static-auth-secret): clients get passwords that "
        "are good for five minutes",
    )
    serve.add_argument(
        "--udp-ports",
        metavar="A-B",
        help="the ports that media may use, such as 50000-50100, for a firewall (any)",
    )
    serve.add_argument("--log-level", choices=LOG_LEVELS, default="info", help="(info)")
    add_operations(serve)
    add_security(serve)
    add_scale(serve)
    serve.set_defaults(run=_run_serve)


def _add_convert(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    convert = commands.add_parser(
        "convert",
        help="read published Wan weights",
        description="Published Wan networks into egostream's files: one component, or a pipeline for training.",
        epilog=_CONVERT_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    convert.add_argument(
        "source",
        type=Path,
        metavar="SRC",
        help="a component's folder as diffusers saves it (transformer, vae), Wan's own file, a pipeline's folder, or a "
        "published tiny decoder",
    )
    convert.add_argument(
        "target", type=Path, metavar="DST", help="a .safetensors file, or a folder for one"
    )
    convert.add_argument(
        "--codec",
        type=Path,
        metavar="FILE",
        help="with this codec a transformer becomes a whole model",
    )
    convert.add_argument(
        "--check",
        action="store_true",
        help="compare with diffusers on random inputs first, and print JSON with max_abs_diff",
    )
    convert.set_defaults(run=_run_convert)


def _add_seed(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="same seed, same output (0)"
    )


def _port(text: str) -> int:
    port = int(text) if text.isdecimal() else -1
    if not 0 < port < 2**16:
        raise argparse.ArgumentTypeError(f"a port is a number from 1 to 65535, not {text!r}")
    return port


def _run_edit(args: argparse.Namespace) -> int:
    from egostream.file_edit import EditJob, edit_file
    from egostream.progress import ProgressBar

    def load() -> EditorLike:
        from egostream.loading import load_editor

        return load_editor(ModelChoice(**chosen(args)))

    job = EditJob(
        source=args.source,
        target=args.target,
        instruction=args.instruct,
        seed=args.seed,
        start_s=args.start,
        seconds=args.seconds,
        side_by_side=args.side_by_side,
    )
    with _polite_kill(), ProgressBar(is_shown=not args.quiet) as bar:
        report = edit_file(job, load, bar.update)
    for warning in report.warnings:
        print(f"egostream: warning: {warning}", file=sys.stderr)
    print(json.dumps(report.as_dict()) if args.json else _summary(report))
    return 0


@contextmanager
def _polite_kill() -> Iterator[None]:
    """SIGTERM cleans up as Ctrl-C does."""

    def interrupt(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _summary(report: EditReport) -> str:
    width, height = report.size
    return (
        f"{report.output}: {report.frames} frames, {width}×{height}\n"
        f"  edit {report.fps_edit:.1f} fps, in all {report.fps_total:.1f} fps"
        f" (the model loaded in {report.load_s:.1f} s)\n"
        f"  first frame after {report.first_frame_ms:.0f} ms;"
        f" a chunk takes {report.chunk_ms_p50:.0f} ms (p95 {report.chunk_ms_p95:.0f} ms)"
    )


def _run_serve(args: argparse.Namespace) -> int:
    from egostream.announce import announce_when_ready
    from egostream.rtc.ports import PortRange
    from egostream.server.app import run
    from egostream.server.security import security_of
    from egostream.server.settings import ServerSettings

    check_scale(args)
    max_sessions = args.max_sessions or max(2, args.batch)
    if 1 < args.batch < max_sessions:
        raise EgostreamError(
            f"{max_sessions} sessions do not fit a batch of {args.batch}: make --batch larger"
        )
    settings = ServerSettings(
        **chosen(args),
        **security_flags(args),
        host=args.host,
        port=args.port,
        max_sessions=max_sessions,
        in_process=args.in_process,
        queue=max(0, args.queue),
        max_session_s=60 * max(0.0, args.max_session),
        drain_timeout_s=max(0.0, args.drain_timeout),
        ice_servers=tuple(args.ice_server),
        seed=args.seed,
        log_level=args.log_level,
        turn=tuple(args.turn),
        turn_secret=args.turn_secret_file,
        udp_ports=PortRange.parse(args.udp_ports) if args.udp_ports else None,
        log_format=args.log_format,
        metrics_port=args.metrics_port,
        recording=chosen_recording(args),
    )
    security = security_of(settings)
    if (
        args.log_format == "text"
    ):  # the address holds a token, and collectors read all that is printed
        announce_when_ready(settings, security)
    if args.ray:
        from egostream.scale.serving import run_on_ray

        run_on_ray(settings, security, args.replicas, args.ray_address)
    else:
        run(settings, security)
    return 0


def _run_convert(args: argparse.Namespace) -> int:
    from egostream.convert import convert

    if args.check:
        from egostream.parity import check

        found = check(args.source)
        print(json.dumps(found))
        if not found["equal"]:
            print(
                f"egostream: {args.source} gives other numbers here than in diffusers; not converted",
                file=sys.stderr,
            )
            return EXIT_DIFFERENT
    print(convert(args.source, args.target, args.codec), file=sys.stderr)
    return 0


def _run_presets(args: argparse.Namespace) -> int:
    from egostream.preset_list import list_presets

    rows = list_presets()
    if args.json:
        print(json.dumps([row.as_dict() for row in rows]))
        return 0
    print(f"{'name':<12} {'picture':>9} {'chunk':>6} {'steps':>6}  what it does")
    for row in rows:
        picture = f"{row.size[0]}×{row.size[1]}"
        print(f"{row.name:<12} {picture:>9} {row.chunk_frames:>6} {row.num_steps:>6}  {row.about}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """The console script: an exit code, never a traceback for bad input."""
    args = build_parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="egostream: %(levelname)s: %(message)s")
    try:
        return int(args.run(args))
    except EgostreamError as error:
        print(f"egostream: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except KeyboardInterrupt:
        print("egostream: interrupted; nothing was left half-written", file=sys.stderr)
        return EXIT_INTERRUPTED
