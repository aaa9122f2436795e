"""What an admitted peer may send under its own keys: anything, but it harms nobody, itself included.

aiortc's parsers raise more than the ValueError that it expects (a REMB that is cut short, an extension of the wrong
length), which ends the connection with a stack in the log. And it remembers every source (SSRC) that it ever hears of,
as does libsrtp; from the 256th on a receiver report cannot be written, and the connection never closes.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pylibsrtp
from aiortc.rtcdtlstransport import RTCDtlsTransport

log = logging.getLogger(__name__)

MAX_SOURCES = 31
"""Of one connection, which a receiver report has room for. A camera has a source and another for repeats, and new ones
when it is changed."""

Handler = Callable[..., Awaitable[None]]


def guard_media(transport: RTCDtlsTransport) -> None:
    """Before it starts."""
    transport._handle_rtp_data = _unharmed(transport._handle_rtp_data)  # type: ignore[assignment,method-assign]
    transport._handle_rtcp_data = _unharmed(transport._handle_rtcp_data)  # type: ignore[assignment,method-assign]
    set_up = transport._setup_srtp

    def set_up_bounded() -> None:
        set_up()
        if transport._rx_srtp is not None:
            transport._rx_srtp = FewSources(transport._rx_srtp)

    transport._setup_srtp = set_up_bounded  # type: ignore[method-assign]


def _unharmed(handle: Handler) -> Handler:
    async def handle_or_drop(data: bytes, **named: Any) -> None:
        try:
            await handle(data, **named)
        except ConnectionError:
            raise
        except Exception:  # a hostile packet may trip the parsers anywhere
            log.debug("a packet of %d bytes was dropped", len(data), exc_info=True)

    return handle_or_drop


class FewSources:
    """An SRTP session for what comes in, that knows `MAX_SOURCES` sources; packets of others are refused. Only packets
    that are authentic count, so that no stranger can use them up.
    """

    def __init__(self, session: pylibsrtp.Session) -> None:
        self._session = session
        self._known: set[bytes] = set()

    def unprotect(self, packet: bytes) -> bytes:
        """Raises pylibsrtp.Error."""
        source = packet[8:12]
        self._check(source)
        plain: bytes = self._session.unprotect(packet)
        self._known.add(source)
        return plain

    def unprotect_rtcp(self, packet: bytes) -> bytes:
        """Raises pylibsrtp.Error."""
        source = packet[4:8]
        self._check(source)
        plain: bytes = self._session.unprotect_rtcp(packet)
        self._known.add(source)
        return plain

    def _check(self, source: bytes) -> None:
        if source not in self._known and len(self._known) >= MAX_SOURCES:
            raise pylibsrtp.Error("too many sources")
