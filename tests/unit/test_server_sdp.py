from __future__ import annotations

import re
import time

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from aiortc.sdp import SessionDescription

from egostream.errors import BadOffer
from egostream.server.fragment import BadFragment, parse_fragment
from egostream.server.sdp import HINTS, MAX_LINES, check_offer, with_bitrate_hints


@pytest.fixture
async def offer() -> str:
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    pc.addTransceiver("video", direction="sendrecv")
    await pc.setLocalDescription(await pc.createOffer())
    sdp = pc.localDescription.sdp
    await pc.close()
    return sdp


async def test_a_real_offer_passes(offer: str) -> None:
    kept = check_offer(offer)
    assert SessionDescription.parse(kept).media[0].kind == "video"
    assert "a=end-of-candidates" not in kept


async def test_candidates_that_cannot_be_tried_are_left_out(offer: str) -> None:
    extra = (
        "a=candidate:1 1 udp 1 4e9f0b4c-1.local 5000 typ host\r\n"
        "a=candidate:2 1 tcp 1 192.0.2.9 9 typ host tcptype active\r\n"
        "a=candidate:3 1 udp 1 192.0.2.9 5000 typ host\r\n"
    )
    kept = check_offer(offer + extra)
    assert ".local" not in kept and " tcp " not in kept and "192.0.2.9 5000" in kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{}",
        "v=0",
        "v=0\r\n" * 5,
        "v=0\r\nm=video\r\n",
        "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n",
        "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 999999\r\n",
        "v=0\r\no=\udcff\r\n\0\r\n",
        "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n",
        "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=fmtp:97 x\r\n",
        "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap\r\n",
        "v=0\r\n" + "a=x\r\n" * (MAX_LINES + 1),
        "v=0\r\n" + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n" * 9,
    ],
)
def test_what_is_no_offer_is_named(text: str) -> None:
    with pytest.raises(BadOffer) as caught:
        check_offer(text)
    assert str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("a=sendrecv", "a=recvonly", "recvonly"),
        ("a=sendrecv", "a=sendonly", "sendonly"),
        ("a=setup:", "a=x-setup:", "DTLS"),
        ("a=ice-pwd:", "a=x-ice-pwd:", "ICE"),
        ("m=video", "m=audio", "no video"),
    ],
)
async def test_an_offer_that_cannot_work_says_why(
    offer: str, old: str, new: str, says: str
) -> None:
    with pytest.raises(BadOffer, match=says):
        check_offer(offer.replace(old, new))


async def test_data_channels_are_refused(offer: str) -> None:
    section = offer[offer.index("m=video") :]
    data = section.replace("m=video", "m=application").replace("a=mid:0", "a=mid:1")
    with pytest.raises(BadOffer, match="application"):
        check_offer(offer + data)


async def test_a_hostile_offer_is_refused_quickly(offer: str) -> None:
    start = time.perf_counter()
    for line in ("a=ssrc:{} cname:x", "a=candidate:{} 1 udp 1 192.0.2.1 {} typ host"):
        lines = "".join(line.format(i, i) + "\r\n" for i in range(900))
        try:
            check_offer(offer + lines)
        except BadOffer:
            pass
    assert time.perf_counter() - start < 0.5


async def test_the_answer_carries_bitrate_hints(offer: str) -> None:
    hinted = with_bitrate_hints(offer)
    codecs = SessionDescription.parse(hinted).media[0].rtp.codecs
    for codec in codecs:
        assert ("x-google-start-bitrate" in codec.parameters) == (codec.name in ("VP8", "H264"))
        if codec.name == "H264":
            assert codec.parameters["packetization-mode"] == "1"
    assert hinted.count(HINTS) == 3
    assert hinted.replace(f";{HINTS}", "").replace(f"a=fmtp:97 {HINTS}\r\n", "") == offer


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"a=ice-ufrag:.*", "a=ice-ufrag:" + "x" * 300),
        (r"a=ice-pwd:.*", "a=ice-pwd:" + "x" * 300),
        (r"a=mid:.*", "a=mid:" + "x" * 300),
        (r"a=mid:.*", "a=mid:é"),
        (r"a=extmap:\d+", "a=extmap:0"),
        (r"a=extmap:\d+", "a=extmap:256"),
        (r"a=mid:", "a=candidate:1 1 udp 1 127.0.0.1 70000 typ host\r\na=mid:"),
        (r"a=mid:", "a=candidate:1 1 udp 1 127.0.0.1 -9 typ host\r\na=mid:"),
        (r"a=mid:", "a=candidate:1 1 udp 99999999999 127.0.0.1 9 typ host\r\na=mid:"),
    ],
)
async def test_what_would_trip_the_connection_later_is_refused(
    offer: str, old: str, new: str
) -> None:
    """A name too long for a header extension, a port that no socket can send to."""
    with pytest.raises(BadOffer):
        check_offer(re.sub(old, new, offer, count=1))


@pytest.mark.parametrize("port", ["-1", "65536", "4294967296"])
def test_a_trickled_candidate_has_a_port(port: str) -> None:
    line = "a=candidate:1 1 udp 1 127.0.0.1 {} typ host\r\n"
    assert parse_fragment(line.format(9)).candidates[0].port == 9
    assert not parse_fragment(line.format(0)).candidates, "nobody can be reached there"
    with pytest.raises(BadFragment):
        parse_fragment(line.format(port))
