"""Publishes four seconds of red by FFmpeg's WHIP muxer: `python ffmpeg_whip.py URL FOLDER`.

A program of its own: FFmpeg waits for the server with Python's lock in its hands.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import av
import numpy as np

from egostream.server.tls import own_certificate


def publish(url: str, folder: Path) -> None:
    """Its own certificates are of Ed25519, which OpenSSL's DTLS does not take: it gets one of ours."""
    made = own_certificate(["localhost"], folder)
    options = {"cert_file": str(made.cert), "key_file": str(made.key)}
    with av.open(url, "w", format="whip", options=options) as output:
        stream = output.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 256, 192, "yuv420p"
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", "profile": "baseline"}
        start = time.monotonic()
        rgb = np.full((192, 256, 3), (220, 20, 20), np.uint8)
        for i in range(120):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame.pts = i
            output.mux(stream.encode(frame))
            time.sleep(max(0.0, start + i / 30 - time.monotonic()))


if __name__ == "__main__":
    publish(sys.argv[1], Path(sys.argv[2]))
