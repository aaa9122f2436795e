"""Tells the person at the terminal when the server is ready, and where."""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
import urllib.request

from egostream.server.names import interface_addresses, is_address
from egostream.server.security import Security
from egostream.server.settings import ServerSettings
from egostream.server.tokens import issue

POLL_S = 0.2
LASTS_S = 24 * 3600


def page_addresses(settings: ServerSettings, security: Security) -> list[str]:
    """What to type into a browser: on this machine, and on others if they reach it. A wildcard is no address."""
    hosts = [settings.host]
    if settings.host in ("0.0.0.0", "::"):
        others = [ip for ip in interface_addresses() if ":" not in ip and not ip.startswith("127.")]
        hosts = ["localhost", *others, *settings.san]
    token = "" if security.secret is None else f"/#token={issue(security.secret, 'edit', LASTS_S)}"
    return [f"{security.scheme}://{_bracketed(host)}:{settings.port}{token}" for host in hosts]


def announce_when_ready(settings: ServerSettings, security: Security) -> None:
    """Returns at once; prints from a thread that ends with the process."""
    print(f"egostream: loading {settings.preset} …", flush=True)
    arguments = (page_addresses(settings, security), security.scheme, settings.port, settings.host)
    threading.Thread(target=_watch, args=arguments, name="announce", daemon=True).start()


def _watch(pages: list[str], scheme: str, port: int, host: str) -> None:
    start = time.monotonic()
    here = "localhost" if host in ("0.0.0.0", "::") else _bracketed(host)
    # The answer is only asked whether there is one: whose it is does not matter.
    unverified = ssl._create_unverified_context()
    while True:
        with contextlib.suppress(OSError):
            url = f"{scheme}://{here}:{port}/readyz"
            with urllib.request.urlopen(url, timeout=2.0, context=unverified) as response:
                if response.status == 200:
                    seconds = time.monotonic() - start
                    print(f"egostream: ready in {seconds:.1f} s. Open {pages[0]}", flush=True)
                    for page in pages[1:]:
                        print(f"           or, from other devices, {page}", flush=True)
                    return
        time.sleep(POLL_S)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and is_address(host) else host
