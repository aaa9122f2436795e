"""Carries a file's sound over to its edited copy, packet by packet. Knows PyAV, never an editor."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import av
from av.audio.codeccontext import AudioCodecContext
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.packet import Packet

from egostream.video_open import open_input

log = logging.getLogger(__name__)

_FALLBACK = {"webm": "libopus"}
_OPUS_RATE = 48000
_MICROSECONDS = 1_000_000


@dataclass(slots=True)
class _Track:
    source: AudioStream
    target: AudioStream
    resampler: AudioResampler | None
    shift: int

    @property
    def is_copied(self) -> bool:
        return self.resampler is None


class AudioCopier:
    """Every audio stream of `path`, moved `origin_s` earlier and cut at `end_s`, both in seconds.

    A packet is copied as it is where the container can hold its codec, else re-encoded (AAC; Opus
    in WebM). The cut falls on packet borders, some 20 ms. Damaged sound is left out with a warning:
    it never costs the picture.
    """

    def __init__(self, path: Path, origin_s: Fraction, end_s: Fraction | None) -> None:
        self._input = open_input(path)
        self._path = path
        self._origin_s = origin_s
        self._end_s = end_s
        self._tracks: dict[int, _Track] = {}
        self._packets: Iterator[Packet[Any]] = iter(())
        self._held: Packet[AudioStream] | None = None
        self.num_bad_packets = 0

    def attach(self, output: OutputContainer) -> None:
        """Add the streams to `output`; call once, before its first packet."""
        self._output = output
        # A lead-in before zero survives only where an edit list can hide it; Matroska would move
        # the picture to make room. After a cut it is no lead-in but sound from before the cut.
        self._keeps_negative = output.format.name in ("mp4", "mov") and self._origin_s <= 0
        for source in self._input.streams.audio:
            track = self._add(source)
            if track is not None:
                self._tracks[source.index] = track
        if not self._tracks:
            return
        if self._origin_s > 0:
            try:
                self._input.seek(int(self._origin_s * _MICROSECONDS))
            except av.FFmpegError as error:
                log.debug("cannot seek for sound in %s: %s", self._path, error)
        self._packets = self._input.demux([track.source for track in self._tracks.values()])

    def _add(self, source: AudioStream) -> _Track | None:
        context = cast("AudioCodecContext | None", source.codec_context)
        if context is None:  # FFmpeg knows no codec of that name
            log.warning("the sound of %s is left out: its codec is not known", self._path)
            return None
        try:
            name = av.codec.Codec(context.name, "r").canonical_name
            if name in self._output.supported_codecs:
                target = self._output.add_stream_from_template(source)
                target.metadata.update(source.metadata)
                assert source.time_base is not None
                return _Track(source, target, None, round(self._origin_s / source.time_base))
            encoder = _FALLBACK.get(self._output.format.name, "aac")
            rate = _OPUS_RATE if encoder == "libopus" else context.rate
            target = cast(
                AudioStream, self._output.add_stream(encoder, rate=rate, layout=context.layout)
            )
            target.metadata.update(source.metadata)
            target.codec_context.open()
            resampler = AudioResampler(
                target.format, target.layout, rate, target.codec_context.frame_size
            )
            log.info("sound re-encoded from %s to %s", context.name, encoder)
            return _Track(source, target, resampler, round(self._origin_s * rate))
        except (av.FFmpegError, ValueError) as error:
            log.warning("the sound of %s (%s) is left out: %s", self._path, context.name, error)
            return None

    def write_until(self, time_s: Fraction) -> None:
        """Mux what sounds up to `time_s` of the output."""
        while True:
            packet = self._held or self._next()
            self._held = None
            if packet is None:
                return
            if packet.pts is None:
                continue
            at_s = packet.pts * packet.time_base - self._origin_s
            if at_s > time_s:
                self._held = packet
                return
            if at_s < 0 and not self._keeps_negative:
                continue
            if self._end_s is not None and at_s >= self._end_s - self._origin_s:
                continue
            self._write(packet)

    def finish(self) -> None:
        """Mux the rest (to `end_s`) and flush the encoders. The output is left open."""
        self.write_until(self._end_s if self._end_s is not None else Fraction(2**40))
        for track in self._tracks.values():
            if track.resampler is not None:
                for frame in track.resampler.resample(None):
                    self._output.mux(track.target.encode(frame))
                self._output.mux(track.target.encode(None))

    def close(self) -> None:
        self._input.close()

    def _next(self) -> Packet[AudioStream] | None:
        try:
            return next(self._packets, None)
        except av.FFmpegError as error:
            self._warn(error)
            return None

    def _write(self, packet: Packet[AudioStream]) -> None:
        track = self._tracks[packet.stream_index]
        if track.resampler is None:
            packet.pts = packet.pts - track.shift if packet.pts is not None else None
            packet.dts = packet.dts - track.shift if packet.dts is not None else packet.pts
            packet.stream = track.target
            self._output.mux(packet)
            return
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            self._warn(error)
            return
        for frame in frames:
            assert isinstance(frame, av.AudioFrame)
            for piece in track.resampler.resample(frame):
                if piece.pts is not None:
                    piece.pts -= track.shift
                self._output.mux(track.target.encode(piece))

    def _warn(self, error: Exception) -> None:
        if not self.num_bad_packets:
            log.warning("some sound of %s is damaged and left out: %s", self._path, error)
        self.num_bad_packets += 1
