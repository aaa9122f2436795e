"""Films of sessions: a real server, real clients, and what lies on the disk afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from bench.server_process import ServerProcess
from client.peer import EditClient
from client.sources import PatternSource
from egostream.identity import IdentityEditor
from egostream.recording.film import CLOCK, Film
from egostream.recording.link import SLOTS
from egostream.recording.planes import even, num_bytes, pack
from egostream.recording.recorder import QUEUE, Recorder, Recordings
from egostream.recording.settings import CannotRecord, RecordSettings
from egostream.server.settings import ServerSettings
from tests.stream.live import Camera, LiveServer, connected, new_client, serving, until

FPS = 24.0


def films(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.mp4"))


def watch(path: Path) -> tuple[list[float], tuple[int, int], np.ndarray]:
    """Times in seconds, (width, height), the last picture."""
    times: list[float] = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            assert frame.pts is not None and frame.time_base is not None
            times.append(float(frame.pts * frame.time_base))
    return times, (frame.width, frame.height), frame.to_ndarray(format="rgb24")


@contextlib.contextmanager
def recording_server(folder: Path, **settings: Any) -> Iterator[LiveServer]:
    chosen = RecordSettings(folder, **{"min_free_bytes": 0, **settings})
    with serving(IdentityEditor(), recording=chosen) as server:
        yield server


def picture(value: int, hw: tuple[int, int] = (96, 128)) -> av.VideoFrame:
    rgb = np.full((*hw, 3), value, np.uint8)
    return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")


async def test_nothing_is_recorded_unless_asked(tmp_path: Path) -> None:
    assert ServerSettings().recording is None
    with serving(IdentityEditor()) as server:
        assert not httpx.get(f"{server.url}/v1/info").json()["recording"]
        async with connected(server) as client:
            assert (await client.message("welcome"))["recording"] is False


@pytest.mark.parametrize("what", ["source", "edit", "both"])
async def test_a_session_leaves_a_film(tmp_path: Path, what: str) -> None:
    """Its name, its size, as many frames as were shown, the camera's times."""
    folder = tmp_path / "films"
    with recording_server(folder, what=what) as server:
        assert httpx.get(f"{server.url}/v1/info").json()["recording"]
        async with connected(server, camera=Camera(FPS, (128, 96))) as client:
            assert (await client.message("welcome"))["recording"] is True
            await client.flows(40, 10)
            session_id = client.location.rpartition("/")[2]
            await client.delete()
            num_shown = len(client.pictures)
    (film,) = films(folder)
    assert film.name.startswith(time.strftime("%Y%m%d-", time.gmtime()))
    assert film.stem.endswith(f"-{session_id[:8]}-{what}")
    assert film.stat().st_mode & 0o077 == 0, "a film is its owner's alone"
    times, size, last = watch(film)
    assert size == ((256, 96) if what == "both" else (128, 96))
    # A busy machine leaves frames out of the film, never of the stream; how many is tested below.
    assert num_shown // 2 <= len(times) <= num_shown + 12
    steps = np.diff(times) * FPS
    assert times[0] == 0 and np.allclose(steps, np.round(steps), atol=0.01)
    assert np.median(steps) == pytest.approx(1, abs=0.01)
    if what == "both":
        difference = last[:, :128].astype(int) - last[:, 128:]
        assert np.abs(difference).mean() < 3  # the identity editor's edit is the source


async def test_two_sessions_two_films(tmp_path: Path) -> None:
    with recording_server(tmp_path) as server:
        async with (
            connected(server, camera=Camera(FPS, (128, 96))) as one,
            connected(server, camera=Camera(FPS, (96, 64))) as other,
        ):
            await one.flows(10)
            await other.flows(10)
    assert sorted(watch(f)[1] for f in films(tmp_path)) == [(96, 64), (128, 96)]


