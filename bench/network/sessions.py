"""Sessions over a bad network, run inside a `Lab`: what the client saw, frame by frame.

Each is clean for a while, then impaired, then clean again. Times are seconds since the impairment began, of one clock.
"""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tqdm import tqdm

from bench.network.impair import PERFECT, Impairment
from bench.network.lab import SERVER_ADDRESS, Lab
from bench.server_process import ServerProcess
from client.peer import EditClient, EditedFrame
from client.sources import PatternSource, PreparedSource
from egostream.errors import EgostreamError
from egostream.protocol import Message, Stats

SERVED = ("--insecure-http", "--no-auth", "--metrics-port", "0")
CLIP_FRAMES = 96
POLL_S = 0.02
FREED_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Trial:
    """One session: how long it is clean, impaired, and clean again."""

    name: str
    impairment: Impairment
    before_s: float = 5.0
    during_s: float = 10.0
    after_s: float = 8.0
    fps: float = 30.0
    size: tuple[int, int] = (256, 192)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def of(values: Mapping[str, Any]) -> Trial:
        given = dict(values)
        return Trial(
            **{
                **given,
                "impairment": Impairment.of(given["impairment"]),
                "size": tuple(given["size"]),
            }
        )


@dataclass(slots=True)
class Seen:
    """What came of a trial. `arrivals_s` and `ages_ms`: of every frame with a known age, in order of arrival."""

    trial: Trial
    arrivals_s: list[float] = field(default_factory=list)
    ages_ms: list[float] = field(default_factory=list)
    pts_90k: list[int] = field(default_factory=list)
    num_sent: int = 0
    num_unmatched: int = 0
    ended: str | None = None
    """Why the session was over when the trial was, if it was."""
    stats: list[dict[str, Any]] = field(default_factory=list)
    sessions_after: int = -1
    """Sessions that the server still holds once the client has left."""
    packets_lost: int = 0
    rss_mb: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def of(values: Mapping[str, Any]) -> Seen:
        return Seen(**{**values, "trial": Trial.of(values["trial"])})


def measure(
    preset: str,
    trials: Sequence[Mapping[str, Any]],
    seed: int = 0,
    arguments: Sequence[str] = (),
) -> list[dict[str, Any]]:
    """For `inside.call`: `Trial`s as JSON in, `Seen`s as JSON out. One server for all. Raises EgostreamError."""
    with Lab(seed) as lab, start_server(lab, preset, arguments) as server:
        found = []
        for values in tqdm(trials, desc=preset, unit="session", leave=False):
            found.append(asyncio.run(run_trial(lab, server, Trial.of(values))).as_json())
        return found


def start_server(lab: Lab, preset: str, arguments: Sequence[str] = ()) -> ServerProcess:
    """At the lab's other end; to be entered."""
    return ServerProcess(preset, [*SERVED, *arguments], SERVER_ADDRESS, lab.beside_the_server)


async def run_trial(lab: Lab, server: ServerProcess, trial: Trial) -> Seen:
    """Raises EgostreamError where the session cannot be opened."""
    seen = Seen(trial)
    frames: list[tuple[int, float | None, int]] = []

    def note_frame(frame: EditedFrame) -> None:
        frames.append((frame.arrival_ns, frame.age_ms, frame.pts_90k))

    def note_message(message: Message, now_ns: int) -> None:
        if isinstance(message, Stats):
            seen.stats.append(message.model_dump())

    source = PreparedSource.of(PatternSource(trial.size, trial.fps), CLIP_FRAMES)
    client = EditClient(
        server.url,
        source,
        instruction="make it night",
        on_frame=note_frame,
        on_message=note_message,
    )
    lost_before = lab.impair(PERFECT)["lost"]
    async with client:
        await wait_for_frame(client)
        await asyncio.sleep(trial.before_s)
        start_ns = time.monotonic_ns()
        lab.impair(trial.impairment)
        try:
            await asyncio.sleep(trial.during_s)
        finally:
            seen.packets_lost = lab.impair(PERFECT)["lost"] - lost_before
        await asyncio.sleep(trial.after_s)
        seen.ended = client.ended
        seen.num_sent, seen.num_unmatched = client.camera.num_sent, client.num_unmatched
        seen.rss_mb = server.usage().rss_mb
    for arrival_ns, age_ms, pts_90k in frames:
        if age_ms is not None:
            seen.arrivals_s.append((arrival_ns - start_ns) / 1e9)
            seen.ages_ms.append(age_ms)
            seen.pts_90k.append(pts_90k)
    seen.sessions_after = await sessions_left(server)
    return seen


async def wait_for_frame(client: EditClient, timeout_s: float = 15.0) -> None:
    """Until a frame has come back. Raises EgostreamError."""
    deadline = time.monotonic() + timeout_s
    while not client.num_received:
        if time.monotonic() > deadline:
            raise EgostreamError("no frame came over a network without faults")
        await asyncio.sleep(POLL_S)


async def sessions_left(server: ServerProcess, timeout_s: float = FREED_TIMEOUT_S) -> int:
    """How many the server holds, once it holds none or that time is over."""
    deadline = time.monotonic() + timeout_s
    while (left := await asyncio.to_thread(num_sessions, server)) and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    return left


def num_sessions(server: ServerProcess) -> int:
    """By what the server says of its places."""
    with urllib.request.urlopen(f"{server.url}/v1/info", timeout=10.0) as response:
        info = json.load(response)
    return int(info["slots"]) - int(info["slots_free"])
