"""The command `egostream doctor`."""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from egostream.doctor.report import Check, Finding, as_json, examine, line, verdict
from egostream.model_choice import ModelChoice, add_model, chosen
from egostream.operations_flags import METRICS_PORT, port_or_none

EXIT_UNFIT = 1

EXAMPLES = """\
examples:
  egostream doctor                                 everything, with a real edit by the shipped model
  egostream doctor --quick --port 9000             without the edit: a second or two
  egostream doctor --preset wan2.1-1.3b --weights wan.safetensors
  egostream doctor --turn turn:turn.example.org:3478 --turn-secret-file secret
  egostream doctor --host 0.0.0.0 --cert server.pem --key server.key --token-secret secret
  egostream doctor --json | jq '.findings[] | select(.status != "ok")'

Each line is ok, warn (a session runs, but not as well as it might) or fail (it will not run), with
the way out below. The exit code is 0 where nothing failed, else 1.
"""


def add_doctor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command and its flags."""
    doctor = commands.add_parser(
        "doctor",
        help="is this machine fit for a session?",
        description="Check what a session will need, and say what to do where something is wrong.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    doctor.add_argument("--json", action="store_true", help="print one JSON object instead")
    doctor.add_argument(
        "--quick", action="store_true", help="leave out loading the model and editing with it"
    )
    doctor.add_argument(
        "--host", default="127.0.0.1", help="where `serve` would listen (127.0.0.1)"
    )
    doctor.add_argument(
        "--port", type=port_or_none, default=8080, metavar="PORT", help="and on which port (8080)"
    )
    doctor.add_argument(
        "--metrics-port",
        type=port_or_none,
        default=METRICS_PORT,
        metavar="PORT",
        help=f"where it would serve metrics; 0 for nowhere ({METRICS_PORT})",
    )
    doctor.add_argument(
        "--ice-server",
        action="append",
        default=[],
        metavar="URL",
        help="a STUN or TURN server to ask; may be given again (none)",
    )
    doctor.add_argument(
        "--turn",
        action="append",
        default=[],
        metavar="URL",
        help="a TURN server to take a relay from; may be given again (none)",
    )
    doctor.add_argument(
        "--turn-secret-file", type=Path, metavar="FILE", help="the secret shared with it"
    )
    doctor.add_argument(
        "--udp-ports", metavar="A-B", help="the ports that media may use, such as 50000-50100 (any)"
    )
    doctor.add_argument(
        "--cert", type=Path, metavar="FILE", help="a TLS certificate to check (none)"
    )
    doctor.add_argument("--key", type=Path, metavar="FILE", help="and its key, if in another file")
    doctor.add_argument(
        "--token-secret", type=Path, metavar="FILE", help="the secret that signs tokens (none)"
    )
    add_model(doctor)
    doctor.set_defaults(run=run_doctor)


def run_doctor(args: argparse.Namespace) -> int:
    """Prints the findings as they are made, or JSON at the end."""
    logging.getLogger("egostream").setLevel(logging.CRITICAL)  # the findings say it all
    checks = list(all_checks(args))
    width = max(len(check.name) for check in checks) + 2
    findings: list[Finding] = []
    for finding in examine(checks):
        findings.append(finding)
        if not args.json:
            print(line(finding, width), flush=True)
    print(json.dumps(as_json(findings)) if args.json else verdict(findings))
    return EXIT_UNFIT if any(finding.status == "fail" for finding in findings) else 0


def all_checks(args: argparse.Namespace) -> Iterator[Check]:
    """In the order of their cost."""
    from egostream.doctor import gpu, machine, media, model, network, turn

    choice = ModelChoice(**chosen(args))
    yield Check("python", machine.check_python)
    yield Check("packages", machine.check_packages)
    yield Check("cpu", machine.check_cpu)
    yield Check("memory", machine.check_memory)
    yield Check("clock", machine.check_clock)
    yield Check("port", partial(network.check_port, args.host, args.port))
    if args.metrics_port:
        yield Check("metrics port", partial(network.check_metrics_port, args.metrics_port))
    yield Check("udp loopback", network.check_udp)
    for url in args.ice_server:
        yield Check("ice server", partial(network.check_ice_server, url))
    for url in args.turn:
        yield Check("turn server", partial(turn.check_turn, url, args.turn_secret_file))
    if args.udp_ports is not None:
        yield Check("udp ports", partial(network.check_udp_ports, args.udp_ports))
    if args.cert is not None:
        yield Check("certificate", partial(network.check_certificate, args.cert, args.key))
    if args.token_secret is not None:
        yield Check("token secret", partial(network.check_token_secret, args.token_secret))
    for name in media.CODECS:
        yield Check(f"codec {name}", partial(media.check_codec, name))
    yield Check("gpu", partial(gpu.check_gpu, choice.preset.startswith("wan")))
    yield Check("weights", partial(model.check_weights, choice))
    if not args.quick:
        yield Check("edit", partial(model.check_edit, choice))
