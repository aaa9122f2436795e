"""When each edited frame of a chunk is due.

The frames of a chunk are finished all at once; sent at once they would show as one picture per
chunk. Their capture times are spread over the chunk's length, so showing every frame at *capture
time + one constant* gives the camera's own cadence back, and the constant need be no more than the
age at which a chunk's first frame is ready: pacing adds nothing to the oldest frame of a chunk,
and the others would have had to wait for the next chunk anyway.
"""

from __future__ import annotations

from collections.abc import Sequence

from egostream.server.clock import pts_ns

MAX_HOLD_NS = 60_000_000
"""A chunk's first frame is never held back longer: a slow spell must not leave delay behind."""
RISE = 0.5
FALL = 0.1
"""A late chunk moves the constant half of the way, an early one a tenth: near the 80th
percentile."""
TOLERANCE_NS = 10_000_000
STEP_NS = 2_000_000_000
"""A chunk so late tells of the camera's clock, not of the model."""


class Pacer:
    """Of one session. Learns the constant from when chunks are ready."""

    def __init__(self) -> None:
        self._offset_ns: int | None = None
        self.num_late = 0

    def due_ns(self, pts_90k: Sequence[int], ready_ns: int) -> list[int]:
        """One time per frame, never before `ready_ns`. A chunk of one frame has no cadence to
        keep."""
        if len(pts_90k) < 2:
            return [ready_ns] * len(pts_90k)
        times_ns = [pts_ns(pts) for pts in pts_90k]
        first_ns = ready_ns - times_ns[0]
        offset_ns = first_ns if self._offset_ns is None else self._offset_ns
        if first_ns - offset_ns > STEP_NS:
            offset_ns = first_ns
        self.num_late += sum(t + offset_ns < ready_ns - TOLERANCE_NS for t in times_ns)
        slack_ns = offset_ns - first_ns
        offset_ns -= round(slack_ns * (FALL if slack_ns > 0 else RISE))
        self._offset_ns = min(offset_ns, first_ns + MAX_HOLD_NS)
        return [max(ready_ns, t + self._offset_ns) for t in times_ns]
