"""How a receiver decodes: no picture is larger than a camera's, whatever its first bytes say.

The size stands in ten bytes of a key frame, and libvpx takes the memory for it (16383 x 16383: 900 MB) before it finds
that nothing else is there. So it is read first.
"""

from __future__ import annotations

import errno
import logging
from typing import Any

import av
from aiortc import rtcrtpreceiver
from aiortc.codecs import get_decoder
from aiortc.codecs.base import Decoder
from aiortc.codecs.h264 import H264Decoder
from aiortc.codecs.vpx import Vp8Decoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from av.frame import Frame

from egostream.rtc.keyframe import vp8_size
from egostream.rtc.private import rebind, with_names

log = logging.getLogger(__name__)

MAX_DECODED_PIXELS = 4096 * 2304
"""Above what a session may send, so that a camera with too large a picture can be told so."""


class BoundedVp8Decoder(Decoder):
    """Refuses key frames that are too large, as FFmpeg's own decoders do when they are told a limit."""

    def __init__(self, decoder: Vp8Decoder) -> None:
        self._decoder = decoder

    def decode(self, encoded_frame: JitterFrame) -> list[Frame]:
        """Raises av.FFmpegError."""
        size = vp8_size(encoded_frame.data)
        if size is not None and size[0] * size[1] > MAX_DECODED_PIXELS:
            raise av.FFmpegError(errno.EINVAL, f"{size[0]}x{size[1]} is too large")
        return self._decoder.decode(encoded_frame)


def make_decoder(codec: RTCRtpCodecParameters) -> Decoder:
    """aiortc's for that codec, with a limit."""
    decoder = get_decoder(codec)
    if isinstance(decoder, Vp8Decoder):
        return BoundedVp8Decoder(decoder)
    if isinstance(decoder, H264Decoder):
        decoder.codec.options = {"max_pixels": str(MAX_DECODED_PIXELS)}
    return decoder


def bound_decoding(receiver: RTCRtpReceiver) -> None:
    """Before it starts."""
    worker = with_names(
        rtcrtpreceiver.decoder_worker, get_decoder=make_decoder, logger=_BesideTheLog()
    )
    rebind(receiver, RTCRtpReceiver.receive, decoder_worker=worker)


class _BesideTheLog:
    """A client that sends broken pictures must not fill the log with a warning for each."""

    def warning(self, message: str, *args: Any) -> None:
        log.debug(message, *args)
