"""A camera whose clock jumps, that sends nothing, or faster than anyone; a client that is frozen or stops reading."""

from __future__ import annotations

import asyncio

import pytest
from live import Camera, connected, serving

from egostream.identity import IdentityEditor
from tests.fakes import FakeEditor

HOUR_90K = 3600 * 90_000


@pytest.mark.parametrize("step_90k", [HOUR_90K, -HOUR_90K, -120_000], ids=["on", "back", "bit"])
async def test_the_cameras_clock_jumps(step_90k: int) -> None:
    """As after it was set, or when a program begins to count anew: pictures go on within two seconds, edited."""
    editor = FakeEditor()
    with serving(editor) as server:
        async with connected(server) as client:
            await client.flows(10)
            client.camera.start_pts += step_90k
            await asyncio.sleep(2.0)
            since = len(client.pictures)
            await client.flows(20)
            assert {p.rtp for p in client.pictures[since:]} <= client.camera.sent_ns.keys()
            assert (client.pictures[-1].rgb > 128).mean() > 0.5, "edited, still"
            stats = [m for m in client.messages if m["type"] == "stats"][-1]
            assert stats["frame_age_ms"] < 500, stats
            assert not any(m["type"] == "error" for m in client.messages)


@pytest.mark.parametrize("fps", [1.0, 60.0])
async def test_a_slow_and_a_fast_camera(fps: float) -> None:
    with serving(IdentityEditor()) as server:
        async with connected(server, camera=Camera(fps=fps)) as client:
            await client.flows(round(3 * fps), timeout_s=12)
            ages_ms = sorted(client.ages_ms(1))
    assert ages_ms[len(ages_ms) // 2] < 150, ages_ms
