"""Trickled candidates: the SDP fragment of a WHIP PATCH (RFC 8840, RFC 9725 section 4.3). Text in, candidates out."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiortc import RTCIceCandidate
from aiortc.sdp import candidate_from_sdp

from egostream.errors import EgostreamError
from egostream.server.sdp import MAX_CANDIDATES, is_of_use, is_sound

FRAGMENT = "application/trickle-ice-sdpfrag"


class BadFragment(EgostreamError):
    """The body of a PATCH is no SDP fragment."""

    code = "bad_fragment"


class NoRestart(EgostreamError):
    """ICE restarts are not supported: open the session anew, or resume it."""

    code = "restart_not_supported"


@dataclass(slots=True)
class Fragment:
    """Candidates of use, with their section; `ufrag`: of the client's ICE, if it says so."""

    ufrag: str | None = None
    candidates: list[RTCIceCandidate] = field(default_factory=list)


def parse_fragment(text: str) -> Fragment:
    """Raises BadFragment."""
    found, mid = Fragment(), "0"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or not all(line[:2] in ("a=", "m=") for line in lines):
        raise BadFragment("the body is no SDP fragment: its lines start with a= or m=")
    for line in lines:
        if line.startswith("a=ice-ufrag:"):
            found.ufrag = line.partition(":")[2]
        elif line.startswith("a=mid:"):
            mid = line.partition(":")[2]
        elif line.startswith("a=candidate:") and is_of_use(line):
            try:
                candidate = candidate_from_sdp(line.removeprefix("a=candidate:"))
            except (AssertionError, ValueError, IndexError) as error:
                raise BadFragment(f"{line[:100]!r} is no candidate") from error
            if not is_sound(candidate):
                raise BadFragment(f"{line[:100]!r} is no candidate: a number is out of range")
            candidate.sdpMid = mid
            found.candidates.append(candidate)
    if len(found.candidates) > MAX_CANDIDATES:
        raise BadFragment(f"at most {MAX_CANDIDATES} candidates are taken")
    return found
