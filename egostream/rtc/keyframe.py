"""Whether an encoded frame can be decoded without those before it."""

from __future__ import annotations

H264_SPS, H264_IDR = 7, 5
MAX_UNITS, MAX_LOOKED_AT = 16, 4096
"""Before the first slice come a handful of units; a frame of thousands is made to waste time."""


def is_key_frame(codec_name: str, data: bytes) -> bool:
    """Unknown codecs count as always decodable: better a broken picture than none."""
    if codec_name == "VP8":
        # RFC 6386 section 9.1: the lowest bit of the frame tag is 0 in a key frame
        return bool(data) and not data[0] & 1
    if codec_name == "H264":
        return any(kind in (H264_SPS, H264_IDR) for kind in _nal_types(data))
    return True


def _nal_types(data: bytes) -> list[int]:
    """Of the Annex B units at the start of an access unit; what follows the first slice is
    slices."""
    types: list[int] = []
    at = data.find(b"\0\0\1", 0, MAX_LOOKED_AT)
    while at >= 0 and at + 3 < len(data) and len(types) < MAX_UNITS:
        types.append(data[at + 3] & 0x1F)
        if types[-1] in (1, H264_IDR):
            break
        at = data.find(b"\0\0\1", at + 3, MAX_LOOKED_AT)
    return types


def vp8_size(data: bytes) -> tuple[int, int] | None:
    """Width and height as a key frame says them (RFC 6386 section 9.1); None for other frames."""
    if len(data) < 10 or data[0] & 1 or data[3:6] != b"\x9d\x01\x2a":
        return None
    width, height = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    return width & 0x3FFF, height & 0x3FFF
