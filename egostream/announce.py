"""Tells the person at the terminal when the server is ready, and where."""

from __future__ import annotations

import contextlib
import ipaddress
import threading
import time
import urllib.request

POLL_S = 0.2


def page_address(host: str, port: int) -> str:
    """What to type into a browser on this machine. A wildcard is no address one can open."""
    with contextlib.suppress(ValueError):
        address = ipaddress.ip_address(host)
        if address.is_unspecified:
            host = "localhost"
        elif address.version == 6:
            host = f"[{host}]"
    return f"http://{host}:{port}"


def announce_when_ready(preset: str, host: str, port: int) -> None:
    """Returns at once; prints from a thread that ends with the process."""
    url = page_address(host, port)
    print(f"egostream: loading {preset} …", flush=True)
    threading.Thread(target=_watch, args=(url,), name="announce", daemon=True).start()


def _watch(url: str) -> None:
    start = time.monotonic()
    while True:
        with contextlib.suppress(OSError):
            with urllib.request.urlopen(f"{url}/readyz", timeout=2.0) as response:
                if response.status == 200:
                    seconds = time.monotonic() - start
                    print(f"egostream: ready in {seconds:.1f} s. Open {url}", flush=True)
                    return
        time.sleep(POLL_S)
