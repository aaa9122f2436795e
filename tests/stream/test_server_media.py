"""Pictures through a real server: their time, their size, their number."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Iterator

import numpy as np
import pytest
from aiortc.codecs import get_capabilities
from live import Camera, LiveServer, connected, serving, until

from egostream.identity import IdentityEditor
from tests.fakes import FakeEditor


@pytest.fixture(scope="module")
def identity() -> Iterator[LiveServer]:
    with serving(IdentityEditor()) as server:
        yield server


async def test_nothing_is_held_back_for_pacing(identity: LiveServer) -> None:
    """A chunk of one frame has no cadence to keep. How old frames get is the bench's business."""
    async with connected(identity, camera=Camera(fps=30)) as client:
        await client.flows(60)
        stats = await client.message("stats")
    assert stats["stage_ms"]["pace"] < 5
    assert stats["late"] == 0


async def test_rtp_timestamps_come_back_as_they_went(identity: LiveServer) -> None:
    async with connected(identity) as client:
        await client.flows(40)
        sent = client.camera.sent_ns.keys()
        back = [picture.rtp for picture in client.pictures]
        assert set(back) <= set(sent), "not one tick off, before and after the wrap"
        assert any(b < a for a, b in zip(back, back[1:], strict=False)), "it did wrap"
        assert len(set(back)) == len(back)


async def test_frames_leave_without_the_next_packet(identity: LiveServer) -> None:
    """Stock aiortc would add a frame interval on each side: half a second at 4 fps."""
    async with connected(identity, camera=Camera(fps=4)) as client:
        await client.flows(6)
        assert statistics.median(client.ages_ms(2)) < 125


async def test_h264(identity: LiveServer, monkeypatch: pytest.MonkeyPatch) -> None:
    h264 = [c for c in get_capabilities("video").codecs if c.mimeType == "video/H264"]
    monkeypatch.setattr("live.PREFERRED", h264)
    async with connected(identity, camera=Camera(fps=10)) as client:
        await client.flows(10)
        assert "VP8" not in client.answer
        assert {p.rtp for p in client.pictures} <= client.camera.sent_ns.keys()
        assert statistics.median(client.ages_ms(3)) < 90, "less than a frame: the marker works"


async def test_frames_pass_unedited_until_an_instruction() -> None:
    with serving(FakeEditor()) as server:
        async with connected(server, instruction=None) as client:
            await client.flows(5)
            assert client.pictures[-1].rgb[0, 0, 0] < 100, "as the camera sent it"
            await client.say({"type": "instruct", "seq": 1, "text": "invert it"})
            applied = await client.message("applied", seq=1)
            await client.flows(10)
            for picture in client.pictures:
                delta = (picture.rtp - applied["pts_90k"] + (1 << 31)) % (1 << 32) - (1 << 31)
                is_edited = picture.rgb[0, 0, 0] > 155
                assert is_edited == (delta >= 0), "from exactly that frame on"
            stats = await client.message("stats")
            assert 0 < stats["first_frame_ms"] < 300


async def test_the_camera_changes_size_in_mid_stream() -> None:
    with serving(FakeEditor()) as server:
        async with connected(server) as client:
            await client.flows(5)
            for width, height in [(320, 240), (160, 120), (242, 118)]:
                client.camera.size = (width, height)
                await until(
                    lambda shape=(height, width, 3): client.pictures[-1].rgb.shape == shape,
                    4,
                    f"picture of {width}x{height}",
                )
            assert client.pictures[-1].rgb.mean() > 150, "still edited"


async def test_a_chunk_comes_back_in_the_cameras_rhythm() -> None:
    """Four frames are ready at once; they must not arrive at once."""
    with serving(FakeEditor(delay_ms=60)) as server:
        async with connected(server, camera=Camera(fps=24)) as client:
            await client.flows(30)
            since = len(client.pictures)
            await client.flows(48, timeout_s=6)
            at_ms = np.array([p.at_ns for p in client.pictures[since:]]) / 1e6
            ages = client.ages_ms(since)
            stats = await client.message("stats")
    gaps = np.diff(at_ms)
    assert np.median(gaps) > 25, gaps
    assert (gaps < 5).mean() < 0.25, gaps
    # three frames' time to fill the chunk, the model's, the transport's, and no more than one hold
    assert np.median(ages) < 125 + 60 + 120, ages
    assert stats["chunk_ms"] >= 60 and stats["stage_ms"]["denoise"] == 60


async def test_a_slow_model_drops_frames_and_its_delay_stays() -> None:
    with serving(FakeEditor(delay_ms=200)) as server:
        async with connected(server, camera=Camera(fps=30)) as client:
            await until(lambda: len(client.pictures) >= 20, 6, "pictures")
            early = statistics.median(client.ages_ms()[8:20])
            await client.flows(40, timeout_s=8)
            late = statistics.median(client.ages_ms()[-20:])
            await client.message("stats")
            stats = [m for m in client.messages if m["type"] == "stats"][-1]
    # Were frames queued, two thirds of a second would have come together by then.
    assert late < early + 350, (early, late)
    assert late < 700
    assert stats["dropped"] > 0


async def test_two_sessions_share_one_model_fairly() -> None:
    with serving(FakeEditor(delay_ms=60)) as server:
        async with connected(server) as one, connected(server) as two:
            await asyncio.gather(one.flows(30, 8), two.flows(30, 8))
            assert abs(len(one.pictures) - len(two.pictures)) < 20
    assert len(server.app.state.sessions._by_id) == 0
