"""The names and addresses that this machine is reached by."""

from __future__ import annotations

import ipaddress
import socket

import ifaddr

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def interface_addresses() -> list[str]:
    """Of every interface that is up, loopback first; link-local IPv6 ones are left out."""
    found = {"127.0.0.1", "::1"}
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            text = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            if not ipaddress.ip_address(text.partition("%")[0]).is_link_local:
                found.add(text)
    return sorted(found, key=lambda text: (not ipaddress.ip_address(text).is_loopback, text))


def own_names(host: str, more: tuple[str, ...] = ()) -> list[str]:
    """Every name a client may use for a server that listens on `host`, `more` among them."""
    names = dict.fromkeys([*LOOPBACK, host, *more])
    try:
        is_any = ipaddress.ip_address(host).is_unspecified
    except ValueError:
        is_any = False
    if is_any:
        hostname = socket.gethostname()
        names |= dict.fromkeys([hostname, f"{hostname}.local", *interface_addresses()])
        del names[host]
    return [name.lower() for name in names]


def is_address(name: str) -> bool:
    """Whether it is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