async def test_a_session_that_goes_on_leaves_another_film(tmp_path: Path) -> None:
    """Another connection has another clock."""
    with recording_server(tmp_path) as server:
        first, second = new_client(server), new_client(server)
        try:
            assert (await first.start("x")).status_code == 201
            await first.flows(20)
            await first.vanish()
            assert (await second.start(resume=first.location)).status_code == 200
            await second.flows(20)
        finally:
            await asyncio.gather(first.close(), second.close())
    assert [len(watch(film)[0]) >= 15 for film in films(tmp_path)] == [True, True]


async def test_a_camera_that_is_sent_nothing_back_is_recorded(tmp_path: Path) -> None:
    """WHIP."""
    camera = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    camera.addTransceiver(Camera(FPS, (128, 96)), direction="sendonly")
    with recording_server(tmp_path, what="both") as server:
        await camera.setLocalDescription(await camera.createOffer())
        async with httpx.AsyncClient(base_url=server.url) as http:
            headers = {"content-type": "application/sdp"}
            offer = camera.localDescription.sdp
            answer = await http.post("/v1/whip?instruction=x", content=offer, headers=headers)
            await camera.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
            await asyncio.sleep(2)
            await http.delete(answer.headers["location"])
        await camera.close()
    times, size, _ = watch(films(tmp_path)[0])
    assert size == (256, 96) and len(times) > 20


async def test_another_size_is_another_part(tmp_path: Path) -> None:
    camera = Camera(FPS, (128, 96))
    with recording_server(tmp_path) as server:
        async with connected(server, camera=camera) as client:
            await client.flows(10)
            camera.size = (160, 120)
            await until(lambda: client.pictures[-1].rgb.shape[1] == 160, 10, "larger pictures")
            await client.flows(10)
    parts = films(tmp_path)
    assert [watch(f)[1] for f in sorted(parts, key=lambda f: f.stem.endswith("-2"))] == [
        (128, 96),
        (160, 120),
    ]


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ({"max_seconds": 0.5}, "minutes"),
        ({"max_bytes": 1}, "limit of"),
        ({"min_free_bytes": 1 << 60}, "left"),
    ],
)
async def test_at_a_limit_the_recording_ends_and_the_session_goes_on(
    tmp_path: Path, limit: dict[str, Any], reason: str
) -> None:
    older = tmp_path / "older.mp4"
    older.write_bytes(b"kept")
    with recording_server(tmp_path, **limit) as server:
        async with connected(server, camera=Camera(FPS, (128, 96))) as client:
            ended = await client.message("recording_ended", 10)
            assert reason in ended["reason"]
            await client.flows(20)
            await client.say({"type": "hello"})
            await until(
                lambda: (
                    [m for m in client.messages if m["type"] == "welcome"][-1]["recording"] is False
                ),
                5,
                "news that nothing is recorded",
            )
    assert older.read_bytes() == b"kept"
    left = [f for f in films(tmp_path) if f != older]
    if "max_seconds" in limit:
        times, _, _ = watch(left[0])
        assert 0.3 < times[-1] <= 0.5
    else:
        assert not left


