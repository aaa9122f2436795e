"""What the mutations start from: offers of real clients, and messages, packets and files of our own making."""

from __future__ import annotations

import io
import ipaddress
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from aioice import stun

CORPUS = Path(__file__).parent / "corpus"
OFFERS = tuple(path.read_bytes().decode() for path in sorted(CORPUS.glob("*.sdp")))
"""Of aiortc, Chromium and FFmpeg, as they were sent; addresses are loopback's."""
AIORTC = (CORPUS / "aiortc.sdp").read_bytes().decode()
FRAGMENT = (
    "a=ice-ufrag:RU8y\r\na=ice-pwd:jdyXOZOvOXL5wVnL7vcfLi\r\nm=video 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
    "a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\n"
    "a=candidate:2 1 UDP 1694498815 127.0.0.2 9 typ srflx raddr 127.0.0.1 rport 9\r\n"
    "a=candidate:3 1 tcp 1 127.0.0.1 9 typ host tcptype active\r\na=end-of-candidates\r\n"
)
MESSAGES: tuple[dict[str, Any], ...] = (
    {"type": "hello", "protocol": 1},
    {"type": "instruct", "seq": 1, "text": "make it night"},
    {"type": "ping", "t_ms": 12.5},
    {"type": "later", "version": 2},
)

_CANDIDATE = re.compile(r"(candidate:\S*\s+\S+\s+\S+\s+\S+\s+)(\S+)")


def tame(text: str) -> str:
    """Candidates point to this machine alone: the fuzzer must not make a server send elsewhere."""

    def loopback(match: re.Match[str]) -> str:
        try:
            is_fine = ipaddress.ip_address(match[2]).is_loopback
        except ValueError:
            is_fine = True  # no address: nothing can be sent there
        return match[0] if is_fine else f"{match[1]}127.0.0.1"

    return _CANDIDATE.sub(loopback, text)


