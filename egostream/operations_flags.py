"""The flags of `egostream serve` for those who look after a server."""

from __future__ import annotations

import argparse

LOG_FORMATS = ("text", "json")
METRICS_PORT = 9464


def add_operations(parser: argparse.ArgumentParser) -> None:
    """What it tells about itself, and where."""
    parser.add_argument(
        "--log-format",
        choices=LOG_FORMATS,
        default="text",
        help="text for people, or one JSON object a line (text)",
    )
    parser.add_argument(
        "--metrics-port",
        type=port_or_none,
        default=METRICS_PORT,
        metavar="PORT",
        help="where Prometheus reads /metrics, on 127.0.0.1 alone; 0 for none. A port that is taken is "
        f"told and done without ({METRICS_PORT})",
    )


def port_or_none(text: str) -> int:
    """A port, or 0 for none."""
    port = int(text) if text.isdecimal() else -1
    if not 0 <= port < 2**16:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return port
