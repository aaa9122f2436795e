"""What an offer must look like, and what the answer adds to it. Text in, text out; knows no
sockets."""

from __future__ import annotations

import re

from aiortc import RTCIceCandidate
from aiortc.sdp import SessionDescription

from egostream.errors import BadOffer

MAX_LINES = 1000
MAX_CANDIDATES = 64
MAX_SECTIONS = 8
MAX_NAME_CHARS = 32
"""Of a section: it travels in a header extension of every packet that is sent."""
MAX_ICE_CHARS = 256
"""RFC 8839 section 5.4: of a user fragment and of a password."""

# kbit/s. Chromium starts at 300 and, finding that too little, makes the camera's picture smaller.
START_KBPS, MIN_KBPS, MAX_KBPS = 2000, 1500, 4000
HINTS = (
    f"x-google-start-bitrate={START_KBPS};x-google-min-bitrate={MIN_KBPS}"
    f";x-google-max-bitrate={MAX_KBPS}"
)

_RTPMAP = re.compile(r"a=rtpmap:(\d+) (?:VP8|H264)/90000", re.IGNORECASE)
_FMTP = re.compile(r"a=fmtp:(\d+) ")


def check_offer(offer: str, direction: str = "sendrecv") -> str:
    """The offer, of that direction, without what this server has no use for. Raises BadOffer.

    The limits keep a hostile offer from holding the event loop: some of aiortc's parsing is
    quadratic.
    """
    lines = offer.splitlines()
    if not lines or lines[0].strip() != "v=0":
        raise BadOffer("the body is not SDP: its first line must be v=0")
    if len(lines) > MAX_LINES:
        raise BadOffer(f"the offer has {len(lines)} lines; at most {MAX_LINES} are read")
    if sum(line.startswith("m=") for line in lines) > MAX_SECTIONS:
        raise BadOffer(f"the offer has more than {MAX_SECTIONS} media sections")
    kept = [line for line in lines if is_of_use(line)]
    if sum(line.startswith("a=candidate:") for line in kept) > MAX_CANDIDATES:
        raise BadOffer(f"the offer has more than {MAX_CANDIDATES} candidates")
    text = "\r\n".join(kept) + "\r\n"
    _check_media(text, direction)
    return text


def is_of_use(line: str) -> bool:
    """Hidden (.local) and TCP candidates cannot be tried, nor port 0; the peer's own checks reveal
    its address. It follows that candidates never end: without any, aioice would give up at once."""
    if line.startswith("a=candidate:"):
        parts = line.split()
        is_udp = len(parts) > 4 and parts[2].lower() == "udp"
        return is_udp and not parts[4].endswith(".local") and parts[5:6] != ["0"]
    return not line.startswith("a=end-of-candidates")


def is_sound(candidate: RTCIceCandidate) -> bool:
    """Whether its numbers are what they may be: a socket that is asked to send to a port that does not exist closes."""
    return (
        0 < candidate.port < 2**16
        and 0 <= candidate.priority < 2**32
        and 0 < candidate.component <= 256
        and len(candidate.foundation) <= 256
    )


def _check_media(offer: str, direction: str) -> None:
    try:
        description = SessionDescription.parse(offer)
    except Exception as error:  # the parser raises asserts, StopIteration, anything
        raise BadOffer("the SDP cannot be parsed") from error
    kinds = [media.kind for media in description.media]
    if "video" not in kinds:
        raise BadOffer("the offer has no video section; add the camera's track to it")
    if other := set(kinds) - {"audio", "video"}:
        raise BadOffer(f"sections of kind {sorted(other)} are not supported; offer video only")
    video = description.media[kinds.index("video")]
    if (video.direction or "sendrecv") != direction:
        raise BadOffer(f"the video section is {video.direction}; here it must be {direction}")
    if video.port == 0:
        raise BadOffer("the video section is switched off (port 0)")
    for media in description.media:
        if media.dtls is None or not media.dtls.fingerprints:
            raise BadOffer("a media section has no DTLS fingerprint or no a=setup line")
        ice = media.ice
        if ice is None or not ice.usernameFragment or not ice.password:
            raise BadOffer("a media section has no ICE credentials")
        if max(len(ice.usernameFragment), len(ice.password)) > MAX_ICE_CHARS:
            raise BadOffer(f"ICE credentials have at most {MAX_ICE_CHARS} characters")
        if not all(is_sound(candidate) for candidate in media.ice_candidates):
            raise BadOffer("a candidate has a number that is out of range")
        name = media.rtp.muxId or ""
        if len(name) > MAX_NAME_CHARS or not name.isascii():
            raise BadOffer(f"a=mid takes at most {MAX_NAME_CHARS} plain characters")
        if not all(0 < extension.id < 256 for extension in media.rtp.headerExtensions):
            raise BadOffer("header extensions have numbers from 1 to 255")


def with_bitrate_hints(answer: str) -> str:
    """Adds the start bitrate to every video codec, which in VP8's case takes a new fmtp line."""
    lines = answer.splitlines()
    with_fmtp = {m.group(1) for line in lines if (m := _FMTP.match(line))}
    hinted: list[str] = []
    video: set[str] = set()
    for line in lines:
        if match := _RTPMAP.match(line):
            video.add(match.group(1))
            hinted.append(line)
            if match.group(1) not in with_fmtp:
                hinted.append(f"a=fmtp:{match.group(1)} {HINTS}")
        elif (match := _FMTP.match(line)) and match.group(1) in video:
            hinted.append(f"{line};{HINTS}")
        else:
            hinted.append(line)
    return "\r\n".join(hinted) + "\r\n"
