"""`egostream token`, and the flags of `egostream serve` that say who is let in."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

_EXAMPLES = """examples:
  egostream token                                     an hour, for anyone who gets hold of it
  egostream token --minutes 5 --once                  one session, to be opened within five minutes
  egostream token --scope view --origin https://my.page --session 10
"""


def add_security(parser: argparse.ArgumentParser) -> None:
    """The flags of `serve`."""
    group = parser.add_argument_group(
        "security",
        "On this machine alone (127.0.0.1): plain http, no token. Reached from others: https, with a\n"
        "certificate made at the first start, and a token for every session; the address that is\n"
        "printed holds one.",
    )
    group.add_argument("--cert", type=Path, metavar="PEM", help="your own certificate")
    group.add_argument("--key", type=Path, metavar="PEM", help="its key")
    group.add_argument(
        "--self-signed", action="store_true", help="https on this machine too, for adb reverse"
    )
    group.add_argument(
        "--insecure-http",
        action="store_true",
        help="http for other machines too: behind a proxy that speaks https; cameras need https",
    )
    group.add_argument(
        "--san",
        action="append",
        default=[],
        metavar="NAME",
        help="another name or address this server is reached by; may be given again",
    )
    group.add_argument(
        "--allow-origin",
        action="append",
        default=[],
        metavar="URL",
        help="another page that may use this server, such as https://my.page; may be given again",
    )
    group.add_argument(
        "--token-secret",
        type=Path,
        metavar="FILE",
        help="the secret that signs tokens (one of its own, kept in the configuration folder)",
    )
    group.add_argument("--no-auth", action="store_true", help="let everyone in without a token")


def security_flags(args: argparse.Namespace) -> dict[str, Any]:
    """What they said, by the names of `ServerSettings`."""
    return {
        "cert": args.cert,
        "key": args.key,
        "self_signed": args.self_signed,
        "insecure_http": args.insecure_http,
        "san": tuple(args.san),
        "allow_origins": tuple(origin.rstrip("/") for origin in args.allow_origin),
        "token_secret": args.token_secret,
        "no_auth": args.no_auth,
    }


def add_token(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command `token`."""
    token = commands.add_parser(
        "token",
        help="let someone in for a while",
        description="Prints a token for `Authorization: Bearer TOKEN`, or for the page's address: https://…/#token=TOKEN",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    token.add_argument(
        "--scope",
        choices=("edit", "view"),
        default="edit",
        help="edit: open sessions; view: watch one whose address is known (edit)",
    )
    token.add_argument(
        "--minutes", type=float, default=60, metavar="N", help="how long it is good for (60)"
    )
    token.add_argument(
        "--session",
        type=float,
        default=0,
        metavar="MINUTES",
        help="how long a session of it may last (as long as the server allows)",
    )
    token.add_argument(
        "--origin",
        action="append",
        default=[],
        metavar="URL",
        help="only pages of this origin may use it; may be given again",
    )
    token.add_argument("--once", action="store_true", help="it opens one session")
    token.add_argument(
        "--token-secret",
        type=Path,
        metavar="FILE",
        help="the server's secret, if it is not the one in the configuration folder",
    )
    token.set_defaults(run=_run_token)


def _run_token(args: argparse.Namespace) -> int:
    from egostream.errors import EgostreamError
    from egostream.server.security import default_secret
    from egostream.server.tokens import issue, own_secret, read_secret

    if args.minutes <= 0 or args.session < 0:
        raise EgostreamError("--minutes is above 0, --session not below")
    given = args.token_secret
    secret = read_secret(given) if given is not None else own_secret(default_secret())
    origins = tuple(origin.rstrip("/") for origin in args.origin)
    session_s = round(60 * args.session)
    lasts_s = 60 * args.minutes
    print(issue(secret, args.scope, lasts_s, session_s=session_s, origins=origins, once=args.once))
    return 0