def no_large_files() -> None:
    """In the recording process: files stop growing at 20 kB, as on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


class Listening:
    """A recording process of its own, and what it said of a recording."""

    def __init__(self, folder: Path, configure: Any = None, **settings: Any) -> None:
        chosen = RecordSettings(folder, **{"min_free_bytes": 0, **settings})
        self.recordings = Recordings(chosen, configure) if configure else Recordings(chosen)
        self.reasons: list[str] = []
        self.recordings.start()

    def open(self, name: str = "abcdefghij") -> Recorder:
        return self.recordings.open(name, self.reasons.append)

    def wait_reason(self) -> str:
        give_up = time.monotonic() + 15
        while not self.reasons:
            assert time.monotonic() < give_up
            time.sleep(0.01)
        return self.reasons[0]


def feed(recorder: Recorder, num: int, hw: tuple[int, int] = (96, 128), start: int = 0) -> None:
    rng = np.random.default_rng(0)
    for at in range(start, start + num):
        rgb = rng.integers(0, 255, (*hw, 3), np.uint8)
        shown = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
        recorder.edited(shown, at * 3000)
        time.sleep(0.01)


def test_a_full_disk_ends_the_recording_and_says_so(tmp_path: Path) -> None:
    listening = Listening(tmp_path, no_large_files)
    recorder = listening.open()
    feed(recorder, 120)
    assert "cannot record to" in listening.wait_reason()
    assert not recorder.is_active
    feed(recorder, 2)  # nobody minds
    again = listening.open("other")
    feed(again, 3)
    again.close()
    listening.recordings.stop()
    assert len(films(tmp_path)) == 2


def test_after_kill_9_the_film_still_plays(tmp_path: Path) -> None:
    listening = Listening(tmp_path)
    recorder = listening.open()
    feed(recorder, 200)
    pid = listening.recordings.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert "ended unexpectedly" in listening.wait_reason()
    times, _, _ = watch(films(tmp_path)[0])
    assert times[-1] > 200 / 30 - 2.5
    after = listening.open("nextone")
    feed(after, 5)
    after.close()
    listening.recordings.stop()
    assert len(films(tmp_path)) == 2 and len(watch(films(tmp_path)[-1])[0]) == 5


def test_sigterm_finishes_what_there_is(tmp_path: Path) -> None:
    listening = Listening(tmp_path)
    recorder = listening.open()
    feed(recorder, 40)
    link = listening.recordings._link
    assert link is not None
    give_up = time.monotonic() + 20
    while recorder._num_waiting or link._free.qsize() < SLOTS:  # all is written
        assert time.monotonic() < give_up
        time.sleep(0.02)
    time.sleep(0.3)  # one may have been between the two
    pid = listening.recordings.pid
    assert pid is not None
    os.kill(pid, signal.SIGTERM)
    listening.wait_reason()
    assert len(watch(films(tmp_path)[0])[0]) == 40
    listening.recordings.stop()


def test_a_writer_that_stands_still_costs_frames_not_time(tmp_path: Path) -> None:
    listening = Listening(tmp_path)
    recorder = listening.open()
    feed(recorder, 3)
    pid = listening.recordings.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    start = time.monotonic()
    for at in range(3, 203):
        recorder.edited(picture(at), at * 3000)
    assert time.monotonic() - start < 1.0
    assert 200 - 4 * QUEUE < recorder.num_dropped < 200
    os.kill(pid, signal.SIGCONT)
    recorder.close()
    listening.recordings.stop()
    times, _, _ = watch(films(tmp_path)[0])
    assert len(times) == 203 - recorder.num_dropped


def test_a_clock_that_crawls_is_written_all_the_same(tmp_path: Path) -> None:
    """What is not in a fragment yet is in memory, where no limit sees it."""
    film = Film(tmp_path, "name")
    rng = np.random.default_rng(0)
    for pts in range(300):
        film.add(rng.integers(0, 255, num_bytes((96, 128)), np.uint8), (96, 128), pts)
    assert film.paths[0].stat().st_size > 100_000
    film.close()


def test_the_limit_is_of_the_session(tmp_path: Path) -> None:
    listening = Listening(tmp_path, max_seconds=60.0)
    recorder = listening.recordings.open("another", listening.reasons.append, spent_s=61.0)
    feed(recorder, 3)
    assert "limit of 1 minutes" in listening.wait_reason()
    listening.recordings.stop()


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotRecord, match="cannot record to"):
        RecordSettings(tmp_path / "file" / "films").make_folder()


def test_a_folder_that_goes_away_ends_the_recording(tmp_path: Path) -> None:
    folder = tmp_path / "films"
    listening = Listening(folder)
    folder.rmdir()
    feed(listening.open(), 3)
    assert "cannot record to" in listening.wait_reason()
    listening.recordings.stop()


@pytest.mark.parametrize("hw", [(96, 128), (97, 131), (1, 1), (720, 1280)])
def test_pictures_are_packed_as_they_are(tmp_path: Path, hw: tuple[int, int]) -> None:
    rng = np.random.default_rng(0)
    shown = av.VideoFrame(hw[1], hw[0], "yuv420p")
    for plane in shown.planes:
        plane.update(rng.integers(0, 255, plane.buffer_size, np.uint8).tobytes())
    flat = np.zeros(num_bytes(even(hw)), np.uint8)
    pack(shown, flat)
    bright = flat[: even(hw)[0] * even(hw)[1]].reshape(even(hw))
    rows = np.frombuffer(memoryview(shown.planes[0]), np.uint8)
    rows = rows.reshape(-1, shown.planes[0].line_size)[: hw[0], : hw[1]]
    assert np.array_equal(bright[: hw[0], : hw[1]], rows)
    assert np.array_equal(bright[-1, : hw[1]], rows[-1])


def test_times_are_kept_and_steps_back_are_left_out(tmp_path: Path) -> None:
    film = Film(tmp_path, "name")
    flat = np.full(num_bytes((96, 128)), 128, np.uint8)
    wanted = [0, 3000, 3001, 12_000, 200_000]
    for pts in (7, 7, 3007, 2000, 3008, 12_007, 200_007):
        film.add(flat, (96, 128), pts)
    film.close()
    film.close()
    assert [round(t * CLOCK) for t in watch(film.paths[0])[0]] == wanted
    again = Film(tmp_path, "name")
    again.add(flat, (96, 128), 0)
    again.close()
    assert [f.name for f in films(tmp_path)] == ["name-2.mp4", "name.mp4"]


def test_a_camera_clock_that_is_set_back_begins_another_part(tmp_path: Path) -> None:
    film = Film(tmp_path, "a")
    picture = np.full(48 * 64 * 3 // 2, 90, np.uint8)
    for pts in (900_000, 945_000, 0, 45_000, 90_000):
        film.add(picture, (48, 64), pts)
    film.close()
    assert [path.name for path in film.paths] == ["a.mp4", "a-2.mp4"]
    assert film.num_frames == 5
    assert film.first_pts_90k is not None and 90_000 - film.first_pts_90k == 135_000, "all its time"


async def test_the_server_stops_with_the_film_finished(tmp_path: Path) -> None:
    """While somebody is still there."""
    with recording_server(tmp_path) as server:
        async with connected(server, camera=Camera(FPS, (128, 96))) as client:
            await client.flows(30, 10)
            await asyncio.to_thread(server.stop)
            num_shown = len(client.pictures)
            assert len(watch(films(tmp_path)[0])[0]) >= num_shown - 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
async def test_however_the_server_ends_the_film_is_whole(
    tmp_path: Path, how: signal.Signals
) -> None:
    """The server's own process, as an operator runs it; killed, it leaves a recording process that notices."""
    folder = tmp_path / "films"
    flags = ["--record-dir", str(folder), "--record", "both"]
    with ServerProcess("identity", [*flags, "--drain-timeout", "0.5"]) as server:
        source = PatternSource((128, 96), 30.0)
        num_shown = 0

        def count(_: object) -> None:
            nonlocal num_shown
            num_shown += 1

        async with EditClient(server.url, source, instruction="night", on_frame=count) as client:
            assert client.welcome is not None and client.welcome.recording
            await until(lambda: num_shown > 45, 15, "45 frames")
            server.process.send_signal(how)
            await asyncio.to_thread(server.process.wait, 15)
        await until(lambda: not is_written(folder), 10, "end of the recording process")
    times, size, _ = watch(films(folder)[0])
    assert size == (256, 96) and len(times) > 40


def is_written(folder: Path) -> bool:
    """Whether some process holds a film open."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if Path(os.readlink(link)).parent == folder:
                return True
    return False
