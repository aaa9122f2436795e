"""When a client that never said goodbye counts as gone. ICE alone would need half a minute."""

from __future__ import annotations

import time

NO_CONTROL_TIMEOUT_S = 10.0
PAUSED_TIMEOUT_S = 120.0
"""A paused source keeps its session while its control socket talks, but not for ever: slots are
few."""


class Liveness:
    """Of one session. `media_timeout_s`: how long neither media nor control may be heard."""

    def __init__(self, media_timeout_s: float) -> None:
        self._timeout_ns = round(media_timeout_s * 1e9)
        self._no_control_ns = min(self._timeout_ns, round(NO_CONTROL_TIMEOUT_S * 1e9))
        self._media_ns = self._control_ns = time.monotonic_ns()
        self._had_control = False
        self._num_controls = 0

    @property
    def has_control(self) -> bool:
        return self._num_controls > 0

    def control_opened(self) -> None:
        self._num_controls += 1
        self._had_control = True
        self.heard_control(time.monotonic_ns())

    def control_closed(self) -> None:
        self._num_controls -= 1

    def heard_media(self, now_ns: int) -> None:
        self._media_ns = now_ns

    def heard_control(self, now_ns: int) -> None:
        self._control_ns = now_ns

    def verdict(self, now_ns: int) -> str | None:
        """Why to end the session, or None."""
        silent_ns = now_ns - self._media_ns
        if silent_ns > PAUSED_TIMEOUT_S * 1e9:
            return "no video for two minutes"
        if now_ns - max(self._media_ns, self._control_ns) > self._timeout_ns:
            return "the client fell silent"
        has_left = self._had_control and not self.has_control
        if has_left and silent_ns > self._no_control_ns:
            return "the client left"
        return None
