"""What a session's packets need: a free port, UDP, a way in from outside, a certificate."""

from __future__ import annotations

import errno
import ipaddress
import os
import secrets
import socket
import ssl
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from egostream.doctor.report import Finding, fail, ok, warn

LOOPBACK = "127.0.0.1"
ANSWER_S = 1.0
STUN_S = 3.0
STUN_PORT = 3478
STUN_COOKIE = 0x2112A442
FEW_PORTS = 16
SOON_S = 14 * 86_400


def check_port(host: str, port: int) -> Finding:
    """Tried as the server would take it."""
    problem = _bind_error(host, port, socket.SOCK_STREAM)
    where = f"{host} port {port}"
    if problem is None:
        return ok("port", f"{where} is free")
    if problem.errno == errno.EADDRINUSE:
        return fail("port", f"{where} is taken", "end what has it, or serve on another with --port")
    if problem.errno == errno.EACCES:
        return fail("port", f"{where} is not for this user", "take one above 1023 with --port")
    return fail("port", f"{where}: {problem.strerror}", "name an address of this machine as --host")


def check_metrics_port(port: int) -> Finding:
    """The server does without, so this is no more than a warning."""
    problem = _bind_error(LOOPBACK, port, socket.SOCK_STREAM)
    if problem is None:
        return ok("metrics port", f"{LOOPBACK} port {port} is free")
    return warn(
        "metrics port",
        f"{LOOPBACK} port {port}: {problem.strerror}",
        "the server will run without metrics; choose another with --metrics-port",
    )


def _bind_error(host: str, port: int, kind: socket.SocketKind) -> OSError | None:
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    except ValueError:
        family = socket.AF_INET
    with socket.socket(family, kind) as probe:
        try:
            if kind == socket.SOCK_STREAM:  # of UDP it would let two share a port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            if kind == socket.SOCK_STREAM:
                # two may bind to a port that nobody listens on
                probe.listen(1)
        except OSError as error:
            return error
    return None


def check_udp() -> Sequence[Finding]:
    """A datagram to oneself, by loopback and by the first address that others may reach."""
    found = [_udp("udp loopback", LOOPBACK)]
    lan = first_lan_address()
    if lan is None:
        found.append(
            warn("udp lan", "no address but loopback", "only clients on this machine can connect")
        )
    else:
        found.append(_udp("udp lan", lan))
    return found


def first_lan_address() -> str | None:
    """Of IPv4, and none that was only made up for want of a network."""
    from aioice.ice import get_host_addresses

    for text in get_host_addresses(use_ipv4=True, use_ipv6=False):
        address = ipaddress.ip_address(text)
        if not (address.is_loopback or address.is_link_local):
            return text
    return None


def check_udp_ports(text: str) -> Finding:
    """How many of the range that media may use are free."""
    from egostream.rtc.ports import BadPorts, PortRange

    name = "udp ports"
    try:
        ports = PortRange.parse(text).shuffled()
    except BadPorts as error:
        return fail(name, str(error), "write it as 50000-50100")
    free = sum(_bind_error("0.0.0.0", port, socket.SOCK_DGRAM) is None for port in ports)
    found = f"{free} of {len(ports)} are free"
    if not free:
        return fail(name, found, "end what has them, or choose others with --udp-ports")
    if free < FEW_PORTS:
        return warn(name, found, "a session takes one for each address of this machine: widen it")
    return ok(name, found)


def _udp(name: str, address: str) -> Finding:
    way_out = (
        f"media takes UDP: let it pass on {address}, in the firewall or the container's network"
    )
    word = secrets.token_bytes(16)
    try:
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as two,
        ):
            two.bind((address, 0))
            two.settimeout(ANSWER_S)
            one.bind((address, 0))
            one.sendto(word, two.getsockname())
            if two.recv(64) != word:
                return fail(name, f"{address}: another datagram came than was sent", way_out)
    except TimeoutError:
        return fail(name, f"{address}: a datagram to itself does not arrive", way_out)
    except OSError as error:
        return fail(name, f"{address}: {error.strerror}", way_out)
    return ok(name, f"{address}: datagrams pass")


