"""What is changed in one aiortc sender or receiver before it starts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from aiortc.codecs.base import Encoder
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtcrtpsender import RTCRtpSender

from egostream.rtc.decoding import bound_decoding
from egostream.rtc.jitter import DecoderInput, MarkerJitterBuffer, RtpTime
from egostream.rtc.missing import MissingPackets
from egostream.rtc.private import get_private, rebind, set_private

REMEMBERED_PACKETS = 512
"""For retransmission: a second of video. aiortc's own 128 last a third of that at most."""


class _EncodeLoop:
    """What aiortc's sender sees as its loop, so that it encodes on our executor."""

    def __init__(self, loop: asyncio.AbstractEventLoop, executor: Executor) -> None:
        self._loop = loop
        self._executor = executor

    def run_in_executor(self, _: object, work: Callable[..., Any], *args: Any) -> Any:
        return self._loop.run_in_executor(self._executor, work, *args)


def improve_receiver(receiver: RTCRtpReceiver) -> DecoderInput:
    """Before it starts: frames as soon as they are whole, lost packets asked for until they come,
    bounded queues, bounded pictures."""
    missing = MissingPackets(wanted_from=lambda: buffer.origin)
    buffer = MarkerJitterBuffer(patience_ns=lambda: missing.patience_ns)
    rtp_time = RtpTime()
    # aiortc sends a PLI with the next packet when this event is set
    decode_error = get_private(receiver, RTCRtpReceiver, "decoder_error")
    decoder_input = DecoderInput(buffer, rtp_time, decode_error.set)
    set_private(receiver, RTCRtpReceiver, "jitter_buffer", buffer)
    set_private(receiver, RTCRtpReceiver, "nack_generator", missing)
    set_private(receiver, RTCRtpReceiver, "timestamp_mapper", rtp_time)
    set_private(receiver, RTCRtpReceiver, "decoder_queue", decoder_input)
    bound_decoding(receiver)
    return decoder_input


def improve_sender(sender: RTCRtpSender, encoder: Encoder, executor: Executor) -> None:
    """Before it starts. With `RtpTime` on the receiver and no random origin here, a frame's RTP
    timestamp goes back as it came, and a client can match pictures without calibrating anything."""
    set_private(sender, RTCRtpSender, "encoder", encoder)
    loop = get_private(sender, RTCRtpSender, "loop")
    set_private(sender, RTCRtpSender, "loop", _EncodeLoop(loop, executor))
    improve_rtp(sender)


def improve_rtp(sender: RTCRtpSender) -> None:
    """No random origin of timestamps, and a longer memory of what was sent."""
    rebind(
        sender,
        RTCRtpSender._run_rtp,
        random32=lambda: 0,
        RTP_HISTORY_SIZE=REMEMBERED_PACKETS,
    )
    rebind(sender, RTCRtpSender._retransmit, RTP_HISTORY_SIZE=REMEMBERED_PACKETS)
