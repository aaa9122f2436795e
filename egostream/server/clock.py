"""How old a camera frame is, told from its RTP timestamp and the local clock alone.

The two clocks share no origin, so ages count from the fastest frame seen lately: a frame that took
the shortest way there is has age 0 on arrival. That constant is a few ms on any network worth
using.
"""

from __future__ import annotations

MAX_AGE_NS = 500_000_000
"""An older frame is of no use to a live edit: after an outage the network hands over seconds of
them."""
REBASE_AFTER_NS = 1_000_000_000
"""If everything is too old for so long, it is the sender's clock that moved."""
DRIFT = 1e-3
"""How fast the fastest way is forgotten: well above any oscillator's error."""


def pts_ns(pts_90k: int) -> int:
    return pts_90k * 100_000 // 9


class FrameClock:
    """Of one session. `arrive` on the event loop; `age_ns` from any thread."""

    def __init__(self) -> None:
        self._fastest_ns: int | None = None
        self._seen_ns = 0
        self._stale_since_ns: int | None = None

    def arrive(self, pts_90k: int, now_ns: int) -> int:
        """The frame's age now. Learns the fastest way; rebases when the sender's clock has
        moved."""
        way_ns = now_ns - pts_ns(pts_90k)
        if self._fastest_ns is None:
            self._fastest_ns = way_ns
        forgotten_ns = round((now_ns - self._seen_ns) * DRIFT) if self._seen_ns else 0
        self._fastest_ns = min(self._fastest_ns + forgotten_ns, way_ns)
        self._seen_ns = now_ns
        age_ns = way_ns - self._fastest_ns
        if age_ns <= MAX_AGE_NS:
            self._stale_since_ns = None
        elif self._stale_since_ns is None:
            self._stale_since_ns = now_ns
        elif now_ns - self._stale_since_ns > REBASE_AFTER_NS:
            self._fastest_ns, self._stale_since_ns, age_ns = way_ns, None, 0
        return age_ns

    def age_ns(self, pts_90k: int, now_ns: int) -> int:
        fastest_ns = self._fastest_ns
        return 0 if fastest_ns is None else now_ns - pts_ns(pts_90k) - fastest_ns
