"""TURN servers: a relay is really taken, with credentials made from the shared secret, and given back."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from egostream.doctor.network import ice_address
from egostream.doctor.report import Finding, fail, ok, warn

ALLOCATE_S = 5.0
RETURN_S = 1.0
LASTS_S = 60
USER = "doctor"


def check_turn(url: str, secret: Path | None) -> Finding:
    """As a client would use it."""
    from aioice.stun import TransactionFailed

    from egostream.server.ice import turn_credentials
    from egostream.server.tokens import BadSecret, read_secret

    name = "turn server"
    if secret is None:
        return fail(name, f"{url} comes without a secret", "name it with --turn-secret-file")
    address = ice_address(url)
    if address is None or not url.startswith("turn"):
        return fail(name, f"{url!r} is no TURN address", "write turn:HOST:PORT")
    if url.startswith("turns:") or "transport=tcp" in url:
        return warn(name, f"{url} is not reached by UDP", "not checked here: try it from a client")
    try:
        user, password = turn_credentials(read_secret(secret), USER)
        start = time.monotonic()
        relay = asyncio.run(allocate(address, user, password))
    except BadSecret as error:
        return fail(name, str(error), "name the file that the TURN server's secret came from")
    except TransactionFailed as error:
        found = error.response.attributes.get("ERROR-CODE", (0, "refused"))
        return fail(
            name,
            f"{url} refuses the credentials: {found[0]} {found[1]}",
            "is it the same secret (coturn: use-auth-secret, static-auth-secret), and is the clock right?",
        )
    except TimeoutError:
        return fail(name, f"{url} does not answer", "is its UDP port open, from here and outside?")
    except OSError as error:
        return fail(name, f"{url}: {error}", "is its name right, and is it running?")
    took_ms = (time.monotonic() - start) * 1e3
    return ok(name, f"{url} relays at {relay[0]} port {relay[1]}, taken in {took_ms:.0f} ms")


async def allocate(address: tuple[str, int], user: str, password: str) -> tuple[str, int]:
    """Where the relay was. Raises OSError, of which TimeoutError is one, or aioice's TransactionFailed."""
    from aioice.stun import TransactionTimeout
    from aioice.turn import create_turn_endpoint

    try:
        async with asyncio.timeout(ALLOCATE_S):
            transport, _ = await create_turn_endpoint(
                asyncio.DatagramProtocol, address, user, password, lifetime=LASTS_S
            )
    except TransactionTimeout as error:
        raise TimeoutError from error
    relay: tuple[str, int] = transport.get_extra_info("sockname")
    transport.close()
    # giving it back takes a round trip, which a closing loop would cut off
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=RETURN_S)
    return relay
