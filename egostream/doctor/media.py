"""The video codecs of a session: a picture really goes through each, as it would between two peers."""

from __future__ import annotations

from egostream.doctor.report import Finding, fail, ok

WIDTH, HEIGHT = 256, 192
CODECS: dict[str, dict[str, int | str | None]] = {
    "VP8": {},
    "H264": {"packetization-mode": "1", "profile-level-id": "42e01f"},
}
MIN_PSNR_DB = 20.0


def check_codec(name: str) -> Finding:
    """`name`: one of `CODECS`."""
    check = f"codec {name}"
    way_out = (
        "reinstall PyAV from its wheel, which carries its codecs: pip install --force-reinstall av"
    )
    try:
        psnr_db = round_trip_psnr_db(name)
    except Exception as error:  # whatever libraries of codecs raise
        return fail(check, f"a frame does not pass: {type(error).__name__}: {error}", way_out)
    text = f"a frame encoded and decoded, PSNR {psnr_db:.0f} dB"
    return ok(check, text) if psnr_db > MIN_PSNR_DB else fail(check, text, way_out)


def round_trip_psnr_db(name: str) -> float:
    """Of one picture through RTP payloads and back. Raises what the codec raises."""
    import numpy as np
    from aiortc.codecs import depayload, get_decoder
    from aiortc.jitterbuffer import JitterFrame
    from aiortc.mediastreams import VIDEO_TIME_BASE
    from aiortc.rtcrtpparameters import RTCRtpCodecParameters
    from av import VideoFrame

    from egostream.rtc.encoders import make_encoder

    codec = RTCRtpCodecParameters(
        mimeType=f"video/{name}", clockRate=90_000, payloadType=96, parameters=CODECS[name]
    )
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    rgb = np.stack([x % 256, y % 256, (x + y) // 2 % 256], -1).astype(np.uint8)
    source = VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
    source.pts, source.time_base = 0, VIDEO_TIME_BASE
    payloads, _ = make_encoder(codec, lambda pts: None).encode(source, force_keyframe=True)
    data = b"".join(depayload(codec, payload) for payload in payloads)
    shown = get_decoder(codec).decode(JitterFrame(data=data, timestamp=0))
    if not shown or not isinstance(shown[0], VideoFrame):
        raise ValueError("the decoder gave no picture")
    error = shown[0].to_ndarray(format="rgb24").astype(np.float64) - rgb
    return float(10 * np.log10(255**2 / max(1e-9, float(np.mean(error**2)))))