def check_ice_server(url: str) -> Finding:
    """A STUN binding request, which TURN servers answer too: is it there, and how does it see us?"""
    name = "ice server"
    address = ice_address(url)
    if address is None:
        return fail(name, f"{url!r} is no STUN or TURN address", "write stun:HOST:PORT")
    if url.startswith(("turns:", "stuns:")) or "transport=tcp" in url:
        return warn(name, f"{url} is not reached by UDP", "not checked here: try it from a client")
    try:
        start = time.monotonic()
        seen = stun_address(*address)
    except TimeoutError:
        return fail(name, f"{url} does not answer", "is its UDP port open, from here and outside?")
    except OSError as error:
        return fail(name, f"{url}: {error}", "is its name right, and is it running?")
    took_ms = (time.monotonic() - start) * 1e3
    return ok(name, f"{url} answers in {took_ms:.0f} ms" + (f", sees us as {seen}" if seen else ""))


def ice_address(url: str) -> tuple[str, int] | None:
    """Host and port of a STUN or TURN server's URL; None for what is none."""
    scheme, _, rest = url.partition(":")
    host, _, port = rest.partition("?")[0].rpartition(":")
    if not host or port.endswith("]"):  # no port, behind a name or an IPv6 address
        host, port = rest.partition("?")[0], str(STUN_PORT)
    is_one = scheme in ("stun", "stuns", "turn", "turns") and host and port.isdecimal()
    return (host.strip("[]"), int(port)) if is_one else None


def stun_address(host: str, port: int) -> str | None:
    """Our address as a STUN server sees it. Raises OSError, of which TimeoutError is one."""
    from aioice import stun

    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    deadline = time.monotonic() + STUN_S
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect(address)
        while (left_s := deadline - time.monotonic()) > 0:
            probe.send(bytes(request))
            probe.settimeout(min(left_s, ANSWER_S))
            try:
                answer = stun.parse_message(probe.recv(2048))
            except (TimeoutError, ValueError):
                continue
            if answer.transaction_id == request.transaction_id:
                seen = answer.attributes.get("XOR-MAPPED-ADDRESS")
                return None if seen is None else str(seen[0])
    raise TimeoutError


def check_certificate(certificate: Path, key: Path | None) -> Finding:
    """It is readable, belongs to its key, and is of these days."""
    name = "certificate"
    for path in (certificate, *([key] if key else [])):
        if not os.access(path, os.R_OK):
            return fail(name, f"{path} cannot be read", "name a PEM file that this user may read")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, _no_password)
    except (ssl.SSLError, ValueError) as error:
        return fail(name, f"{certificate}: {error}", "is this the key of that certificate, in PEM?")
    starts, ends = _validity(certificate)
    now = datetime.now(UTC)
    text = f"{certificate}: until {ends:%Y-%m-%d}"
    if not starts <= now <= ends:
        return fail(name, f"{text}, from {starts:%Y-%m-%d}", "renew it, or set the clock")
    if (ends - now).total_seconds() < SOON_S:
        return warn(name, text, "renew it within these days")
    return ok(name, text)


def _no_password() -> str:
    raise ValueError("the key has a password, which nobody is there to type")


def _validity(certificate: Path) -> tuple[datetime, datetime]:
    from cryptography import x509

    found = x509.load_pem_x509_certificate(certificate.read_bytes())
    return found.not_valid_before_utc, found.not_valid_after_utc


def check_token_secret(path: Path) -> Finding:
    """What signs tokens can be read, and by nobody else."""
    from egostream.server.tokens import BadSecret, read_secret

    name = "token secret"
    try:
        read_secret(path)
    except BadSecret as error:
        return fail(name, str(error), "name a file with 16 bytes or more that this user may read")
    if path.stat().st_mode & 0o077:
        return warn(name, f"{path} may be read by other users", f"chmod 600 {path}")
    return ok(name, str(path))