def requests() -> tuple[bytes, ...]:
    """Whole HTTP requests; `HOST` stands for the server's own."""
    sdp, fragment = AIORTC.encode(), FRAGMENT.encode()
    get = [f"GET {path} HTTP/1.1\r\nHost: HOST\r\n\r\n".encode() for path in PATHS]
    post = [
        f"POST {path} HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/sdp\r\n"
        f"Origin: http://HOST\r\nContent-Length: {len(sdp)}\r\n\r\n".encode()
        + sdp
        for path in ("/v1/session?instruction=make%20it%20night", "/v1/whip", "/v1/whep/abc")
    ]
    patch = (
        "PATCH /v1/session/abc HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/trickle-ice-sdpfrag\r\n"
        f'If-Match: "1"\r\nContent-Length: {len(fragment)}\r\n\r\n'
    ).encode() + fragment
    chunked = (
        b"POST /v1/session HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/sdp\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nv=0\r\n\r\n0\r\n\r\n"
    )
    upgrade = (
        b"GET /v1/session/abc/control HTTP/1.1\r\nHost: HOST\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    delete = b"DELETE /v1/session/abc HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer a.b\r\n\r\n"
    options = (
        b"OPTIONS /v1/session HTTP/1.1\r\nHost: HOST\r\nOrigin: http://elsewhere\r\n"
        b"Access-Control-Request-Method: POST\r\n\r\n"
    )
    return (*get, *post, patch, chunked, upgrade, delete, options)


PATHS = (
    *("/", "/xr", "/v1/info", "/v1/schema", "/healthz", "/readyz", "/cert", "/v1/session/abc"),
    *("/static/index.html", "/static/../index.html", "/static/%2e%2e/%00", "/static-xr/index.html"),
)


def datagrams() -> tuple[bytes, ...]:
    """STUN, DTLS, RTP, RTCP, TURN channel data, nothing."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    request.attributes["USERNAME"] = "RU8y:abcd"
    request.attributes["PRIORITY"] = 1845501695
    request.attributes["ICE-CONTROLLING"] = 1
    request.add_message_integrity(b"jdyXOZOvOXL5wVnL7vcfLi")
    request.add_fingerprint()
    plain = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    reply = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE)
    reply.attributes["XOR-MAPPED-ADDRESS"] = ("127.0.0.1", 9)
    dtls = bytes([254, 253]) + bytes(8)
    return (
        *(bytes(request), bytes(plain), bytes(reply), b""),
        *(bytes([22]) + dtls + b"\0\x2a\1" + bytes(41), bytes([21]) + dtls + b"\0\2\2\x28"),
        *(bytes([20]) + dtls + b"\0\1\1", bytes([23]) + dtls + b"\0\x10" + bytes(16)),
        *(rtp(b"\x90\x80\x81\x01" + bytes(60)), *rtcp_packets(), b"\x40\0\0\4abcd"),
    )


CLIENT_SSRC, SERVER_SSRC = b"\x0b\xad\xca\xfe", b"\x0b\xad\xbe\xef"
"""Stand for the live ones."""


def rtp(payload: bytes, kind: int = 97, number: int = 7, extensions: bytes = b"") -> bytes:
    """One packet, with header extensions if there are any (one-byte form)."""
    padded = extensions + bytes(-len(extensions) % 4)
    extra = b"\xbe\xde" + (len(padded) // 4).to_bytes(2, "big") + padded if padded else b""
    head = bytes([0x90 if extra else 0x80, 0x80 | kind]) + number.to_bytes(2, "big")
    return head + (90_000).to_bytes(4, "big") + CLIENT_SSRC + extra + payload


def rtp_packets() -> tuple[bytes, ...]:
    """What an admitted client sends: pictures, retransmissions, header extensions."""
    vp8 = b"\x90\x80\x81\x01" + VP8_KEY
    mid, sent_at = b"\x100", b"\x32\x01\x02\x03"
    return (
        *(rtp(vp8), rtp(vp8, extensions=mid + sent_at), rtp(b"\0\7" + vp8, kind=98), rtp(b"")),
        *(rtp(b"\x10" + VP8_KEY[:40]), rtp(b"\x67\x42\xc0\x1f\xda", kind=99)),
        *(rtp(b"\x7c\x85" + bytes(50), kind=99), rtp(b"\x78\0\4abcd\0\2ef", kind=99)),
        *rtcp_packets(),
    )


def rtcp_packets() -> tuple[bytes, ...]:
    """Sender and receiver reports, feedback of every kind."""
    report = SERVER_SSRC + bytes(20)
    return (
        b"\x80\xc8\0\6" + CLIENT_SSRC + bytes(20),
        b"\x81\xc8\0\x0c" + CLIENT_SSRC + bytes(20) + report,
        b"\x81\xc9\0\7" + CLIENT_SSRC + report,
        b"\x81\xca\0\4" + CLIENT_SSRC + b"\1\6abcdef" + bytes(4),
        b"\x81\xcd\0\3" + CLIENT_SSRC + SERVER_SSRC + b"\0\1\xff\xff",
        b"\x81\xce\0\2" + CLIENT_SSRC + SERVER_SSRC,
        b"\x84\xce\0\4" + CLIENT_SSRC + SERVER_SSRC + SERVER_SSRC + bytes(4),
        b"\x8f\xce\0\5" + CLIENT_SSRC + bytes(4) + b"REMB\1\x12\x34\x56" + SERVER_SSRC,
    )


def _encoded(codec: str, size: tuple[int, int] = (64, 48), num: int = 3) -> tuple[bytes, ...]:
    encoder = av.CodecContext.create(codec, "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = (*size, "yuv420p")
    encoder.time_base = Fraction(1, 30)
    own = {"tune": "zerolatency"} if codec == "libx264" else {"lag-in-frames": "0"}
    encoder.options = {"threads": "1"} | own
    found: list[bytes] = []
    for index in range(num):
        rgb = np.full((size[1], size[0], 3), 40 * index, np.uint8)
        rgb[10:30, 5 * index : 5 * index + 20] = 200
        frame = av.VideoFrame.from_ndarray(rgb, "rgb24")
        frame.pts = index
        found += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(found + [bytes(packet) for packet in encoder.encode(None)])


def video(codec: str = "libx264", container: str = "mp4", num: int = 8) -> bytes:
    """A small file with sound."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        sound = output.add_stream("aac", rate=16000)
        for index in range(num):
            rgb = np.full((48, 64, 3), 20 * index, np.uint8)
            frame = av.VideoFrame.from_ndarray(rgb, "rgb24")
            frame.pts = index
            output.mux(stream.encode(frame))
        tone = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.float32), "fltp", "mono")
        tone.sample_rate, tone.pts = 16000, 0
        output.mux(sound.encode(tone))
        output.mux(sound.encode(None))
        output.mux(stream.encode(None))
    return file.getvalue()


VP8 = _encoded("libvpx")
VP8_KEY = VP8[0]
H264 = _encoded("libx264")
